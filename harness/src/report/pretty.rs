//! The matrix and the findings, for people at a terminal.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use corspec_vectors::embedded::LAWS;
use corspec_vectors::meta::Level;

use super::{Counts, is_breakage, is_failure};
use crate::event::{Event, ExchangeEvent, ResultEvent};
use crate::implementation::Info;
use crate::verdict::Verdict;

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();
pub(super) const KNOWN: Style = AnsiColor::Yellow.on_default();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const STRONG: Style = Style::new().bold();

/// Collects the events of a run and prints them at its end.
#[derive(Debug, Default)]
pub struct Pretty {
    rows: Vec<Row>,
    problems: Vec<String>,
}

#[derive(Debug)]
struct Row {
    info: Info,
    laws: BTreeMap<String, Counts>,
    failures: Vec<ResultEvent>,
}

impl Pretty {
    /// Takes note of an event.
    pub fn note(&mut self, event: &Event) {
        match event {
            Event::Implementation(info) => {
                self.rows.push(Row { info: info.clone(), laws: BTreeMap::new(), failures: Vec::new() });
            }
            Event::Result(result) => {
                if let Some(row) = self.rows.last_mut() {
                    // A fact is no verdict.
                    if result.level != Level::Check {
                        row.laws.entry(result.law.clone()).or_default().add(result.verdict);
                    }
                    if result.verdict != Verdict::Pass {
                        row.failures.push((**result).clone());
                    }
                }
            }
            Event::KnownFailingProblem { implementation, problem } => {
                self.problems.push(format!("known failures of {implementation}: {problem}"));
            }
            Event::Client(_) | Event::ClientResult(_) | Event::Start { .. } | Event::End { .. } => {}
        }
    }

    /// The whole report; `verbose` shows an example of known findings and facts too.
    pub fn print(&self, verbose: bool) -> String {
        let mut out = String::new();
        self.matrix(&mut out);
        for row in &self.rows {
            findings(row, verbose, &mut out);
        }
        for problem in &self.problems {
            line(&mut out, &format!("{BAD}{problem}{BAD:#}"));
        }
        out
    }

    /// Implementation × law.
    fn matrix(&self, out: &mut String) {
        let names: Vec<String> = self.rows.iter().map(|row| title(&row.info)).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(14);
        let columns: Vec<&str> = LAWS.iter().map(|law| law.id.as_str()).collect();
        let mut head = format!("{:width$}", "");
        for law in &columns {
            let _ = write!(head, "  {STRONG}{law:>14}{STRONG:#}");
        }
        let _ = write!(head, "  {FAINT}{:>5}{FAINT:#}", "n/a");
        line(out, &head);
        for (row, name) in self.rows.iter().zip(&names) {
            let mut text = format!("{STRONG}{name:width$}{STRONG:#}");
            for law in &columns {
                let (cell, style) = row.laws.get(*law).map_or(("·".to_owned(), FAINT), cell);
                let _ = write!(text, "  {style}{cell:>14}{style:#}");
            }
            let not_asked: usize = row.laws.values().map(|counts| counts.sum(is_not_asked)).sum();
            let _ = write!(text, "  {FAINT}{not_asked:>5}{FAINT:#}");
            line(out, &text);
        }
        line(out, "");
        line(
            out,
            &format!(
                "{FAINT}✓ judged and holds   ✗ broken/judged   ~ known to be broken/judged   ! did not answer   n/a policy cannot be expressed{FAINT:#}"
            ),
        );
    }
}

fn title(info: &Info) -> String {
    format!("{} {}", info.name, info.version).trim_end().to_owned()
}

/// Whether the vector could not be asked because the implementation cannot have the policy.
const fn is_not_asked(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Unsupported | Verdict::Refused)
}

/// What a cell says of a law, the worst first.
fn cell(counts: &Counts) -> (String, Style) {
    let judged = counts.judged();
    let broken = counts.of(Verdict::Fail) + counts.of(Verdict::UnexpectedPass);
    let known = counts.of(Verdict::KnownFail);
    let silent = counts.sum(is_breakage);
    if broken > 0 {
        (format!("✗ {broken}/{judged}"), BAD)
    } else if silent > 0 {
        (format!("! {silent}/{}", silent + judged), BAD)
    } else if known > 0 {
        (format!("~ {known}/{judged}"), KNOWN)
    } else if judged > 0 {
        (format!("✓ {judged}"), GOOD)
    } else {
        ("–".to_owned(), FAINT)
    }
}

