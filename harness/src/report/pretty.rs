//! The matrix and the findings, for people at a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::case::{Case, Group, Outcome, Subject, also, counted, grouped, of_implementation, subjects};
use super::collected::{Collected, ListProblem};
use super::engines::EngineMatrix;
use super::matrix::{LEGEND, Mark, Row, columns};
use crate::event::{ExchangeEvent, ResultEvent};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const KNOWN: Style = AnsiColor::Yellow.on_default();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const STRONG: Style = Style::new().bold();

/// The whole report; `verbose` shows an example of known findings and facts too, and every difference of clients.
pub fn text(collected: &Collected, verbose: bool) -> String {
    let mut out = String::new();
    let all = subjects(collected);
    let implementations = all.get(..collected.implementations.len()).unwrap_or_default();
    if !implementations.is_empty() {
        matrix(implementations, &mut out);
    }
    out.push_str(&super::audit::pretty::text(&collected.audits, verbose));
    for subject in implementations {
        findings(subject, verbose, &mut out);
    }
    if !collected.clients.is_empty() {
        if !implementations.is_empty() {
            line(&mut out, "");
        }
        out.push_str(&EngineMatrix::of(collected).print(verbose));
    }
    let is_client = |name: &str| collected.clients.iter().any(|tested| tested.info.name == name);
    for ListProblem { implementation, problem } in &collected.problems {
        let list = if is_client(implementation) { "profile" } else { "known failures" };
        line(&mut out, &format!("{BAD}{list} of {implementation}: {problem}{BAD:#}"));
    }
    for missing in collected.missing() {
        line(&mut out, &format!("{KNOWN}incomplete{KNOWN:#}: {missing}"));
    }
    out
}

/// Implementation × law.
fn matrix(subjects: &[Subject<'_>], out: &mut String) {
    let rows: Vec<Row<'_>> = subjects.iter().map(Row::of).collect();
    let names: Vec<String> = subjects.iter().map(Subject::title).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(14);
    let columns = columns(&rows);
    let mut head = format!("{:width$}", "");
    for law in &columns {
        let _ = write!(head, "  {STRONG}{law:>14}{STRONG:#}");
    }
    let _ = write!(head, "  {FAINT}{:>5}{FAINT:#}", "n/a");
    line(out, &head);
    for (row, name) in rows.iter().zip(&names) {
        let mut text = format!("{STRONG}{name:width$}{STRONG:#}");
        for law in &columns {
            let (cell, mark) = row.cell(law);
            let style = style(mark);
            let _ = write!(text, "  {style}{cell:>14}{style:#}");
        }
        let _ = write!(text, "  {FAINT}{:>5}{FAINT:#}", row.not_asked);
        line(out, &text);
    }
    line(out, "");
    line(out, &format!("{FAINT}{LEGEND}{FAINT:#}"));
}

pub(super) const fn style(mark: Mark) -> Style {
    match mark {
        Mark::Good => GOOD,
        Mark::Bad => BAD,
        Mark::Known => KNOWN,
        Mark::None => FAINT,
    }
}

/// What is to be said of one implementation: what is new in full, what is known and what could not be asked in a line.
fn findings(subject: &Subject<'_>, verbose: bool, out: &mut String) {
    let cases = &subject.cases;
    if cases.iter().all(|case| case.outcome() == Outcome::Passed) {
        return;
    }
    line(out, "");
    line(out, &format!("{STRONG}{}{STRONG:#}", subject.title()));
    for ((verdict, what), count) in counted(cases, |outcome| outcome == Outcome::Error) {
        line(out, &format!("  {BAD}{:<15}{BAD:#} {count} vectors: {what}", verdict.as_str()));
    }
    for group in grouped(cases, |outcome| matches!(outcome, Outcome::Failed | Outcome::Stale)) {
        let Group { level, law, what, verdict, ref cases, .. } = group;
        let (count, verdict, level) = (cases.len(), verdict.as_str(), level.as_str());
        line(out, &format!("  {BAD}{verdict:<15}{BAD:#} {law} ({level}) × {count}: {what}"));
        example(&group, out);
    }
    for group in grouped(cases, |outcome| outcome == Outcome::Known) {
        let Group { level, law, what, known, ref cases, .. } = group;
        let (count, level) = (cases.len(), level.as_str());
        line(out, &format!("  {KNOWN}known{KNOWN:#}  {law} ({level}) × {count}: {what}"));
        if let Some(reason) = known {
            line(out, &format!("         {FAINT}{reason}{FAINT:#}"));
        }
        if verbose {
            example(&group, out);
        }
    }
    for group in grouped(cases, |outcome| outcome == Outcome::Fact) {
        let Group { law, what, ref cases, .. } = group;
        line(out, &format!("  {FAINT}fact{FAINT:#}   {law} × {}: {what}", cases.len()));
        if verbose {
            example(&group, out);
        }
    }
    for ((verdict, what), count) in counted(cases, |outcome| outcome == Outcome::NotAsked) {
        line(out, &format!("  {FAINT}{}{FAINT:#}  {count} vectors: {what}", verdict.as_str()));
    }
}

/// One result in full.
pub fn detail(result: &ResultEvent) -> String {
    let mut out = String::new();
    in_detail(&of_implementation(result), &mut out);
    out
}

/// One finding of a group in full, and the names of some others.
fn example(group: &Group<'_>, out: &mut String) {
    if let Some(case) = group.cases.first() {
        in_detail(case, out);
    }
    let (others, more) = also(group, 4);
    if !others.is_empty() {
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        line(out, &format!("      {FAINT}also {}{more}{FAINT:#}", others.join(", ")));
    }
}

/// One finding: everything needed to understand it and to see it again.
fn in_detail(case: &Case<'_>, out: &mut String) {
    let Some(finding) = case.finding.filter(|finding| !finding.exchanges.is_empty()) else {
        return;
    };
    let policy = serde_json::to_string(&finding.policy).unwrap_or_default();
    if let Some(requirement) = case.requirement {
        line(out, &format!("      broken   {}: {}", requirement.id, requirement.statement));
        line(out, &format!("      so what  {}", requirement.why));
    }
    line(out, &format!("      vector   {} — {}", case.vector, case.title));
    line(out, &format!("      policy   {policy}"));
    line(out, &format!("      meaning  {}", finding.policy_means));
    line(out, &format!("      browser  {}", finding.browser));
    if let Some(step) = &finding.step {
        line(out, &format!("      step     {step}"));
    }
    for exchange in &finding.exchanges {
        wire(exchange, out);
    }
    for command in &finding.reproduce {
        line(out, &format!("      {FAINT}${FAINT:#} {command}"));
    }
}

pub(super) fn wire(exchange: &ExchangeEvent, out: &mut String) {
    line(out, &format!("      {FAINT}>{FAINT:#} {} {}", exchange.method, exchange.target));
    for (name, value) in &exchange.request_headers {
        line(out, &format!("      {FAINT}>{FAINT:#} {name}: {value}"));
    }
    line(out, &format!("      {FAINT}<{FAINT:#} {}", exchange.status));
    for (name, value) in &exchange.response_headers {
        line(out, &format!("      {FAINT}<{FAINT:#} {name}: {value}"));
    }
}

pub(super) fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}
