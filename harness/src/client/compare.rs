//! What a client did against what the model does.

use std::collections::BTreeSet;

use corspec_model::abnf::{REQUEST_HEADERS, REQUEST_METHOD};
use corspec_model::{HeaderList, Reason};
use corspec_vectors::bytes::{ByteString, to_header_list};
use corspec_vectors::client::{EvaluatedFetch, OutcomeDocument, RequestKind, SentRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::scenario::Scenario;
use super::server::Arrival;
use super::session::{Observation, ObservedFetch, PageOutcome, has_cookie};

/// What a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// What script sees.
    Outcome,
    /// The requests on the wire.
    Sent,
    /// Why it was blocked, in the client's own words.
    Reason,
    /// The client did not end the fetch.
    Hang,
}

/// Something a client did otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub aspect: Aspect,
    /// What the model does, and what the client did.
    pub what: String,
}

/// Every difference between what the model does in `scenario` and what was observed.
///
/// `reasons` is why the client blocked something, in its own words; `words_for` is what it is known to say for a reason
/// of the model. Reasons are compared only where the client gave some.
pub fn compare(
    scenario: &Scenario,
    observed: &Observation,
    reasons: &[String],
    words_for: impl Fn(Reason) -> Option<&'static str>,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (index, expected) in scenario.expected.iter().enumerate() {
        let mut differ = |aspect, what: String| {
            let what = if scenario.expected.len() > 1 { format!("fetch {index}: {what}") } else { what };
            differences.push(Difference { aspect, what });
        };
        let Some(fetch) = observed.fetches.get(index) else {
            differ(Aspect::Hang, "it was not begun".to_owned());
            continue;
        };
        if fetch.outcome.hang {
            differ(Aspect::Hang, "it did not end".to_owned());
            continue;
        }
        // A client may forget what is in its cache at any time: then it must do what it would have done without.
        let forgotten;
        let expected = if index > 0 && has_forgotten(expected, &fetch.arrivals) {
            forgotten = scenario.expected_without_cache(index);
            match &forgotten {
                Some(expected) => expected,
                // The vector has no responses for that: nothing can be said of this fetch.
                None => continue,
            }
        } else {
            expected
        };
        compare_reason(&expected.outcome, fetch, reasons, &words_for, &mut differ);
        compare_outcome(&expected.outcome, &fetch.outcome, &mut differ);
        let script = to_header_list(&scenario.fetches[index].request.options.headers);
        let page = Page { script: &script, cookies: !scenario.page.is_framed() };
        compare_sent(&expected.sent, &fetch.arrivals, page, &mut differ);
    }
    differences
}

/// Whether the client sent more preflights than the model, whose cache made them needless.
fn has_forgotten(expected: &EvaluatedFetch, arrivals: &[Arrival]) -> bool {
    let sent = arrivals.iter().filter(|arrival| arrival.kind() == RequestKind::Preflight).count();
    let due = expected
        .sent
        .iter()
        .filter(|sent| sent.method.0 == b"OPTIONS" && to_header_list(&sent.headers).contains(REQUEST_METHOD))
        .count();
    sent > due
}

fn compare_reason(
    expected: &OutcomeDocument,
    fetch: &ObservedFetch,
    reasons: &[String],
    words_for: impl Fn(Reason) -> Option<&'static str>,
    differ: &mut Differ<'_>,
) {
    if let OutcomeDocument::Error { reason, .. } = expected
        && let Some(words) = Reason::named(reason).and_then(words_for)
        && fetch.outcome.is_blocked()
        && !reasons.is_empty()
        && !reasons.iter().any(|said| says(words, said))
    {
        differ(Aspect::Reason, format!("{reason} is {words}, the client says {}", reasons.join("; ")));
    }
}

type Differ<'a> = dyn FnMut(Aspect, String) + 'a;

fn compare_outcome(expected: &OutcomeDocument, page: &PageOutcome, differ: &mut Differ<'_>) {
    let blocked = page.is_blocked();
    let shared = page.status.is_some() || page.loaded == Some(true);
    match expected {
        OutcomeDocument::Error { reason, step, .. } => {
            if shared {
                differ(Aspect::Outcome, format!("{reason} at {step} blocks it, the client lets it through"));
            }
        }
        OutcomeDocument::Response { outcome_type, .. } if blocked => {
            let error = page.error.as_deref().unwrap_or("error event");
            differ(
                Aspect::Outcome,
                format!("a response of type {outcome_type}, the client blocks it ({error})"),
            );
        }
        OutcomeDocument::Response { outcome_type, status, url, redirected, headers } => {
            let mut field = |name: &str, expected: &dyn std::fmt::Display, seen: Option<String>| {
                if let Some(seen) = seen
                    && seen != expected.to_string()
                {
                    differ(Aspect::Outcome, format!("{name} is {expected}, the client says {seen}"));
                }
            };
            field("type", outcome_type, page.response_type.clone());
            field("status", status, page.status.map(|status| status.to_string()));
            field("url", url, page.url.clone());
            field("redirected", redirected, page.redirected.map(|redirected| redirected.to_string()));
            field(
                "readable",
                &(outcome_type != "opaque"),
                page.readable.map(|readable| readable.to_string()),
            );
            let names = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
            let expected = names(headers.iter().map(ToString::to_string).collect());
            let seen = page.headers.as_ref().map(|headers| names(headers.iter().cloned().collect()));
            field("readable headers", &format!("[{expected}]"), seen.map(|seen| format!("[{seen}]")));
        }
    }
}

