//! Markdown, for a pull request, a wiki or the summary of a CI step: the matrix, then the findings.

use std::fmt::Write;

use super::case::{Case, Group, Outcome, Subject, also, counted, grouped, subjects};
use super::collected::Collected;
use super::matrix::{LEGEND, Row, columns};
use super::specification;
use crate::event::ExchangeEvent;

/// Findings of one implementation that are shown.
const SHOWN: usize = 50;

/// Bytes after which no more examples are shown: the summary of a CI step is dropped whole when it is above 1 MiB.
const ROOM: usize = 800 << 10;

/// Vectors named in a line.
const NAMED: usize = 5;

/// The whole document.
pub fn text(collected: &Collected) -> String {
    let subjects = subjects(collected);
    let mut out = String::new();
    line(&mut out, "## corspec");
    for missing in collected.missing() {
        line(&mut out, &format!("\n**Incomplete:** {}", escape(&missing)));
    }
    if collected.audits.is_empty() || !subjects.is_empty() {
        matrix(&subjects, &mut out);
    }
    super::audit::markdown::add(&collected.audits, &mut out);
    for problem in &collected.problems {
        let text = format!("known failures of {}: {}", problem.implementation, problem.problem);
        line(&mut out, &format!("\n**{}**", escape(&text)));
    }
    for subject in &subjects {
        findings(subject, &mut out);
    }
    out
}

fn matrix(subjects: &[Subject<'_>], out: &mut String) {
    let rows: Vec<Row<'_>> = subjects.iter().map(Row::of).collect();
    let mut columns = columns(&rows);
    columns.retain(|law| rows.iter().any(|row| row.has(law)));
    if columns.is_empty() {
        line(out, "\nNothing was run.");
        return;
    }
    line(out, &format!("\n| | {} | n/a |", columns.join(" | ")));
    line(out, &format!("|---|{}", "--:|".repeat(columns.len() + 1)));
    for (row, subject) in rows.iter().zip(subjects) {
        let cells: Vec<String> = columns.iter().map(|law| row.cell(law).0).collect();
        let title = escape(&subject.title());
        line(out, &format!("| **{title}** | {} | {} |", cells.join(" | "), row.not_asked));
    }
    let legend: Vec<&str> = LEGEND.split("   ").collect();
    line(out, &format!("\n{}", escape(&legend.join(" · "))));
}

fn findings(subject: &Subject<'_>, out: &mut String) {
    let cases = &subject.cases;
    let news = grouped(cases, |outcome| matches!(outcome, Outcome::Failed | Outcome::Stale));
    let errors = counted(cases, |outcome| outcome == Outcome::Error);
    let known = grouped(cases, |outcome| outcome == Outcome::Known);
    let facts = grouped(cases, |outcome| outcome == Outcome::Fact);
    let not_asked = counted(cases, |outcome| outcome == Outcome::NotAsked);
    if news.is_empty() && errors.is_empty() && known.is_empty() && facts.is_empty() && not_asked.is_empty() {
        return;
    }
    line(out, &format!("\n### {}\n", escape(&subject.title())));
    for ((verdict, what), count) in errors {
        line(out, &format!("- **{}** × {count}: {}", verdict.as_str(), escape(what)));
    }
    for group in news.iter().take(SHOWN) {
        headline(group, out);
        if let Some(case) = group.cases.first().filter(|_| out.len() < ROOM) {
            example(case, out);
        }
        others(group, out);
    }
    if news.len() > SHOWN {
        line(out, &format!("- and {} more findings", news.len() - SHOWN));
    }
    let quiet = known.iter().map(|group| group.cases.len()).sum::<usize>()
        + facts.iter().map(|group| group.cases.len()).sum::<usize>()
        + cases.iter().filter(|case| case.outcome() == Outcome::NotAsked).count();
    if quiet == 0 {
        return;
    }
    line(out, &format!("\n<details><summary>Known, facts and not asked: {quiet}</summary>\n"));
    for group in &known {
        let reason = group.known.map(|reason| format!(" — {}", escape(reason))).unwrap_or_default();
        let (law, level) = (group.law, group.level.as_str());
        line(
            out,
            &format!("- known: {law} ({level}) × {}: {}{reason}", group.cases.len(), escape(group.what)),
        );
    }
    for group in &facts {
        line(out, &format!("- fact: {} × {}: {}", group.law, group.cases.len(), escape(group.what)));
    }
    for ((verdict, what), count) in not_asked {
        line(out, &format!("- {}: {count} × {}", verdict.as_str(), escape(what)));
    }
    line(out, "\n</details>");
}

fn headline(group: &Group<'_>, out: &mut String) {
    let Group { level, law, what, verdict, ref cases, .. } = *group;
    let (level, verdict, count) = (level.as_str(), verdict.as_str(), cases.len());
    line(out, &format!("- **{verdict}** {law} ({level}) × {count}: {}", escape(what)));
}

/// One case in full, folded.
fn example(case: &Case<'_>, out: &mut String) {
    let title = format!("{}: {}", case.vector, case.title);
    line(out, &format!("  <details><summary>{}</summary>\n", escape(&title)));
    if let Some(finding) = case.finding {
        let policy = serde_json::to_string(&finding.policy).unwrap_or_default();
        line(out, &format!("  - policy: {}", code(&policy)));
        for (label, text) in [("the policy means:", &finding.policy_means), ("the browser", &finding.browser)]
        {
            if !text.is_empty() {
                line(out, &format!("  - {label} {}", escape(text)));
            }
        }
        if let Some(step) = &finding.step {
            line(out, &format!("  - step: [{}]({})", escape(step), specification::link(step)));
        }
        if !finding.exchanges.is_empty() {
            block("http", &wire(&finding.exchanges), out);
        }
    }
    if !case.reproduce.is_empty() {
        block("sh", &case.reproduce.join("\n"), out);
    }
    line(out, "\n  </details>\n");
}

pub(super) fn wire(exchanges: &[ExchangeEvent]) -> String {
    let mut text = String::new();
    for exchange in exchanges {
        line(&mut text, &format!("> {} {}", exchange.method, exchange.target));
        for (name, value) in &exchange.request_headers {
            line(&mut text, &format!("> {name}: {value}"));
        }
        line(&mut text, &format!("< {}", exchange.status));
        for (name, value) in &exchange.response_headers {
            line(&mut text, &format!("< {name}: {value}"));
        }
    }
    text
}

fn others(group: &Group<'_>, out: &mut String) {
    let (others, more) = also(group, NAMED);
    if !others.is_empty() {
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let others: Vec<String> = others.into_iter().map(code).collect();
        line(out, &format!("  also {}{more}", others.join(", ")));
    }
}

/// A fenced block inside a list item, with a fence longer than any in the text.
pub(super) fn block(language: &str, text: &str, out: &mut String) {
    let fence = fence(text, 3);
    line(out, &format!("\n  {fence}{language}"));
    for part in text.lines() {
        line(out, &format!("  {part}"));
    }
    line(out, &format!("  {fence}"));
}

/// Text as code.
pub(super) fn code(text: &str) -> String {
    let fence = fence(text, 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace(['\n', '\r'], " "))
}

fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

/// Text that is shown as it is: what comes from the wire must not become markup.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' | '\r' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

pub(super) fn line(out: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{text}");
}
