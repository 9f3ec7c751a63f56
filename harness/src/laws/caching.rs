//! Caching: a cache that obeys the stored response's `Vary` never changes a verdict.
//!
//! `Vary: Origin` is not looked for. The response to the first request is stored; where a cache keyed by URL and that
//! response's own `Vary` would use it for the second request, the second fetch is run again with it.

use std::time::Duration;

use corspec_model::{HttpRequestKind, PreflightCache};

use super::sharing::{browser_does, policy_means};
use super::{Case, list_items};
use crate::browser::{self, Exchange, Fetched, Prepared};
use crate::meaning;
use crate::transport::{TransportError, WireRequest};
use crate::verdict::{Finding, Judgement};

const LAW: &str = "caching";

/// Asks for both, stores what came for the first, and compares what the second gets with and without the store.
///
/// # Errors
/// [`TransportError`] when the server gave no usable response.
pub async fn judge(
    case: &Case<'_>,
    first: &Prepared,
    second: &Prepared,
) -> Result<Vec<Judgement>, TransportError> {
    let stored = fetch(case, first, None).await?;
    let fresh = fetch(case, second, None).await?;
    // A preflight pair is about the preflights, any other about the responses themselves.
    let kind = if fresh.last(HttpRequestKind::Preflight).is_some() {
        HttpRequestKind::Preflight
    } else {
        HttpRequestKind::Request
    };
    let pass = || Ok(vec![case.pass(LAW)]);
    let (Some(stored), Some(asked)) = (stored.last(kind), fresh.last(kind)) else { return pass() };
    if !may_answer(stored, &asked.request) {
        return pass();
    }
    let replayed = fetch(case, second, Some(stored)).await?;
    let (requirement, what) = match (fresh.outcome.result.is_ok(), replayed.outcome.result.is_ok()) {
        (true, false) => (
            "caching/blocked",
            "an allowed request is blocked when a cache answers it with another origin's response",
        ),
        (false, true) => (
            "caching/granted",
            "a request that would be blocked is allowed when a cache answers it with another's response",
        ),
        _ => return pass(),
    };
    let finding = Finding {
        what: what.to_owned(),
        policy_means: policy_means(&meaning::permits(case.policy, &second.request), &second.request),
        browser: format!(
            "fresh: {}; from the cache: {}",
            browser_does(&fresh.outcome),
            browser_does(&replayed.outcome)
        ),
        step: Some(replayed.outcome.step.as_str().to_owned()),
        exchanges: vec![stored.clone(), asked.clone()],
        // What is stored answers the second request.
        decides: Some(0),
    };
    Ok(vec![case.breach(requirement, finding)])
}

async fn fetch(
    case: &Case<'_>,
    prepared: &Prepared,
    stored: Option<&Exchange>,
) -> Result<Fetched, TransportError> {
    browser::fetch(case.endpoint, prepared, &mut PreflightCache::new(), Duration::ZERO, stored).await
}

/// Statuses a cache may keep without being told for how long (RFC 9110, section 15.1).
const HEURISTICALLY_CACHEABLE: [u16; 12] = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501];

/// Whether a cache may answer `request` with what it stored, without asking the server: same method and URL, nothing
/// forbids it, it is kept for some time, and every header named in `Vary` is the same (RFC 9111, sections 3 and 4).
fn may_answer(stored: &Exchange, request: &WireRequest) -> bool {
    let headers = &stored.response.headers;
    let same = |name: &str| stored.request.headers.get(name) == request.headers.get(name);
    let control = list_items(headers, "Cache-Control");
    let says = |directives: &[&str]| {
        control.iter().any(|said| directives.iter().any(|directive| said.starts_with(directive)))
    };
    stored.request.method == request.method
        && stored.request.target == request.target
        && !says(&["no-store", "no-cache", "max-age=0"])
        && (HEURISTICALLY_CACHEABLE.contains(&stored.response.status)
            || headers.contains("Expires")
            || says(&["max-age", "s-maxage", "public"]))
        && list_items(headers, "Vary").iter().all(|name| name != "*" && same(name))
}