/// What a page brings to each of its requests.
#[derive(Clone, Copy)]
struct Page<'a> {
    /// The header lines script gives.
    script: &'a HeaderList,
    /// Whether cookies tell of credentials: not in a framed page, whose cookies clients keep apart.
    cookies: bool,
}

fn compare_sent(expected: &[SentRequest], arrivals: &[Arrival], page: Page<'_>, differ: &mut Differ<'_>) {
    let mut arrivals = arrivals.iter();
    for (index, expected) in expected.iter().enumerate() {
        let Some(arrival) = arrivals.next() else {
            let SentRequest { method, url, .. } = expected;
            differ(Aspect::Sent, format!("request {index} is {method} {url}, the client sends none"));
            return;
        };
        compare_request(index, expected, arrival, page, differ);
    }
    for extra in arrivals {
        let method = ByteString(extra.method.clone());
        differ(Aspect::Sent, format!("no more requests, the client sends {method} {}", extra.url));
    }
}

fn compare_request(
    index: usize,
    expected: &SentRequest,
    arrival: &Arrival,
    page: Page<'_>,
    differ: &mut Differ<'_>,
) {
    let mut field = |name: &str, expected: &str, seen: &str| {
        if expected != seen {
            differ(Aspect::Sent, format!("{name} of request {index} is {expected}, the client sends {seen}"));
        }
    };
    field("method", &expected.method.to_string(), &ByteString(arrival.method.clone()).to_string());
    field("URL", &on_the_wire(&expected.url), &on_the_wire(&arrival.url));
    let expected_headers = to_header_list(&expected.headers);
    let mut names: BTreeSet<String> = [REQUEST_METHOD, REQUEST_HEADERS, "Origin", "Authorization"]
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    names.extend(
        expected_headers.iter().map(|header| String::from_utf8_lossy(&header.name).to_ascii_lowercase()),
    );
    // A header of the script's that the model leaves out; the client may have one of its own by that name.
    for header in page.script.iter().filter(|header| !expected_headers.contains(&header.name)) {
        let name = String::from_utf8_lossy(&header.name).to_ascii_lowercase();
        let seen = value(&arrival.headers, &name);
        if !names.contains(&name) && seen == value(page.script, &name) {
            field(&name, "(none)", &seen);
        }
    }
    for name in names {
        let expected = value(&expected_headers, &name);
        // What a client accepts is its own affair unless the page says.
        if name != "accept" || expected != "*/*" {
            field(&name, &expected, &value(&arrival.headers, &name));
        }
    }
    if page.cookies && expected.url.starts_with("https:") {
        field("cookie", &expected.credentials.to_string(), &has_cookie(&arrival.headers).to_string());
    }
}

/// Whether `said` is `words`, in which `<…>` stands for anything; WebKit says before it that it was a redirect.
fn says(words: &str, said: &str) -> bool {
    let mut pieces = words.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, fixed)| fixed));
    let first = pieces.next().unwrap_or_default();
    let said = said.split_once("Cross-Origin Resource Sharing policy: ").map_or(said, |(_, reason)| reason);
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    let mut open = false;
    for fixed in pieces {
        match rest.find(fixed) {
            Some(at) => rest = &rest[at + fixed.len()..],
            None => return false,
        }
        open = fixed.is_empty();
    }
    open || rest.is_empty()
}

/// A URL as it goes to a server: without what is before the host's `@`, which a proxy may see.
fn on_the_wire(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return url.to_owned() };
    // Refused only for URLs that have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

fn value(headers: &HeaderList, name: &str) -> String {
    headers.get(name).map_or_else(|| "(none)".to_owned(), |value| ByteString(value.into_owned()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_gap_match_what_is_said() {
        let words = "Origin <origin> is not allowed by Access-Control-Allow-Origin. Status code: <status>";
        assert!(says(
            words,
            "Origin https://a.example is not allowed by Access-Control-Allow-Origin. Status code: 200"
        ));
        assert!(!says(words, "Origin https://a.example is not allowed. Status code: 200"));
        assert!(says("MissingAllowOriginHeader", "MissingAllowOriginHeader"));
        assert!(!says("MissingAllowOriginHeader", "AllowOriginMismatch"));
        assert!(!says("MissingAllowOriginHeader", "PreflightMissingAllowOriginHeader"));
        assert!(!says("AllowOriginMismatch", "AllowOriginMismatched"));
        assert!(says(
            "Request header field <name> is not allowed.",
            "Request header field X is not allowed."
        ));
    }

    #[test]
    fn user_information_is_not_on_the_wire() {
        assert_eq!(on_the_wire("https://user:pass@a.example/x?y"), "https://a.example/x?y");
        assert_eq!(on_the_wire("https://a.example/x"), "https://a.example/x");
    }
}
