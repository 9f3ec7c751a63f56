//! One client at work on its scenarios: answers its pages, plays the servers of its scenarios, keeps what arrives.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use corspec_model::HeaderList;
use corspec_vectors::client::{ScriptedFetch, ScriptedResponse};
use corspec_vectors::run::client::next_response;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::page;
use super::scenario::{PageKey, Scenario, body_length, body_of, number_of};
use super::server::{Arrival, Handler, Reply};

/// Scenarios a page gets at once.
const BATCH: usize = 64;
/// Where the pages and their questions live, on every host.
const OWN_PATH: &str = "/.corspec/";
/// The cookie whose arrival shows that a request carries credentials.
pub const COOKIE: &str = "corspec=1";

/// What was seen of one scenario.
#[derive(Clone, Debug)]
pub struct Observation {
    /// One for each fetch that was begun.
    pub fetches: Vec<ObservedFetch>,
}

/// What was seen of one fetch.
#[derive(Clone, Debug, Default)]
pub struct ObservedFetch {
    /// What arrived, in order.
    pub arrivals: Vec<Arrival>,
    /// What the page reports.
    pub outcome: PageOutcome,
}

/// What a page reports of one fetch; each kind of initiator sees other things.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PageOutcome {
    /// The name of the exception, or that there was an error event.
    pub error: Option<String>,
    /// It did not end.
    pub hang: bool,
    /// `Response.type`
    #[serde(rename = "type")]
    pub response_type: Option<String>,
    /// `Response.status`
    pub status: Option<u16>,
    /// `Response.url`
    pub url: Option<String>,
    /// `Response.redirected`
    pub redirected: Option<bool>,
    /// Names of readable headers.
    pub headers: Option<Vec<String>>,
    /// Of an element: whether it loaded.
    pub loaded: Option<bool>,
    /// Of an element: whether script may read what it loaded.
    pub readable: Option<bool>,
}

impl PageOutcome {
    /// Whether script sees nothing but that it failed.
    pub const fn is_blocked(&self) -> bool {
        self.error.is_some() || matches!(self.loaded, Some(false))
    }
}

/// How a client is to be fed.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Scenarios under way at once in a page.
    pub at_once: usize,
    /// Whether a page says in its console which scenario begins.
    pub marks: bool,
}

/// The scenarios of one client.
pub struct Session {
    scenarios: Vec<Scenario>,
    /// How many of them wait for nothing.
    brisk: usize,
    pace: Pace,
    /// Hosts that set a cookie before the scenarios begin.
    cookie_hosts: Vec<String>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    pages: Vec<(PageKey, VecDeque<usize>)>,
    running: HashMap<usize, Running>,
    observed: HashMap<usize, Observation>,
    /// Counts requests of any kind: signs of life.
    signs: u64,
    done: bool,
    /// Scenarios that were under way when the client stopped answering: run one by one.
    suspects: HashSet<usize>,
    /// When scenarios were last handed out that wait for nothing, and the time such took.
    busy_since: Option<Instant>,
    busy: Duration,
}

#[derive(Default)]
struct Running {
    /// Which fetch is under way.
    fetch: usize,
    /// How many of its responses were used.
    used: usize,
    seen: Vec<ObservedFetch>,
}

#[derive(Deserialize)]
struct Question {
    page: usize,
    results: Vec<PageResult>,
}

#[derive(Deserialize)]
struct PageResult {
    number: usize,
    outcomes: Vec<PageOutcome>,
}

#[derive(Default, Serialize)]
struct Turn<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    scenarios: Option<Vec<Task<'a>>>,
    at_once: usize,
    /// The page says in its console that what follows belongs to no scenario.
    unmarked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    go: Option<String>,
}

#[derive(Serialize)]
struct Task<'a> {
    number: usize,
    fetches: &'a [ScriptedFetch],
    mark: bool,
}

