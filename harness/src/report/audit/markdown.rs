//! Audits as Markdown: a table of endpoints, then each finding, its evidence folded.

use super::pretty::reach;
use crate::check::AuditEvent;
use crate::check::event::AuditFinding;
use crate::report::markdown::{block, code, escape, line, wire};
use crate::report::specification;

/// Adds all of them.
pub fn add(audits: &[AuditEvent], out: &mut String) {
    if audits.is_empty() {
        return;
    }
    line(out, "\n| endpoint | worst | findings | requests | policy |\n|---|---|--:|--:|---|");
    for audit in audits {
        let worst = match audit.worst() {
            _ if !audit.reached => "not checked",
            Some(severity) => severity.as_str(),
            None => "none",
        };
        let said = if audit.policy_in_words.is_empty() {
            audit.problem.as_deref().unwrap_or_default()
        } else {
            &audit.policy_in_words
        };
        let (url, said) = (escape(&audit.url), escape(said));
        line(out, &format!("| {url} | {worst} | {} | {} | {said} |", audit.findings.len(), audit.requests));
    }
    for audit in audits.iter().filter(|audit| audit.reached) {
        line(out, &format!("\n### {}\n", escape(&audit.url)));
        if let Some(problem) = &audit.problem {
            line(out, &format!("**Incomplete:** {}\n", escape(problem)));
        }
        if let Some(policy) = &audit.policy {
            line(out, &format!("Policy: {}\n", code(&serde_json::to_string(policy).unwrap_or_default())));
        }
        for finding in &audit.findings {
            one(finding, out);
        }
    }
}

fn one(finding: &AuditFinding, out: &mut String) {
    let (severity, title, here) = (finding.severity, escape(&finding.title), escape(&finding.here));
    line(out, &format!("- **{severity}** {title} ({}): {here}", code(&finding.id)));
    line(out, &format!("  <details><summary>{}</summary>\n", reach(finding)));
    line(out, &format!("  - {}", escape(&finding.what)));
    line(out, &format!("  - attack: {}", escape(&finding.attack)));
    if !finding.browser.is_empty() {
        line(out, &format!("  - the browser {}", escape(&finding.browser)));
    }
    let step = finding.step.as_deref().unwrap_or(&finding.citation);
    line(out, &format!("  - step: [{}]({})", escape(step), specification::link(step)));
    if finding.origins.len() > 1 {
        let origins: Vec<String> = finding.origins.iter().map(|origin| code(origin)).collect();
        line(out, &format!("  - origins: {}", origins.join(", ")));
    }
    if !finding.exchanges.is_empty() {
        block("http", &wire(&finding.exchanges), out);
    }
    if !finding.reproduce.is_empty() {
        block("sh", &finding.reproduce.join("\n"), out);
    }
    line(out, &format!("\n  Fix: {}", escape(&finding.fix.what)));
    for (server, text) in finding.fix.each() {
        line(out, &format!("\n  {server}:"));
        block("", text.trim(), out);
    }
    line(out, "\n  </details>\n");
}
