//! WebKitGTK's MiniBrowser under Xvfb. Its console goes to standard error, without the URL: the page's own marks tell
//! which scenario a line belongs to.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStderr, Command};

use super::find::find;
use super::{ReasonLog, Reasons, Running, Start, StartError};
use crate::process::ProcessGroup;

const PACKAGES: &str = "webkit2gtk-driver xvfb libgl1-mesa-dri fonts-dejavu-core";
const PLACES: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
    "MiniBrowser",
];

/// The authorities Debian's GnuTLS trusts. `WebKitGTK` parses them for each connection, which is half of the time of a
/// run, and needs none of them: the throw-away authority's certificates are not among them anyway.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

struct Webkit {
    _browser: ProcessGroup,
    _display: ProcessGroup,
    version: String,
    reasons: ReasonLog,
}

pub(super) async fn start(start: Start<'_>) -> Result<Box<dyn Running>, StartError> {
    let program = find(PLACES, PACKAGES)?;
    let (display, number) = start_display().await?;
    let display_name = format!(":{number}");
    let mut version = Command::new(&program);
    let version = version.arg("--version").env("DISPLAY", &display_name).kill_on_drop(true).output();
    let version = tokio::time::timeout(Duration::from_secs(20), version)
        .await
        .map_err(|_| StartError::new("MiniBrowser does not say its version"))?
        .map_err(StartError::new)?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let mut command = without_authorities(&program).await;
    command
        .args([
            "--enable-write-console-messages-to-stdout=true",
            "--ignore-tls-errors",
            // Cookies show whether credentials are sent: nothing but the credentials mode may decide on them.
            "--cookies-policy=always",
        ])
        .arg(format!("--proxy=http://{}", start.proxy))
        .arg(start.url)
        .env("DISPLAY", &display_name)
        .env("HOME", start.folder)
        .env("XDG_CACHE_HOME", start.folder.join("cache"))
        .env("XDG_DATA_HOME", start.folder.join("data"))
        .env("XDG_CONFIG_HOME", start.folder.join("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut browser = ProcessGroup::start(&mut command).map_err(StartError::new)?;
    let reasons = ReasonLog::default();
    if let Some(console) = browser.child.stderr.take() {
        // Ends with the process.
        tokio::spawn(read_console(console, reasons.clone()));
    }
    Ok(Box::new(Webkit { _browser: browser, _display: display, version, reasons }))
}

/// A command that starts `program` where [`AUTHORITIES`] is empty, when this system lets a user arrange that.
async fn without_authorities(program: &Path) -> Command {
    let apart = || {
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c"])
            .arg(format!("mount --bind /dev/null {AUTHORITIES} && exec \"$0\" \"$@\""));
        command
    };
    let mut rehearsal = apart();
    rehearsal.arg("true").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let allowed = tokio::time::timeout(Duration::from_secs(5), rehearsal.status()).await;
    if allowed.is_ok_and(|status| status.is_ok_and(|status| status.success())) {
        let mut command = apart();
        command.arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Starts an X server on a display nobody uses and says its number.
async fn start_display() -> Result<(ProcessGroup, u32), StartError> {
    let program = find(&["Xvfb"], PACKAGES)?;
    let mut command = Command::new(program);
    command
        .args(["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = ProcessGroup::start(&mut command).map_err(StartError::new)?;
    let Some(output) = process.child.stdout.take() else { return Err(StartError::new("Xvfb has no output")) };
    let mut line = String::new();
    let read = BufReader::new(output);
    let mut read = std::pin::pin!(read);
    let read = tokio::time::timeout(Duration::from_secs(20), read.read_line(&mut line)).await;
    match (read, line.trim().parse()) {
        (Ok(Ok(_)), Ok(number)) => Ok((process, number)),
        _ => Err(StartError::new("Xvfb does not say its display")),
    }
}

async fn read_console(console: ChildStderr, reasons: ReasonLog) {
    let mut lines = BufReader::new(console).lines();
    let mut scenario = None;
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some((_, mark)) = line.split_once("CONSOLE LOG corspec ") {
            scenario = mark.trim().parse().ok();
        } else if let (Some(number), Some((_, text))) = (scenario, line.split_once("CONSOLE SECURITY ERROR "))
        {
            reasons.note(number, text);
        }
    }
}

impl Running for Webkit {
    fn version(&self) -> &str {
        &self.version
    }

    fn reasons(&mut self) -> BoxFuture<'_, Reasons> {
        Box::pin(self.reasons.collect())
    }
}
