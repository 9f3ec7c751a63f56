//! [Main fetch](https://fetch.spec.whatwg.org/#main-fetch).
//!
//! Left out, as hooks for later: CSP, mixed content, upgrades, HSTS, integrity, preloads, `nosniff`.

use std::collections::HashSet;
use std::time::Duration;

use crate::abnf::{EXPOSE_HEADERS, extract_header_list_values};
use crate::fetching::{Fetch, Flow, Returned};
use crate::outcome::{NetworkError, Outcome};
use crate::port_blocking::is_blocked_due_to_a_bad_port;
use crate::preflight_cache::PreflightCache;
use crate::reason::Reason;
use crate::referrer_policy::ReferrerPolicy;
use crate::request::{CredentialsMode, Mode, RedirectMode, ResponseTainting};
use crate::request_headers::cors_unsafe_request_header_names;
use crate::response::{FilteredResponse, Response, ResponseType};
use crate::response_headers::ExposedNames;
use crate::trace::{Trace, step};
use crate::{http_fetch, methods, scheme_fetch};

/// What a main fetch under way must remember until its HTTP fetch returns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    recursive: bool,
    /// Step 12 took the branch with a preflight.
    with_preflight: bool,
}

/// [Main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch), steps 1 to 12, up to the first request on the
/// wire.
pub(crate) fn main_fetch<T: Trace>(
    fetch: &mut Fetch<T>,
    cache: &mut PreflightCache,
    now: Duration,
    recursive: bool,
) -> Flow {
    let mut frame = Frame { recursive, with_preflight: false };
    // 1.–6. (The local-URLs-only flag, CSP and upgrades are left out.)
    let request = &mut fetch.request;
    // 7. Blocked by port.
    if fetch.trace.test(step("main-fetch/7"), is_blocked_due_to_a_bad_port(request.current_url())) {
        fetch.main_fetches.push(frame);
        return error(Reason::BadPort, "main-fetch/7");
    }
    // 8. A request without a referrer policy takes its client's.
    if request.referrer_policy == ReferrerPolicy::Empty {
        request.referrer_policy = request.client.referrer_policy;
    }
    // 9.–11. (The `Referer` header and HSTS are left out.)

    // 12. The first statement that matches.
    let current_url = request.current_url();
    let same_origin = current_url.origin().is_same_origin_with(&request.origin);

    // Same origin and not yet tainted, or a `data:` URL, or a navigation:
    let basic = (same_origin && request.response_tainting == ResponseTainting::Basic)
        || current_url.url().scheme() == "data"
        || request.mode == Mode::Navigate;
    if fetch.trace.test(step("main-fetch/12.basic"), basic) {
        // basic 1.
        request.response_tainting = ResponseTainting::Basic;
        // basic 2.
        fetch.decided = step("main-fetch/12.basic");
        fetch.main_fetches.push(frame);
        return scheme_fetch::scheme_fetch(fetch, cache, now);
    }
    // Mode `same-origin`:
    if fetch.trace.test(step("main-fetch/12.same-origin"), request.mode == Mode::SameOrigin) {
        fetch.main_fetches.push(frame);
        return error(Reason::DisallowedByMode, "main-fetch/12.same-origin");
    }
    // Mode `no-cors`:
    if fetch.trace.test(step("main-fetch/12.no-cors"), request.mode == Mode::NoCors) {
        fetch.main_fetches.push(frame);
        // no-cors 1. Only with redirect mode `follow`.
        if fetch.trace.test(step("main-fetch/12.no-cors.1"), request.redirect_mode != RedirectMode::Follow) {
            return error(Reason::NoCorsRedirectMode, "main-fetch/12.no-cors.1");
        }
        // no-cors 2.
        request.response_tainting = ResponseTainting::Opaque;
        // no-cors 3.
        fetch.decided = step("main-fetch/12.no-cors");
        return scheme_fetch::scheme_fetch(fetch, cache, now);
    }
    // Not an HTTP(S) scheme:
    if fetch.trace.test(step("main-fetch/12.non-http"), !current_url.has_http_scheme()) {
        fetch.main_fetches.push(frame);
        return error(Reason::SchemeNotHttp, "main-fetch/12.non-http");
    }
    // The client asked for a preflight, or the method or a header needs one:
    let with_preflight = request.use_cors_preflight
        || (request.unsafe_request
            && (!methods::is_cors_safelisted_method(&request.method)
                || !cors_unsafe_request_header_names(&request.headers).is_empty()));
    frame.with_preflight = fetch.trace.test(step("main-fetch/12.preflight"), with_preflight);
    if !with_preflight {
        fetch.trace.run(step("main-fetch/12.otherwise"));
    }
    fetch.main_fetches.push(frame);
    // preflight 1., otherwise 1.
    request.response_tainting = ResponseTainting::Cors;
    // preflight 2., otherwise 2.
    http_fetch::http_fetch(fetch, cache, now, with_preflight)
}

