//! A run: every chosen vector against one implementation.

use std::ops::{ControlFlow, Deref};
use std::sync::Arc;

use corspec_model::Policy;
use corspec_vectors::DocumentError;
use corspec_vectors::meta::Level;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerVector;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use globset::GlobSet;
use tokio::task::JoinHandle;

use crate::browser::Exchange;
use crate::event::{ExchangeEvent, FindingEvent, ResultEvent};
use crate::implementation::{Endpoint, Implementation, NotServed};
use crate::known_failing::KnownFailing;
use crate::laws::{self, Case};
use crate::report::reproduce;
use crate::transport::{Limits, WireRequest};
use crate::verdict::{Finding, Judgement, Verdict};

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only vectors with an id among these; all when there are none.
    pub include: Option<GlobSet>,
    /// No vector with an id among these.
    pub exclude: Option<GlobSet>,
    /// Only laws of these levels.
    pub levels: Vec<Level>,
    /// Requests in flight.
    pub jobs: usize,
    /// What bounds an exchange.
    pub limits: Limits,
}

impl Default for Options {
    /// Every vector, every level.
    fn default() -> Self {
        Self {
            include: None,
            exclude: None,
            levels: Level::ALL.to_vec(),
            jobs: 64,
            limits: Limits::default(),
        }
    }
}

impl Options {
    /// Whether a vector is to be run.
    pub fn chooses(&self, id: &str) -> bool {
        self.include.as_ref().is_none_or(|globs| globs.is_match(id))
            && !self.exclude.as_ref().is_some_and(|globs| globs.is_match(id))
    }
}

/// How many policies are in force at once.
const POLICIES_AT_ONCE: usize = 16;
/// How many vectors of a policy are judged one after the other at most. Enough of them in one task that starting it
/// costs nothing beside them, and no more, so that one that hangs keeps few others waiting.
const IN_A_BATCH: usize = 8;

/// Runs the chosen vectors against an implementation and hands each result to `sink` as soon as its batch and those before
/// it are there. The run ends when `sink` breaks, or when the future is dropped; what was handed over stays.
///
/// # Errors
/// [`DocumentError`] when a vector makes no sense; it names the vector.
pub async fn run(
    implementation: &dyn Implementation,
    vectors: &[ServerVector],
    options: &Options,
    known: &mut KnownFailing,
    sink: impl FnMut(ResultEvent) -> ControlFlow<()>,
) -> Result<(), DocumentError> {
    // One by one: what an implementation remembers shows when requests of several vectors take turns.
    drive(implementation, vectors, options, 1, known, sink, |batch| batch).await
}

/// As [`run`], on as many cores as the runtime has.
///
/// # Errors
/// As [`run`].
pub async fn run_on_all_cores(
    implementation: &Arc<dyn Implementation>,
    vectors: &Arc<[ServerVector]>,
    options: &Options,
    known: &mut KnownFailing,
    sink: impl FnMut(ResultEvent) -> ControlFlow<()>,
) -> Result<(), DocumentError> {
    let (implementation, vectors) = (Arc::clone(implementation), Arc::clone(vectors));
    let start = |batch| -> BoxFuture<'static, Judged> { Box::pin(in_a_task(batch)) };
    drive(implementation, vectors, options, IN_A_BATCH, known, sink, start).await
}

