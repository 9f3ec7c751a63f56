//! Implementations: the software under test.
//!
//! An implementation is given a policy and serves it, or says that it cannot. To add one that is a Rust middleware,
//! write a module like `tower_http.rs`, implement [`Embedded`], and name it in [`embedded()`].

mod reference;
mod served;
mod tower_http;
mod url;
mod warp;

use std::fmt;

use corspec_model::Policy;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::transport::{Limits, Service};

pub use reference::Reference;
pub use served::{InProcess, OverHttp, configure};
pub use tower_http::TowerHttp;
pub use url::RunningServer;
pub use warp::Warp;

/// Something that can be given a policy and then be sent requests.
pub trait Implementation: Send + Sync {
    /// Who it is.
    fn info(&self) -> Info;

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
    pub transport: Box<dyn crate::transport::Transport>,
    /// Whether the [fixed application](crate::application) is behind it.
    pub fixed_application: bool,
    /// Keeps what serves it alive.
    pub guard: Option<Box<dyn Send + Sync>>,
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

/// One thing a policy can ask for that an implementation may be unable to express.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum Knob {
    /// `null` among the origins.
    #[serde(rename = "origins.null")]
    OriginsNull,
    /// `https://*.example.com` among the origins.
    #[serde(rename = "origins.subdomains")]
    OriginsSubdomains,
    /// Any method.
    #[serde(rename = "methods.any")]
    MethodsAny,
    /// Any request-header.
    #[serde(rename = "request_headers.any")]
    RequestHeadersAny,
    /// Every response-header exposed.
    #[serde(rename = "expose.any")]
    ExposeAny,
    /// Every response-header exposed, also with credentials.
    #[serde(rename = "expose.any-with-credentials")]
    ExposeAnyWithCredentials,
    /// The routes of the fixed application.
    #[serde(rename = "application")]
    Application,
}

impl fmt::Display for Knob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OriginsNull => "origins.null",
            Self::OriginsSubdomains => "origins.subdomains",
            Self::MethodsAny => "methods.any",
            Self::RequestHeadersAny => "request_headers.any",
            Self::ExposeAny => "expose.any",
            Self::ExposeAnyWithCredentials => "expose.any-with-credentials",
            Self::Application => "application",
        })
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

    /// Its [list of known failures](crate::known_failing), TOML; each is explained in `FINDINGS.md`.
    fn known_failing(&self) -> &'static str {
        "known = []"
    }
}

/// Every implementation built into the program.
pub fn embedded() -> Vec<Box<dyn Embedded>> {
    vec![Box::new(Reference), Box::new(TowerHttp), Box::new(Warp)]
}
