//! A run: every client vector a page can express, in one client.

use std::sync::Arc;
use std::time::{Duration, Instant};

use corspec_vectors::client::ClientVector;
use tokio::sync::watch;

use super::compare::{Aspect, Difference, compare};
use super::engine::{Engine, Reasons, Start, StartError};
use super::scenario::Scenario;
use super::server;
use super::session::{Observation, Pace, Session};

/// How long a client may send nothing before it counts as hung. A page gives each fetch fifteen seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a client that hangs is started again.
const RESTARTS: usize = 10;
/// How often progress is told.
const TICK: Duration = Duration::from_millis(100);

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
    /// By scenario, in order.
    pub results: Vec<ScenarioResult>,
    /// How long its pages were at work.
    pub took: Duration,
    /// How long a scenario took that does not wait for real time to pass.
    pub milliseconds_a_scenario: f64,
}

/// What one client did in one scenario.
#[derive(Debug)]
pub struct ScenarioResult {
    /// Why the client cannot run it.
    pub lacks: Option<&'static str>,
    /// What was seen; `None` when it was not run.
    pub observation: Option<Observation>,
    /// Why it blocked something, in its own words.
    pub reasons: Vec<String>,
    /// What it did otherwise than the model.
    pub differences: Vec<Difference>,
}

impl ScenarioResult {
    /// Whether a fetch did not end.
    pub fn hangs(&self) -> bool {
        self.differences.iter().any(|difference| difference.aspect == Aspect::Hang)
    }
}

/// Runs `scenarios` in `engine`, so many `at_once`, until all are done or `stop` becomes true; what was done until then
/// is kept. `progress` hears how many more are done.
///
/// # Errors
/// When the client does not start.
pub async fn run(
    engine: Engine,
    scenarios: Vec<Scenario>,
    at_once: usize,
    mut stop: watch::Receiver<bool>,
    progress: impl Fn(usize),
) -> Result<ClientRun, StartError> {
    let alone = engine.one_at_a_time();
    let pace = Pace { at_once: if alone { 1 } else { at_once }, marks: alone };
    let session = Arc::new(Session::new(scenarios, pace, |scenario| engine.lacks(scenario).is_none()));
    let handler: Arc<dyn server::Handler> = Arc::clone(&session) as _;
    let server = server::serve(handler).await.map_err(StartError::new)?;
    let mut reasons = Reasons::new();
    let mut version = String::new();
    let mut took = Duration::ZERO;
    for _ in 0..=RESTARTS {
        let Some(url) = session.start() else { break };
        let folder = tempfile::tempdir().map_err(StartError::new)?;
        let started = tokio::select! {
            started = engine.start(Start { proxy: server.address, url: &url, folder: folder.path() }) => started,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let mut client = match started {
            Ok(client) => client,
            // What was done before it had to be started again is kept.
            Err(_) if session.progress() > 0 => break,
            Err(error) => return Err(error),
        };
        client.version().clone_into(&mut version);
        let began = Instant::now();
        let finished = tokio::select! {
            finished = session.finished(PATIENCE) => finished,
            _ = stop.wait_for(|stop| *stop) => Ok(()),
            () = tell(&session, &progress) => Ok(()),
        };
        took += began.elapsed();
        // One that hangs does not answer this either.
        let said = tokio::time::timeout(PATIENCE, client.reasons()).await.unwrap_or_default();
        for (scenario, more) in said {
            reasons.entry(scenario).or_default().extend(more);
        }
        if finished.is_ok() {
            break;
        }
        drop(client);
        session.put_back();
    }
    let (busy, scenarios) = session.busy();
    let mut observations = session.observations();
    let results = session.scenarios().iter().map(|scenario| {
        let observation = observations.remove(&scenario.number);
        let reasons = reasons.remove(&scenario.number).unwrap_or_default();
        let differences = observation
            .as_ref()
            .map(|observation| compare(scenario, observation, &reasons, |reason| engine.words_for(reason)))
            .unwrap_or_default();
        ScenarioResult { lacks: engine.lacks(scenario), observation, reasons, differences }
    });
    let milliseconds_a_scenario = busy.as_secs_f64() * 1000.0 / scenarios.max(1) as f64;
    Ok(ClientRun { version, results: results.collect(), took, milliseconds_a_scenario })
}

/// Tells progress for ever.
async fn tell(session: &Session, progress: impl Fn(usize)) {
    let mut told = session.progress();
    loop {
        tokio::time::sleep(TICK).await;
        let done = session.progress();
        progress(done - told);
        told = done;
    }
}
