//! What the response to a preflight permits, without a list of what it names.

use crate::abnf::{ALLOW_HEADERS, ALLOW_METHODS, MAX_AGE, ParseFailure, delta_seconds};
use crate::cors_preflight_fetch::DEFAULT_MAX_AGE;
use crate::fast::cors_check;
use crate::fast::list::{only, tokens};
use crate::fast::safelist::unsafe_names;
use crate::header_list::HeaderList;
use crate::methods::is_cors_safelisted_method;
use crate::outcome::NetworkError;
use crate::reason::Reason;
use crate::request::{CredentialsMode, Request};
use crate::request_headers::is_cors_non_wildcard_request_header_name;
use crate::response::Response;
use crate::trace::step;

/// Steps 7 to 7.9 of [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch): the max-age in
/// seconds, not yet limited, of a response that permits the request. As
/// [`permits`](crate::cors_preflight_fetch::permits) has it.
///
/// # Errors
/// A [`NetworkError`] when the response does not permit the request.
pub fn permits(request: &Request, response: &Response) -> Result<u64, NetworkError> {
    let error = |reason, at| NetworkError { reason, step: step(at) };
    let include = request.credentials_mode == CredentialsMode::Include;
    // 7.
    cors_check::check(request.byte_serialize_origin(), request.credentials_mode, &response.headers)
        .map_err(|error| NetworkError { reason: error.reason.in_preflight(), ..error })?;
    if !response.has_ok_status() {
        let redirect = response.has_redirect_status();
        let reason =
            if redirect { Reason::PreflightDisallowedRedirect } else { Reason::PreflightInvalidStatus };
        return Err(error(reason, "cors-preflight-fetch/7"));
    }
    // 7.1.–7.3. All of both lists is read before anything is decided.
    let methods = Methods::read(request, response)
        .map_err(|_| error(Reason::InvalidAllowMethods, "cors-preflight-fetch/7.3"))?;
    let names = Names::read(request, response)
        .map_err(|_| error(Reason::InvalidAllowHeaders, "cors-preflight-fetch/7.3"))?;
    // 7.4.–7.5.
    let asked_for = request.use_cors_preflight && !methods.present;
    if !(methods.listed || asked_for || is_cors_safelisted_method(&request.method))
        && (include || !methods.wildcard)
    {
        return Err(error(Reason::MethodDisallowed, "cors-preflight-fetch/7.5"));
    }
    // 7.6.
    if !names.authorization
        && request.headers.iter().any(|header| is_cors_non_wildcard_request_header_name(&header.name))
    {
        return Err(error(Reason::AuthorizationDisallowed, "cors-preflight-fetch/7.6"));
    }
    // 7.7.
    if !(names.listed || !include && names.wildcard) {
        return Err(error(Reason::HeaderDisallowed, "cors-preflight-fetch/7.7"));
    }
    // 7.8.–7.9.
    Ok(max_age(&response.headers))
}

/// Several lines are a failure, as is what is no number.
fn max_age(headers: &HeaderList) -> u64 {
    only(headers.lines(MAX_AGE)).and_then(delta_seconds).unwrap_or(DEFAULT_MAX_AGE)
}

/// What `Access-Control-Allow-Methods` says of one request.
#[derive(Default)]
struct Methods {
    present: bool,
    listed: bool,
    wildcard: bool,
}

impl Methods {
    fn read(request: &Request, response: &Response) -> Result<Self, ParseFailure> {
        let mut methods = Self::default();
        for line in response.headers.lines(ALLOW_METHODS) {
            methods.present = true;
            for method in tokens(line) {
                let method = method?;
                methods.listed |= *method == *request.method;
                methods.wildcard |= method == b"*";
            }
        }
        Ok(methods)
    }
}

/// What `Access-Control-Allow-Headers` says of one request.
struct Names {
    /// Whether every name that needs consent is listed.
    listed: bool,
    authorization: bool,
    wildcard: bool,
}

/// Names that are looked for in one pass over the list.
const AT_ONCE: usize = 32;

impl Names {
    fn read(request: &Request, response: &Response) -> Result<Self, ParseFailure> {
        let mut names = Self { listed: true, authorization: false, wildcard: false };
        let mut needed = unsafe_names(&request.headers);
        loop {
            let mut missing = [&[][..]; AT_ONCE];
            let mut count = 0;
            for name in needed.by_ref().take(AT_ONCE) {
                missing[count] = name;
                count += 1;
            }
            for line in response.headers.lines(ALLOW_HEADERS) {
                for token in tokens(line) {
                    let token = token?;
                    names.authorization |= is_cors_non_wildcard_request_header_name(token);
                    names.wildcard |= token == b"*";
                    for name in &mut missing[..count] {
                        if name.eq_ignore_ascii_case(token) {
                            *name = b"";
                        }
                    }
                }
            }
            names.listed &= missing[..count].iter().all(|name| name.is_empty());
            if count < AT_ONCE {
                return Ok(names);
            }
        }
    }
}
