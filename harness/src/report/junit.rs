//! JUnit XML, for what shows test results: a test suite an implementation, a test case a law in a vector.
//!
//! | here | in JUnit |
//! |---|---|
//! | fail, unexpected pass, an entry that should not be on a list | failure |
//! | set-up error, crash, hang, a run that is not complete | error |
//! | unsupported, refused, known failure, fact | skipped, with the reason |

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::case::{Case, Outcome, Subject, of_audits, subjects};
use super::collected::Collected;
use crate::event::FindingEvent;

/// The whole document.
///
/// # Errors
/// Whatever writing XML gives; it does not happen with text.
pub fn text(collected: &Collected) -> Result<String, SerializeError> {
    let mut report = Report::new("corspec");
    for subject in subjects(collected).into_iter().chain(of_audits(collected)) {
        report.add_test_suite(suite(&subject));
    }
    let mut run = TestSuite::new("corspec");
    for problem in &collected.problems {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("known-failing").set_message(&problem.problem);
        run.add_test_case(case_of("known-failing", &problem.implementation, status));
    }
    for missing in collected.missing() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("incomplete").set_message(&missing);
        run.add_test_case(case_of("run", "complete", status));
    }
    if !run.test_cases.is_empty() {
        report.add_test_suite(run);
    }
    Ok(without_count_of_skipped(&report.to_string()?))
}

/// The schema has a count of skipped cases for each suite, none for all of them.
fn without_count_of_skipped(document: &str) -> String {
    let Some((head, rest)) = document.split_once("<testsuites ") else { return document.to_owned() };
    let (element, body) = rest.split_once('>').unwrap_or((rest, ""));
    let kept: Vec<&str> = element.split(' ').filter(|attribute| !attribute.starts_with("skipped=")).collect();
    format!("{head}<testsuites {}>{body}", kept.join(" "))
}

fn suite(subject: &Subject<'_>) -> TestSuite {
    let mut suite = TestSuite::new(subject.title());
    suite.add_property(("version", subject.version));
    for case in &subject.cases {
        suite.add_test_case(case_of(case.law, case.vector, status(case)));
    }
    suite
}

fn case_of(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

fn status(case: &Case<'_>) -> TestCaseStatus {
    let outcome = case.outcome();
    let mut status = match outcome {
        Outcome::Passed => return TestCaseStatus::success(),
        Outcome::Failed | Outcome::Stale => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        Outcome::Known | Outcome::NotAsked | Outcome::Fact => TestCaseStatus::skipped(),
    };
    let what = case.sentence();
    let message = match outcome {
        Outcome::Known => format!("known: {}", case.known.as_deref().unwrap_or(what)),
        Outcome::Fact => format!("a fact, no verdict: {what}"),
        Outcome::NotAsked => format!("{}: {what}", case.verdict.as_str()),
        _ => format!("{} ({}): {what}", case.verdict.as_str(), case.level.as_str()),
    };
    if matches!(outcome, Outcome::Failed | Outcome::Stale | Outcome::Error) {
        status.set_message(message).set_type(case.verdict.as_str()).set_description(description(case));
    } else {
        // The schema lets a skipped case have words in it, but no attribute.
        status.set_description(message);
    }
    status
}

/// Everything needed to understand a failure and to see it again.
fn description(case: &Case<'_>) -> String {
    let mut lines = vec![case.title.to_owned()];
    if let Some(FindingEvent { policy, policy_means, browser, step, .. }) = case.finding {
        lines.push(format!("policy: {}", serde_json::to_string(policy).unwrap_or_default()));
        for (label, text) in [
            ("meaning", policy_means.as_str()),
            ("browser", browser.as_str()),
            ("step", step.as_deref().unwrap_or_default()),
        ] {
            if !text.is_empty() {
                lines.push(format!("{label}: {text}"));
            }
        }
    }
    lines.extend(case.reproduce.iter().map(|command| format!("$ {command}")));
    lines.join("\n")
}