/// Runs `work` in a task of its own, which ends when this future is dropped.
async fn in_a_task<T: Send + 'static>(work: BoxFuture<'static, T>) -> T {
    struct AbortOnDrop<T>(JoinHandle<T>);
    impl<T> Drop for AbortOnDrop<T> {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let mut task = AbortOnDrop(tokio::spawn(work));
    match (&mut task.0).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is shutting down cancels it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// The run; `start` says where a batch of vectors is judged, which has `most` at most.
async fn drive<'a, I, V>(
    implementation: I,
    vectors: V,
    options: &Options,
    most: usize,
    known: &mut KnownFailing,
    mut sink: impl FnMut(ResultEvent) -> ControlFlow<()>,
    start: impl Fn(BoxFuture<'a, Judged>) -> BoxFuture<'a, Judged>,
) -> Result<(), DocumentError>
where
    I: Deref<Target = dyn Implementation + 'a> + Clone + Send + 'a,
    V: Deref<Target = [ServerVector]> + Clone + Send + 'a,
{
    let name = implementation.info().name;
    let up_arguments = implementation.up_arguments();
    let curl_options = implementation.curl_options();
    let limits = options.limits;
    let jobs = options.jobs.max(1);
    let (groups, chosen) = by_policy(&vectors, options)?;
    let in_a_batch = (chosen / jobs).clamp(1, most);
    let mut judged = stream::iter(groups)
        .map(|group| bring_up(&*implementation, group, limits))
        .buffered(POLICIES_AT_ONCE)
        .flat_map(|(running, places)| {
            let running = Arc::new(running);
            let batches: Vec<_> = places.chunks(in_a_batch).map(<[usize]>::to_vec).collect();
            let (implementation, vectors, start) = (&implementation, &vectors, &start);
            stream::iter(batches).map(move |places| {
                let batch =
                    judge(implementation.clone(), vectors.clone(), limits, Arc::clone(&running), places);
                start(Box::pin(batch))
            })
        })
        .buffered(jobs);
    while let Some(batch) = judged.next().await {
        let (running, batch) = batch?;
        let running = running.endpoint.as_ref().ok().filter(|endpoint| !endpoint.fixed_application);
        let server = running.map(|endpoint| (endpoint.base.as_str(), &*curl_options));
        for (place, judgements) in batch {
            let vector = &vectors[place];
            for mut judgement in judgements {
                if options.levels.contains(&judgement.level) {
                    known.apply(&vector.meta.id, &mut judgement);
                    if sink(event(&name, &up_arguments, vector, judgement, server, known)).is_break() {
                        return Ok(());
                    }
                }
            }
        }
    }
    Ok(())
}

/// The vectors of one policy, by their places.
struct Group {
    policy: Policy,
    places: Vec<usize>,
}

/// The chosen vectors, and how many they are.
fn by_policy(vectors: &[ServerVector], options: &Options) -> Result<(Vec<Group>, usize), DocumentError> {
    let mut index = std::collections::HashMap::<&PolicyDocument, usize>::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut last: Option<(&PolicyDocument, usize)> = None;
    let mut chosen = 0;
    for (place, vector) in vectors.iter().enumerate().filter(|(_, v)| options.chooses(&v.meta.id)) {
        // Neighbours mostly share a policy, and comparing is quicker than looking it up.
        let same = last.filter(|(policy, _)| *policy == &vector.policy).map(|(_, group)| group);
        let group = match same.or_else(|| index.get(&vector.policy).copied()) {
            Some(group) => group,
            None => {
                let policy =
                    vector.policy.to_policy().map_err(|error| DocumentError::new(&vector.meta.id, error))?;
                groups.push(Group { policy, places: Vec::new() });
                index.insert(&vector.policy, groups.len() - 1);
                groups.len() - 1
            }
        };
        groups[group].places.push(place);
        chosen += 1;
        last = Some((&vector.policy, group));
    }
    Ok((groups, chosen))
}

/// A policy, and the implementation with it in force or the reason why it is not.
struct Running {
    policy: Policy,
    endpoint: Result<Endpoint, (Verdict, String)>,
}

async fn bring_up(
    implementation: &dyn Implementation,
    Group { policy, places }: Group,
    limits: Limits,
) -> (Running, Vec<usize>) {
    let endpoint = serve(implementation, &policy, limits).await;
    (Running { policy, endpoint }, places)
}

/// Puts a policy into force and sends one ordinary request: a server that does not even answer that is not asked a
/// thousand times.
///
/// # Errors
/// The verdict on every vector of that policy, and why.
pub(crate) async fn serve(
    implementation: &dyn Implementation,
    policy: &Policy,
    limits: Limits,
) -> Result<Endpoint, (Verdict, String)> {
    match implementation.serve(policy, limits).await {
        Ok(endpoint) => match endpoint.transport.send(baseline(&endpoint)).await {
            Ok(answer) if answer.response.has_redirect_status() => {
                let to = answer.response.headers.get("Location").unwrap_or_default();
                Err((
                    Verdict::SetupError,
                    format!("the URL redirects to {}: name that one", to.escape_ascii()),
                ))
            }
            Ok(_) => Ok(endpoint),
            Err(error) => Err((Verdict::from(&error), error.to_string())),
        },
        Err(not_served) => {
            let verdict = match not_served {
                NotServed::Unsupported(_) => Verdict::Unsupported,
                NotServed::Refused(_) => Verdict::Refused,
                NotServed::Setup(_) => Verdict::SetupError,
            };
            Err((verdict, not_served.to_string()))
        }
    }
}

/// The judgements of a batch of vectors, each with the place of its vector.
type Judged = Result<(Arc<Running>, Vec<(usize, Vec<Judgement>)>), DocumentError>;

async fn judge<'a, I, V>(
    implementation: I,
    vectors: V,
    limits: Limits,
    running: Arc<Running>,
    places: Vec<usize>,
) -> Judged
where
    I: Deref<Target = dyn Implementation + 'a> + Send + 'a,
    V: Deref<Target = [ServerVector]> + Send,
{
    let mut judged = Vec::with_capacity(places.len());
    for place in places {
        let vector = &vectors[place];
        let judgements = match &running.endpoint {
            Ok(endpoint) => {
                let policy = &running.policy;
                laws::judge(&Case { vector, policy, endpoint, implementation: &*implementation, limits })
                    .await
                    .map_err(|error| DocumentError::new(&vector.meta.id, error))?
            }
            Err((verdict, what)) => {
                let law = laws::law_named(&vector.law).unwrap_or("soundness");
                vec![Judgement::not_judged(law, vector.meta.level, *verdict, what)]
            }
        };
        judged.push((place, judgements));
    }
    Ok((running, judged))
}

/// An ordinary request, which every server answers.
pub fn baseline(endpoint: &Endpoint) -> WireRequest {
    WireRequest {
        method: (*b"GET").into(),
        target: endpoint.target("/plain"),
        headers: corspec_model::HeaderList::new(),
        body: false,
    }
}

/// The event of one judgement; `server` is one that is running, its URL and what `curl` needs to reach it.
pub(crate) fn event(
    implementation: &str,
    up_arguments: &str,
    vector: &ServerVector,
    judgement: Judgement,
    server: Option<(&str, &str)>,
    known: &KnownFailing,
) -> ResultEvent {
    let Judgement { law, requirement, level, verdict, finding } = judgement;
    let finding =
        finding.map(|Finding { what, policy_means, browser, step, exchanges, decides }| FindingEvent {
            what,
            known: (verdict == Verdict::KnownFail).then(|| known.reason(&vector.meta.id, law)).flatten(),
            policy: vector.policy.clone(),
            policy_means,
            browser,
            step,
            reproduce: if verdict.is_judged() {
                reproduce::commands(
                    up_arguments,
                    &vector.meta.id,
                    server,
                    exchanges.iter().map(|Exchange { request, .. }| request),
                )
            } else {
                Vec::new()
            },
            exchanges: ExchangeEvent::all(&exchanges, decides),
        });
    ResultEvent {
        implementation: implementation.to_owned(),
        vector: vector.meta.id.clone(),
        title: vector.meta.title.clone(),
        law: law.to_owned(),
        requirement: requirement.map(str::to_owned),
        level,
        reach: vector.meta.reach,
        verdict,
        finding,
    }
}
