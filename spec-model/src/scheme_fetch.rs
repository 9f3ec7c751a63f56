//! [Scheme fetch](https://fetch.spec.whatwg.org/#scheme-fetch), as far as it needs no I/O but HTTP.

use std::time::Duration;

use crate::fetching::{Fetch, Flow, Returned};
use crate::http_fetch;
use crate::outcome::NetworkError;
use crate::preflight_cache::PreflightCache;
use crate::reason::Reason;
use crate::response::Response;
use crate::trace::{Trace, step};

/// [Scheme fetch](https://fetch.spec.whatwg.org/#concept-scheme-fetch).
pub(crate) fn scheme_fetch<T: Trace>(
    fetch: &mut Fetch<T>,
    cache: &mut PreflightCache,
    now: Duration,
) -> Flow {
    // 3. Switch on the current URL's scheme.
    let url = fetch.request.current_url().url();
    let local = |content_type: &str| {
        Flow::Break(Returned::Response(Response::new(
            200,
            [("Content-Type", content_type)].into_iter().collect(),
        )))
    };
    match url.scheme() {
        "http" | "https" => http_fetch::http_fetch(fetch, cache, now, false),
        "about" if url.path() == "blank" => local("text/html;charset=utf-8"),
        // The content of a `data:` URL is of no interest, so its processing is left out.
        "data" => local("text/plain;charset=US-ASCII"),
        // `blob:` and `file:` need a store or a disk; a pure model has neither.
        // 4.
        _ => Flow::Break(Returned::Error(NetworkError {
            reason: Reason::NetworkFailure,
            step: step("scheme-fetch/4"),
        })),
    }
}
