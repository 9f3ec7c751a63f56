//! Audits in SARIF: a rule for each entry of the catalogue, a result for each finding.

use serde_json::{Value, json};

use crate::check::AuditEvent;
use crate::check::catalogue::{CATALOGUE, Entry, Severity};
use crate::check::event::AuditFinding;
use crate::report::sarif::{fingerprint, location, rule, show};
use crate::report::specification;

/// The rules; none when nothing was audited.
pub fn rules(audits: &[AuditEvent]) -> Vec<Value> {
    if audits.is_empty() { Vec::new() } else { CATALOGUE.findings.iter().map(entry_rule).collect() }
}

/// The results.
pub fn results(audits: &[AuditEvent], rules: &[Value]) -> Vec<Value> {
    let of_one = |audit| move |finding| result(audit, finding, rules);
    audits.iter().flat_map(|audit| audit.findings.iter().map(of_one(audit))).collect()
}

/// What could not be audited, or not to the end.
pub fn problems(audits: &[AuditEvent]) -> Vec<String> {
    let problem = |audit: &AuditEvent| Some(format!("{}: {}", audit.url, audit.problem.as_deref()?));
    audits.iter().filter_map(problem).collect()
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// What GitHub sorts by: the scale of CVSS.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn entry_rule(entry: &Entry) -> Value {
    let mut rule = rule(&id(&entry.id), &entry.title, level(entry.severity));
    let fix = CATALOGUE.fixes.get(&entry.fix).cloned().unwrap_or_default();
    let mut help = format!("{}\n\nAttack: {}\n\nFix: {}\n", entry.what, entry.attack, fix.what);
    for (server, text) in fix.each() {
        help.push_str(&format!("\n{server}:\n{}\n", text.trim()));
    }
    rule["fullDescription"] = json!({"text": entry.what});
    rule["help"] = json!({"text": help});
    rule["helpUri"] = json!(specification::link(&entry.citation));
    rule["properties"] = json!({
        "tags": ["cors", "security", "external/cwe/cwe-942"],
        "security-severity": security_severity(entry.severity),
    });
    rule
}

fn id(entry: &str) -> String {
    format!("check/{entry}")
}

fn result(audit: &AuditEvent, finding: &AuditFinding, rules: &[Value]) -> Value {
    let id = id(&finding.id);
    let mut message = vec![
        format!("{}.", finding.title),
        format!("{}.", finding.here),
        finding.what.clone(),
        format!("Attack: {}", finding.attack),
    ];
    message.extend(finding.reproduce.iter().map(|command| format!("Reproduce: {command}")));
    message.push(format!("Fix: {}", finding.fix.what));
    let mut result = json!({
        "ruleId": id,
        "ruleIndex": rules.iter().position(|rule| rule["id"] == id),
        "kind": "fail",
        "level": level(finding.severity),
        "message": {"text": message.join("\n")},
        "locations": [location(&audit.url, &audit.url)],
        "partialFingerprints": {"corspecFinding/v1": fingerprint(&[&audit.url, &id])},
        "properties": {
            "severity": finding.severity.as_str(),
            "security-severity": security_severity(finding.severity),
            "reach": finding.reach,
            "origins": finding.origins,
            "requirement": finding.requirement,
        },
    });
    show(&finding.exchanges, &mut result);
    result
}
