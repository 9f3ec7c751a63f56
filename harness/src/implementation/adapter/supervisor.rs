//! Keeps an adapter alive: starts it, and starts it again with its policies when it crashed or hangs.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex as StdMutex, PoisonError, RwLock, Weak};

use corspec_model::Policy;
use corspec_vectors::policy::PolicyDocument;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use url::{Host, Url};

use super::protocol::{Hello, PROTOCOL, Request, ServeAnswer};
use super::session::{OpError, Problem, Program, Session};
use crate::implementation::{Knob, NotServed};
use crate::transport::{Http, Limits, TransportError, Version};

/// How much an adapter is started again before it is given up: a crash counts 1, a hang, which takes long, 10.
const PATIENCE: u32 = 200;

/// An adapter that is started again.
pub(super) struct Supervisor {
    program: Program,
    state: Mutex<State>,
    hello: RwLock<Option<Hello>>,
    /// Policies that are asked about, by number: those a new process has to serve.
    in_force: Arc<StdMutex<BTreeMap<u64, Weak<Serving>>>>,
    /// Held by who repeats a request that may have crashed the adapter, so that nobody else is blamed.
    pub(super) repeating: Mutex<()>,
}

#[derive(Default)]
struct State {
    session: Option<Session>,
    /// Which process it is, from 1 on.
    generation: u32,
    /// Why it is not started any more.
    given_up: Option<String>,
    policies: u64,
    /// How much of the patience is used up.
    trouble: u32,
    /// What became of processes that broke, the same only once.
    notes: Vec<String>,
}

impl State {
    /// The process broke; it is killed.
    fn broke(&mut self, error: &OpError) {
        self.session = None;
        self.trouble += if matches!(error.problem, Problem::Hung(_)) { 10 } else { 1 };
        let note = format!("it broke and was started again: {error}");
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// One policy in force.
pub(super) struct Serving {
    number: u64,
    document: PolicyDocument,
    limits: Limits,
    place: RwLock<Place>,
}

/// Where a policy is served, and by which process.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) generation: u32,
    pub(super) base: Url,
    pub(super) http: Arc<Http>,
}

impl Serving {
    pub(super) fn place(&self) -> Place {
        self.place.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn base(&self) -> Url {
        self.place().base
    }
}

/// While it lives, a new process has to serve the policy.
pub(super) struct InForce {
    number: u64,
    all: Arc<StdMutex<BTreeMap<u64, Weak<Serving>>>>,
}

impl Drop for InForce {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

impl Supervisor {
    pub(super) fn new(program: Program) -> Arc<Self> {
        Arc::new(Self {
            program,
            state: Mutex::default(),
            hello: RwLock::default(),
            in_force: Arc::default(),
            repeating: Mutex::default(),
        })
    }

    /// Who it said it is.
    pub(super) fn hello(&self) -> Option<Hello> {
        self.hello.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a policy in force until the guard is dropped.
    fn in_force(&self, serving: &Arc<Serving>) -> InForce {
        let all = Arc::clone(&self.in_force);
        all.lock().unwrap_or_else(PoisonError::into_inner).insert(serving.number, Arc::downgrade(serving));
        InForce { number: serving.number, all }
    }

    /// Starts it. If that fails, whoever asks for a policy is told.
    pub(super) async fn start(&self) {
        let mut state = self.state.lock().await;
        let _ = self.up(&mut state).await;
    }

    /// The process, started when there is none.
    async fn up<'a>(&self, state: &'a mut State) -> Result<&'a mut Session, String> {
        if let Some(why) = &state.given_up {
            return Err(why.clone());
        }
        if state.session.is_none() {
            if state.trouble >= PATIENCE {
                let times = state.generation;
                let why = format!(
                    "adapter {} crashed or hung {times} times and is not started again",
                    self.program.name
                );
                state.given_up = Some(why.clone());
                return Err(why);
            }
            match self.launch().await {
                Ok(session) => state.session = Some(session),
                // What does not start once will not start the next time.
                Err(error) => {
                    state.given_up = Some(error.to_string());
                    return Err(error.to_string());
                }
            }
            state.generation += 1;
            if state.generation > 1 {
                self.resume(state).await;
            }
        }
        state.session.as_mut().ok_or_else(|| format!("adapter {} does not run", self.program.name))
    }

