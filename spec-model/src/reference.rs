//! The reference responder: the smallest correct server for a [`Policy`].
//!
//! Like the model it does no I/O. It is given a request's method and headers and says either *answer this yourself*
//! or *let the application answer and add these headers*.

use crate::abnf::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, Abnf, EXPOSE_HEADERS, MAX_AGE,
    REQUEST_HEADERS, REQUEST_METHOD, is_token,
};
use crate::header_list::{HeaderList, convert_header_names_to_a_sorted_lowercase_set};
use crate::policy::{AllowList, Policy};
use crate::response::Response;

/// What to do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A preflight: send this response; the application is not asked.
    Preflight(Response),
    /// Let the application answer and [add](Additions::apply) these headers.
    Application(Additions),
}

/// What to add to the application's response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Additions {
    /// Header lines; each replaces the application's own of that name.
    pub headers: HeaderList,
    /// Whether every header of the application must be named in `Access-Control-Expose-Headers`: what `*` means
    /// where credentials make it a literal.
    pub expose_each: bool,
    /// Whether the response depends on the request's `Origin`, so that `Vary` must say so.
    pub vary_by_origin: bool,
}

impl Additions {
    /// Adds to the headers of the application's response.
    pub fn apply(&self, response_headers: &mut HeaderList) {
        if self.expose_each {
            let names = convert_header_names_to_a_sorted_lowercase_set(
                response_headers.iter().map(|header| &*header.name),
            );
            response_headers.set(EXPOSE_HEADERS, names.join(&b", "[..]));
        }
        for header in &self.headers {
            response_headers.set(&header.name, &header.value);
        }
        if self.vary_by_origin {
            response_headers.append("Vary", "Origin");
        }
    }
}

/// Answers a request with `method` and `headers` under `policy`.
pub fn respond(policy: &Policy, method: &[u8], headers: &HeaderList) -> Answer {
    let mut origins = headers.lines("Origin");
    let origin = match (origins.next(), origins.next()) {
        (Some(origin), None) => Some(origin),
        _ => None,
    };
    let requested_method = headers.get(REQUEST_METHOD);
    match (origin, requested_method) {
        // Only OPTIONS with `Origin` and `Access-Control-Request-Method` is a preflight.
        (Some(origin), Some(requested_method)) if method == b"OPTIONS" => {
            Answer::Preflight(preflight(policy, origin, &requested_method, headers))
        }
        (origin, _) => Answer::Application(actual(policy, origin)),
    }
}

/// The answer to a preflight: all permissions when every part of it is allowed, none otherwise.
fn preflight(policy: &Policy, origin: &[u8], method: &[u8], headers: &HeaderList) -> Response {
    let mut answer = HeaderList::new();
    answer.append("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    // Several lines are one list (RFC 9110, section 5.3), whose empty elements do not count (section 5.6.1).
    let requested = headers.get(REQUEST_HEADERS).unwrap_or_default();
    let mut names = Vec::new();
    if Abnf::TokenList.extract(&requested, &mut names).is_ok()
        && policy.allows_origin(origin)
        && is_token(method)
        && policy.allows_method(method)
        && names.iter().all(|name| policy.allows_request_header(name))
    {
        // `*` would not cover credentials, nor `Authorization`: say what was asked, now that it is allowed.
        answer.append(ALLOW_ORIGIN, allowed_origin(policy, origin));
        if policy.credentials {
            answer.append(ALLOW_CREDENTIALS, "true");
        }
        answer.append(ALLOW_METHODS, method);
        if !names.is_empty() {
            answer.append(ALLOW_HEADERS, names.join(&b", "[..]));
        }
        if let Some(max_age) = policy.max_age {
            answer.append(MAX_AGE, max_age.to_string());
        }
    }
    Response::new(204, answer)
}

/// The headers to add to an application's response.
fn actual(policy: &Policy, origin: Option<&[u8]>) -> Additions {
    let mut headers = HeaderList::new();
    let any_without_credentials = policy.origins.is_any() && !policy.credentials;
    // With `*` the answer is the same for everybody, also for requests without `Origin`.
    let allowed = any_without_credentials || origin.is_some_and(|origin| policy.allows_origin(origin));
    if allowed {
        headers.append(ALLOW_ORIGIN, allowed_origin(policy, origin.unwrap_or(b"*")));
        if policy.credentials {
            headers.append(ALLOW_CREDENTIALS, "true");
        }
        match &policy.expose {
            AllowList::Any if policy.credentials => {}
            AllowList::Any => headers.append(EXPOSE_HEADERS, "*"),
            AllowList::Only(names) if names.is_empty() => {}
            AllowList::Only(names) => headers.append(EXPOSE_HEADERS, names.join(", ")),
        }
    }
    let expose_each = allowed && policy.credentials && policy.expose.is_any();
    Additions { headers, expose_each, vary_by_origin: !any_without_credentials }
}

fn allowed_origin<'a>(policy: &Policy, origin: &'a [u8]) -> &'a [u8] {
    if policy.origins.is_any() && !policy.credentials { b"*" } else { origin }
}
