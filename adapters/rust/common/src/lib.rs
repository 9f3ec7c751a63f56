//! What the adapters for Rust middlewares share: the protocol in [`run`], the [`application`] behind the middleware.
//!
//! Each adapter is a library too: `SOFTWARE` and `cors`, the middleware for a policy, are what `benches/rivals` times.

pub mod application;
mod policy;

use std::fmt::Display;
use std::io::{BufRead, Write};
use std::net::SocketAddr;

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
    /// What it can express.
    pub knobs: &'static [&'static str],
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

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Request {
    Hello {},
    Serve { policy: Policy },
    Stop {},
}

impl Software {
    /// The knobs a policy needs that it lacks.
    pub fn lacks(&self, policy: &Policy) -> Vec<String> {
        let mut lacking = policy.knobs();
        lacking.retain(|knob| !self.knobs.contains(&&**knob));
        lacking
    }

    /// The version of its package in the lock file all adapters are built with.
    fn version(&self) -> &'static str {
        let lock = include_str!("../../Cargo.lock");
        let name = format!("name = \"{}\"", self.package);
        let line = lock.lines().skip_while(|line| *line != name).nth(1);
        line.and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"')).unwrap_or_default()
    }
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
                "version": software.version(),
                "language": "Rust",
                "package": software.package,
                "homepage": software.homepage,
                "knobs": software.knobs,
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
    let lacking = software.lacks(&policy);
    if !lacking.is_empty() {
        return json!({"unsupported": lacking});
    }
    match serve(policy) {
        Ok(address) => json!({"base_url": format!("http://{address}/")}),
        Err(NotServed::Refused(message)) => json!({"refused": message}),
        Err(NotServed::Failed(message)) => json!({"error": message}),
    }
}