impl Session {
    /// The scenarios, each at the place of its number; only the `chosen` ones are run.
    pub fn new(scenarios: Vec<Scenario>, pace: Pace, chosen: impl Fn(&Scenario) -> bool) -> Self {
        let mut pages: Vec<(PageKey, VecDeque<usize>)> = Vec::new();
        let mut numbers = HashMap::new();
        let mut hosts = BTreeSet::new();
        let mut brisk = 0;
        // What is to be remembered from fetch to fetch goes first: a full cache drops entries at random (Chromium's at
        // 1,024), which is allowed, but no two runs would see the same.
        let mut in_turn: Vec<&Scenario> = scenarios.iter().filter(|scenario| chosen(scenario)).collect();
        in_turn.sort_by_key(|scenario| (!scenario.page.waits, scenario.fetches.len() < 2));
        for scenario in in_turn {
            brisk += usize::from(!scenario.page.waits);
            let page = *numbers.entry(&scenario.page).or_insert_with(|| {
                pages.push((scenario.page.clone(), VecDeque::new()));
                pages.len() - 1
            });
            pages[page].1.push_back(scenario.number);
            hosts.extend(scenario.origins());
        }
        let cookie_hosts = hosts.into_iter().filter(|host| host.starts_with("https:")).collect();
        let state = Mutex::new(State { pages, ..State::default() });
        Self { scenarios, brisk, pace, cookie_hosts, state, changed: Notify::new() }
    }

