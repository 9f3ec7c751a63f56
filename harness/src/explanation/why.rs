//! Why a fetch ended as it did, in one sentence with its own values.

use corspec_model::Reason;
use corspec_vectors::bytes::ByteString;
use corspec_vectors::client::{OutcomeDocument, RequestKind};
use corspec_vectors::request::Initiator;

use super::mixed_content;
use super::recorded::{RecordedExchange, RecordedFetch};

/// One sentence: why `fetch` ended so; `reason` is that of its failure.
pub fn why(fetch: &RecordedFetch, reason: Option<Reason>) -> String {
    if let Some(url) = &fetch.refused {
        return mixed_content::why(&fetch.request, url);
    }
    match (&fetch.outcome, reason) {
        (None, _) => unanswered(fetch),
        (Some(OutcomeDocument::Response { outcome_type, redirected, .. }), _) => {
            answered(fetch, outcome_type, *redirected)
        }
        (Some(OutcomeDocument::Error { .. }), Some(reason)) => blocked(fetch, reason),
        (Some(OutcomeDocument::Error { reason, .. }), None) => format!("It fails: {reason}."),
    }
}

fn unanswered(fetch: &RecordedFetch) -> String {
    match fetch.last().map(|exchange| exchange.kind) {
        Some(RequestKind::Preflight) => {
            "The browser asks first: the answer to the preflight decides whether the request is sent."
                .to_owned()
        }
        _ => "The request is sent at once; the response decides whether script may read it.".to_owned(),
    }
}

fn answered(fetch: &RecordedFetch, outcome_type: &str, redirected: bool) -> String {
    let origin = &fetch.request.origin;
    match outcome_type {
        "cors" => {
            let allowed = header(fetch.last(), "Access-Control-Allow-Origin").unwrap_or_default();
            let credentials = match fetch.last() {
                Some(last) if last.request.credentials => " and `Access-Control-Allow-Credentials: true`",
                _ => "",
            };
            format!("The response is shared with {origin}: it has `Access-Control-Allow-Origin: {allowed}`{credentials}.")
        }
        "basic" => "The page and the URL have the same origin, so CORS has no say.".to_owned(),
        "opaqueredirect" => "Redirect mode `manual` hands script an opaque redirect it cannot look into.".to_owned(),
        _ if fetch.request.options.initiator == Initiator::Fetch => {
            "Mode `no-cors` asks for an opaque response: script can read neither its status, nor its headers, nor its body."
                .to_owned()
        }
        _ => {
            let redirected = if redirected { ", after a redirect" } else { "" };
            format!("The response is used without CORS{redirected}: the page can show, play or run it, but not read it.")
        }
    }
}

