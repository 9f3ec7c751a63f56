//! The laws, judged.
//!
//! Their statements are data (`vectors/laws.json`); here is how each is decided. A law never compares header bytes
//! with an expected response: it compares what a browser would do with what the policy means.
//!
//! | law | module | from |
//! |---|---|---|
//! | soundness, completeness | [`sharing`] | every `request` |
//! | exposure | [`exposure`] | every `request` that is shared |
//! | syntax | [`syntax`] | every response |
//! | routing | [`sharing`], [`routing`] | every `request` of a vector about it, and `wire` |
//! | transparency | [`transparency`] | every `request` that is allowed, and `wire` |
//! | classification | [`classification`] | every preflight, and `wire` |
//! | robustness | [`robustness`] | `wire` and `raw` |
//! | caching | [`caching`] | `replay` |
//! | max-age | [`max_age`] | `remember` |
//! | stability | [`stability`] | `stability` |

pub mod caching;
pub mod classification;
pub mod exposure;
pub mod max_age;
pub mod robustness;
pub mod routing;
pub mod sharing;
pub mod stability;
pub mod syntax;
pub mod transparency;

use std::time::Duration;

use corspec_model::{HeaderList, Policy, PreflightCache};
use corspec_vectors::DocumentError;
use corspec_vectors::bytes::to_header_list;
use corspec_vectors::embedded::LAWS;
use corspec_vectors::law::Requirement;
use corspec_vectors::meta::Level;
use corspec_vectors::server::{Probe, ServerVector, WireRequest as WireDocument};

use crate::browser::{self, Fetched, Prepared};
use crate::implementation::{Endpoint, Implementation, Knob};
use crate::meaning;
use crate::transport::{Limits, TransportError, WireRequest};
use crate::verdict::{Finding, Judgement, Verdict};

/// What a law is judged in.
pub struct Case<'a> {
    /// The vector.
    pub vector: &'a ServerVector,
    /// Its policy.
    pub policy: &'a Policy,
    /// The implementation with that policy in force.
    pub endpoint: &'a Endpoint,
    /// The implementation, for other policies.
    pub implementation: &'a dyn Implementation,
    /// What bounds an exchange with it.
    pub limits: Limits,
}

impl Case<'_> {
    /// How binding `law` is here: as the vector says for the law it is about, as the law says for any other.
    pub fn level(&self, law: &str) -> Level {
        if law == self.vector.law { self.vector.meta.level } else { level_of(law) }
    }

    /// `law` holds.
    pub fn pass(&self, law: &'static str) -> Judgement {
        Judgement::pass(law, self.level(law))
    }

    /// A requirement is broken. It is as binding as the requirement says, or as the vector does when that is less: what
    /// shows in a case that hardly matters hardly matters.
    pub fn breach(&self, requirement: &'static str, finding: Finding) -> Judgement {
        let law = requirement.split('/').next().unwrap_or(requirement);
        let at_most = requirement_named(requirement).map_or(Level::Must, |requirement| requirement.level);
        let level = at_most.max(self.vector.meta.level);
        Judgement::fail(requirement, law, level, finding)
    }

    /// The implementation cannot express what judging `law` needs.
    pub fn unsupported(&self, law: &'static str, knob: Knob) -> Judgement {
        Judgement::unsupported(law, self.level(law), knob)
    }

    /// `law` could not be judged, for a reason that is not the law's.
    pub fn not_judged(&self, law: &'static str, verdict: Verdict, what: impl Into<String>) -> Judgement {
        Judgement::not_judged(law, self.level(law), verdict, what)
    }
}

/// The level of a law where no vector says otherwise.
pub fn level_of(law: &str) -> Level {
    LAWS.iter().find(|candidate| candidate.id == law).map_or(Level::Must, |law| law.level)
}

/// The requirement with this id.
pub fn requirement_named(id: &str) -> Option<&'static Requirement> {
    LAWS.iter().flat_map(|law| &law.requirements).find(|requirement| requirement.id == id)
}

/// The law with this id, as it is named in judgements.
pub fn law_named(id: &str) -> Option<&'static str> {
    LAWS.iter().find(|law| law.id == id).map(|law| law.id.as_str())
}

/// Judges every law the vector lets be judged. A server that gives no usable response is judged as that.
///
/// # Errors
/// [`DocumentError`] when the vector makes no sense.
pub async fn judge(case: &Case<'_>) -> Result<Vec<Judgement>, DocumentError> {
    let law = law_named(&case.vector.law)
        .ok_or_else(|| DocumentError::new("law", format_args!("`{}` is not a law", case.vector.law)))?;
    let judged = match case.vector.probe()? {
        Probe::Request(request) => {
            let prepared = browser::prepare(request, &case.endpoint.base)?;
            match fetch(case, &prepared).await {
                Ok(fetched) => Ok(of_a_fetch(case, &prepared, &fetched)),
                Err(error) => Err(error),
            }
        }
        Probe::Replay([first, second]) => {
            let first = browser::prepare(first, &case.endpoint.base)?;
            let second = browser::prepare(second, &case.endpoint.base)?;
            caching::judge(case, &first, &second).await
        }
        Probe::Remember(request) => {
            let prepared = browser::prepare(request, &case.endpoint.base)?;
            max_age::judge(case, &prepared).await
        }
        Probe::Wire(request) => match law {
            "robustness" => robustness::judge_request(case, request).await,
            "routing" => routing::judge(case, request).await,
            "transparency" => transparency::judge(case, request).await,
            _ => classification::judge(case, request).await,
        },
        Probe::Raw(bytes) => robustness::judge_bytes(case, bytes).await,
        Probe::Stability(probe) => stability::judge(case, probe).await?,
    };
    Ok(judged.unwrap_or_else(|error| vec![case.not_judged(law, Verdict::from(&error), error.to_string())]))
}

async fn fetch(case: &Case<'_>, prepared: &Prepared) -> Result<Fetched, TransportError> {
    browser::fetch(case.endpoint, prepared, &mut PreflightCache::new(), Duration::ZERO, None).await
}

/// Everything one fetch tells.
fn of_a_fetch(case: &Case<'_>, prepared: &Prepared, fetched: &Fetched) -> Vec<Judgement> {
    let mut judgements = Vec::from_iter(sharing::judge(case, prepared, fetched));
    judgements.extend(sharing::private_network(case, fetched));
    let permitted = meaning::permits(case.policy, &prepared.request);
    judgements.extend(exposure::judge(case, prepared, &permitted, fetched));
    judgements.push(syntax::judge(case, fetched));
    judgements.extend(classification::of_preflight(case, fetched));
    if permitted.is_ok() {
        judgements.extend(transparency::of_fetch(case, fetched));
    }
    judgements
}

/// A request made by hand, ready to be sent.
pub(crate) fn wire_request(document: &WireDocument) -> WireRequest {
    WireRequest {
        method: document.method.0.clone().into(),
        target: document.path.clone(),
        headers: to_header_list(&document.lines()),
        body: document.body,
    }
}

/// The items of a list header such as `Vary`, in lower case.
fn list_items(headers: &HeaderList, name: &str) -> Vec<String> {
    let items = headers.get_decode_and_split(name).unwrap_or_default();
    let lower = |mut item: String| {
        item.make_ascii_lowercase();
        item
    };
    items.into_iter().filter(|item| !item.is_empty()).map(lower).collect()
}
