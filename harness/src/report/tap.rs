//! [TAP 14](https://testanything.org/tap-version-14-specification.html): a subtest an implementation, a test point a law
//! in a vector.
//!
//! What could not be asked is `# SKIP`, what is known to be broken `not ok … # TODO`. A run that is not complete ends in
//! `Bail out!`.

use std::fmt::Write;

use super::case::{Case, Outcome, Subject, of_audits, subjects};
use super::collected::Collected;

/// The whole document.
pub fn text(collected: &Collected) -> String {
    let mut subjects = subjects(collected);
    subjects.extend(of_audits(collected));
    let mut out = String::new();
    let points = subjects.len() + collected.problems.len();
    line(&mut out, "TAP version 14");
    line(&mut out, &format!("1..{points}{}", if points == 0 { " # SKIP nothing was run" } else { "" }));
    for (number, subject) in (1..).zip(&subjects) {
        subtest(number, subject, &mut out);
    }
    for (number, problem) in (subjects.len() + 1..).zip(&collected.problems) {
        let text = format!("known failures of {}: {}", problem.implementation, problem.problem);
        line(&mut out, &format!("not ok {number} - {}", description(&text)));
    }
    for missing in collected.missing() {
        line(&mut out, &format!("Bail out! {}", one_line(&missing)));
    }
    out
}

fn subtest(number: usize, subject: &Subject<'_>, out: &mut String) {
    let title = description(&subject.title());
    let cases = &subject.cases;
    line(out, &format!("# Subtest: {title}"));
    line(
        out,
        &format!("    1..{}{}", cases.len(), if cases.is_empty() { " # SKIP nothing was run" } else { "" }),
    );
    for (number, case) in (1..).zip(cases) {
        point(number, case, out);
    }
    let failed =
        cases.iter().any(|case| matches!(case.outcome(), Outcome::Failed | Outcome::Stale | Outcome::Error));
    line(out, &format!("{} {number} - {title}", if failed { "not ok" } else { "ok" }));
}

fn point(number: usize, case: &Case<'_>, out: &mut String) {
    let name = description(&format!("{} {}", case.law, case.vector));
    let what = one_line(case.sentence());
    match case.outcome() {
        Outcome::Passed => line(out, &format!("    ok {number} - {name}")),
        Outcome::NotAsked => {
            line(out, &format!("    ok {number} - {name} # SKIP {}: {what}", case.verdict.as_str()));
        }
        Outcome::Fact => line(out, &format!("    ok {number} - {name} # SKIP a fact, no verdict: {what}")),
        Outcome::Known => {
            let why = one_line(case.known.as_deref().unwrap_or(case.sentence()));
            line(out, &format!("    not ok {number} - {name} # TODO {why}"));
        }
        Outcome::Failed | Outcome::Stale | Outcome::Error => {
            line(out, &format!("    not ok {number} - {name}"));
            diagnostic(case, out);
        }
    }
}

/// The YAML block after a failure. Its values are JSON strings, which are YAML too.
fn diagnostic(case: &Case<'_>, out: &mut String) {
    let finding = case.finding;
    line(out, "      ---");
    for (key, value) in [
        ("verdict", case.verdict.as_str()),
        ("level", case.level.as_str()),
        ("message", case.sentence()),
        ("title", case.title),
        ("policy_means", finding.map_or("", |finding| &finding.policy_means)),
        ("browser", finding.map_or("", |finding| &finding.browser)),
        ("step", finding.and_then(|finding| finding.step.as_deref()).unwrap_or_default()),
    ] {
        if !value.is_empty() {
            line(out, &format!("      {key}: {}", quoted(value)));
        }
    }
    if !case.reproduce.is_empty() {
        line(out, "      reproduce:");
        for command in &case.reproduce {
            line(out, &format!("        - {}", quoted(command)));
        }
    }
    line(out, "      ...");
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Text in which nothing starts a directive.
fn description(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn line(out: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{text}");
}
