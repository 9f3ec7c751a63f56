//! [SARIF 2.1.0](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), for code scanning.
//!
//! A rule for each law, a result for each finding: cases of which the same is to be said are one result. Facts and what
//! could not be asked are left out; what is known is suppressed.
//!
//! It is written with `serde_json`: the crate with SARIF's types, serde-sarif 0.8.0, does not compile with serde 1.0.229 and
//! generates its types at build time with three versions of syn.

use std::collections::BTreeMap;

use corspec_vectors::bytes::HeaderLines;
use corspec_vectors::embedded::LAWS;
use corspec_vectors::law::Law;
use corspec_vectors::meta::Level;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::case::{CLIENT_LAW, CLIENT_STATEMENT, Group, Outcome, Subject, grouped, subjects};
use super::collected::{Collected, ListProblem};
use super::{audit, specification};
use crate::event::ExchangeEvent;
use crate::verdict::Verdict;

/// The rule for lists of known failures that are not up to date.
const LIST_RULE: &str = "known-failing";

/// Vectors named in a message; all are in the properties of the result.
const NAMED: usize = 5;

/// The whole document, with a line break at its end.
///
/// # Errors
/// Whatever serializing JSON gives; it does not happen with text.
pub fn text(collected: &Collected) -> serde_json::Result<String> {
    let subjects = subjects(collected);
    let mut rules = rules(&subjects);
    rules.extend(audit::sarif::rules(&collected.audits));
    let mut results = Vec::new();
    let mut notifications: Vec<Value> =
        collected.missing().iter().map(|what| notification("warning", what)).collect();
    let problems = audit::sarif::problems(&collected.audits);
    notifications.extend(problems.iter().map(|problem| notification("warning", problem)));
    for subject in &subjects {
        for group in grouped(&subject.cases, |outcome| {
            matches!(outcome, Outcome::Failed | Outcome::Stale | Outcome::Known | Outcome::Error)
        }) {
            if group.verdict == Verdict::SetupError {
                let text = format!("{}: {} × {}", subject.title(), group.what, group.cases.len());
                notifications.push(notification("error", &text));
            } else {
                results.push(result(subject, &group, &rules));
            }
        }
    }
    results.extend(collected.problems.iter().map(|problem| list_problem(problem, &rules)));
    results.extend(audit::sarif::results(&collected.audits, &rules));
    let exit_code = collected.exit_code();
    let document = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "corspec",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": matches!(exit_code, 0 | 1) && collected.missing().is_empty(),
                "exitCode": exit_code,
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&document)?))
}

/// How grave a breach is to a code scanner; a fact is nothing.
const fn level(level: Level) -> &'static str {
    match level {
        Level::Security | Level::Must => "error",
        Level::Should => "warning",
        Level::Interop => "note",
        Level::Check => "none",
    }
}

fn notification(level: &str, text: &str) -> Value {
    json!({"level": level, "message": {"text": text}})
}

/// One rule a law, also those nothing breaks: a scanner shows what was looked for.
fn rules(subjects: &[Subject<'_>]) -> Vec<Value> {
    let mut rules: Vec<Value> = LAWS.iter().map(law_rule).collect();
    rules.push(rule(CLIENT_LAW, CLIENT_STATEMENT, "error"));
    rules.push(rule(LIST_RULE, "A list of known failures names what fails, and nothing else.", "error"));
    // Laws only another version of corspec knows.
    let mut others: Vec<&str> = subjects.iter().flat_map(|s| &s.cases).map(|case| case.law).collect();
    others.sort_unstable();
    others.dedup();
    for law in others {
        if !rules.iter().any(|rule| rule["id"] == law) {
            rules.push(rule(law, law, "error"));
        }
    }
    rules
}

pub(super) fn rule(id: &str, statement: &str, level: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": {"text": statement},
        "defaultConfiguration": {"level": level},
    })
}

fn law_rule(law: &Law) -> Value {
    let mut rule = rule(&law.id, &law.statement, level(law.level));
    rule["fullDescription"] = json!({"text": law.why});
    rule["help"] = json!({"text": format!("{} {}", law.statement, law.why)});
    if let Some(citation) = law.citations.first() {
        rule["helpUri"] = json!(specification::link(citation));
    }
    let tag = if law.level == Level::Security { "security" } else { "correctness" };
    rule["properties"] = json!({"tags": ["cors", tag], "citations": law.citations});
    rule
}

