//! [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch).

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::Duration;

use crate::abnf::{
    ALLOW_HEADERS, ALLOW_METHODS, MAX_AGE, REQUEST_HEADERS, REQUEST_METHOD, delta_seconds,
    extract_header_list_values,
};
use crate::cors_check::cors_check;
use crate::header_list::HeaderList;
use crate::http_request::{HttpRequest, HttpRequestKind};
use crate::infra::byte_lowercase;
use crate::methods;
use crate::origin_header::append_a_request_origin_header;
use crate::outcome::NetworkError;
use crate::preflight_cache::{Grant, PreflightCache};
use crate::reason::Reason;
use crate::request::{CredentialsMode, Request};
use crate::request_headers::{cors_unsafe_request_header_names, is_cors_non_wildcard_request_header_name};
use crate::response::Response;
use crate::trace::{Trace, step};

/// Max-age of a preflight that does not give a usable one, in seconds.
pub const DEFAULT_MAX_AGE: u64 = 5;

/// Steps 1 to 6: the preflight to send for `request`.
pub(crate) fn cors_preflight_fetch(request: &Request, trace: &mut impl Trace) -> HttpRequest {
    // 1. A new request: OPTIONS, to the same URL, mode and tainting `cors`, so without credentials.
    let mut preflight = HttpRequest {
        kind: HttpRequestKind::Preflight,
        method: (*b"OPTIONS").into(),
        url: request.current_url().url().clone(),
        headers: HeaderList::new(),
        credentials: false,
        body: false,
        new_connection: false,
    };
    // 2.
    preflight.headers.append("Accept", "*/*");
    // 3.
    preflight.headers.append(REQUEST_METHOD, &request.method);
    // 4.
    let headers = cors_unsafe_request_header_names(&request.headers);
    // 5. The names, joined by a comma without a space; no header when there are none.
    if trace.test(step("cors-preflight-fetch/5"), !headers.is_empty()) {
        preflight.headers.append(REQUEST_HEADERS, headers.join(&b","[..]));
    }
    // 6. HTTP-network-or-cache fetch; of it the `Origin` header matters. Origin, URL list and tainting (`cors`) are
    // the request's own.
    append_a_request_origin_header(request, &mut preflight, trace);
    preflight
}

/// Steps 7 and 8: what the response to the preflight permits, remembered.
///
/// # Errors
/// A [`NetworkError`] when it does not permit the request.
pub(crate) fn received(
    request: &Request,
    response: &Response,
    cache: &mut PreflightCache,
    now: Duration,
    trace: &mut impl Trace,
) -> Result<(), NetworkError> {
    // 7.–7.9., 8.
    let Permission { methods, header_names, max_age } = permits(request, response, trace)?;
    // 7.10. For how long at most.
    let max_age = imposed(max_age, cache.max_age_limit, trace);
    // 7.11. (There is a cache.)
    // 7.12.–7.13. Methods already granted get the new max-age, the others an entry.
    // 7.14.–7.15. The same for header names.
    let methods = methods.iter().map(|method| Grant::Method((*method).into()));
    let header_names = header_names.iter().map(|name| Grant::HeaderName((*name).into()));
    cache.update_or_create(request, max_age, methods.chain(header_names), now);
    // 7.16. (The response itself is of no more use.)
    Ok(())
}

/// What a preflight permits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission<'a> {
    /// The methods, as they are listed.
    pub methods: Vec<&'a [u8]>,
    /// The header names, as they are listed.
    pub header_names: Vec<&'a [u8]>,
    /// For how many seconds, before the user agent limits it.
    pub max_age: u64,
}