    /// The scenarios.
    pub fn scenarios(&self) -> &[Scenario] {
        &self.scenarios
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a client begins; `None` when nothing is left to do.
    pub fn start(&self) -> Option<String> {
        let state = self.state();
        let next = next_page(&state)?;
        Some(self.cookie_page(0).unwrap_or(next))
    }

    /// Waits until everything has been run.
    ///
    /// # Errors
    /// The scenarios that were under way when nothing came from the client for `patience`.
    pub async fn finished(&self, patience: Duration) -> Result<(), Vec<usize>> {
        loop {
            let signs = {
                let state = self.state();
                if state.done {
                    return Ok(());
                }
                state.signs
            };
            let waited = tokio::time::timeout(patience, self.changed.notified()).await;
            let state = self.state();
            if waited.is_err() && state.signs == signs && !state.done {
                return Err(state.running.keys().copied().collect());
            }
        }
    }

    /// How many scenarios have been run.
    pub fn progress(&self) -> usize {
        self.state().observed.len()
    }

    /// Time the pages were at work on scenarios that wait for nothing, and how many those are.
    pub fn busy(&self) -> (Duration, usize) {
        (self.state().busy, self.brisk)
    }

    /// Puts scenarios back that were under way when a client stopped answering, to be run one by one. One that was
    /// alone has hung the client: it is observed as such.
    pub fn put_back(&self) {
        let mut state = self.state();
        state.busy_since = None;
        self.return_running(&mut state);
    }

    fn return_running(&self, state: &mut State) {
        let running: Vec<_> = state.running.drain().collect();
        if let [(number, _)] = &running[..] {
            let outcome = PageOutcome { hang: true, ..PageOutcome::default() };
            let fetches = vec![ObservedFetch { outcome, ..ObservedFetch::default() }];
            state.observed.insert(*number, Observation { fetches });
            return;
        }
        for (number, _) in running {
            state.suspects.insert(number);
            let page = &self.scenarios[number].page;
            if let Some((_, waiting)) = state.pages.iter_mut().find(|(key, _)| key == page) {
                waiting.push_front(number);
            }
        }
    }

    /// What was observed, by scenario.
    pub fn observations(&self) -> HashMap<usize, Observation> {
        self.state().observed.clone()
    }

    /// Answers a page or its question.
    fn own(&self, arrival: &Arrival) -> Reply {
        let path = arrival.url.split_once(OWN_PATH).map_or("", |(_, path)| path);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match path {
            "cookie" => self.set_cookie(query.parse().unwrap_or(0)),
            "page" | "frame" => self.page(path, query.parse().unwrap_or(usize::MAX)),
            "turn" => match serde_json::from_slice(&arrival.body) {
                Ok(question) => self.turn(question),
                Err(error) => Reply::new(400, &[], error.to_string().as_bytes()),
            },
            "begin" => self.begin(query),
            _ => Reply::new(404, &[], b""),
        }
    }

    fn cookie_page(&self, index: usize) -> Option<String> {
        let host = self.cookie_hosts.get(index)?;
        Some(format!("{host}{OWN_PATH}cookie?{index}"))
    }

    fn set_cookie(&self, index: usize) -> Reply {
        let next = self.cookie_page(index + 1).or_else(|| next_page(&self.state()));
        let cookie = format!("{COOKIE}; Path=/; Secure; SameSite=None");
        html(&page::passing(&next.unwrap_or_default()), &[("Set-Cookie", &cookie)])
    }

    fn page(&self, path: &str, number: usize) -> Reply {
        let state = self.state();
        let Some((key, _)) = state.pages.get(number) else { return Reply::new(404, &[], b"") };
        let policy = [
            ("Cross-Origin-Embedder-Policy", key.embedder_policy),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
        ];
        if path == "page" && key.is_framed() {
            html(&page::framing(number, key), &policy)
        } else {
            html(&page::runner(number), &policy)
        }
    }

    /// Takes what a page has done and gives it what to do next.
    fn turn(&self, question: Question) -> Reply {
        let mut state = self.state();
        for PageResult { number, outcomes } in question.results {
            let Some(running) = state.running.remove(&number) else { continue };
            let mut seen = running.seen.into_iter();
            let fetches = outcomes
                .into_iter()
                .map(|outcome| ObservedFetch { outcome, ..seen.next().unwrap_or_default() })
                .collect();
            state.observed.insert(number, Observation { fetches });
        }
        // A page that asks for more has nothing under way: what it did not bring back is lost.
        self.return_running(&mut state);
        let mut turn = Turn::default();
        let State { pages, suspects, running, busy_since, busy, .. } = &mut *state;
        *busy += busy_since.take().map(|since| since.elapsed()).unwrap_or_default();
        if let Some((key, waiting)) = pages.get_mut(question.page).filter(|(_, waiting)| !waiting.is_empty())
        {
            let suspect = waiting.front().is_some_and(|first| suspects.remove(first));
            let batch = match (suspect, key.waits) {
                (true, _) => 1,
                (false, true) => waiting.len(),
                (false, false) => BATCH.min(waiting.len()),
            };
            turn.at_once = if key.waits { batch } else { self.pace.at_once };
            *busy_since = (!key.waits).then(Instant::now);
            let numbers: Vec<usize> = waiting.drain(..batch).collect();
            // Scenarios that wait run all at once, so a mark would say nothing.
            let mark = self.pace.marks && !key.waits;
            turn.unmarked = self.pace.marks && key.waits;
            let task = |&number: &usize| Task { number, fetches: &self.scenarios[number].fetches, mark };
            turn.scenarios = Some(numbers.iter().map(task).collect());
            running.extend(numbers.into_iter().map(|number| (number, Running::default())));
        } else {
            turn.go = next_page(&state);
            state.done = turn.go.is_none();
        }
        let body = serde_json::to_vec(&turn).unwrap_or_default();
        Reply::new(200, &[("Access-Control-Allow-Origin", "*"), ("Content-Type", "application/json")], &body)
    }

    /// A page says which fetch of a scenario begins.
    fn begin(&self, query: &str) -> Reply {
        let value = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse::<usize>().ok())
        };
        if let (Some(number), Some(fetch)) = (value("scenario"), value("fetch"))
            && let Some(running) = self.state().running.get_mut(&number)
        {
            running.fetch = fetch;
            running.used = 0;
        }
        Reply::new(204, &[("Access-Control-Allow-Origin", "*")], b"")
    }

    /// Plays the server of a scenario.
    fn scripted(&self, arrival: Arrival) -> Reply {
        let number = number_of(&arrival.url);
        let mut state = self.state();
        let Some((running, scenario)) =
            number.and_then(|number| Some((state.running.get_mut(&number)?, self.scenarios.get(number)?)))
        else {
            return Reply::new(404, &[], b"");
        };
        let Some(fetch) = scenario.fetches.get(running.fetch) else { return Reply::Reset };
        let kind = arrival.kind();
        running.seen.resize_with(running.seen.len().max(running.fetch + 1), ObservedFetch::default);
        let seen = &mut running.seen[running.fetch];
        // A client may try again on a connection of its own what was reset on a used one.
        if let Some(last) = running.used.checked_sub(1).and_then(|last| fetch.responses.get(last))
            && last.network_error
            && last.wire.is_none()
            && last.is_for(kind)
            && seen
                .arrivals
                .last()
                .is_some_and(|last| last.method == arrival.method && last.url == arrival.url)
        {
            return Reply::Reset;
        }
        let before = running.used;
        let mut rest = fetch.responses[before..].iter();
        let response = next_response(&mut rest, kind);
        running.used = fetch.responses.len() - rest.len();
        let head_only = arrival.method == b"HEAD";
        seen.arrivals.push(arrival);
        match response {
            None => Reply::new(599, &[], b""),
            Some(response) if response.network_error && response.wire.is_none() => Reply::Reset,
            Some(response) => {
                let passed_over = &fetch.responses[before..running.used - 1];
                let interim =
                    passed_over.iter().filter(|response| response.status < 200 && response.is_for(kind));
                let mut bytes = Vec::new();
                for interim in interim {
                    write_head(&mut bytes, interim);
                }
                if let Some(wire) = &response.wire {
                    bytes.extend_from_slice(&wire.0);
                    return Reply::Bytes(bytes);
                }
                write_head(&mut bytes, response);
                if !head_only && !matches!(response.status, 204 | 304) {
                    write_body(&mut bytes, response, body_of(&fetch.request).0);
                }
                Reply::Bytes(bytes)
            }
        }
    }
}

