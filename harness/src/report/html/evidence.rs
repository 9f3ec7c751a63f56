//! What a finding rests on: facts, the diagram, the wire, commands. As data for the script, and written out where the
//! page stands without it.

use std::borrow::Cow;

use maud::{Markup, PreEscaped, html};
use serde::Serialize;

use super::super::case::Case;
use super::super::specification;
use super::model;
use super::picture::picture;
use super::prose::prose;
use crate::check::words::in_words;
use crate::event::ExchangeEvent;

/// The evidence of a case; a field is absent when there is nothing to say.
#[derive(Serialize)]
struct Evidence<'a> {
    policy: String,
    /// The policy as somebody would say it.
    #[serde(skip_serializing_if = "String::is_empty")]
    words: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    means: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    browser: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<(&'a str, String)>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    exchanges: &'a [ExchangeEvent],
    /// The exchanges as SVG.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagram: Option<String>,
}

/// One case of the evidence: what is known of it, and the commands that show it again.
#[derive(Serialize)]
pub(super) struct CaseEvidence<'a> {
    #[serde(flatten)]
    evidence: Option<Evidence<'a>>,
    /// Of a client: what it was to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fetches: Vec<model::Fetch>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reproduce: Vec<Cow<'a, str>>,
}

impl<'a> CaseEvidence<'a> {
    /// Of a case.
    pub(super) fn of(case: &'a Case<'a>) -> Self {
        let evidence = case.finding.map(|finding| Evidence {
            policy: serde_json::to_string(&finding.policy).unwrap_or_default(),
            words: finding.policy.to_policy().map(|policy| in_words(&policy)).unwrap_or_default(),
            means: &finding.policy_means,
            browser: &finding.browser,
            step: finding.step.as_deref().map(|step| (step, specification::link(step))),
            exchanges: &finding.exchanges,
            diagram: picture(&finding.exchanges, case.sentence(), finding.step.as_deref()),
        });
        let fetches = model::fetches(case);
        let mut reproduce = case.reproduce.clone();
        if !fetches.is_empty() {
            reproduce.push(format!("corspec explain {}", case.vector).into());
        }
        Self { evidence, fetches, reproduce }
    }

    /// Written out; `name` says whose it is.
    pub(super) fn markup(&self, name: &str) -> Markup {
        html! {
            @if let Some(evidence) = &self.evidence {
                dl.facts {
                    dt { "Policy" } dd { @if !evidence.words.is_empty() { (evidence.words) br; } code { (evidence.policy) } }
                    @if !evidence.means.is_empty() { dt { "Here it means" } dd { (prose(evidence.means)) } }
                    @if !evidence.browser.is_empty() { dt { "The browser" } dd { (prose(evidence.browser)) } }
                    @if let Some((step, _)) = &evidence.step { dt { "Deciding step" } dd { (citation(step)) } }
                }
                @if let Some(diagram) = &evidence.diagram { (drawn(name, diagram)) }
                (wire(evidence.exchanges))
            }
            (commands(&self.reproduce))
        }
    }
}

/// A step, section or address of the standard, as a link.
pub(super) fn citation(citation: &str) -> Markup {
    html! { a href=(specification::link(citation)) { (citation) } }
}

/// A diagram, whose texts are escaped already; `name` says of what.
pub(super) fn drawn(name: &str, diagram: &str) -> Markup {
    html! {
        div.wide.picture role="region" aria-label={ "Sequence diagram of " (name) } tabindex="0" { (PreEscaped(diagram)) }
    }
}

/// The exchanges, the one that decides marked; nothing where there are none.
pub(super) fn wire(exchanges: &[ExchangeEvent]) -> Markup {
    let deciding = ExchangeEvent::deciding(exchanges);
    let lines = |mark: &str, headers: &corspec_vectors::bytes::HeaderLines| -> String {
        headers.iter().map(|(name, value)| format!("{mark} {name}: {value}\n")).collect()
    };
    html! {
        @if !exchanges.is_empty() { h4 { "On the wire" } }
        @for (place, exchange) in exchanges.iter().enumerate() {
            pre.wire.wrap {
                span.sent { "> " (exchange.method) " " (exchange.target) "\n" (lines(">", &exchange.request_headers)) }
                @if Some(place) == deciding { span.decides { "< " (exchange.status) } } @else { "< " (exchange.status) }
                "\n"
                (lines("<", &exchange.response_headers))
            }
        }
    }
}

/// Commands that show it again; nothing where there are none.
pub(super) fn commands(commands: &[impl AsRef<str>]) -> Markup {
    let lines: Vec<&str> = commands.iter().map(AsRef::as_ref).collect();
    html! {
        @if !lines.is_empty() { h4 { "See it again" } pre.wrap { (lines.join("\n")) } }
    }
}
