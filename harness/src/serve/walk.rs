//! An explained fetch as a page part: how it ends, the diagram, the algorithm step by step, and what would change it.

use corspec_vectors::bytes::HeaderLines;
use maud::{Markup, PreEscaped, html};

use super::steps;
use crate::explanation::diagram::{Diagram, svg};
use crate::explanation::fix::{Fix, FixedResponse};
use crate::explanation::recorded::RecordedFetch;
use crate::explanation::{Explanation, Verdict};
use crate::report::html::prose::prose;
use crate::report::specification;

/// Several fetches, one after the other.
pub(super) fn all(explanations: &[Explanation]) -> Markup {
    html! {
        @for (number, explanation) in explanations.iter().enumerate() {
            section.fetch {
                h2 {
                    @if explanations.len() > 1 { "Fetch " (number + 1) " of " (explanations.len()) } @else { "What happens" }
                }
                (one(explanation, number))
            }
        }
    }
}

fn one(explanation: &Explanation, number: usize) -> Markup {
    let (word, class) = match explanation.verdict {
        Verdict::Shared => ("shared with the page", "good"),
        Verdict::Opaque => ("used, but closed to the page", "known"),
        Verdict::Blocked => ("blocked", "bad"),
        Verdict::Unanswered => ("not answered yet", "known"),
    };
    html! {
        p.verdict {
            span.chip.(class) { (word) }
            @if let Some(reason) = &explanation.reason { " " code { (reason) } }
        }
        p.why { (prose(&explanation.why)) }
        // The diagram escapes what it is made of.
        div.wide.picture role="region" aria-label={ "Diagram of fetch " (number + 1) } tabindex="0" {
            (PreEscaped(svg::element(&Diagram::of(explanation))))
        }
        div.columns {
            div { (steps(explanation)) }
            div { (change(explanation)) (facts(explanation)) }
        }
    }
}

/// Every step taken, with what it compared.
fn steps(explanation: &Explanation) -> Markup {
    let fetch = &explanation.fetch;
    let deciding = explanation.step.as_ref().map(|step| step.step.as_str());
    let decides = fetch.trace.iter().rposition(|(step, _)| Some(step.as_str()) == deciding);
    let rows: Vec<_> = with_exchanges(fetch).collect();
    html! {
        h3 { "Step by step" }
        p.player hidden {
            button type="button" data-step="first" { "From the start" } " "
            button type="button" data-step="back" { "Back" } " "
            button type="button" data-step="on" { "Next step" } " "
            button type="button" data-step="all" { "All" } " "
            span.faint role="status" {}
        }
        @if rows.is_empty() { p.faint { "No step is recorded: the API threw before the fetch began." } }
        ol.steps {
            @for (index, (step, held, exchange)) in rows.iter().enumerate() {
                @let words = steps::words(step);
                li.decides[Some(index) == decides] {
                    p.asked {
                        span.answer { (if *held { "yes" } else { "no" }) } " "
                        @if let Some(words) = words { (prose(&words.asks)) } @else { (step) }
                        @if Some(index) == decides { " " span.chip.(if explanation.verdict == Verdict::Blocked { "bad" } else { "good" }) { "decides" } }
                    }
                    p.looked {
                        a href=(specification::link(step)) { (step) }
                        @for (name, value) in words.iter().flat_map(|words| words.values(fetch, exchange.and_then(|at| fetch.exchanges.get(at)))) {
                            " · " (name) " " code { (value) }
                        }
                    }
                }
            }
        }
    }
}

/// Each step with the exchange it is about: one begins when a preflight is made, or the request made ready for the wire.
fn with_exchanges(fetch: &RecordedFetch) -> impl Iterator<Item = (&str, bool, Option<usize>)> {
    let mut sent = None;
    fetch.trace.iter().map(move |(step, held)| {
        if matches!(step.as_str(), "cors-preflight-fetch/5" | "http-network-or-cache-fetch/8.3") {
            sent = Some(sent.map_or(0, |sent: usize| sent + 1));
        }
        (step.as_str(), *held, sent)
    })
}

/// What would change the outcome.
fn change(explanation: &Explanation) -> Markup {
    html! {
        h3 { "What would change it" }
        @match &explanation.fix {
            Fix::Needless => p { "Nothing has to: the page has what it asked for." },
            Fix::None { because, instead } => { p { (prose(because)) } p { (prose(instead)) } },
            Fix::Headers { request, responses } => {
                @if let Some(request) = request { p { (prose(request)) } }
                @for response in responses { (fixed(response)) }
            }
        }
        @if let Some(hidden) = &explanation.hidden {
            p {
                "Script does not see "
                @for (index, name) in hidden.names.iter().enumerate() { @if index > 0 { ", " } code { (name.to_string()) } }
                ". This shows them:"
            }
            pre.wrap { "Access-Control-Expose-Headers: " (hidden.expose.to_string()) }
        }
    }
}

fn fixed(response: &FixedResponse) -> Markup {
    html! {
        p { "The answer to " code { (response.method.to_string()) " " (response.url) } " needs" }
        pre.wrap {
            @if let Some(status) = response.status { "status " (status) "\n" }
            @for (name, value) in &response.set { (name.to_string()) ": " (value.to_string()) "\n" }
            @for name in &response.remove { "no " (name.to_string()) "\n" }
        }
    }
}

fn facts(explanation: &Explanation) -> Markup {
    let preflight = if explanation.preflight.sent { "Yes: " } else { "No: " };
    html! {
        h3 { "Was there a preflight?" }
        p { (preflight) (prose(&explanation.preflight.because.join("; "))) }
        @if let Some(console) = &explanation.console {
            h3 { "What browsers print" }
            @for (browser, said) in [("Chromium", &console.chromium), ("Firefox", &console.firefox), ("WebKit", &console.webkit)] {
                @if let Some(said) = said { h4 { (browser) } pre.wrap { (said) } }
            }
        }
        @if let Some(mdn) = explanation.mdn.as_deref().and_then(specification::safe) {
            p { a href=(mdn) { "MDN about this error" } }
        }
        @for note in &explanation.notes { p.note { (prose(note)) } }
        details {
            summary { "On the wire" }
            @for exchange in &explanation.fetch.exchanges {
                pre.wire.wrap {
                    span.sent { "> " (exchange.request.method.to_string()) " " (exchange.request.url) "\n" (lines(">", &exchange.request.headers)) }
                    @match &exchange.response {
                        Some(response) => { "< " (response.status) "\n" (lines("<", &response.headers)) }
                        None => "< no response",
                    }
                }
            }
        }
    }
}

fn lines(mark: &str, headers: &HeaderLines) -> String {
    headers.iter().map(|(name, value)| format!("{mark} {name}: {value}\n")).collect()
}
