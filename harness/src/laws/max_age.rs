//! Max-age: a preflight is remembered for as long as the policy says, as the model's cache understands the response.

use std::time::Duration;

use corspec_model::cors_preflight_fetch::DEFAULT_MAX_AGE;
use corspec_model::{Fetch, HttpRequestKind, Next, PreflightCache};

use super::Case;
use crate::browser::{self, Prepared};
use crate::implementation::Knob;
use crate::transport::TransportError;
use crate::verdict::{Finding, Judgement, Verdict};

const LAW: &str = "max-age";

/// Fetches once, then looks when the browser would send a preflight again.
///
/// # Errors
/// [`TransportError`] when the server gave no usable response.
pub async fn judge(case: &Case<'_>, prepared: &Prepared) -> Result<Vec<Judgement>, TransportError> {
    if case.endpoint.own_max_age {
        return Ok(vec![case.unsupported(LAW, Knob::MaxAgeAbsent)]);
    }
    let mut cache = PreflightCache::new();
    let fetched = browser::fetch(case.endpoint, prepared, &mut cache, Duration::ZERO, None).await?;
    let Some(preflight) = fetched.last(HttpRequestKind::Preflight) else {
        let what = "the request needs no preflight, so nothing is remembered";
        return Ok(vec![case.not_judged(LAW, Verdict::SetupError, what)]);
    };
    let meant = case.policy.max_age.unwrap_or(DEFAULT_MAX_AGE);
    let seconds = cache.entries().map(|entry| entry.max_age).max();
    // The browser decides: no preflight up to the last second, one after it.
    let before = meant == 0 || !sends_preflight(prepared, &cache, meant - 1);
    let after = sends_preflight(prepared, &cache, meant);
    if before && after {
        return Ok(vec![case.pass(LAW)]);
    }
    let remembered = match seconds {
        Some(seconds) => format!("{seconds} seconds"),
        None => "not at all".to_owned(),
    };
    let finding = Finding {
        what: match (fetched.outcome.result.is_ok(), before) {
            (false, _) => "the preflight is refused, so it is not remembered".to_owned(),
            (true, false) => "the preflight is forgotten sooner than the policy says".to_owned(),
            (true, true) => "the preflight is remembered longer than the policy says".to_owned(),
        },
        policy_means: match case.policy.max_age {
            Some(seconds) => format!("remember the preflight for {seconds} seconds"),
            None => format!("say nothing about max-age: the browser takes {DEFAULT_MAX_AGE} seconds"),
        },
        browser: format!("remembers the preflight: {remembered}"),
        step: Some("cors-preflight-fetch/7.9".to_owned()),
        exchanges: vec![preflight.clone()],
        decides: None,
    };
    let requirement = if before { "max-age/long" } else { "max-age/short" };
    Ok(vec![case.breach(requirement, finding)])
}

/// Whether the same fetch would start with a preflight after `seconds`.
fn sends_preflight(prepared: &Prepared, cache: &PreflightCache, seconds: u64) -> bool {
    let now = Duration::from_secs(seconds);
    let (_, next) = Fetch::start(prepared.request.clone(), &mut cache.clone(), now, ());
    matches!(next, Next::Send(request) if request.kind == HttpRequestKind::Preflight)
}
