//! Chromium, asked over the pipe of its DevTools protocol: JSON messages that end with NUL.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};

use super::find::find;
use super::{ReasonLog, Reasons, Running, Start, StartError};
use crate::client::scenario::number_of;
use crate::process::ProcessGroup;

/// Chromium reads the protocol from descriptor 3 and writes it to 4.
const PIPE: &str = r#"exec "$@" 3<&0 4>&1 0</dev/null 1>&2"#;

struct Chromium {
    _process: ProcessGroup,
    version: String,
    reasons: ReasonLog,
}

pub(super) async fn start(start: Start<'_>) -> Result<Box<dyn Running>, StartError> {
    let program = find(&["chromium", "chromium-browser", "google-chrome"], "chromium")?;
    write_preferences(start).map_err(StartError::new)?;
    let mut command = Command::new("sh");
    command
        .args(["-c", PIPE, "sh"])
        .arg(program)
        .args([
            "--headless=new",
            // Chromium's sandbox does not work for root.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--ignore-certificate-errors",
            // Hooks of other standards that would answer before CORS does.
            "--disable-features=LocalNetworkAccessChecks,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
            "--proxy-bypass-list=<-loopback>",
            "--remote-debugging-pipe",
        ])
        .arg(format!("--proxy-server=http://{}", start.proxy))
        .arg(format!("--user-data-dir={}", start.folder.display()))
        .arg("about:blank")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = ProcessGroup::start(&mut command).map_err(StartError::new)?;
    let (Some(input), Some(output)) = (process.child.stdin.take(), process.child.stdout.take()) else {
        return Err(StartError::new("chromium has no pipe"));
    };
    let reasons = ReasonLog::default();
    let mut devtools = Devtools {
        input,
        output: BufReader::new(output),
        calls: 0,
        url: start.url.to_owned(),
        requests: HashMap::new(),
        reasons: reasons.clone(),
    };
    let version = tokio::time::timeout(Duration::from_secs(30), devtools.begin())
        .await
        .map_err(|_| StartError::new("chromium does not answer on its DevTools pipe"))?
        .map_err(StartError::new)?;
    // Ends with the pipe, that is with the process.
    tokio::spawn(async move { while devtools.next().await.is_ok_and(|message| message.is_some()) {} });
    Ok(Box::new(Chromium { _process: process, version, reasons }))
}

/// Cookies show whether credentials are sent: nothing but the credentials mode may decide on them.
fn write_preferences(start: Start<'_>) -> std::io::Result<()> {
    let folder = start.folder.join("Default");
    std::fs::create_dir(&folder)?;
    let preferences = json!({"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": false}});
    std::fs::write(folder.join("Preferences"), preferences.to_string())
}

impl Running for Chromium {
    fn version(&self) -> &str {
        &self.version
    }

    fn reasons(&mut self) -> BoxFuture<'_, Reasons> {
        Box::pin(self.reasons.collect())
    }
}

struct Devtools {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    calls: u64,
    /// Where the first page goes.
    url: String,
    /// Scenario of each request.
    requests: HashMap<String, usize>,
    reasons: ReasonLog,
}

impl Devtools {
    /// Attaches to every page and frame there will be. Answers with the version.
    async fn begin(&mut self) -> std::io::Result<String> {
        self.call("Browser.getVersion", &json!({}), None).await?;
        self.attach(None).await?;
        let mut version = String::new();
        loop {
            let Some(message) = self.next().await? else {
                return Err(std::io::Error::other("chromium ended as soon as it was started"));
            };
            if let Some(product) = message["result"]["product"].as_str() {
                product.rsplit('/').next().unwrap_or(product).clone_into(&mut version);
            }
            // The first page was sent on its way.
            if self.url.is_empty() {
                return Ok(version);
            }
        }
    }

    async fn attach(&mut self, session: Option<&str>) -> std::io::Result<()> {
        let params = json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true});
        self.call("Target.setAutoAttach", &params, session).await
    }

    async fn call(&mut self, method: &str, params: &Value, session: Option<&str>) -> std::io::Result<()> {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).await
    }

    /// The next message, after what it asks for was done.
    async fn next(&mut self) -> std::io::Result<Option<Value>> {
        let mut bytes = Vec::new();
        if self.output.read_until(0, &mut bytes).await? == 0 {
            return Ok(None);
        }
        bytes.pop();
        let message: Value = serde_json::from_slice(&bytes)?;
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Target.attachedToTarget") => {
                if let Some(session) = params["sessionId"].as_str() {
                    let quiet = json!({"maxTotalBufferSize": 0, "maxResourceBufferSize": 0});
                    self.call("Network.enable", &quiet, Some(session)).await?;
                    self.attach(Some(session)).await?;
                    self.call("Runtime.runIfWaitingForDebugger", &json!({}), Some(session)).await?;
                    if params["targetInfo"]["type"] == "page" && !self.url.is_empty() {
                        let params = json!({"url": std::mem::take(&mut self.url)});
                        self.call("Page.navigate", &params, Some(session)).await?;
                    }
                }
            }
            Some("Network.requestWillBeSent") => {
                let number = params["request"]["url"].as_str().and_then(number_of);
                if let (Some(id), Some(number)) = (params["requestId"].as_str(), number)
                    && params["type"] != "Preflight"
                {
                    self.requests.insert(id.to_owned(), number);
                }
            }
            Some("Network.loadingFailed") => {
                let number = params["requestId"].as_str().and_then(|id| self.requests.remove(id));
                let reason =
                    [&params["corsErrorStatus"]["corsError"], &params["blockedReason"], &params["errorText"]]
                        .into_iter()
                        .find_map(Value::as_str);
                // What the page itself gave up was not refused.
                if let (Some(number), Some(reason)) =
                    (number, reason.filter(|reason| *reason != "net::ERR_ABORTED"))
                {
                    self.reasons.note(number, reason);
                }
            }
            _ => {}
        }
        Ok(Some(message))
    }
}
