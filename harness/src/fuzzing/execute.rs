//! One vector against one target, and what went over the wire.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use corspec_model::{Fetch, Next, Policy, PreflightCache};
use corspec_vectors::server::{Probe, ServerRequest, ServerVector};
use futures_util::future::BoxFuture;

use crate::browser;
use crate::implementation::{Endpoint, Implementation};
use crate::laws::{self, Case};
use crate::run::serve;
use crate::transport::{Answer, Limits, Transport, TransportError, WireRequest};
use crate::verdict::{Judgement, Verdict};

/// A target with one policy in force, and a record of what it answers.
pub struct Served {
    policy: Policy,
    endpoint: Endpoint,
    log: Log,
    limits: Limits,
}

/// What was sent and what came, in the order of the answers.
type Log = Arc<Mutex<Vec<(WireRequest, Answer)>>>;

/// What became of one vector.
pub struct Executed {
    /// Every law that could be judged.
    pub judgements: Vec<Judgement>,
    /// What went over the wire, but for what a connection of its own was used for.
    pub exchanges: Vec<(WireRequest, Answer)>,
    /// The steps of the standard the first client request of the probe took, with the results of their conditions.
    pub trace: Vec<(&'static str, bool)>,
}

impl Served {
    /// Puts a policy into force.
    ///
    /// # Errors
    /// The verdict that every vector of the policy gets, and why.
    pub async fn new(
        implementation: &dyn Implementation,
        policy: Policy,
        limits: Limits,
    ) -> Result<Self, (Verdict, String)> {
        let Endpoint { base, transport, fixed_application, own_max_age, guard } =
            serve(implementation, &policy, limits).await?;
        let log = Log::default();
        let transport = Box::new(Recording { transport, log: Arc::clone(&log) });
        let endpoint = Endpoint { base, transport, fixed_application, own_max_age, guard };
        Ok(Self { policy, endpoint, log, limits })
    }

    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Judges a vector of this policy. A vector that makes no sense to the judge is judged by nothing.
    pub async fn execute(&self, implementation: &dyn Implementation, vector: &ServerVector) -> Executed {
        self.lock().clear();
        let case = Case {
            vector,
            policy: &self.policy,
            endpoint: &self.endpoint,
            implementation,
            limits: self.limits,
        };
        let judgements = laws::judge(&case).await.unwrap_or_default();
        let exchanges = std::mem::take(&mut *self.lock());
        let trace = first_request(vector).map(|request| self.trace(request, &exchanges)).unwrap_or_default();
        Executed { judgements, exchanges, trace }
    }

    /// Lets the model fetch again, with the answers that came.
    fn trace(
        &self,
        request: &ServerRequest,
        exchanges: &[(WireRequest, Answer)],
    ) -> Vec<(&'static str, bool)> {
        let Ok(prepared) = browser::prepare(request, &self.endpoint.base) else { return Vec::new() };
        let mut cache = PreflightCache::new();
        let mut answers = exchanges.iter();
        let (mut fetch, mut next) = Fetch::start(prepared.request, &mut cache, Duration::ZERO, Vec::new());
        while let Next::Send(_) = next {
            next = match answers.next() {
                Some((_, answer)) => fetch.receive(answer.response.clone(), &mut cache, Duration::ZERO),
                None => fetch.fail(&mut cache, Duration::ZERO),
            };
        }
        fetch.trace().iter().map(|(step, held)| (step.as_str(), *held)).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(WireRequest, Answer)>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The client request a probe begins with.
fn first_request(vector: &ServerVector) -> Option<&ServerRequest> {
    match vector.probe().ok()? {
        Probe::Request(request) | Probe::Remember(request) => Some(request),
        Probe::Replay([first, _]) => Some(first),
        Probe::Stability(probe) => Some(&probe.request),
        Probe::Wire(_) | Probe::Raw(_) => None,
    }
}

/// Keeps what is sent and what comes.
struct Recording {
    transport: Box<dyn Transport>,
    log: Log,
}

impl Transport for Recording {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            let answer = self.transport.send(request.clone()).await?;
            self.log.lock().unwrap_or_else(PoisonError::into_inner).push((request, answer.clone()));
            Ok(answer)
        })
    }

    fn send_bytes(
        &self,
        bytes: Vec<u8>,
        responses: usize,
    ) -> BoxFuture<'_, Result<Vec<Answer>, TransportError>> {
        self.transport.send_bytes(bytes, responses)
    }
}
