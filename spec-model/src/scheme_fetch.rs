//! [Scheme fetch](https://fetch.spec.whatwg.org/#scheme-fetch), as far as it needs no I/O but HTTP.

use std::time::Duration;

use crate::fetching::{Fetch, Flow, Returned};
use crate::http_fetch;
use crate::outcome::NetworkError;
use crate::preflight_cache::PreflightCache;
use crate::reason::Reason;
use crate::response::Response;
use crate::trace::{Step, Trace, step};

/// [Scheme fetch](https://fetch.spec.whatwg.org/#concept-scheme-fetch).
pub(crate) fn scheme_fetch<T: Trace>(
    fetch: &mut Fetch<T>,
    cache: &mut PreflightCache,
    now: Duration,
) -> Flow {
    let url = fetch.request.current_url().url();
    // 3. Switch on the current URL's scheme.
    match url.scheme() {
        "http" | "https" => http_fetch::http_fetch(fetch, cache, now, false),
        "about" if url.path() == "blank" => local("text/html;charset=utf-8"),
        // The content of a `data:` URL is of no interest, so its processing is left out.
        "data" => local("text/plain;charset=US-ASCII"),
        // These need a store or a disk; a pure model has neither.
        "blob" => not_fetched(step("scheme-fetch/3.blob")),
        "file" => not_fetched(step("scheme-fetch/3.file")),
        // 4. Any other scheme.
        _ => not_fetched(step("scheme-fetch/4")),
    }
}

fn local(content_type: &str) -> Flow {
    let headers = [("Content-Type", content_type)].into_iter().collect();
    Flow::Break(Returned::Response(Response::new(200, headers)))
}

fn not_fetched(step: Step) -> Flow {
    Flow::Break(Returned::Error(NetworkError { reason: Reason::SchemeNotFetched, step }))
}
