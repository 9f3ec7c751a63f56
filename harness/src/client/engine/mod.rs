//! How each client is started, and asked why it blocked something.
//!
//! A client gets a new profile, the scripted server as its proxy and a page to begin with; the pages do the rest, so no
//! WebDriver is needed. To add one, write a module with a `start` function and name it in [`Engine`].

mod chromium;
mod find;
mod firefox;
mod node;
mod webkit;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use corspec_model::Reason;
use corspec_vectors::request::{Initiator, Mode};
use futures_util::future::BoxFuture;

use super::scenario::Scenario;

/// A client corspec can drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Engine {
    /// Chromium, headless
    Chromium,
    /// Firefox, headless
    Firefox,
    /// WebKitGTK's MiniBrowser under Xvfb
    Webkit,
    /// jsdom in Node
    Jsdom,
    /// happy-dom in Node
    HappyDom,
}

/// What a client needs to start.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// The scripted server.
    pub proxy: SocketAddr,
    /// Where it begins.
    pub url: &'a str,
    /// An empty folder of its own.
    pub folder: &'a Path,
}

/// A client that runs until it is dropped, with everything it started.
pub trait Running: Send {
    /// Its version.
    fn version(&self) -> &str;

    /// Why fetches of each scenario were blocked, in the client's own words and in order, as far as it said.
    fn reasons(&mut self) -> BoxFuture<'_, Reasons>;
}

/// The reasons a client gave, by scenario.
pub type Reasons = HashMap<usize, Vec<String>>;

/// Reasons that come in while a client runs, by another way than the results of its pages.
#[derive(Clone, Default)]
struct ReasonLog(Arc<Mutex<Reasons>>);

impl ReasonLog {
    /// Another reason for a scenario.
    fn note(&self, scenario: usize, reason: &str) {
        let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.entry(scenario).or_default().push(reason.to_owned());
    }

    /// What has come in, after a moment for what is still on its way.
    async fn collect(&self) -> Reasons {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why a client did not start.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(String);

impl StartError {
    pub(super) fn new(message: impl std::fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl Engine {
    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
            Self::Jsdom => "jsdom",
            Self::HappyDom => "happy-dom",
        }
    }

    /// What it says for a reason of the model, with `<…>` for anything; `None` where it has no words of its own.
    pub const fn words_for(self, reason: Reason) -> Option<&'static str> {
        let explanation = reason.explanation();
        match self {
            Self::Chromium => explanation.chromium,
            Self::Firefox => explanation.firefox,
            Self::Webkit => explanation.webkit,
            Self::Jsdom | Self::HappyDom => None,
        }
    }

    /// The list of its known differences that comes with corspec.
    pub const fn profile(self) -> &'static str {
        match self {
            Self::Chromium => include_str!("../../../../vectors/engines/chromium.toml"),
            Self::Firefox => include_str!("../../../../vectors/engines/firefox.toml"),
            Self::Webkit => include_str!("../../../../vectors/engines/webkit.toml"),
            Self::Jsdom => include_str!("../../../../vectors/engines/jsdom.toml"),
            Self::HappyDom => include_str!("../../../../vectors/engines/happy-dom.toml"),
        }
    }

    /// Why it cannot run a scenario; browsers can run them all.
    pub fn lacks(self, scenario: &Scenario) -> Option<&'static str> {
        let only = match self {
            Self::Chromium | Self::Firefox | Self::Webkit => return None,
            Self::Jsdom => &[Initiator::Xhr][..],
            Self::HappyDom => &[Initiator::Fetch, Initiator::Xhr],
        };
        if scenario.page.is_framed() {
            return Some("it runs no framed pages");
        }
        let options = || scenario.fetches.iter().map(|fetch| &fetch.request.options);
        if options().any(|options| options.mode == Some(Mode::Navigate)) {
            return Some("it navigates no frames");
        }
        (!options().all(|options| only.contains(&options.initiator))).then_some("it has no such initiator")
    }

    /// Whether its reasons can only be told apart by the order of scenarios, one at a time.
    pub const fn one_at_a_time(self) -> bool {
        matches!(self, Self::Webkit)
    }

    /// Starts it.
    ///
    /// # Errors
    /// What is missing and how to install it, or what went wrong.
    pub async fn start(self, start: Start<'_>) -> Result<Box<dyn Running>, StartError> {
        match self {
            Self::Chromium => chromium::start(start).await,
            Self::Firefox => firefox::start(start).await,
            Self::Webkit => webkit::start(start).await,
            Self::Jsdom | Self::HappyDom => node::start(self.name(), start).await,
        }
    }
}
