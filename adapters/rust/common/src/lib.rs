//! What the adapters for Rust middlewares share: the protocol in [`run`], the [`application`] behind the middleware.
//!
//! Each adapter is a library too: `SOFTWARE` and `cors`, the middleware for a policy, are what `benches/rivals` times, with
//! its application what `fuzz/` judges in process.

pub mod application;
mod policy;

use std::fmt::Display;
use std::io::{BufRead, Write};
use std::net::{SocketAddr, TcpListener};
use std::str::FromStr;
use std::sync::mpsc;

use serde::Deserialize;
use serde_json::{Value, json};

pub use policy::{List, Origin, Policy};

/// The software under test.
pub struct Software {
    /// Short name: that of the adapter's folder, and of the package.
    pub name: &'static str,
    /// The package.
    pub package: &'static str,
    /// Where it lives.
    pub homepage: &'static str,
    /// What it cannot express, besides routes.
    pub lacks: &'static [&'static str],
}

/// What can be expressed by software that lacks nothing; none of these has policies by path.
const KNOBS: [&str; 20] = [
    "origins.any",
    "origins.any-with-credentials",
    "origins.none",
    "origins.list",
    "origins.null",
    "origins.subdomains",
    "credentials",
    "methods.list",
    "methods.any",
    "methods.any-with-credentials",
    "request_headers.list",
    "request_headers.any",
    "request_headers.any-with-credentials",
    "expose.list",
    "expose.any",
    "expose.any-with-credentials",
    "max_age",
    "max_age.zero",
    "max_age.absent",
    "application",
];

impl Software {
    /// What it can express.
    fn knobs(&self) -> Vec<&'static str> {
        KNOBS.into_iter().filter(|knob| !self.lacks.contains(knob)).collect()
    }

    /// The knobs a policy needs that it lacks.
    pub fn lacking(&self, policy: &Policy) -> Vec<String> {
        let mut lacking = policy.knobs();
        lacking.retain(|knob| !self.knobs().contains(&&**knob));
        lacking
    }
}

/// Why a policy is not served.
pub enum NotServed {
    /// The software refuses it, in its own words.
    Refused(String),
    /// The adapter could not bring a server up.
    Failed(String),
}

impl NotServed {
    /// A refusal by the software.
    pub fn refused(why: impl Display) -> Self {
        Self::Refused(why.to_string())
    }

    /// A failure of the adapter.
    pub fn failed(why: impl Display) -> Self {
        Self::Failed(why.to_string())
    }
}

/// Reads text as the software does; what it cannot read, it refuses.
pub fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, NotServed> {
    text.parse().map_err(NotServed::refused)
}

/// Brings a server up on a thread of its own, for runtimes that want one: `serve` is given where to listen and what to
/// call when it does, or cannot.
pub fn on_a_thread<E: Display>(
    serve: impl FnOnce(TcpListener, Box<dyn Fn(Result<(), E>)>) + Send + 'static,
) -> Result<SocketAddr, NotServed> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(NotServed::failed)?;
    let address = listener.local_addr().map_err(NotServed::failed)?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let started = move |started: Result<(), E>| {
            let _ = sender.send(started.map_err(|error| error.to_string()));
        };
        serve(listener, Box::new(started));
    });
    receiver.recv().map_err(NotServed::failed)?.map_err(NotServed::failed)?;
    Ok(address)
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Request {
    Hello {},
    Serve { policy: Policy },
    Stop {},
}

/// The version of a package in the lock file the adapter was built with: the one beside it, which those of the museum
/// have, or the one of all adapters.
fn version_of(package: &str) -> String {
    let adapter = std::env::current_exe().unwrap_or_default();
    let own = std::fs::read_to_string(adapter.with_file_name("Cargo.lock")).ok();
    let lock = own.as_deref().unwrap_or(include_str!("../../Cargo.lock"));
    let name = format!("name = \"{package}\"");
    let line = lock.lines().skip_while(|line| *line != name).nth(1);
    let version = line.and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    version.unwrap_or_default().to_owned()
}

/// Speaks the protocol until it is told to stop. `serve` brings a server up and answers with where it listens.
pub fn run(software: &Software, mut serve: impl FnMut(Policy) -> Result<SocketAddr, NotServed>) {
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        let request = serde_json::from_str(&line);
        let stop = matches!(request, Ok(Request::Stop {}));
        let answer = match request {
            Err(error) => json!({"error": error.to_string()}),
            Ok(Request::Hello {}) => json!({
                "name": software.name,
                "version": version_of(software.package),
                "language": "Rust",
                "package": software.package,
                "homepage": software.homepage,
                "knobs": software.knobs(),
            }),
            Ok(Request::Stop {}) => json!({}),
            Ok(Request::Serve { policy }) => answer(software, policy, &mut serve),
        };
        let mut output = std::io::stdout().lock();
        if writeln!(output, "{answer}").and_then(|()| output.flush()).is_err() || stop {
            return;
        }
    }
}

fn answer(
    software: &Software,
    policy: Policy,
    serve: &mut impl FnMut(Policy) -> Result<SocketAddr, NotServed>,
) -> Value {
    let lacking = software.lacking(&policy);
    if !lacking.is_empty() {
        return json!({"unsupported": lacking});
    }
    match serve(policy) {
        Ok(address) => json!({"base_url": format!("http://{address}/")}),
        Err(NotServed::Refused(message)) => json!({"refused": message}),
        Err(NotServed::Failed(message)) => json!({"error": message}),
    }
}
