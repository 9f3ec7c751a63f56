//! [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch).

use std::time::Duration;

use crate::fetching::{Fetch, Flow, Returned};
use crate::main_fetch::main_fetch;
use crate::outcome::NetworkError;
use crate::preflight_cache::PreflightCache;
use crate::reason::Reason;
use crate::referrer_policy::ReferrerPolicy;
use crate::request::{Body, Mode, ResponseTainting};
use crate::request_headers::REQUEST_BODY_HEADER_NAMES;
use crate::response::Response;
use crate::trace::{Trace, step};

/// Largest number of redirects one fetch follows.
pub const REDIRECT_LIMIT: u8 = 20;

/// [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#concept-http-redirect-fetch).
pub(crate) fn http_redirect_fetch<T: Trace>(
    fetch: &mut Fetch<T>,
    response: Response,
    cache: &mut PreflightCache,
    now: Duration,
) -> Flow {
    let Fetch { request, trace, .. } = fetch;
    // 1.–3. The location URL, with the request's fragment where it has none.
    let current_url = request.current_url().url();
    let location_url = response.location_url(current_url, current_url.fragment());
    // 4. No location: the response itself.
    trace.record(step("http-redirect-fetch/4"), location_url == Ok(None));
    if location_url == Ok(None) {
        return Flow::Break(Returned::Response(response));
    }
    // 5. Not a URL: network error.
    trace.record(step("http-redirect-fetch/5"), location_url.is_err());
    let Ok(Some(location_url)) = location_url else {
        return error(Reason::InvalidLocation, "http-redirect-fetch/5");
    };
    // 6. Not HTTP(S): network error.
    if trace.test(step("http-redirect-fetch/6"), !location_url.has_http_scheme()) {
        return error(Reason::RedirectSchemeNotHttp, "http-redirect-fetch/6");
    }
    // 7. Too many: network error.
    if trace.test(step("http-redirect-fetch/7"), request.redirect_count >= REDIRECT_LIMIT) {
        return error(Reason::TooManyRedirects, "http-redirect-fetch/7");
    }
    // 8.
    request.redirect_count += 1;
    // 9. A CORS request must not be sent to another origin with credentials in the URL.
    if trace.test(
        step("http-redirect-fetch/9"),
        request.mode == Mode::Cors
            && location_url.includes_credentials()
            && !request.origin.is_same_origin_with(location_url.origin()),
    ) {
        return error(Reason::RedirectContainsCredentials, "http-redirect-fetch/9");
    }
    // 10. Nor may another origin send it home that way.
    if trace.test(
        step("http-redirect-fetch/10"),
        request.response_tainting == ResponseTainting::Cors && location_url.includes_credentials(),
    ) {
        return error(Reason::RedirectContainsCredentials, "http-redirect-fetch/10");
    }
    // 11. A streamed body cannot be sent again.
    if trace.test(step("http-redirect-fetch/11"), response.status != 303 && request.body == Body::Stream) {
        return error(Reason::RedirectBodyNotReplayable, "http-redirect-fetch/11");
    }
    // 12. POST becomes GET at 301 and 302; all but GET and HEAD become GET at 303.
    let becomes_get = (matches!(response.status, 301 | 302) && *request.method == *b"POST")
        || (response.status == 303 && !matches!(&*request.method, b"GET" | b"HEAD"));
    if trace.test(step("http-redirect-fetch/12"), becomes_get) {
        // 12.1.
        request.method = (*b"GET").into();
        request.body = Body::None;
        // 12.2.
        for name in REQUEST_BODY_HEADER_NAMES {
            request.headers.delete(name);
        }
    }
    // 13. `Authorization` does not go on to another origin.
    if trace.test(
        step("http-redirect-fetch/13"),
        !request.current_url().origin().is_same_origin_with(location_url.origin()),
    ) {
        request.headers.delete("Authorization");
    }
    // 14.–17. (Bodies and timing are left out.)
    // 18.
    request.push_url(location_url);
    // 19. Set the referrer policy on redirect.
    let policy = ReferrerPolicy::from_header(&response.headers);
    if trace.test(step("http-redirect-fetch/19"), policy != ReferrerPolicy::Empty) {
        request.referrer_policy = policy;
    }
    // 20.–21. Recursive, also for a navigation, which is followed at once here.
    // 22.
    main_fetch(fetch, cache, now, true)
}

fn error(reason: Reason, at: &'static str) -> Flow {
    Flow::Break(Returned::Error(NetworkError { reason, step: step(at) }))
}
