//! A run: every client vector a page can express, in one client.

use std::sync::Arc;
use std::time::Duration;

use corspec_vectors::client::ClientVector;

use super::compare::{Difference, compare};
use super::engine::{Engine, Reasons, Start, StartError};
use super::scenario::Scenario;
use super::server;
use super::session::{Observation, Pace, Session};

/// How long a client may be silent before it counts as hung. A page gives a fetch ten seconds, and a batch of those that
/// wait runs all at once.
const PATIENCE: Duration = Duration::from_secs(40);
/// How often a client that hangs is started again.
const RESTARTS: usize = 10;

/// The vectors that can be run, as scenarios, and the others with the reason.
#[derive(Debug, Default)]
pub struct Plan<'a> {
    /// Vector and scenario; the scenario's number is its place.
    pub runnable: Vec<(&'a ClientVector, Scenario)>,
    /// Vector and why no page can run it.
    pub left_out: Vec<(&'a ClientVector, String)>,
}

impl<'a> Plan<'a> {
    /// Sorts out which of `vectors` a page can run.
    pub fn of(vectors: impl IntoIterator<Item = &'a ClientVector>) -> Self {
        let mut plan = Self::default();
        for vector in vectors {
            match Scenario::of(vector, plan.runnable.len()) {
                Ok(scenario) => plan.runnable.push((vector, scenario)),
                Err(why) => plan.left_out.push((vector, why)),
            }
        }
        plan
    }
}

/// What one client did.
#[derive(Debug)]
pub struct ClientRun {
    /// Its version.
    pub version: String,
    /// By scenario, in order: what was seen and how it differs from the model.
    pub results: Vec<ScenarioResult>,
    /// From the first question of its pages to the last.
    pub took: Duration,
}

/// What one client did in one scenario.
#[derive(Debug)]
pub struct ScenarioResult {
    /// What was seen; `None` when it was not run.
    pub observation: Option<Observation>,
    /// Why it blocked something, in its own words.
    pub reasons: Vec<String>,
    /// What it did otherwise than the model.
    pub differences: Vec<Difference>,
}

/// Runs `scenarios` in `engine`; `progress` hears how many are done.
///
/// # Errors
/// When the client does not start.
pub async fn run(
    engine: Engine,
    scenarios: Vec<Scenario>,
    at_once: usize,
    progress: impl Fn(usize),
) -> Result<ClientRun, StartError> {
    let alone = engine.one_at_a_time();
    let session = Arc::new(Session::new(scenarios, Pace { at_once: if alone { 1 } else { at_once }, marks: alone }));
    let handler: Arc<dyn server::Handler> = Arc::clone(&session) as _;
    let server = server::serve(handler).await.map_err(StartError::new)?;
    let mut reasons = Reasons::new();
    let mut version = String::new();
    let mut took = Duration::ZERO;
    for _ in 0..=RESTARTS {
        let Some(url) = session.start() else { break };
        let folder = tempfile::tempdir().map_err(StartError::new)?;
        let start = Start { proxy: server.address, url: &url, folder: folder.path() };
        let mut client = engine.start(start).await?;
        client.version().clone_into(&mut version);
        let began = std::time::Instant::now();
        let finished = {
            let finished = session.finished(PATIENCE);
            let ticks = async {
                loop {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    progress(session.progress());
                }
            };
            tokio::select! { finished = finished => finished, () = ticks => Ok(()) }
        };
        took += began.elapsed();
        for (scenario, more) in client.reasons().await {
            reasons.entry(scenario).or_default().extend(more);
        }
        if finished.is_ok() {
            break;
        }
        session.put_back();
    }
    let mut observations = session.observations();
    let results = session
        .scenarios()
        .iter()
        .map(|scenario| {
            let observation = observations.remove(&scenario.number);
            let differences =
                observation.as_ref().map(|observation| compare(scenario, observation)).unwrap_or_default();
            let reasons = reasons.remove(&scenario.number).unwrap_or_default();
            ScenarioResult { observation, reasons, differences }
        })
        .collect();
    Ok(ClientRun { version, results, took })
}