fn next_page(state: &State) -> Option<String> {
    let (number, (key, _)) = state.pages.iter().enumerate().find(|(_, (_, waiting))| !waiting.is_empty())?;
    Some(format!("{}{OWN_PATH}page?{number}", key.top_level))
}

fn html(page: &str, headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("Content-Type", "text/html"), ("Cache-Control", "no-store")];
    all.extend_from_slice(headers);
    Reply::new(200, &all, page.as_bytes())
}

/// Writes the status line and header lines as they stand in the vector.
fn write_head(bytes: &mut Vec<u8>, response: &ScriptedResponse) {
    bytes.extend_from_slice(format!("HTTP/1.1 {:03} corspec\r\n", response.status).as_bytes());
    for (name, value) in &response.headers {
        bytes.extend_from_slice(&name.0);
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(&value.0);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
}

fn write_body(bytes: &mut Vec<u8>, response: &ScriptedResponse, body: &[u8]) {
    let length = response
        .headers
        .iter()
        .find(|(name, _)| name.0.eq_ignore_ascii_case(b"content-length"))
        .and_then(|(_, value)| body_length(&value.0));
    match length {
        Some(length) if length != body.len() => bytes.resize(bytes.len() + length, b' '),
        _ => bytes.extend_from_slice(body),
    }
}

impl Handler for Session {
    fn handle(&self, arrival: Arrival) -> BoxFuture<'_, Reply> {
        let marked = number_of(&arrival.url).is_some();
        let own = arrival.url.split('?').next().is_some_and(|url| url.contains(OWN_PATH));
        let reply = if own { self.own(&arrival) } else { self.scripted(arrival) };
        // What a client asks by itself is no sign that its pages are alive.
        if own || marked {
            self.state().signs += 1;
            self.changed.notify_one();
        }
        Box::pin(std::future::ready(reply))
    }
}

/// Whether these header lines carry the cookie.
pub fn has_cookie(headers: &HeaderList) -> bool {
    headers.get("Cookie").is_some_and(|cookies| {
        cookies.split(|&byte| byte == b';').any(|cookie| cookie.trim_ascii() == COOKIE.as_bytes())
    })
}