fn blocked(fetch: &RecordedFetch, reason: Reason) -> String {
    use Reason as R;

    let last = fetch.last();
    let what = match last.map(|exchange| exchange.kind) {
        Some(RequestKind::Preflight) => "the response to the preflight",
        _ => "the response",
    };
    let subject = capitalized(what);
    let status = last.and_then(|last| last.response.as_ref()).map_or(0, |response| response.status);
    let origin = sent(last, "Origin").unwrap_or_else(|| fetch.request.origin.clone());
    let own = if origin == fetch.request.origin { String::new() } else { origin_became_null(fetch) };
    let allowed = header(last, "Access-Control-Allow-Origin").unwrap_or_default();
    match reason {
        R::MissingAllowOrigin | R::PreflightMissingAllowOrigin => {
            format!(
                "{subject}, with status {status}, has no `Access-Control-Allow-Origin`, so it is not for {origin}{own}."
            )
        }
        R::WildcardOriginNotAllowed | R::PreflightWildcardOriginNotAllowed => {
            format!(
                "{subject} allows any origin with `*`, which does not count for a request with credentials."
            )
        }
        R::MultipleAllowOriginValues | R::PreflightMultipleAllowOriginValues => {
            format!("{subject} has more than one value in `Access-Control-Allow-Origin`: `{allowed}`.")
        }
        R::InvalidAllowOriginValue | R::PreflightInvalidAllowOriginValue => {
            format!(
                "{subject} allows `{allowed}`, which is no origin as a browser writes it; the request's is {origin}{own}."
            )
        }
        R::AllowOriginMismatch | R::PreflightAllowOriginMismatch => {
            format!("{subject} allows {allowed}, and the request's origin is {origin}{own}.")
        }
        R::InvalidAllowCredentials | R::PreflightInvalidAllowCredentials => {
            match header(last, "Access-Control-Allow-Credentials") {
                None => format!(
                    "The request includes credentials and {what} has no `Access-Control-Allow-Credentials: true`."
                ),
                Some(value) => format!(
                    "The request includes credentials and {what} has `Access-Control-Allow-Credentials: {value}` where only `true` counts."
                ),
            }
        }
        R::PreflightInvalidStatus => format!(
            "The preflight is answered with status {status}, and only 200 to 299 lets the request through."
        ),
        R::PreflightDisallowedRedirect => {
            let location =
                header(last, "Location").map(|location| format!(" to {location}")).unwrap_or_default();
            format!(
                "The preflight is answered with a redirect{location} (status {status}), and a preflight follows none."
            )
        }
        R::MethodDisallowed => {
            let method = &sent(last, "Access-Control-Request-Method").unwrap_or_default();
            let allowed = list(last, "Access-Control-Allow-Methods");
            let case = if allowed_in_other_case(last, method) { "; methods are case-sensitive" } else { "" };
            format!("The preflight asks for method {method}, and {allowed}{case}.")
        }
        R::AuthorizationDisallowed => {
            let allowed = list(last, "Access-Control-Allow-Headers");
            format!("The request has `Authorization`, which must be listed by name, and {allowed}.")
        }
        R::HeaderDisallowed => {
            let asked = not_listed(fetch).join(", ");
            format!(
                "The preflight asks for header {asked}, and {}.",
                list(last, "Access-Control-Allow-Headers")
            )
        }
        R::InvalidAllowMethods => format!(
            "`Access-Control-Allow-Methods: {}` is not a comma-separated list of methods.",
            header(last, "Access-Control-Allow-Methods").unwrap_or_default()
        ),
        R::InvalidAllowHeaders => format!(
            "`Access-Control-Allow-Headers: {}` is not a comma-separated list of header names.",
            header(last, "Access-Control-Allow-Headers").unwrap_or_default()
        ),
        R::RedirectContainsCredentials | R::InvalidLocation | R::RedirectSchemeNotHttp => {
            let location = header(last, "Location").unwrap_or_default();
            let plain = reason.explanation().what.trim_end_matches('.');
            format!("{plain}: `{location}`.")
        }
        _ => reason.explanation().what.to_owned(),
    }
}

fn origin_became_null(fetch: &RecordedFetch) -> String {
    format!(" ({}, made `null` by a redirect from one other origin to another)", fetch.request.origin)
}

fn capitalized(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The header names a preflight asked for and did not get, lower-cased.
pub(super) fn not_listed(fetch: &RecordedFetch) -> Vec<String> {
    let last = fetch.last();
    let asked = sent(last, "Access-Control-Request-Headers").unwrap_or_default();
    let listed = header(last, "Access-Control-Allow-Headers").unwrap_or_default().to_ascii_lowercase();
    let listed: Vec<&str> = listed.split(',').map(str::trim).collect();
    let any = listed.contains(&"*") && !fetch.includes_credentials();
    asked
        .split(',')
        .filter(|name| !listed.contains(name) && (!any || *name == "authorization"))
        .map(str::to_owned)
        .collect()
}

fn list(last: Option<&RecordedExchange>, name: &str) -> String {
    match header(last, name) {
        None => format!("the response has no `{name}`"),
        Some(value) => format!("the response allows `{value}`"),
    }
}

fn allowed_in_other_case(last: Option<&RecordedExchange>, method: &str) -> bool {
    let allowed = header(last, "Access-Control-Allow-Methods").unwrap_or_default();
    allowed.split(',').any(|item| item.trim().eq_ignore_ascii_case(method))
}

/// A header of the response, escaped.
pub(super) fn header(exchange: Option<&RecordedExchange>, name: &str) -> Option<String> {
    exchange?.response.as_ref()?.header(name).map(|value| ByteString(value).to_string())
}

/// A header of the request, escaped.
pub(super) fn sent(exchange: Option<&RecordedExchange>, name: &str) -> Option<String> {
    let headers = &exchange?.request.headers;
    headers
        .iter()
        .find(|(sent, _)| sent.0.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| value.to_string())
}