/// What follows when HTTP fetch (or scheme fetch) returned: the end of step 12 of each main fetch under way, the
/// last one first, then steps 13 to 24 of the first.
pub(crate) fn returned<T: Trace>(
    fetch: &mut Fetch<T>,
    response: Returned,
    cache: &mut PreflightCache,
) -> Outcome {
    while let Some(frame) = fetch.main_fetches.pop() {
        // 12, preflight 3. A network error clears the preflight cache for this request.
        if frame.with_preflight
            && fetch.trace.test(step("main-fetch/12.preflight.3"), matches!(response, Returned::Error(_)))
        {
            cache.clear_cache_entries(&fetch.request);
        }
        // 13. A recursive main fetch returns to HTTP-redirect fetch, which returns to HTTP fetch, which returns to
        // the main fetch before it.
        if !fetch.trace.test(step("main-fetch/13"), frame.recursive) {
            break;
        }
    }
    finish(fetch, response)
}

/// Steps 14 to 24.
fn finish<T: Trace>(fetch: &mut Fetch<T>, response: Returned) -> Outcome {
    let request = &fetch.request;
    let url = request.current_url().url();
    let redirected = request.is_redirected();
    let filter = |response_type, internal: &Response, exposed| {
        FilteredResponse::new(response_type, internal, url, redirected, exposed)
    };
    let nothing = ExposedNames::Listed(HashSet::new());
    let result = match response {
        Returned::Error(NetworkError { reason, step }) => {
            fetch.decided = step;
            Err(reason)
        }
        Returned::OpaqueRedirect(internal) => Ok(filter(ResponseType::OpaqueRedirect, &internal, &nothing)),
        // 14. A response not yet filtered is filtered by the request's response tainting.
        Returned::Response(internal) => Ok(match request.response_tainting {
            ResponseTainting::Basic => filter(ResponseType::Basic, &internal, &nothing),
            ResponseTainting::Opaque => filter(ResponseType::Opaque, &internal, &nothing),
            ResponseTainting::Cors => {
                // 14.1.1. Extract `Access-Control-Expose-Headers`.
                let header_names = extract_header_list_values(EXPOSE_HEADERS, &internal.headers);
                fetch.trace.record(step("main-fetch/14.1.1"), header_names.is_ok());
                // Null and failure expose nothing. (By the letter of 14.1.3 the list would *be* failure.)
                let header_names = header_names.ok().flatten().unwrap_or_default();
                // 14.1.2. Without credentials `*` stands for every header of the response.
                let all =
                    request.credentials_mode != CredentialsMode::Include && header_names.contains(&&b"*"[..]);
                let exposed = if fetch.trace.test(step("main-fetch/14.1.2"), all) {
                    ExposedNames::All
                } else {
                    // 14.1.3. The names as listed; a `*` among them matches a header of that name only.
                    fetch.trace.record(step("main-fetch/14.1.3"), !header_names.is_empty());
                    ExposedNames::listed(header_names)
                };
                filter(ResponseType::Cors, &internal, &exposed)
            }
        }),
    };
    fetch.trace.record(step("main-fetch/14.2"), result.is_ok());
    // 15.–18. The URL list and redirect taint are the request's. (Navigation timing is left out.)
    // 19. The timing allow passed flag.
    let timing_allow_passed = !request.timing_allow_failed;
    // 20.–24. (Blocking by MIME type and integrity are left out; the body is of no interest.)
    Outcome { result, step: fetch.decided, timing_allow_passed }
}

fn error(reason: Reason, at: &'static str) -> Flow {
    Flow::Break(Returned::Error(NetworkError { reason, step: step(at) }))
}
