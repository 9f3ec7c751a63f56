//! Audits: of each endpoint who is let in, and every finding down to the wire, the attack and the fix.

use maud::{Markup, html};

use super::evidence::{citation, commands, drawn, wire};
use super::page::thousands;
use super::picture::picture;
use super::prose::prose;
use crate::check::AuditEvent;
use crate::check::catalogue::Severity;
use crate::check::event::{AcceptedOrigin, AuditFinding};
use crate::report::audit::pretty::reach;

/// The endpoints; `None` when none was audited.
pub(super) fn endpoints(audits: &[AuditEvent]) -> Option<Markup> {
    if audits.is_empty() {
        return None;
    }
    Some(html! { @for audit in audits { (endpoint(audit)) } })
}

/// How many endpoints there are, and how many findings of each severity.
pub(super) fn tiles(audits: &[AuditEvent]) -> Markup {
    let severities = || audits.iter().flat_map(|audit| &audit.findings).map(|finding| finding.severity);
    html! {
        ul.tiles {
            li { b { (thousands(audits.len())) } @if audits.len() == 1 { " endpoint" } @else { " endpoints" } }
            @for severity in [Severity::High, Severity::Medium, Severity::Low, Severity::Info] {
                @let count = severities().filter(|&found| found == severity).count();
                li class=(if count == 0 { "none" } else { class(severity) }) { b { (thousands(count)) } " " (severity) }
            }
        }
    }
}

const fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "bad",
        Severity::Medium => "known",
        Severity::Low => "low",
        Severity::Info => "none",
    }
}

fn endpoint(audit: &AuditEvent) -> Markup {
    html! {
        h3 { (audit.url) }
        @if let Some(problem) = &audit.problem {
            p.warning { strong { @if audit.reached { "Incomplete: " } @else { "Not checked: " } } (problem) }
        }
        @if audit.reached {
            dl.facts {
                dt { "Inferred policy" }
                dd {
                    (audit.policy_in_words)
                    @if let Some(policy) = &audit.policy { br; code { (serde_json::to_string(policy).unwrap_or_default()) } }
                }
                dt { "Requests" } dd { (audit.requests) }
                @if !audit.accepted.is_empty() { dt { "Let in, of those tried" } dd { (accepted(&audit.accepted)) } }
            }
            @if audit.findings.is_empty() { p.good { "Nothing found." } }
            @for found in &audit.findings { (finding(found, &audit.url)) }
        }
    }
}

fn accepted(origins: &[AcceptedOrigin]) -> Markup {
    html! {
        ul {
            @for AcceptedOrigin { origin, credentials, .. } in origins {
                li { code { (origin) } @if *credentials { ", with credentials" } @else { ", without credentials" } }
            }
        }
    }
}

fn finding(finding: &AuditFinding, url: &str) -> Markup {
    let step = finding.step.as_deref();
    html! {
        details.group open[finding.severity > Severity::Info] {
            summary {
                span.chip.(class(finding.severity)) { (finding.severity) } " "
                code { (finding.id) } " " span { (prose(&finding.title)) } " "
                span.who { (reach(finding)) }
            }
            div.inside {
                dl.facts {
                    dt { "Here" } dd { (prose(&finding.here)) }
                    dt { "What" } dd { (prose(&finding.what)) }
                    dt { "Attack" } dd { (prose(&finding.attack)) }
                    @if finding.origins.len() > 1 { dt { "Origins" } dd { @for origin in &finding.origins { code { (origin) } " " } } }
                    @if !finding.browser.is_empty() { dt { "The browser" } dd { (prose(&finding.browser)) } }
                    @if let Some(requirement) = &finding.requirement { dt { "Requirement" } dd { (requirement) } }
                    @if let Some(step) = step { dt { "Deciding step" } dd { (citation(step)) } }
                    dt { "Written in" } dd { (citation(&finding.citation)) }
                }
                @if let Some(diagram) = picture(&finding.exchanges, &finding.here, step) {
                    (drawn(&format!("{} of {url}", finding.id), &diagram))
                }
                (wire(&finding.exchanges))
                (commands(&finding.reproduce))
                h4 { "Fix" }
                p { (prose(&finding.fix.what)) }
                @for (server, text) in finding.fix.each().into_iter().filter(|(_, text)| !text.is_empty()) {
                    details { summary { (server) } pre.wrap { (text.trim()) } }
                }
            }
        }
    }
}
