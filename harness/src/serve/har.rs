//! A recording: every cross-origin request of a HAR file, each with how it goes.

use corspec_vectors::client::{ScriptedFetch, ScriptedResponse};
use maud::html;

use super::site::Answer;
use super::{form, walk};
use crate::cli::explain::har;
use crate::explanation::{Explanation, Verdict};
use crate::report::html::prose::prose;

/// Requests shown of one recording.
const SHOWN: usize = 200;

/// The part of the page that lists what was recorded.
pub(super) fn answer(body: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let explanations = match har::explain_all("the file", text, None) {
        Ok(explanations) => explanations,
        Err(failure) => {
            return Answer::Part(html! { p.error role="alert" { (prose(&failure.to_string())) } });
        }
    };
    Answer::Part(html! {
        p role="status" { (explanations.len()) @if explanations.len() == 1 { " request" } @else { " requests" } " to other origins" }
        @for explanation in explanations.iter().take(SHOWN) {
            details.entry {
                summary {
                    (word(explanation.verdict)) " "
                    (explanation.fetch.request.options.method.as_ref().map_or("GET".to_owned(), ToString::to_string)) " "
                    (explanation.fetch.request.url)
                }
                p { a href={ "/#" (form::state(&[scripted(explanation)])) } { "Change it in the explainer" } }
                (walk::all(std::slice::from_ref(explanation)))
            }
        }
        @if explanations.len() > SHOWN { p { "The first " (SHOWN) " are shown." } }
    })
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Shared => "✓ shared",
        Verdict::Opaque => "~ opaque",
        Verdict::Blocked => "✗ blocked",
        Verdict::Unanswered => "? not answered",
    }
}

/// The fetch as it was recorded, to be run again.
fn scripted(explanation: &Explanation) -> ScriptedFetch {
    let fetch = &explanation.fetch;
    let responses = fetch.exchanges.iter().map(|exchange| ScriptedResponse {
        answers: Some(exchange.kind),
        status: exchange.response.as_ref().map_or(200, |response| response.status),
        headers: exchange.response.as_ref().map(|response| response.headers.clone()).unwrap_or_default(),
        wire: None,
        network_error: exchange.response.is_none(),
    });
    ScriptedFetch { at: 0.0, request: fetch.request.clone(), responses: responses.collect() }
}