    async fn launch(&self) -> Result<Session, OpError> {
        let mut session = Session::start(&self.program)?;
        let hello: Hello = session.ask(&Request::Hello { protocol: PROTOCOL }).await?;
        if let Some(what) = empty_field(&hello) {
            return Err(OpError {
                adapter: self.program.name.clone(),
                op: "hello".to_owned(),
                problem: Problem::Invalid(format!("`{what}` is empty")),
                stderr: Vec::new(),
            });
        }
        *self.hello.write().unwrap_or_else(PoisonError::into_inner) = Some(hello);
        Ok(session)
    }

    /// Has a new process serve what the old one served. What it does not serve cannot be reached, and that is reported.
    async fn resume(&self, state: &mut State) {
        let serving: Vec<Arc<Serving>> = {
            let all = self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
            all.values().filter_map(Weak::upgrade).collect()
        };
        let Some(session) = state.session.as_mut() else { return };
        for serving in serving {
            let request = Request::Serve { policy: serving.document.clone() };
            match session.ask(&request).await {
                Ok(ServeAnswer::BaseUrl(base)) => {
                    if let Ok(base) = self.checked(&base)
                        && let Ok(place) = place(base, state.generation, serving.limits)
                    {
                        *serving.place.write().unwrap_or_else(PoisonError::into_inner) = place;
                    }
                }
                Ok(_) => {}
                Err(OpError { problem: Problem::Error(_), .. }) => {}
                Err(error) => {
                    state.broke(&error);
                    return;
                }
            }
        }
    }

    /// Puts a policy into force for as long as the guard lives, with one more try when the process ended under it.
    pub(super) async fn serve(
        &self,
        policy: &Policy,
        limits: Limits,
    ) -> Result<(Arc<Serving>, InForce), NotServed> {
        let document = PolicyDocument::from(policy);
        let request = Request::Serve { policy: document.clone() };
        let mut state = self.state.lock().await;
        let mut tries = 0;
        let answer = loop {
            let session = self.up(&mut state).await.map_err(NotServed::Setup)?;
            let lacking = self.lacking(policy);
            if !lacking.is_empty() {
                return Err(NotServed::Unsupported(lacking));
            }
            match session.ask::<ServeAnswer>(&request).await {
                Ok(answer) => break answer,
                Err(error) => {
                    if !matches!(error.problem, Problem::Error(_)) {
                        state.broke(&error);
                    }
                    tries += 1;
                    // It may be the doing of another request.
                    if tries > 1 || !matches!(error.problem, Problem::Ended(_)) {
                        return Err(NotServed::Setup(error.to_string()));
                    }
                }
            }
        };
        let base = match answer {
            ServeAnswer::BaseUrl(base) => self.checked(&base).map_err(NotServed::Setup)?,
            ServeAnswer::Unsupported(knobs) if knobs.is_empty() => {
                return Err(NotServed::Setup(self.serve_error("`unsupported` names no knob")));
            }
            ServeAnswer::Unsupported(knobs) => return Err(NotServed::Unsupported(knobs)),
            ServeAnswer::Refused(message) => return Err(NotServed::Refused(message)),
            ServeAnswer::Error(message) => return Err(NotServed::Setup(self.serve_error(&message))),
        };
        let place = place(base, state.generation, limits)
            .map_err(|error| NotServed::Setup(self.serve_error(&error.to_string())))?;
        state.policies += 1;
        let serving =
            Arc::new(Serving { number: state.policies, document, limits, place: RwLock::new(place) });
        // Before anybody else can start a new process, which has to serve it too.
        let in_force = self.in_force(&serving);
        Ok((serving, in_force))
    }

