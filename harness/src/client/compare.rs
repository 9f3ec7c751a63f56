//! What a client did against what the model does.

use std::collections::BTreeSet;

use corspec_model::HeaderList;
use corspec_model::abnf::{REQUEST_HEADERS, REQUEST_METHOD};
use corspec_vectors::bytes::{ByteString, to_header_list};
use corspec_vectors::client::{EvaluatedFetch, OutcomeDocument, SentRequest};
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
pub fn compare(scenario: &Scenario, observed: &Observation) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (index, expected) in scenario.expected.iter().enumerate() {
        let mut differ = |aspect, what: String| {
            let what = if scenario.expected.len() > 1 { format!("fetch {index}: {what}") } else { what };
            differences.push(Difference { aspect, what });
        };
        match observed.fetches.get(index) {
            Some(ObservedFetch { outcome, .. }) if outcome.hang => {
                differ(Aspect::Hang, "it did not end".to_owned());
            }
            Some(fetch) => {
                compare_outcome(&expected.outcome, &fetch.outcome, &mut differ);
                let cookies = !scenario.page.is_framed();
                compare_sent(expected, &fetch.arrivals, index > 0, cookies, &mut differ);
            }
            None => differ(Aspect::Hang, "it was not begun".to_owned()),
        }
    }
    differences
}

type Differ<'a> = dyn FnMut(Aspect, String) + 'a;

fn compare_outcome(expected: &OutcomeDocument, page: &PageOutcome, differ: &mut Differ<'_>) {
    let blocked = page.error.is_some() || page.loaded == Some(false);
    let shared = page.status.is_some() || page.loaded == Some(true);
    match expected {
        OutcomeDocument::Error { reason, step, .. } => {
            if shared {
                differ(Aspect::Outcome, format!("{reason} at {step} blocks it, the client lets it through"));
            }
        }
        OutcomeDocument::Response { outcome_type, .. } if blocked => {
            let error = page.error.as_deref().unwrap_or("error event");
            differ(Aspect::Outcome, format!("a response of type {outcome_type}, the client blocks it ({error})"));
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
            field("readable", &(outcome_type != "opaque"), page.readable.map(|readable| readable.to_string()));
            let names = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
            let expected = names(headers.iter().map(ToString::to_string).collect());
            let seen = page.headers.as_ref().map(|headers| names(headers.iter().cloned().collect()));
            field("readable headers", &format!("[{expected}]"), seen.map(|seen| format!("[{seen}]")));
        }
    }
}

/// `may_forget`: a preflight more than the model sends is an entry of the cache that was forgotten, which is allowed.
fn compare_sent(
    expected: &EvaluatedFetch,
    arrivals: &[Arrival],
    may_forget: bool,
    cookies: bool,
    differ: &mut Differ<'_>,
) {
    let mut arrivals = arrivals.iter().peekable();
    for (index, expected) in expected.sent.iter().enumerate() {
        let asked = |arrival: &&Arrival| arrival.method == b"OPTIONS" && expected.method.0 != b"OPTIONS";
        if may_forget && index == 0 && arrivals.next_if(asked).is_some() {
            // Forgotten.
        }
        match arrivals.next() {
            Some(arrival) => compare_request(index, expected, arrival, cookies, differ),
            None => {
                differ(Aspect::Sent, format!("request {index} is {} {}, the client sends none", expected.method, expected.url));
                return;
            }
        }
    }
    for extra in arrivals {
        differ(Aspect::Sent, format!("no more requests, the client sends {} {}", ByteString(extra.method.clone()), extra.url));
    }
}

fn compare_request(
    index: usize,
    expected: &SentRequest,
    arrival: &Arrival,
    cookies: bool,
    differ: &mut Differ<'_>,
) {
    let mut field = |name: &str, expected: &str, seen: &str| {
        if expected != seen {
            differ(Aspect::Sent, format!("{name} of request {index} is {expected}, the client sends {seen}"));
        }
    };
    field("method", &expected.method.to_string(), &ByteString(arrival.method.clone()).to_string());
    let seen = Url::parse(&arrival.url).map_or_else(|_| arrival.url.clone(), String::from);
    field("URL", &expected.url, &seen);
    let expected_headers = to_header_list(&expected.headers);
    let mut names: BTreeSet<String> = [REQUEST_METHOD, REQUEST_HEADERS, "Origin", "Authorization"]
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    names.extend(expected_headers.iter().map(|header| {
        String::from_utf8_lossy(&header.name).to_ascii_lowercase()
    }));
    for name in names {
        let expected = value(&expected_headers, &name);
        // What a client accepts is its own affair unless the page says.
        if name != "accept" || expected != "*/*" {
            field(&name, &expected, &value(&arrival.headers, &name));
        }
    }
    if cookies && expected.url.starts_with("https:") {
        field("cookie", &expected.credentials.to_string(), &has_cookie(&arrival.headers).to_string());
    }
}

fn value(headers: &HeaderList, name: &str) -> String {
    headers.get(name).map_or_else(|| "(none)".to_owned(), |value| ByteString(value.into_owned()).to_string())
}
