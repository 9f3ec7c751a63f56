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

/// Answers a request with `method` and `headers` under `policy`, which is the one that holds at the request's
/// [path](Policy::at).
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
    if policy.allows_origin(origin)
        && is_token(method)
        && policy.allows_method(method)
        && Abnf::TokenList.extract(&requested, &mut names).is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::OriginPattern;

    fn list(lines: &[(&str, &str)]) -> HeaderList {
        let mut list = HeaderList::new();
        for (name, value) in lines {
            list.append(*name, *value);
        }
        list
    }

    fn policy() -> Policy {
        Policy {
            origins: AllowList::Only(vec![OriginPattern::parse("https://app.example").unwrap()]),
            methods: AllowList::Only(vec!["PUT".into()]),
            request_headers: AllowList::Only(vec!["x-token".into()]),
            expose: AllowList::Only(vec!["ETag".into(), "X-Total".into()]),
            max_age: Some(600),
            credentials: true,
            routes: Vec::new(),
        }
    }

    fn anyone() -> Policy {
        Policy { origins: AllowList::Any, expose: AllowList::Any, ..Policy::default() }
    }

    const VARY: (&str, &str) =
        ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

    /// The headers of the answer to a preflight from `origin` for `method` and header `names`.
    fn preflight_headers(policy: &Policy, origin: &str, method: &str, names: &[&str]) -> HeaderList {
        let mut headers = list(&[("Origin", origin), ("Access-Control-Request-Method", method)]);
        for names in names {
            headers.append("Access-Control-Request-Headers", *names);
        }
        match respond(policy, b"OPTIONS", &headers) {
            Answer::Preflight(response) => {
                assert_eq!(response.status, 204);
                response.headers
            }
            Answer::Application(_) => panic!("not seen as a preflight"),
        }
    }

    #[test]
    fn an_allowed_preflight_gets_what_it_asked_for() {
        let expected = list(&[
            VARY,
            ("Access-Control-Allow-Origin", "https://app.example"),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Allow-Methods", "PUT"),
            ("Access-Control-Allow-Headers", "x-token, X-TOKEN"),
            ("Access-Control-Max-Age", "600"),
        ]);
        assert_eq!(
            preflight_headers(&policy(), "https://app.example", "PUT", &["x-token,", "X-TOKEN"]),
            expected
        );
        let expected =
            list(&[VARY, ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "POST")]);
        assert_eq!(preflight_headers(&anyone(), "https://any.example", "POST", &[]), expected);
    }

    #[test]
    fn a_preflight_with_one_thing_not_allowed_gets_nothing() {
        for (origin, method, names) in [
            ("https://app.example.evil.example", "PUT", "x-token"),
            ("https://app.example", "DELETE", "x-token"),
            ("https://app.example", "put", "x-token"),
            ("https://app.example", "PUT", "x-token,x-other"),
            ("https://app.example", "PUT", "x token"),
        ] {
            let headers = preflight_headers(&policy(), origin, method, &[names]);
            assert_eq!(headers, list(&[VARY]), "{origin} {method} {names}");
        }
        let any_method = Policy { methods: AllowList::Any, ..policy() };
        let headers = preflight_headers(&any_method, "https://app.example", "A B", &[]);
        assert_eq!(headers, list(&[VARY]), "a method that is no token");
    }

    #[test]
    fn everything_else_is_left_to_the_application() {
        let origin = ("Origin", "https://app.example");
        let method = ("Access-Control-Request-Method", "PUT");
        for (asked, lines) in [
            ("GET", &[origin, method][..]),
            ("OPTIONS", &[origin][..]),
            ("OPTIONS", &[method][..]),
            ("OPTIONS", &[origin, origin, method][..]),
        ] {
            let answer = respond(&policy(), asked.as_bytes(), &list(lines));
            assert!(matches!(answer, Answer::Application(_)), "{asked} {lines:?}");
        }
    }

    /// The headers of an application's response after the responder's additions.
    fn actual_headers(policy: &Policy, request: &[(&str, &str)], application: &[(&str, &str)]) -> HeaderList {
        let Answer::Application(additions) = respond(policy, b"GET", &list(request)) else {
            panic!("taken for a preflight")
        };
        let mut headers = list(application);
        additions.apply(&mut headers);
        headers
    }

    #[test]
    fn an_allowed_origin_is_added_to_the_applications_headers() {
        let application = [("ETag", "1"), ("Vary", "Accept"), ("Access-Control-Allow-Origin", "*")];
        let headers = actual_headers(&policy(), &[("Origin", "https://app.example")], &application);
        for (name, value) in [
            ("ETag", "1"),
            ("Vary", "Accept, Origin"),
            ("Access-Control-Allow-Origin", "https://app.example"),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", "ETag, X-Total"),
        ] {
            assert_eq!(headers.get(name).as_deref(), Some(value.as_bytes()), "{name}");
        }
    }

    #[test]
    fn another_origin_and_none_get_only_vary() {
        for request in [&[("Origin", "https://other.example")][..], &[][..]] {
            assert_eq!(actual_headers(&policy(), request, &[]), list(&[("Vary", "Origin")]), "{request:?}");
        }
        let exposing_all = Policy { expose: AllowList::Any, ..policy() };
        assert_eq!(
            actual_headers(&exposing_all, &[], &[("ETag", "1")]),
            list(&[("ETag", "1"), ("Vary", "Origin")])
        );
    }

    #[test]
    fn everybody_without_credentials_gets_the_same_answer() {
        let expected = list(&[("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "*")]);
        for request in [&[("Origin", "https://any.example")][..], &[][..]] {
            assert_eq!(actual_headers(&anyone(), request, &[]), expected, "{request:?}");
        }
        let silent = Policy { expose: AllowList::NONE, ..anyone() };
        assert_eq!(actual_headers(&silent, &[], &[]), list(&[("Access-Control-Allow-Origin", "*")]));
    }

    #[test]
    fn everybody_with_credentials_gets_their_own_answer_with_each_header_named() {
        let policy = Policy { credentials: true, ..anyone() };
        let headers =
            actual_headers(&policy, &[("Origin", "https://any.example")], &[("X-B", "1"), ("ETag", "1")]);
        for (name, value) in [
            ("Access-Control-Allow-Origin", "https://any.example"),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", "etag, x-b"),
            ("Vary", "Origin"),
        ] {
            assert_eq!(headers.get(name).as_deref(), Some(value.as_bytes()), "{name}");
        }
        let silent = Policy { credentials: true, expose: AllowList::NONE, ..anyone() };
        let headers = actual_headers(&silent, &[("Origin", "https://any.example")], &[("ETag", "1")]);
        assert_eq!(headers.get("Access-Control-Expose-Headers"), None);
    }
}
