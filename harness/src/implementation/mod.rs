//! Implementations: the software under test.
//!
//! An implementation is given a policy and serves it, or says that it cannot. To add one that is a Rust middleware,
//! write a module like `tower_http.rs`, implement [`Embedded`], and name it in [`embedded()`]. Software of any language is
//! plugged in by an [`adapter`].

pub mod adapter;
mod knob;
mod reference;
mod served;
mod tower_http;
mod url;
mod warp;

use std::fmt;

use corspec_model::Policy;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::transport::{self, Limits, Service, Transport};

pub use adapter::Adapter;
pub use knob::Knob;
pub use reference::Reference;
pub use served::{InProcess, OverHttp, configure};
pub use tower_http::TowerHttp;
pub use url::RunningServer;
pub use warp::Warp;

/// Something that can be given a policy and then be sent requests.
pub trait Implementation: Send + Sync {
    /// Who it is; of an adapter more is known once it was [started](Self::start).
    fn info(&self) -> Info;

    /// What `corspec up` is called with to bring it up alone.
    fn up_arguments(&self) -> String {
        self.info().name
    }

    /// Starts what has to run before policies are served. What goes wrong is told when one is.
    fn start(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Ends what was started. Answers with its crashes, which its user should know of even where requests got over them.
    fn end(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    /// Puts `policy` into force and says where to send requests. Several policies are in force at once.
    fn serve<'a>(&'a self, policy: &'a Policy, limits: Limits) -> BoxFuture<'a, Result<Endpoint, NotServed>>;

    /// What `curl` needs beside the URL to reach a running server: options, each with a space after it.
    fn curl_options(&self) -> String {
        String::new()
    }
}

/// Who an implementation is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Info {
    /// Short name, as on the command line.
    pub name: String,
    /// Version tested.
    pub version: String,
    /// Language it is written in.
    pub language: String,
    /// Where it lives.
    pub homepage: String,
}

/// Where to send requests under one policy.
pub struct Endpoint {
    /// Its URL: scheme and authority, and for a running server the path to ask.
    pub base: ::url::Url,
    /// Reaches it.
    pub transport: Box<dyn Transport>,
    /// Whether the [fixed application](crate::application) is behind it.
    pub fixed_application: bool,
    /// Whether a max-age is sent although the policy has none, because the implementation always sends one.
    pub own_max_age: bool,
    /// Keeps what serves it alive.
    pub guard: Option<Box<dyn Send + Sync>>,
}

impl Endpoint {
    /// Path and query to ask for where a vector asks for `route` of the fixed application.
    pub fn target(&self, route: &str) -> String {
        let whole = &self.base[::url::Position::BeforePath..::url::Position::AfterQuery];
        if self.fixed_application { route.to_owned() } else { whole.to_owned() }
    }
}

/// Why a policy is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotServed {
    /// The implementation has no way to express these knobs.
    Unsupported(Vec<Knob>),
    /// The implementation refuses the policy, with its own words.
    Refused(String),
    /// It did not start.
    Setup(String),
}

impl fmt::Display for NotServed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(knobs) => {
                let knobs: Vec<String> = knobs.iter().map(ToString::to_string).collect();
                f.write_str(&knobs.join(", "))
            }
            Self::Refused(message) | Self::Setup(message) => f.write_str(message),
        }
    }
}

/// A Rust middleware in this process.
pub trait Embedded: Send + Sync {
    /// Who it is.
    fn info(&self) -> Info;

    /// The [fixed application](crate::application) behind the middleware, configured for `policy`.
    ///
    /// # Errors
    /// [`NotServed`] when it cannot express the policy or refuses it.
    fn service(&self, policy: &Policy) -> Result<Service, NotServed>;

    /// How it is asked in this process: its [service](Self::service) is called, unless it speaks the model's messages
    /// itself.
    ///
    /// # Errors
    /// [`NotServed`] when it cannot express the policy or refuses it.
    fn in_process(&self, policy: &Policy, limits: Limits) -> Result<Box<dyn Transport>, NotServed> {
        Ok(Box::new(transport::InProcess::new(self.service(policy)?, limits)))
    }

    /// Its [list of known failures](crate::known_failing), TOML; each is explained in `FINDINGS.md`.
    fn known_failing(&self) -> &'static str {
        "known = []"
    }
}

/// Every implementation built into the program.
pub fn embedded() -> Vec<Box<dyn Embedded>> {
    vec![Box::new(Reference), Box::new(TowerHttp), Box::new(Warp)]
}
