//! Asks an endpoint what the plan says, one request after the other.

use std::sync::Arc;
use std::time::Duration;

use corspec_vectors::bytes::HeaderLines;

use super::event::AuditEvent;
use super::evidence::Evidence;
use super::infer::{Origins, allowed_headers};
use super::judge::Judge;
use super::origins::STRANGER;
use super::plan::{Probe, Requests};
use super::recording::Recording;
use crate::implementation::{Endpoint, Implementation};
use crate::transport::{Answer, Limits, TransportError, WireRequest};

/// How an audit behaves towards a server.
#[derive(Clone, Debug)]
pub struct Manners {
    /// Origins that the user knows of.
    pub named: Vec<String>,
    /// Requests at most.
    pub most: usize,
    /// Requests a second at most; as fast as it answers when absent.
    pub rate: Option<f64>,
    /// What is sent as `User-Agent`.
    pub user_agent: String,
    /// Header lines that go along with every request but preflights, a login for instance.
    pub headers: HeaderLines,
    /// Whether the requests that follow granted preflights are sent too.
    pub active: bool,
    /// What bounds an exchange.
    pub limits: Limits,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            named: Vec::new(),
            most: 300,
            rate: None,
            user_agent: concat!("corspec-check/", env!("CARGO_PKG_VERSION")).to_owned(),
            headers: Vec::new(),
            active: false,
            limits: Limits::default(),
        }
    }
}

/// An endpoint while it is asked. Whenever asking stops, what was answered until then can be judged.
pub struct Audit<'a> {
    implementation: &'a dyn Implementation,
    live: Endpoint,
    manners: Manners,
    evidence: Evidence,
    recording: Arc<Recording>,
    /// What is asked again at the end, and answered so.
    again: Vec<(WireRequest, Answer)>,
    sent: usize,
    planned: usize,
    stopped: Option<Stopped>,
}

/// Why asking ended before its end.
struct Stopped {
    why: String,
    /// Whether nothing can be said of the endpoint.
    for_good: bool,
}

impl Stopped {
    fn early(why: impl Into<String>) -> Self {
        Self { why: why.into(), for_good: false }
    }

    fn for_good(why: impl Into<String>) -> Self {
        Self { why: why.into(), for_good: true }
    }
}

/// Failures in a row after which a server is left alone.
const PATIENCE: usize = 5;

impl<'a> Audit<'a> {
    /// Of the endpoint `live`, which `implementation` serves.
    pub fn new(implementation: &'a dyn Implementation, live: Endpoint, manners: Manners) -> Self {
        let recording = Arc::new(Recording::default());
        Self {
            implementation,
            evidence: Evidence::new(&live.base, &recording),
            live,
            manners,
            recording,
            again: Vec::new(),
            sent: 0,
            planned: 0,
            stopped: None,
        }
    }

    /// Every request that is sent to an endpoint of which nothing is let in, in order: what can be said before it is asked.
    pub fn plan(requests: &Requests, manners: &Manners) -> Vec<Probe> {
        let own = requests.own_origin();
        let named: Vec<String> = manners.named.iter().filter(|origin| **origin != own).cloned().collect();
        let trusted: Vec<String> = std::iter::once(own).chain(named.clone()).collect();
        let speaker = named.first().map_or(STRANGER, |origin| origin);
        let mut probes: Vec<Probe> = requests.baseline().into_iter().collect();
        probes.extend(requests.origins(&super::origins::first(&named)));
        probes.extend(requests.origins(&super::origins::near_misses(&trusted)));
        probes.extend(requests.in_the_name_of(speaker));
        probes.extend(requests.again(speaker));
        probes.truncate(manners.most);
        probes
    }

    /// Asks everything; `told` hears after each request how many were sent and how many are planned by now.
    pub async fn ask(&mut self, told: &mut (dyn FnMut(usize, usize) + Send)) {
        self.stopped = self.ask_all(told).await.err();
    }

