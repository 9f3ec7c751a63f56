//! jsdom and happy-dom, windows in Node: `adapters/dom-in-node` opens the pages.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::find::find;
use super::{Reasons, Running, Start, StartError};
use crate::process::ProcessGroup;

struct Window {
    _process: ProcessGroup,
    version: String,
}

pub(super) async fn start(name: &str, start: Start<'_>) -> Result<Box<dyn Running>, StartError> {
    let program = find(&["node"], "nodejs")?;
    let adapter = adapter();
    if !adapter.join("node_modules").join(name).is_dir() {
        return Err(StartError::new(format_args!(
            "{name} is not installed: run `npm ci` in {}",
            adapter.display()
        )));
    }
    let mut command = Command::new(program);
    command
        .arg(adapter.join("client.mjs"))
        .args([name, start.url, &start.proxy.port().to_string()])
        .current_dir(start.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = ProcessGroup::start(&mut command).map_err(StartError::new)?;
    let Some(output) = process.child.stdout.take() else { return Err(StartError::new("node has no output")) };
    let mut lines = BufReader::new(output).lines();
    let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await;
    let Ok(Ok(Some(version))) = line else {
        return Err(StartError::new(format_args!("{name} does not say its version")));
    };
    // Read on, so that a page that prints is never held up.
    tokio::spawn(async move { while lines.next_line().await.is_ok_and(|line| line.is_some()) {} });
    Ok(Box::new(Window { _process: process, version }))
}

/// The adapter's folder: under the current folder, or where corspec was built.
fn adapter() -> PathBuf {
    let here = PathBuf::from("adapters/dom-in-node");
    if here.is_dir() {
        return here.canonicalize().unwrap_or(here);
    }
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../adapters/dom-in-node")
}

impl Running for Window {
    fn version(&self) -> &str {
        &self.version
    }

    fn reasons(&mut self) -> BoxFuture<'_, Reasons> {
        Box::pin(std::future::ready(Reasons::new()))
    }
}
