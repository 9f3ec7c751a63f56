//! Audits for people at a terminal: who is let in, the policy in words, then each finding with its evidence and the fix.

use anstyle::{AnsiColor, Style};

use crate::check::AuditEvent;
use crate::check::catalogue::Severity;
use crate::check::event::AuditFinding;
use crate::report::pretty::{BAD, FAINT, GOOD, KNOWN, STRONG, line, wire};
use crate::report::specification;

/// Origins named in a line.
const NAMED: usize = 6;

/// All of them; `verbose` shows the evidence of what is good to know, and the fix for every server.
pub fn text(audits: &[AuditEvent], verbose: bool) -> String {
    let mut out = String::new();
    for audit in audits {
        one(audit, verbose, &mut out);
    }
    if audits.len() > 1 {
        summary(audits, &mut out);
    }
    out
}

const fn style(severity: Severity) -> Style {
    match severity {
        Severity::High => BAD,
        Severity::Medium => KNOWN,
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Info => FAINT,
    }
}

fn one(audit: &AuditEvent, verbose: bool, out: &mut String) {
    line(out, &format!("{STRONG}{}{STRONG:#}  {FAINT}{} requests{FAINT:#}", audit.url, audit.requests));
    if let Some(problem) = &audit.problem {
        line(
            out,
            &format!("  {BAD}{}{BAD:#} {problem}", if audit.reached { "incomplete" } else { "not checked" }),
        );
    }
    if !audit.reached {
        line(out, "");
        return;
    }
    line(out, &format!("  policy   {}", audit.policy_in_words));
    if let Some(policy) = &audit.policy {
        line(
            out,
            &format!("           {FAINT}{}{FAINT:#}", serde_json::to_string(policy).unwrap_or_default()),
        );
    }
    if audit.findings.is_empty() {
        line(out, &format!("  {GOOD}nothing found{GOOD:#}"));
    }
    line(out, "");
    for finding in &audit.findings {
        in_full(finding, verbose, out);
    }
}

fn in_full(finding: &AuditFinding, verbose: bool, out: &mut String) {
    let AuditFinding { severity, title, id, .. } = finding;
    let style = style(*severity);
    line(
        out,
        &format!("  {style}{:<6}{style:#} {STRONG}{title}{STRONG:#} {FAINT}{id}{FAINT:#}", severity.as_str()),
    );
    line(out, &format!("      here     {}", finding.here));
    if finding.origins.len() > 1 {
        let more = finding.origins.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named: Vec<&str> = finding.origins.iter().take(NAMED).map(String::as_str).collect();
        line(out, &format!("      origins  {}{more}", named.join(", ")));
    }
    if *severity == Severity::Info && !verbose {
        return line(out, "");
    }
    line(out, &format!("      what     {}", finding.what));
    line(out, &format!("      attack   {}", finding.attack));
    line(out, &format!("      reach    {}", reach(finding)));
    line(out, &format!("      browser  {}", finding.browser));
    line(
        out,
        &format!(
            "      step     {}",
            specification::link(finding.step.as_deref().unwrap_or(&finding.citation))
        ),
    );
    for exchange in &finding.exchanges {
        wire(exchange, out);
    }
    for command in &finding.reproduce {
        line(out, &format!("      {FAINT}${FAINT:#} {command}"));
    }
    line(out, &format!("      fix      {}", finding.fix.what));
    for (server, text) in finding.fix.each().into_iter().take(if verbose { usize::MAX } else { 0 }) {
        line(out, &format!("      {FAINT}{server}{FAINT:#}"));
        for part in text.trim().lines() {
            line(out, &format!("        {part}"));
        }
    }
    line(out, "");
}

/// Who can send the request that shows it, in words.
pub(in crate::report) fn reach(finding: &AuditFinding) -> &'static str {
    use corspec_vectors::meta::Reach;
    match finding.reach {
        Reach::Browser => "any browser can send this",
        Reach::Legacy => "apps and old browsers can send this",
        Reach::None => "no browser sends this",
    }
}

/// How many endpoints have what, when there are several.
fn summary(audits: &[AuditEvent], out: &mut String) {
    let count = |severity: Option<Severity>| {
        audits.iter().filter(|audit| audit.reached && audit.worst() == severity).count()
    };
    let unreached = audits.iter().filter(|audit| !audit.reached).count();
    let nothing = count(None) + count(Some(Severity::Info));
    line(
        out,
        &format!(
            "{} endpoints: {} high, {} medium, {} low, {nothing} without a finding, {unreached} not checked",
            audits.len(),
            count(Some(Severity::High)),
            count(Some(Severity::Medium)),
            count(Some(Severity::Low)),
        ),
    );
}
