//! [HTTP fetch](https://fetch.spec.whatwg.org/#http-fetch).
//!
//! Service workers (step 3) are left out: every response comes from the network.

use std::time::Duration;

use crate::cors_check::cors_check;
use crate::cross_origin_resource_policy::{Checked, cross_origin_resource_policy_check};
use crate::fetching::{Fetch, Flow, Returned};
use crate::header_list::HeaderList;
use crate::http_redirect_fetch::http_redirect_fetch;
use crate::outcome::NetworkError;
use crate::preflight_cache::PreflightCache;
use crate::reason::Reason;
use crate::request::{Mode, RedirectMode, ResponseTainting};
use crate::request_headers::cors_unsafe_request_header_names;
use crate::response::Response;
use crate::tao_check::tao_check;
use crate::trace::{Trace, step};
use crate::{cors_preflight_fetch, http_network_or_cache_fetch, methods};

/// [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch), up to the first request on the wire.
pub(crate) fn http_fetch<T: Trace>(
    fetch: &mut Fetch<T>,
    cache: &PreflightCache,
    now: Duration,
    make_cors_preflight: bool,
) -> Flow {
    // 1.–3. (Service workers are left out.)
    // 4.1. A preflight is due unless the cache already has all the permissions.
    if make_cors_preflight {
        let request = &fetch.request;
        let method_needs_preflight = !cache.method_cache_entry_match(&request.method, request, now)
            && (!methods::is_cors_safelisted_method(&request.method) || request.use_cors_preflight);
        let header_needs_preflight = cors_unsafe_request_header_names(&request.headers)
            .iter()
            .any(|name| !cache.header_name_cache_entry_match(name, request, now));
        if fetch.trace.test(step("http-fetch/4.1"), method_needs_preflight || header_needs_preflight) {
            // 4.1.1. CORS-preflight fetch. Its response goes to `after_preflight`.
            return Flow::Continue(cors_preflight_fetch::cors_preflight_fetch(request, &mut fetch.trace));
        }
    }
    to_the_network(fetch)
}

/// Step 4.1.2: what CORS-preflight fetch returned.
pub(crate) fn after_preflight<T: Trace>(fetch: &mut Fetch<T>, preflight: Result<(), NetworkError>) -> Flow {
    // 4.1.2. A network error is the result.
    fetch.trace.record(step("http-fetch/4.1.2"), preflight.is_err());
    match preflight {
        Err(error) => Flow::Break(Returned::Error(error)),
        Ok(()) => to_the_network(fetch),
    }
}

/// Steps 4.2 and 4.3.
fn to_the_network<T: Trace>(fetch: &mut Fetch<T>) -> Flow {
    // 4.2. (Service workers are left out.)
    // 4.3. HTTP-network-or-cache fetch. Its response goes to `after_network`.
    Flow::Continue(http_network_or_cache_fetch::request_for(&fetch.request, &mut fetch.trace))
}

/// Steps 4.4 to 7: the response of HTTP-network-or-cache fetch.
pub(crate) fn after_network<T: Trace>(
    fetch: &mut Fetch<T>,
    response: Result<Response, NetworkError>,
    includes_credentials: bool,
    cache: &mut PreflightCache,
    now: Duration,
) -> Flow {
    let request = &mut fetch.request;
    let response = match response {
        Ok(response) => response,
        Err(error) => {
            // 4.5. A network error has no headers, so the TAO check fails. (With CORS, 4.4 ended it before.)
            request.timing_allow_failed |= request.response_tainting != ResponseTainting::Cors
                && tao_check(request, &HeaderList::new(), &mut fetch.trace).is_err();
            return Flow::Break(Returned::Error(error));
        }
    };
    // 4.4. A CORS response must pass the CORS check.
    let cors = request.response_tainting == ResponseTainting::Cors;
    if cors {
        let check = cors_check(request, &response, &mut fetch.trace);
        fetch.trace.record(step("http-fetch/4.4"), check.is_err());
        match check {
            Ok(step) => fetch.decided = step,
            Err(error) => return Flow::Break(Returned::Error(error)),
        }
    }
    // 4.5. A failed TAO check is remembered.
    let tao_failed = tao_check(request, &response.headers, &mut fetch.trace).is_err();
    if fetch.trace.test(step("http-fetch/4.5"), tao_failed) {
        request.timing_allow_failed = true;
    }
    // 5. An opaque response must pass the cross-origin resource policy check.
    if request.response_tainting == ResponseTainting::Opaque {
        let checked = Checked {
            url_origin: request.current_url().origin(),
            headers: &response.headers,
            request_includes_credentials: includes_credentials,
        };
        let embedder_policy = request.client.embedder_policy;
        let check = cross_origin_resource_policy_check(
            &request.origin,
            embedder_policy,
            checked,
            false,
            &mut fetch.trace,
        );
        fetch.trace.record(step("http-fetch/5"), check.is_err());
        if let Err(step) = check {
            return Flow::Break(Returned::Error(NetworkError {
                reason: Reason::CrossOriginResourcePolicy,
                step,
            }));
        }
    }
    // 6. A redirect:
    if fetch.trace.test(step("http-fetch/6"), response.has_redirect_status()) {
        // 6.1.–6.2. (Navigation timing and HTTP/2 resets are left out.)
        // 6.3. Switch on the redirect mode.
        match request.redirect_mode {
            RedirectMode::Error => {
                // error 1.
                fetch.trace.run(step("http-fetch/6.3.error.1"));
                let error =
                    NetworkError { reason: Reason::RedirectModeError, step: step("http-fetch/6.3.error.1") };
                return Flow::Break(Returned::Error(error));
            }
            // manual 1. HTML's navigate would go on by itself; here the redirect is followed at once.
            RedirectMode::Manual if request.mode == Mode::Navigate => {
                fetch.trace.run(step("http-fetch/6.3.manual.1"));
                return http_redirect_fetch(fetch, response, cache, now);
            }
            RedirectMode::Manual => {
                // manual 2.
                fetch.trace.run(step("http-fetch/6.3.manual.2"));
                fetch.decided = step("http-fetch/6.3.manual.2");
                return Flow::Break(Returned::OpaqueRedirect(response));
            }
            RedirectMode::Follow => {
                // follow 2.
                fetch.trace.run(step("http-fetch/6.3.follow.2"));
                return http_redirect_fetch(fetch, response, cache, now);
            }
        }
    }
    // 7.
    Flow::Break(Returned::Response(response))
}