    async fn ask_all(&mut self, told: &mut (dyn FnMut(usize, usize) + Send)) -> Result<(), Stopped> {
        let requests = self.evidence.requests.clone();
        // The rest of the URL was looked at before.
        let Some(baseline) = requests.baseline() else {
            return Err(Stopped::for_good("browsers block its port: serve on another one"));
        };
        self.send(vec![baseline], told).await?;
        let answer = self.evidence.answer(&requests.get("self"));
        let Some(answer) = answer else { return Err(Stopped::for_good("it does not answer")) };
        if answer.response.has_redirect_status() {
            let to = answer.response.headers.get("Location").unwrap_or_default();
            let why = format!("it redirects to {}: name that URL", to.escape_ascii());
            return Err(Stopped::for_good(why));
        }
        // What the server says names further origins: until it names none, nothing else is known to ask.
        let mut asked = 0;
        loop {
            let origins = Origins::read(&self.evidence, &self.manners.named).await;
            let probes = requests.origins(&origins.candidates);
            let to_ask: Vec<Probe> =
                probes.into_iter().filter(|probe| !self.recording.has(&probe.wire)).collect();
            if to_ask.is_empty() || asked > 4 {
                break;
            }
            asked += 1;
            // Strangers first: where everybody is let in, near misses are.
            let first: Vec<Probe> =
                if asked == 1 { requests.origins(&super::origins::first(&origins.named)) } else { to_ask };
            self.send(first, told).await?;
        }
        let origins = Origins::read(&self.evidence, &self.manners.named).await;
        let speaker = origins.speaker();
        self.send(requests.in_the_name_of(&speaker), told).await?;
        let credentials = origins.accepted.iter().any(|accepted| accepted.credentials);
        let allowed = allowed_headers(&self.evidence, &speaker, credentials).await;
        self.send(requests.combinations(&speaker, &allowed), told).await?;
        if self.manners.active {
            self.send(requests.behind_preflights(&self.evidence, &speaker, credentials).await, told).await?;
        }
        for probe in requests.again(&speaker) {
            let answered = self.send_one(&probe.wire).await?;
            told(self.sent, self.planned);
            if let Ok(answer) = answered {
                self.again.push((probe.wire, answer));
            }
        }
        Ok(())
    }

    /// Sends those that were not sent yet.
    async fn send(
        &mut self,
        probes: Vec<Probe>,
        told: &mut (dyn FnMut(usize, usize) + Send),
    ) -> Result<(), Stopped> {
        let probes: Vec<Probe> =
            probes.into_iter().filter(|probe| !self.recording.has(&probe.wire)).collect();
        self.planned = self.sent + probes.len();
        let mut failures = 0;
        for probe in probes {
            let answered = self.send_one(&probe.wire).await?;
            told(self.sent, self.planned);
            failures = if answered.is_err() { failures + 1 } else { 0 };
            let why = answered.as_ref().err().map(ToString::to_string);
            self.recording.add(probe.wire, answered);
            match why {
                Some(why) if self.sent == 1 => return Err(Stopped::for_good(why)),
                Some(why) if failures >= PATIENCE => return Err(Stopped::early(why)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Sends one request, not before its time.
    async fn send_one(&mut self, request: &WireRequest) -> Result<Result<Answer, TransportError>, Stopped> {
        if self.sent >= self.manners.most {
            let why = format!("stopped after {} requests, as many as are allowed", self.sent);
            return Err(Stopped::early(why));
        }
        if let Some(rate) = self.manners.rate.filter(|_| self.sent > 0) {
            tokio::time::sleep(Duration::from_secs_f64(1.0 / rate)).await;
        }
        self.sent += 1;
        let mut request = request.clone();
        request.headers.append("User-Agent", &self.manners.user_agent);
        if *request.method != *b"OPTIONS" {
            for (name, value) in &self.manners.headers {
                request.headers.append(name, value);
            }
        }
        let answered = self.live.transport.send(request).await;
        match &answered {
            Ok(answer) if answer.response.status == 429 => {
                Err(Stopped::early("the server asks for patience (status 429): try a lower --rate later"))
            }
            _ => Ok(answered),
        }
    }

    /// Notes that somebody stopped it.
    pub fn interrupted(&mut self) {
        self.stopped = Some(Stopped::early("interrupted"));
    }

    /// What the answers say.
    pub async fn judge(&self) -> AuditEvent {
        let mut audit = AuditEvent {
            url: self.live.base.to_string(),
            requests: self.sent,
            problem: self.stopped.as_ref().map(|stopped| stopped.why.clone()),
            reached: !self.recording.is_empty()
                && self.stopped.as_ref().is_none_or(|stopped| !stopped.for_good),
            ..AuditEvent::default()
        };
        if audit.reached {
            let judge = Judge::new(self.implementation, &self.evidence, &self.manners).await;
            judge.fill(&self.again, &mut audit).await;
        }
        audit
    }
}