fn result(subject: &Subject<'_>, group: &Group<'_>, rules: &[Value]) -> Value {
    let vectors: Vec<&str> = group.cases.iter().map(|case| case.vector).collect();
    let mut result = json!({
        "ruleId": group.law,
        "ruleIndex": rules.iter().position(|rule| rule["id"] == group.law),
        "kind": "fail",
        "level": level(group.level),
        "message": {"text": message(subject, group)},
        "locations": [location(subject.name, subject.homepage)],
        "occurrenceCount": vectors.len(),
        "partialFingerprints": {"corspecFinding/v1": fingerprint(&[subject.name, group.law, group.what])},
        "properties": {
            "implementation": subject.name,
            "version": subject.version,
            "level": group.level.as_str(),
            "verdict": group.verdict.as_str(),
            "vectors": vectors,
        },
    });
    if group.verdict == Verdict::KnownFail {
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": group.known.unwrap_or("on a list of known failures"),
        }]);
    }
    if let Some(finding) = group.cases.first().and_then(|case| case.finding) {
        show(&finding.exchanges, &mut result);
    }
    result
}

/// What is wrong in the first sentence; then an example, and how to see it.
fn message(subject: &Subject<'_>, group: &Group<'_>) -> String {
    let what = if group.what.is_empty() { group.verdict.as_str() } else { group.what };
    let mut lines = vec![format!("{}: {}.", subject.title(), what.trim_end_matches('.'))];
    let Some(first) = group.cases.first() else { return lines.concat() };
    lines.push(format!("Vector {}: {}.", first.vector, first.title.trim_end_matches('.')));
    if let Some(finding) = first.finding {
        for (label, text) in [
            ("The policy means:", finding.policy_means.as_str()),
            ("The browser", finding.browser.as_str()),
            ("Step:", finding.step.as_deref().unwrap_or_default()),
        ] {
            if !text.is_empty() {
                lines.push(format!("{label} {text}"));
            }
        }
    }
    lines.extend(first.reproduce.iter().map(|command| format!("Reproduce: {command}")));
    let (others, more) = super::case::also(group, NAMED);
    if !others.is_empty() {
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("Also {}{more}.", others.join(", ")));
    }
    lines.join("\n")
}

fn list_problem(problem: &ListProblem, rules: &[Value]) -> Value {
    let ListProblem { implementation, problem } = problem;
    json!({
        "ruleId": LIST_RULE,
        "ruleIndex": rules.iter().position(|rule| rule["id"] == LIST_RULE),
        "kind": "fail",
        "level": "error",
        "message": {"text": format!("{implementation}: {problem}")},
        "locations": [location(implementation, "")],
        "partialFingerprints": {"corspecFinding/v1": fingerprint(&[implementation, LIST_RULE, problem])},
    })
}

/// An implementation is no line of a file: it is named, and where it lives stands for the file scanners ask for.
pub(super) fn location(name: &str, homepage: &str) -> Value {
    let mut location = json!({"logicalLocations": [{"fullyQualifiedName": name, "kind": "module"}]});
    if !homepage.is_empty() {
        location["physicalLocation"] = json!({"artifactLocation": {"uri": homepage}});
    }
    location
}

/// Header lines as the object SARIF wants; lines of one name are joined as the standard joins them.
pub(super) fn headers(lines: &HeaderLines) -> Map<String, Value> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in lines {
        joined
            .entry(name.to_string())
            .and_modify(|values| values.push_str(&format!(", {value}")))
            .or_insert_with(|| value.to_string());
    }
    joined.into_iter().map(|(name, values)| (name, Value::String(values))).collect()
}

/// The same for the same finding in the next run, whatever else changes.
pub(super) fn fingerprint(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Puts the exchange that shows a finding, if there is one, into its result.
pub(super) fn show(exchanges: &[ExchangeEvent], result: &mut Value) {
    let Some(exchange) = ExchangeEvent::deciding(exchanges).and_then(|place| exchanges.get(place)) else {
        return;
    };
    result["webRequest"] = json!({
        "protocol": "HTTP",
        "version": "1.1",
        "method": exchange.method.to_string(),
        "target": exchange.target,
        "headers": headers(&exchange.request_headers),
    });
    result["webResponse"] =
        json!({"statusCode": exchange.status, "headers": headers(&exchange.response_headers)});
}