    /// The knobs the policy needs and the software lacks.
    fn lacking(&self, policy: &Policy) -> Vec<Knob> {
        let knobs = self.hello().map(|hello| hello.knobs).unwrap_or_default();
        Knob::needed_by(policy).into_iter().filter(|knob| !knobs.contains(knob)).collect()
    }

    fn checked(&self, base: &str) -> Result<Url, String> {
        let has_application = self.hello().is_some_and(|hello| hello.knobs.contains(&Knob::Application));
        loopback(base, has_application).map_err(|what| self.serve_error(&what))
    }

    fn serve_error(&self, what: &str) -> String {
        format!("adapter {}, serve: {what}", self.program.name)
    }

    /// Whether there is, or now is, another process than that of `generation`, after one of its servers gave trouble.
    ///
    /// A process that answers is left alone: the trouble is that of the one request.
    ///
    /// # Errors
    /// Why there is no process any more.
    pub(super) async fn replaced(&self, generation: u32) -> Result<bool, String> {
        let mut state = self.state.lock().await;
        if state.generation != generation {
            return Ok(true);
        }
        let alive = match &mut state.session {
            Some(session) => session.answers().await,
            None => return self.up(&mut state).await.map(|_| true),
        };
        match alive {
            Ok(()) => Ok(false),
            Err(error) => {
                state.broke(&error);
                self.up(&mut state).await.map(|_| true)
            }
        }
    }

    /// Ends it. Answers with its crashes; that it did not end as told is for a smoke test to find.
    pub(super) async fn end(&self) -> Vec<String> {
        let mut state = self.state.lock().await;
        state.given_up = Some(format!("adapter {} was stopped", self.program.name));
        if let Some(session) = state.session.take() {
            let _ = session.end().await;
        }
        std::mem::take(&mut state.notes)
    }
}

/// The field that must not be empty and is.
pub(super) fn empty_field(hello: &Hello) -> Option<&'static str> {
    [("name", &hello.name), ("version", &hello.version)]
        .into_iter()
        .find_map(|(field, value)| value.trim().is_empty().then_some(field))
}

/// Runs what holds a lock so that it goes on while whoever waits for it is not polled: streams of futures leave some of
/// them alone. It ends when that one is dropped.
///
/// # Errors
/// When it panicked.
pub(super) async fn on_its_own<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, String> {
    let mut task = JoinSet::new();
    task.spawn(work);
    match task.join_next().await {
        Some(Ok(done)) => Ok(done),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("it was not run".to_owned()),
    }
}

/// A base URL, which must be one of this machine only.
pub(super) fn loopback(base: &str, has_application: bool) -> Result<Url, String> {
    let url = Url::parse(base).map_err(|error| format!("`base_url` is `{base}`: {error}"))?;
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    if url.scheme() != "http" || !is_loopback {
        return Err(format!("`base_url` is `{base}`: http://127.0.0.1:PORT/ is needed"));
    }
    if has_application && &url[url::Position::BeforePath..] != "/" {
        return Err(format!("`base_url` is `{base}`: the routes of the application begin at /"));
    }
    Ok(url)
}

fn place(base: Url, generation: u32, limits: Limits) -> Result<Place, TransportError> {
    let http = Http::new(&base, Version::Http1, None, limits)?;
    Ok(Place { generation, http: Arc::new(http), base })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_on_loopback() {
        for base in ["http://127.0.0.1:8000/", "http://127.0.0.1:8000", "http://[::1]:8000/"] {
            assert!(loopback(base, true).is_ok(), "{base}");
        }
        for base in ["http://0.0.0.0:1/", "https://127.0.0.1:1/", "http://a.example/", "127.0.0.1:1", ""] {
            assert!(loopback(base, false).unwrap_err().contains("base_url"), "{base}");
        }
        assert!(loopback("http://127.0.0.1:1/app", false).is_ok());
        assert!(loopback("http://127.0.0.1:1/app", true).unwrap_err().contains("begin at /"));
    }
}
