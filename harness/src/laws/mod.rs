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
//! | classification | [`classification`] | every preflight, and `wire` |
//! | caching | [`caching`] | `replay` |
//! | max-age | [`max_age`] | `remember` |

pub mod caching;
pub mod classification;
pub mod exposure;
pub mod max_age;
pub mod sharing;
pub mod syntax;

use std::time::Duration;

use corspec_model::{Policy, PreflightCache};
use corspec_vectors::DocumentError;
use corspec_vectors::embedded::LAWS;
use corspec_vectors::meta::Level;
use corspec_vectors::server::{Probe, ServerVector};

use crate::browser::{self, Fetched, Prepared};
use crate::implementation::Endpoint;
use crate::verdict::{Judgement, Verdict};

/// What a law is judged in.
pub struct Case<'a> {
    /// The vector.
    pub vector: &'a ServerVector,
    /// Its policy.
    pub policy: &'a Policy,
    /// The implementation with that policy in force.
    pub endpoint: &'a Endpoint,
}

impl Case<'_> {
    /// How binding `law` is here: as the vector says for the law it is about, as the law says for any other.
    pub fn level(&self, law: &str) -> Level {
        if law == self.vector.law { self.vector.meta.level } else { level_of(law) }
    }
}

/// The level of a law where no vector says otherwise.
pub fn level_of(law: &str) -> Level {
    LAWS.iter().find(|candidate| candidate.id == law).map_or(Level::Must, |law| law.level)
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
            fetch(case, &prepared).await.map(|fetched| of_a_fetch(case, &prepared, &fetched))
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
        Probe::Wire(request) => classification::judge(case, request).await,
    };
    Ok(judged.unwrap_or_else(|error| {
        vec![Judgement::not_judged(law, case.level(law), Verdict::from(&error), error.to_string())]
    }))
}

async fn fetch(case: &Case<'_>, prepared: &Prepared) -> Result<Fetched, crate::transport::TransportError> {
    browser::fetch(case.endpoint, prepared, &mut PreflightCache::new(), Duration::ZERO, None).await
}

/// Everything one fetch tells.
fn of_a_fetch(case: &Case<'_>, prepared: &Prepared, fetched: &Fetched) -> Vec<Judgement> {
    let mut judgements = vec![sharing::judge(case, prepared, fetched)];
    judgements.extend(exposure::judge(case, prepared, fetched));
    judgements.push(syntax::judge(case, fetched));
    judgements.extend(classification::of_preflight(case, fetched));
    judgements
}