/// What is to be said of one implementation: what is new in full, what is known and what could not be asked in a line.
fn findings(row: &Row, verbose: bool, out: &mut String) {
    if row.failures.is_empty() {
        return;
    }
    line(out, "");
    line(out, &format!("{STRONG}{}{STRONG:#}", title(&row.info)));
    let (broken, rest): (Vec<_>, Vec<_>) =
        row.failures.iter().partition(|result| is_breakage(result.verdict));
    let (news, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|result| is_failure(result));
    for ((verdict, what), count) in counted(&broken) {
        line(out, &format!("  {BAD}{:<15}{BAD:#} {count} vectors: {what}", verdict.as_str()));
    }
    let (known, rest): (Vec<_>, Vec<_>) = rest
        .into_iter()
        .partition(|result| result.verdict == Verdict::KnownFail && result.level != Level::Check);
    let (facts, silent): (Vec<_>, Vec<_>) = rest.into_iter().partition(|result| result.verdict.is_judged());
    for (level, law, what, verdict, results) in grouped(&news) {
        let what = match verdict {
            Verdict::UnexpectedPass => "it holds: remove it from the list of known failures",
            _ => what,
        };
        let count = results.len();
        line(
            out,
            &format!("  {BAD}{:<15}{BAD:#} {law} ({}) × {count}: {what}", verdict.as_str(), level.as_str()),
        );
        in_detail(results[0], out);
        also(&results, out);
    }
    for (level, law, what, _, results) in grouped(&known) {
        let count = results.len();
        line(out, &format!("  {KNOWN}known{KNOWN:#}  {law} ({}) × {count}: {what}", level.as_str()));
        if let Some(reason) = results[0].finding.as_ref().and_then(|finding| finding.known.as_ref()) {
            line(out, &format!("         {FAINT}{reason}{FAINT:#}"));
        }
        if verbose {
            in_detail(results[0], out);
            also(&results, out);
        }
    }
    for (_, law, what, _, results) in grouped(&facts) {
        line(out, &format!("  {FAINT}fact{FAINT:#}   {law} × {}: {what}", results.len()));
        if verbose {
            in_detail(results[0], out);
            also(&results, out);
        }
    }
    for ((verdict, what), count) in counted(&silent) {
        line(out, &format!("  {FAINT}{}{FAINT:#}  {count} vectors: {what}", verdict.as_str()));
    }
}

/// How many results there are of each verdict and cause.
fn counted<'a>(results: &[&'a ResultEvent]) -> BTreeMap<(Verdict, &'a str), usize> {
    let mut counts = BTreeMap::new();
    for result in results {
        *counts.entry((result.verdict, what(result))).or_default() += 1;
    }
    counts
}

fn what(result: &ResultEvent) -> &str {
    result.finding.as_ref().map_or("", |finding| &finding.what)
}

type Group<'a> = (Level, &'a str, &'a str, Verdict, Vec<&'a ResultEvent>);

/// Equal findings together, the most binding level first.
fn grouped<'a>(results: &[&'a ResultEvent]) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<(Level, &str, &str, Verdict), Vec<&ResultEvent>> = BTreeMap::new();
    for result in results {
        groups.entry((result.level, &result.law, what(result), result.verdict)).or_default().push(result);
    }
    groups
        .into_iter()
        .map(|((level, law, what, verdict), results)| (level, law, what, verdict, results))
        .collect()
}

/// Names the other vectors of a group.
fn also(results: &[&ResultEvent], out: &mut String) {
    let others: Vec<&str> = results.iter().skip(1).take(4).map(|result| &*result.vector).collect();
    if !others.is_empty() {
        let more = results.len().saturating_sub(5);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        line(out, &format!("      {FAINT}also {}{more}{FAINT:#}", others.join(", ")));
    }
}

/// One finding: everything needed to understand it and to see it again.
fn in_detail(result: &ResultEvent, out: &mut String) {
    let Some(finding) = result.finding.as_ref().filter(|finding| !finding.exchanges.is_empty()) else {
        return;
    };
    let policy = serde_json::to_string(&finding.policy).unwrap_or_default();
    line(out, &format!("      vector   {} — {}", result.vector, result.title));
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

fn wire(exchange: &ExchangeEvent, out: &mut String) {
    line(out, &format!("      {FAINT}>{FAINT:#} {} {}", exchange.method, exchange.target));
    for (name, value) in &exchange.request_headers {
        line(out, &format!("      {FAINT}>{FAINT:#} {name}: {value}"));
    }
    line(out, &format!("      {FAINT}<{FAINT:#} {}", exchange.status));
    for (name, value) in &exchange.response_headers {
        line(out, &format!("      {FAINT}<{FAINT:#} {name}: {value}"));
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}
