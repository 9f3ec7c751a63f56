//! `corspec adapter install`: runs the set-up lines of adapters.

use std::collections::VecDeque;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::find::Directory;
use crate::cli::{Exit, Failure, interrupted, runtime};
use crate::implementation::adapter::Manifest;
use crate::process::ProcessGroup;

/// Lines of its output that are shown when a line fails.
const TAIL: usize = 30;

/// Install what adapters need.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Adapters
    #[arg(required_unless_present = "all")]
    names: Vec<String>,
    /// Every adapter there is
    #[arg(long, conflicts_with = "names")]
    all: bool,
}

const EXAMPLES: &str = "Examples:
  corspec adapter install express-cors";

pub(super) fn run(args: &Args, directory: &Directory) -> Result<Exit, Failure> {
    let manifests = if args.all {
        directory.all()?
    } else {
        args.names.iter().map(|name| directory.named(name)).collect::<Result<_, _>>()?
    };
    runtime()?.block_on(async {
        tokio::select! {
            exit = install_all(&manifests) => exit,
            () = interrupted() => Ok(Exit::Interrupted),
        }
    })
}

/// One after the other: package managers do not share their caches well.
async fn install_all(manifests: &[Manifest]) -> Result<Exit, Failure> {
    let mut exit = Exit::Clean;
    for manifest in manifests {
        match install(manifest).await {
            Ok(()) => anstream::println!("{}: installed", manifest.name),
            Err(what) => {
                exit = Exit::Broken;
                anstream::eprintln!("corspec: {}: {what}", manifest.name);
            }
        }
    }
    Ok(exit)
}

async fn install(manifest: &Manifest) -> Result<(), String> {
    lines(&manifest.name, &manifest.setup, &manifest.folder).await
}

/// Runs the set-up lines of what is called `name` in `folder`.
///
/// # Errors
/// The line that failed, with the end of its output.
pub(in crate::cli) async fn lines(name: &str, lines: &[String], folder: &Path) -> Result<(), String> {
    let bar = ProgressBar::new_spinner().with_prefix(name.to_owned());
    bar.set_style(
        ProgressStyle::with_template("{spinner} {prefix} {elapsed} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(200));
    let result = async {
        for line in lines {
            bar.set_message(line.clone());
            let mut tail = VecDeque::new();
            let status = shell(line, folder, |output| {
                bar.set_message(output.to_owned());
                if tail.len() == TAIL {
                    tail.pop_front();
                }
                tail.push_back(output.to_owned());
            })
            .await
            .map_err(|error| format!("`{line}` in {}: {error}", folder.display()))?;
            if !status.success() {
                let tail: Vec<String> = tail.into_iter().map(|line| format!("\n    {line}")).collect();
                let folder = folder.display();
                return Err(format!("`{line}` in {folder} failed ({status}){}", tail.concat()));
            }
        }
        Ok(())
    };
    let result = result.await;
    bar.finish_and_clear();
    result
}

/// Runs a line in a folder and hands each line of its output, errors among it, to `sink`.
async fn shell(line: &str, folder: &Path, mut sink: impl FnMut(&str)) -> std::io::Result<ExitStatus> {
    let mut command = Command::new("sh");
    command
        .args(["-c", "exec 2>&1; eval \"$1\"", "sh", line])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut process = ProcessGroup::start(&mut command)?;
    if let Some(output) = process.child.stdout.take() {
        let mut output = BufReader::new(output).split(b'\n');
        while let Some(line) = output.next_segment().await? {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end();
            if !text.is_empty() {
                sink(text);
            }
        }
    }
    process.child.wait().await
}
