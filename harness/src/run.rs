//! A run: every chosen vector against one implementation.

use std::ops::ControlFlow;
use std::sync::Arc;

use corspec_model::Policy;
use corspec_vectors::DocumentError;
use corspec_vectors::meta::Level;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerVector;
use futures_util::StreamExt;
use futures_util::stream;
use globset::GlobSet;

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

/// Runs the chosen vectors against an implementation and hands each result to `sink` as soon as it and those before it
/// are there. The run ends when `sink` breaks, or when the future is dropped; what was handed over stays.
///
/// # Errors
/// [`DocumentError`] when a vector makes no sense; it names the vector.
pub async fn run(
    implementation: &dyn Implementation,
    vectors: &[ServerVector],
    options: &Options,
    known: &mut KnownFailing,
    mut sink: impl FnMut(ResultEvent) -> ControlFlow<()>,
) -> Result<(), DocumentError> {
    let name = implementation.info().name;
    let up_arguments = implementation.up_arguments();
    let curl_options = implementation.curl_options();
    let groups = by_policy(vectors.iter().filter(|vector| options.chooses(&vector.meta.id)))?;
    let mut judged = stream::iter(groups)
        .map(|group| bring_up(implementation, group, options.limits))
        .buffered(POLICIES_AT_ONCE)
        .flat_map(|group| {
            let group = Arc::new(group);
            let vectors = group.vectors.clone();
            let judging = move |vector| judge(implementation, options.limits, Arc::clone(&group), vector);
            stream::iter(vectors).map(judging)
        })
        .buffered(options.jobs.max(1));
    while let Some(result) = judged.next().await {
        let (group, vector, judgements) = result?;
        for mut judgement in judgements {
            if options.levels.contains(&judgement.level) {
                known.apply(&vector.meta.id, &mut judgement);
                let running = group.endpoint.as_ref().ok().filter(|endpoint| !endpoint.fixed_application);
                let server = running.map(|endpoint| (endpoint.base.as_str(), &*curl_options));
                if sink(event(&name, &up_arguments, vector, judgement, server, known)).is_break() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// The vectors of one policy.
struct Group<'a> {
    policy: Policy,
    vectors: Vec<&'a ServerVector>,
}

fn by_policy<'a>(vectors: impl Iterator<Item = &'a ServerVector>) -> Result<Vec<Group<'a>>, DocumentError> {
    let mut index = std::collections::HashMap::<&PolicyDocument, usize>::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut last: Option<(&PolicyDocument, usize)> = None;
    for vector in vectors {
        // Neighbours mostly share a policy, and comparing is quicker than looking it up.
        let same = last.filter(|(policy, _)| *policy == &vector.policy).map(|(_, group)| group);
        let group = match same.or_else(|| index.get(&vector.policy).copied()) {
            Some(group) => group,
            None => {
                let policy =
                    vector.policy.to_policy().map_err(|error| DocumentError::new(&vector.meta.id, error))?;
                groups.push(Group { policy, vectors: Vec::new() });
                index.insert(&vector.policy, groups.len() - 1);
                groups.len() - 1
            }
        };
        groups[group].vectors.push(vector);
        last = Some((&vector.policy, group));
    }
    Ok(groups)
}

/// The vectors of one policy, and the implementation with that policy in force or the reason why it is not.
struct Running<'a> {
    policy: Policy,
    vectors: Vec<&'a ServerVector>,
    endpoint: Result<Endpoint, (Verdict, String)>,
}

async fn bring_up<'a>(implementation: &dyn Implementation, group: Group<'a>, limits: Limits) -> Running<'a> {
    let Group { policy, vectors } = group;
    let endpoint = serve(implementation, &policy, limits).await;
    Running { policy, vectors, endpoint }
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

type Judged<'a> = (Arc<Running<'a>>, &'a ServerVector, Vec<Judgement>);

async fn judge<'a>(
    implementation: &dyn Implementation,
    limits: Limits,
    group: Arc<Running<'a>>,
    vector: &'a ServerVector,
) -> Result<Judged<'a>, DocumentError> {
    let judgements = match &group.endpoint {
        Ok(endpoint) => {
            laws::judge(&Case { vector, policy: &group.policy, endpoint, implementation, limits })
                .await
                .map_err(|error| DocumentError::new(&vector.meta.id, error))?
        }
        Err((verdict, what)) => {
            let law = laws::law_named(&vector.law).unwrap_or("soundness");
            vec![Judgement::not_judged(law, vector.meta.level, *verdict, what)]
        }
    };
    Ok((group, vector, judgements))
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
