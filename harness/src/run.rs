//! A run: every chosen vector against one implementation.

use std::sync::Arc;

use corspec_model::Policy;
use corspec_vectors::DocumentError;
use corspec_vectors::meta::Level;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerVector;
use futures_util::StreamExt;
use futures_util::stream;
use globset::GlobSet;
use tokio::sync::Semaphore;

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

impl Options {
    /// Whether a vector is to be run.
    pub fn chooses(&self, id: &str) -> bool {
        self.include.as_ref().is_none_or(|globs| globs.is_match(id))
            && !self.exclude.as_ref().is_some_and(|globs| globs.is_match(id))
    }
}

/// How many policies are in force at once.
const POLICIES_AT_ONCE: usize = 16;

/// Runs the chosen vectors against an implementation and hands each result to `sink`, in the order of the vectors
/// within each policy. Dropping the future stops the run; what was handed over stays.
///
/// # Errors
/// [`DocumentError`] when a vector makes no sense; it names the vector.
pub async fn run(
    implementation: &dyn Implementation,
    vectors: &[ServerVector],
    options: &Options,
    known: &mut KnownFailing,
    mut sink: impl FnMut(ResultEvent),
) -> Result<(), DocumentError> {
    let name = implementation.info().name;
    let in_flight = Arc::new(Semaphore::new(options.jobs.max(1)));
    let groups = by_policy(vectors.iter().filter(|vector| options.chooses(&vector.meta.id)))?;
    let mut results = stream::iter(groups)
        .map(|group| run_group(implementation, group, options, Arc::clone(&in_flight)))
        .buffered(POLICIES_AT_ONCE);
    while let Some(group) = results.next().await {
        for (vector, endpoint, judgements) in group? {
            for mut judgement in judgements {
                if options.levels.contains(&judgement.level) {
                    known.apply(&vector.meta.id, &mut judgement);
                    sink(result(&name, vector, judgement, endpoint.as_deref(), known));
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
    for vector in vectors {
        let group = match index.get(&vector.policy) {
            Some(&group) => group,
            None => {
                let policy =
                    vector.policy.to_policy().map_err(|error| DocumentError::new(&vector.meta.id, error))?;
                groups.push(Group { policy, vectors: Vec::new() });
                index.insert(&vector.policy, groups.len() - 1);
                groups.len() - 1
            }
        };
        groups[group].vectors.push(vector);
    }
    Ok(groups)
}

type Judged<'a> = (&'a ServerVector, Option<Arc<str>>, Vec<Judgement>);

async fn run_group<'a>(
    implementation: &dyn Implementation,
    group: Group<'a>,
    options: &Options,
    in_flight: Arc<Semaphore>,
) -> Result<Vec<Judged<'a>>, DocumentError> {
    let not_judged = |verdict: Verdict, what: &str| {
        let judge = |vector: &&'a ServerVector| {
            let law = laws::law_named(&vector.law).unwrap_or("soundness");
            (*vector, None, vec![Judgement::not_judged(law, vector.meta.level, verdict, what)])
        };
        Ok(group.vectors.iter().map(judge).collect())
    };
    let endpoint = match implementation.serve(&group.policy, options.limits).await {
        Ok(endpoint) => endpoint,
        Err(NotServed::Unsupported(knobs)) => {
            let knobs: Vec<String> = knobs.iter().map(ToString::to_string).collect();
            return not_judged(Verdict::Unsupported, &knobs.join(", "));
        }
        Err(NotServed::Refused(message)) => return not_judged(Verdict::Refused, &message),
        Err(NotServed::Setup(message)) => return not_judged(Verdict::SetupError, &message),
    };
    // One ordinary request first: a server that does not even answer that is not asked a thousand times.
    if let Err(error) = endpoint.transport.send(baseline(&endpoint)).await {
        return not_judged(Verdict::from(&error), &error.to_string());
    }
    let base: Arc<str> = endpoint.base.as_str().into();
    let judged = group.vectors.iter().map(|vector| {
        let (in_flight, endpoint, policy, base) = (&in_flight, &endpoint, &group.policy, &base);
        async move {
            // The semaphore is never closed, so there is always a permit in the end.
            let _permit = in_flight.acquire().await.ok();
            let judgements = laws::judge(&Case { vector, policy, endpoint })
                .await
                .map_err(|error| DocumentError::new(&vector.meta.id, error))?;
            Ok((*vector, Some(Arc::clone(base)), judgements))
        }
    });
    stream::iter(judged).buffered(options.jobs.max(1)).collect::<Vec<_>>().await.into_iter().collect()
}

fn baseline(endpoint: &Endpoint) -> WireRequest {
    let target = if endpoint.fixed_application { "/plain" } else { endpoint.base.path() };
    WireRequest {
        method: (*b"GET").into(),
        target: target.to_owned(),
        headers: corspec_model::HeaderList::new(),
        body: false,
    }
}

fn result(
    implementation: &str,
    vector: &ServerVector,
    judgement: Judgement,
    base: Option<&str>,
    known: &KnownFailing,
) -> ResultEvent {
    let Judgement { law, level, verdict, finding } = judgement;
    let finding = finding.map(|Finding { what, policy_means, browser, step, exchanges }| FindingEvent {
        what,
        known: (verdict == Verdict::KnownFail).then(|| known.reason(&vector.meta.id, law)).flatten(),
        policy: vector.policy.clone(),
        policy_means,
        browser,
        step,
        reproduce: if verdict.is_judged() {
            reproduce::commands(
                implementation,
                &vector.meta.id,
                base,
                exchanges.iter().map(|Exchange { request, .. }| request),
            )
        } else {
            Vec::new()
        },
        exchanges: exchanges.iter().map(ExchangeEvent::from).collect(),
    });
    ResultEvent {
        implementation: implementation.to_owned(),
        vector: vector.meta.id.clone(),
        title: vector.meta.title.clone(),
        law: law.to_owned(),
        level,
        reach: vector.meta.reach,
        verdict,
        finding,
    }
}
