//! One implementation, asked in this process and judged by the harness's own laws.

use std::fmt;
use std::time::Duration;

use corspec::implementation::{Embedded, Endpoint, Implementation, InProcess, Knob, NotServed};
use corspec::laws::{self, Case};
use corspec::transport::Limits;
use corspec::verdict::{Judgement, Verdict};
use corspec_model::Policy;
use corspec_vectors::meta::Level;
use corspec_vectors::server::ServerVector;
use tokio::runtime::Runtime;

/// What two failures of the same kind have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// The requirement, or the law where none is named.
    pub requirement: &'static str,
    /// What is wrong, without the vector's own words.
    pub what: String,
}

impl Breach {
    /// The law the requirement is a part of.
    pub fn law(&self) -> &'static str {
        self.requirement.split_once('/').map_or(self.requirement, |(law, _)| law)
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.requirement, self.what)
    }
}

/// An implementation and what it takes to ask it.
pub struct Judge {
    implementation: InProcess,
    known_failing: &'static str,
    runtime: Runtime,
    limits: Limits,
}

impl Judge {
    /// A judge of `embedded`.
    ///
    /// # Panics
    /// When the system lets no runtime be made.
    pub fn new(embedded: Box<dyn Embedded>) -> Self {
        let known_failing = embedded.known_failing();
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_time().build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("no runtime: {error}"),
        };
        let limits = Limits { timeout: Duration::from_secs(2), ..Limits::default() };
        Self { implementation: InProcess(embedded), known_failing, runtime, limits }
    }

    /// Name of the implementation.
    pub fn name(&self) -> String {
        self.implementation.info().name
    }

    /// Its list of known failures, TOML.
    pub fn known_failing(&self) -> &'static str {
        self.known_failing
    }

    /// The laws the implementation breaks in `vector`; none when it cannot express the policy.
    pub fn breaches(&self, vector: &ServerVector) -> Vec<Breach> {
        let Ok(policy) = vector.policy.to_policy() else { return Vec::new() };
        let judgements = self.runtime.block_on(async {
            let endpoint = self.served(&policy).await.ok()?;
            let implementation = &self.implementation;
            laws::judge(&Case {
                vector,
                policy: &policy,
                endpoint: &endpoint,
                implementation,
                limits: self.limits,
            })
            .await
            .ok()
        });
        judgements.unwrap_or_default().into_iter().filter_map(breach).collect()
    }

    /// Software that always sends a max-age has one, as over the wire, and is not judged for it.
    async fn served(&self, policy: &Policy) -> Result<Endpoint, NotServed> {
        match self.implementation.serve(policy, self.limits).await {
            Err(NotServed::Unsupported(lacks)) if lacks == [Knob::MaxAgeAbsent] => {
                let policy = Policy { max_age: Some(USUAL_MAX_AGE), ..policy.clone() };
                let endpoint = self.implementation.serve(&policy, self.limits).await?;
                Ok(Endpoint { own_max_age: true, ..endpoint })
            }
            served => served,
        }
    }
}

/// What much software sends when it is told of no max-age.
const USUAL_MAX_AGE: u64 = 86_400;

/// What a check found is a fact, not a breach.
fn breach(judgement: Judgement) -> Option<Breach> {
    if judgement.level == Level::Check
        || !matches!(judgement.verdict, Verdict::Fail | Verdict::Crash | Verdict::Hang)
    {
        return None;
    }
    let what = judgement.finding.map(|finding| finding.what).unwrap_or_default();
    Some(Breach { requirement: judgement.requirement.unwrap_or(judgement.law), what })
}
