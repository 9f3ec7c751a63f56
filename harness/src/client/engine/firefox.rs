//! Firefox, asked over Marionette: JSON messages behind their length.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::find::find;
use super::{Reasons, Running, Start, StartError};
use crate::client::scenario::number_of;
use crate::process::ProcessGroup;

/// Settings of the profile. The proxy's come on top.
const SETTINGS: &[(&str, &str)] = &[
    ("marionette.port", "0"),
    ("network.proxy.type", "1"),
    ("network.proxy.no_proxies_on", "\"\""),
    ("network.proxy.allow_hijacking_localhost", "true"),
    // Cookies show whether credentials are sent: nothing but the credentials mode may decide on them.
    ("network.cookie.cookieBehavior", "0"),
    // Hooks of other standards that would answer before CORS does.
    ("network.lna.enabled", "false"),
    ("dom.security.https_first", "false"),
    ("dom.security.https_first_schemeless", "false"),
    // Keeps it from calling home.
    ("app.normandy.enabled", "false"),
    ("app.update.enabled", "false"),
    ("browser.aboutHomeSnippets.updateUrl", "\"\""),
    ("browser.safebrowsing.downloads.enabled", "false"),
    ("browser.safebrowsing.malware.enabled", "false"),
    ("browser.safebrowsing.phishing.enabled", "false"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("extensions.update.enabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("services.settings.server", "\"data:,#remote-settings-dummy/v1\""),
    ("toolkit.telemetry.enabled", "false"),
];

/// Keeps the CORS messages of the console; the category names the reason.
const LISTEN: &str = r#"
window.corspec = [];
Services.console.registerListener({
  QueryInterface: ChromeUtils.generateQI(["nsIConsoleListener"]),
  observe(message) {
    if (message instanceof Ci.nsIScriptError && message.category.startsWith("CORS"))
      window.corspec.push([message.category, message.errorMessage]);
  },
});
"#;

struct Firefox {
    _process: ProcessGroup,
    version: String,
    marionette: Marionette,
}

pub(super) async fn start(start: Start<'_>) -> Result<Box<dyn Running>, StartError> {
    let program = find(&["firefox-esr", "firefox"], "firefox-esr")?;
    write_profile(start).map_err(StartError::new)?;
    let mut command = Command::new(program);
    command
        .args(["-headless", "-no-remote", "-marionette", "-remote-allow-system-access", "-profile"])
        .arg(start.folder)
        .env("HOME", start.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let process = ProcessGroup::start(&mut command).map_err(StartError::new)?;
    let begun = async {
        let mut marionette = Marionette::connect(start.folder).await?;
        let session = json!({"acceptInsecureCerts": true, "pageLoadStrategy": "none"});
        let session = marionette.call("WebDriver:NewSession", session).await?;
        let version = session["capabilities"]["browserVersion"].as_str().unwrap_or("unknown").to_owned();
        marionette.in_browser(LISTEN).await?;
        marionette.call("Marionette:SetContext", json!({"value": "content"})).await?;
        marionette.call("WebDriver:Navigate", json!({"url": start.url})).await?;
        Ok::<_, std::io::Error>((marionette, version))
    };
    let (marionette, version) = tokio::time::timeout(Duration::from_secs(60), begun)
        .await
        .map_err(|_| StartError::new("firefox does not answer on its Marionette port"))?
        .map_err(StartError::new)?;
    Ok(Box::new(Firefox { _process: process, version, marionette }))
}

fn write_profile(start: Start<'_>) -> std::io::Result<()> {
    use std::fmt::Write;

    let mut settings = String::new();
    let mut set = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(settings, "user_pref(\"{name}\", {value});");
    };
    for (name, value) in SETTINGS {
        set(name, value);
    }
    for scheme in ["http", "ssl"] {
        set(&format!("network.proxy.{scheme}"), &format!("\"{}\"", start.proxy.ip()));
        set(&format!("network.proxy.{scheme}_port"), &start.proxy.port().to_string());
    }
    std::fs::write(start.folder.join("user.js"), settings)
}

impl Running for Firefox {
    fn version(&self) -> &str {
        &self.version
    }

    fn reasons(&mut self) -> BoxFuture<'_, Reasons> {
        Box::pin(async {
            let mut reasons = Reasons::new();
            let messages = self.marionette.in_browser("return window.corspec;").await.unwrap_or_default();
            for message in messages["value"].as_array().into_iter().flatten() {
                let (Some(category), Some(text)) = (message[0].as_str(), message[1].as_str()) else {
                    continue;
                };
                let url = text.split_whitespace().find_map(number_of_text);
                if let Some(number) = url {
                    reasons.entry(number).or_default().push(category.to_owned());
                }
            }
            reasons
        })
    }
}

/// The scenario a word of a message names by its URL, which may have a full stop or a quote behind it.
fn number_of_text(word: &str) -> Option<usize> {
    number_of(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()))
}

struct Marionette {
    stream: BufReader<TcpStream>,
    calls: u64,
}

impl Marionette {
    /// Connects as soon as Firefox has written down its port.
    async fn connect(profile: &Path) -> std::io::Result<Self> {
        let port = loop {
            let text =
                tokio::task::block_in_place(|| std::fs::read_to_string(profile.join("MarionetteActivePort")));
            if let Some(port) = text.ok().and_then(|text| text.trim().parse::<u16>().ok()) {
                break port;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let mut marionette = Self { stream: BufReader::new(stream), calls: 0 };
        marionette.read().await?;
        Ok(marionette)
    }

    /// Runs a script with the rights of the browser itself.
    async fn in_browser(&mut self, script: &str) -> std::io::Result<Value> {
        self.call("Marionette:SetContext", json!({"value": "chrome"})).await?;
        self.call("WebDriver:ExecuteScript", json!({"script": script, "args": []})).await
    }

    async fn call(&mut self, command: &str, params: Value) -> std::io::Result<Value> {
        self.calls += 1;
        let message = json!([0, self.calls, command, params]).to_string();
        self.stream.write_all(format!("{}:{message}", message.len()).as_bytes()).await?;
        loop {
            let mut answer = self.read().await?;
            if answer[0] == 1 && answer[1] == self.calls {
                if answer[2].is_null() {
                    return Ok(answer[3].take());
                }
                return Err(std::io::Error::other(format!("{command}: {}", answer[2])));
            }
        }
    }

    async fn read(&mut self) -> std::io::Result<Value> {
        let mut length = 0_usize;
        loop {
            match self.stream.read_u8().await? {
                digit @ b'0'..=b'9' => length = length.saturating_mul(10) + usize::from(digit - b'0'),
                b':' => break,
                other => return Err(std::io::Error::other(format!("{other:#04x} where a length is due"))),
            }
        }
        let mut bytes = vec![0; length.min(64 << 20)];
        self.stream.read_exact(&mut bytes).await?;
        Ok(serde_json::from_slice(&bytes)?)
    }
}