/// Steps 7 to 7.9, and 8: what the response to the preflight permits, nothing of it remembered yet.
///
/// # Errors
/// A [`NetworkError`] when it does not permit the request.
pub fn permits<'a>(
    request: &'a Request,
    response: &'a Response,
    trace: &mut impl Trace,
) -> Result<Permission<'a>, NetworkError> {
    let error = |reason, at| NetworkError { reason, step: step(at) };
    let include = request.credentials_mode == CredentialsMode::Include;
    let unsafe_names = cors_unsafe_request_header_names(&request.headers);

    // 7. The CORS check, for the request itself so that its credentials mode counts, and an ok status. 8. Otherwise a
    // network error.
    cors_check(request, response, trace)
        .map_err(|error| NetworkError { reason: error.reason.in_preflight(), ..error })?;
    if !trace.test(step("cors-preflight-fetch/7"), response.has_ok_status()) {
        let redirect = response.has_redirect_status();
        let reason =
            if redirect { Reason::PreflightDisallowedRedirect } else { Reason::PreflightInvalidStatus };
        return Err(error(reason, "cors-preflight-fetch/7"));
    }
    // 7.1. The methods allowed.
    let methods = extract_header_list_values(ALLOW_METHODS, &response.headers);
    // 7.2. The headers allowed.
    let header_names = extract_header_list_values(ALLOW_HEADERS, &response.headers);
    // 7.3. Either does not parse: network error.
    trace.record(step("cors-preflight-fetch/7.3"), methods.is_err() || header_names.is_err());
    let mut methods = methods.map_err(|_| error(Reason::InvalidAllowMethods, "cors-preflight-fetch/7.3"))?;
    let header_names = header_names
        .map_err(|_| error(Reason::InvalidAllowHeaders, "cors-preflight-fetch/7.3"))?
        .unwrap_or_default();
    // 7.4. A preflight the client asked for is cached also without `Access-Control-Allow-Methods`.
    if trace.test(step("cors-preflight-fetch/7.4"), methods.is_none() && request.use_cors_preflight) {
        methods = Some(vec![&request.method]);
    }
    let methods = methods.unwrap_or_default();
    // 7.5. The method: listed, safelisted, or covered by `*` without credentials.
    if trace.test(
        step("cors-preflight-fetch/7.5"),
        !methods.contains(&&*request.method)
            && !methods::is_cors_safelisted_method(&request.method)
            && (include || !methods.contains(&&b"*"[..])),
    ) {
        return Err(error(Reason::MethodDisallowed, "cors-preflight-fetch/7.5"));
    }
    // 7.6. `Authorization`: listed by name.
    let listed: HashSet<Cow<'_, [u8]>> = header_names.iter().map(|name| byte_lowercase(name)).collect();
    if trace.test(
        step("cors-preflight-fetch/7.6"),
        request.headers.iter().any(|header| {
            is_cors_non_wildcard_request_header_name(&header.name)
                && !listed.contains(&byte_lowercase(&header.name))
        }),
    ) {
        return Err(error(Reason::AuthorizationDisallowed, "cors-preflight-fetch/7.6"));
    }
    // 7.7. Every other header that needs consent: listed, or covered by `*` without credentials.
    let any = !include && listed.contains(&b"*"[..]);
    if trace.test(
        step("cors-preflight-fetch/7.7"),
        !any && unsafe_names.iter().any(|name| !listed.contains(&**name)),
    ) {
        return Err(error(Reason::HeaderDisallowed, "cors-preflight-fetch/7.7"));
    }
    // 7.8.–7.9. For how long.
    let max_age = max_age(&response.headers, trace);
    Ok(Permission { methods, header_names, max_age })
}

/// Steps 7.8 and 7.9: `Access-Control-Max-Age` in seconds, or [`DEFAULT_MAX_AGE`] when it is absent or does not parse.
pub fn max_age(headers: &HeaderList, trace: &mut impl Trace) -> u64 {
    // 7.8.
    let max_age = extract_header_list_values(MAX_AGE, headers).ok().flatten();
    // 7.9.
    let max_age = max_age.and_then(|values| values.first().copied().and_then(delta_seconds));
    trace.record(step("cors-preflight-fetch/7.9"), max_age.is_none());
    max_age.unwrap_or(DEFAULT_MAX_AGE)
}

/// Step 7.10: the limit the user agent imposes.
fn imposed(max_age: u64, limit: Option<u64>, trace: &mut impl Trace) -> u64 {
    match limit {
        Some(limit) if trace.test(step("cors-preflight-fetch/7.10"), max_age > limit) => limit,
        _ => max_age,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_imposed_limit_caps_max_age_and_nothing_else() {
        for (max_age, limit, expected) in [
            (600, None, 600),
            (600, Some(599), 599),
            (600, Some(600), 600),
            (600, Some(601), 600),
            (0, Some(5), 0),
        ] {
            assert_eq!(imposed(max_age, limit, &mut ()), expected, "{max_age} under {limit:?}");
        }
    }

    #[test]
    fn a_limit_that_is_just_reached_is_not_imposed() {
        for (max_age, held) in [(599, false), (600, false), (601, true)] {
            let mut trace = Vec::new();
            imposed(max_age, Some(600), &mut trace);
            assert_eq!(trace, [(step("cors-preflight-fetch/7.10"), held)], "{max_age}");
        }
    }
}
