//! The matrix and the findings, for people at a terminal.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use corspec_vectors::embedded::LAWS;
use corspec_vectors::meta::{Level, Reach};

use super::{Counts, is_breakage};
use crate::event::{Event, ExchangeEvent, FindingEvent, ResultEvent};
use crate::implementation::Info;
use crate::verdict::Verdict;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const KNOWN: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

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
                    row.laws.entry(result.law.clone()).or_default().add(result.verdict);
                    if result.verdict != Verdict::Pass {
                        row.failures.push((**result).clone());
                    }
                }
            }
            Event::KnownFailingProblem { implementation, problem } => {
                self.problems.push(format!("known failures of {implementation}: {problem}"));
            }
            Event::Start { .. } | Event::End { .. } => {}
        }
    }

    /// The whole report; `width` is that of the terminal.
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
        line(out, &head);
        for (row, name) in self.rows.iter().zip(&names) {
            let mut text = format!("{STRONG}{name:width$}{STRONG:#}");
            for law in &columns {
                let (cell, style) = row.laws.get(*law).map_or(("·".to_owned(), FAINT), cell);
                let _ = write!(text, "  {style}{cell:>14}{style:#}");
            }
            line(out, &text);
        }
        line(out, "");
        line(
            out,
            &format!(
                "{FAINT}✓ judged and holds   ✗ broken/judged   ~ known to be broken/judged   ! did not answer   – policy not expressible{FAINT:#}"
            ),
        );
    }
}

fn title(info: &Info) -> String {
    format!("{} {}", info.name, info.version).trim_end().to_owned()
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

/// The findings of one implementation: equal ones together, the worst first, one of each shown whole.
fn findings(row: &Row, verbose: bool, out: &mut String) {
    type Key<'a> = (bool, Level, bool, &'a str, &'a str, Verdict);
    let mut groups: BTreeMap<Key<'_>, Vec<&ResultEvent>> = BTreeMap::new();
    for result in &row.failures {
        let what = result.finding.as_ref().map_or("", |finding| &finding.what);
        let known = !matches!(result.verdict, Verdict::Fail | Verdict::UnexpectedPass)
            && !is_breakage(result.verdict);
        let key = (known, result.level, result.reach != Reach::Browser, &*result.law, what, result.verdict);
        groups.entry(key).or_default().push(result);
    }
    if groups.is_empty() {
        return;
    }
    line(out, "");
    line(out, &format!("{STRONG}{}{STRONG:#}", title(&row.info)));
    for ((_, level, _, law, what, verdict), results) in &groups {
        let style = match verdict {
            Verdict::KnownFail => KNOWN,
            Verdict::Unsupported | Verdict::Refused => FAINT,
            _ => BAD,
        };
        let what = if *verdict == Verdict::UnexpectedPass {
            "it holds: remove it from the list of known failures"
        } else {
            what
        };
        line(
            out,
            &format!(
                "  {style}{:<15}{style:#} {law} ({}) × {}: {what}",
                verdict.as_str(),
                level.as_str(),
                results.len()
            ),
        );
        let in_full = verbose || matches!(verdict, Verdict::Fail);
        let Some((first, finding)) =
            results.iter().find_map(|result| Some((result, result.finding.as_ref()?)))
        else {
            continue;
        };
        if let Some(known) = &finding.known {
            line(out, &format!("                  {FAINT}{known}{FAINT:#}"));
        }
        if in_full && !finding.exchanges.is_empty() {
            in_detail(first, finding, out);
        }
        if results.len() > 1 && in_full {
            let others: Vec<&str> = results.iter().skip(1).take(4).map(|result| &*result.vector).collect();
            let more = results.len().saturating_sub(5);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            line(out, &format!("      {FAINT}also {}{more}{FAINT:#}", others.join(", ")));
        }
    }
}

/// One finding: everything needed to understand it and to see it again.
fn in_detail(result: &ResultEvent, finding: &FindingEvent, out: &mut String) {
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
