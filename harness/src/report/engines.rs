//! Client vectors × browsers, for people at a terminal.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Counts;
use super::collected::Collected;
use super::matrix::Mark;
use super::pretty::{BAD, FAINT, KNOWN, STRONG, style};
use crate::event::{ClientEvent, ClientResultEvent};
use crate::verdict::Verdict;

/// What the signs in cells mean.
pub const LEGEND: &str =
    "✓ equal to the model   ~ explained/run   ✗ unexplained/run   – no page can run them";

/// Unexplained differences shown of each client unless all are asked for.
const SHOWN: usize = 20;

/// The clients of a run, and what they did.
#[derive(Debug)]
pub struct EngineMatrix<'a> {
    clients: Vec<Column<'a>>,
}

#[derive(Debug)]
struct Column<'a> {
    info: &'a ClientEvent,
    groups: BTreeMap<&'a str, Counts>,
    results: Vec<&'a ClientResultEvent>,
}

impl<'a> EngineMatrix<'a> {
    /// What was collected of clients.
    pub fn of(collected: &'a Collected) -> Self {
        let clients = collected.clients.iter().map(|tested| {
            let mut groups = BTreeMap::<&str, Counts>::new();
            for result in tested.results() {
                let group = result.vector.split('/').next().unwrap_or_default();
                groups.entry(group).or_default().add(result.verdict);
            }
            let results = tested.results().filter(|result| result.verdict != Verdict::Pass).collect();
            Column { info: &tested.info, groups, results }
        });
        Self { clients: clients.collect() }
    }

    /// The whole report; `verbose` shows every difference, also those explained, and what was left out.
    pub fn print(&self, verbose: bool) -> String {
        let mut out = String::new();
        let running: Vec<&Column<'_>> =
            self.clients.iter().filter(|column| column.info.setup_error.is_none()).collect();
        if !running.is_empty() {
            matrix(&running, &mut out);
        }
        for column in &running {
            differences(column, verbose, &mut out);
        }
        everywhere(&running, &mut out);
        if !running.is_empty() {
            line(&mut out, "");
        }
        for column in &running {
            summary(column, &mut out);
        }
        for column in &self.clients {
            if let Some(error) = &column.info.setup_error {
                line(&mut out, &format!("{BAD}{} did not start{BAD:#}: {error}", column.info.name));
            }
        }
        out
    }
}

/// Group of vectors × client.
fn matrix(clients: &[&Column<'_>], out: &mut String) {
    let groups: std::collections::BTreeSet<&str> =
        clients.iter().flat_map(|column| column.groups.keys().copied()).collect();
    let width = groups.iter().map(|group| group.len()).max().unwrap_or(0);
    let mut head = format!("{:width$}", "");
    for column in clients {
        let _ = write!(head, "  {STRONG}{:>20}{STRONG:#}", title(column.info));
    }
    line(out, &head);
    for group in groups {
        let mut text = format!("{group:width$}");
        for column in clients {
            let (cell, mark) = column.groups.get(group).map_or(("·".to_owned(), Mark::None), cell);
            let style = style(mark);
            let _ = write!(text, "  {style}{cell:>20}{style:#}");
        }
        line(out, &text);
    }
    line(out, "");
    line(out, &format!("{FAINT}{LEGEND}{FAINT:#}"));
}

fn title(info: &ClientEvent) -> String {
    format!("{} {}", info.name, info.version)
}

/// What the cell of a group of vectors says of a client.
pub fn cell(counts: &Counts) -> (String, Mark) {
    let run = counts.sum(|verdict| verdict != Verdict::Unsupported);
    let (open, known) = (counts.sum(is_open), counts.of(Verdict::KnownFail));
    match (run, open, known) {
        (0, ..) => ("–".to_owned(), Mark::None),
        (_, 0, 0) => (format!("✓ {run}"), Mark::Good),
        (_, 0, _) => (format!("~ {known}/{run}"), Mark::Known),
        _ => (format!("✗ {open}/{run}"), Mark::Bad),
    }
}

const fn is_open(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Pass | Verdict::KnownFail | Verdict::Unsupported)
}

fn differences(column: &Column<'_>, verbose: bool, out: &mut String) {
    let (open, rest): (Vec<_>, Vec<_>) =
        column.results.iter().copied().partition(|result| is_open(result.verdict));
    let (known, left_out): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|result| result.verdict == Verdict::KnownFail);
    if open.is_empty() && known.is_empty() {
        return;
    }
    line(out, "");
    line(out, &format!("{STRONG}{}{STRONG:#}", title(column.info)));
    let mut explained: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for entry in known.iter().flat_map(|result| &result.explained) {
        *explained.entry((&entry.what, &entry.step)).or_default() += 1;
    }
    for ((what, step), count) in explained {
        line(out, &format!("  {KNOWN}known{KNOWN:#}  × {count}: {what} {FAINT}({step}){FAINT:#}"));
    }
    let shown = if verbose { usize::MAX } else { SHOWN };
    for result in open.iter().take(shown).chain(known.iter().filter(|_| verbose)) {
        let style = if is_open(result.verdict) { BAD } else { KNOWN };
        line(
            out,
            &format!("  {style}{}{style:#}  {} — {}", result.verdict.as_str(), result.vector, result.title),
        );
        if result.verdict == Verdict::UnexpectedPass {
            line(out, "      it equals the model: take it out of the profile");
        }
        for difference in &result.differences {
            line(out, &format!("      {}", difference.what));
        }
        if !result.reasons.is_empty() {
            line(out, &format!("      {FAINT}it says{FAINT:#} {}", result.reasons.join("; ")));
        }
    }
    if open.len() > shown {
        line(out, &format!("  {BAD}and {} more{BAD:#}: --verbose shows all", open.len() - shown));
    }
    if verbose {
        for result in left_out {
            let why = result.differences.first().map_or("", |difference| &difference.what);
            line(out, &format!("  {FAINT}left out{FAINT:#}  {}: {why}", result.vector));
        }
    }
}

/// What all clients do alike: where the standard says one thing and everybody does another.
fn everywhere(clients: &[&Column<'_>], out: &mut String) {
    let Some((first, others)) = clients.split_first().filter(|(_, others)| !others.is_empty()) else {
        return;
    };
    let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
    for result in &first.results {
        for entry in &result.explained {
            let same = |other: &&Column<'_>| {
                let mut results = other.results.iter().filter(|candidate| candidate.vector == result.vector);
                results.any(|candidate| candidate.explained.iter().any(|also| also.what == entry.what))
            };
            if others.iter().all(same) {
                *alike.entry(&entry.what).or_default() += 1;
            }
        }
    }
    if !alike.is_empty() {
        line(out, "");
        line(out, &format!("{STRONG}in all of them, against the standard{STRONG:#}"));
    }
    for (what, count) in alike {
        line(out, &format!("  × {count}: {what}"));
    }
}

/// What scripts look for: one line a client.
fn summary(column: &Column<'_>, out: &mut String) {
    let mut all = Counts::default();
    for counts in column.groups.values() {
        all.merge(counts);
    }
    let run = all.sum(|verdict| verdict != Verdict::Unsupported);
    line(
        out,
        &format!(
            "{}: run {run}, equal {}, explained {}, unexplained {}, left out {}; {:.0} s, {:.1} ms a scenario",
            title(column.info),
            all.of(Verdict::Pass),
            all.of(Verdict::KnownFail),
            all.sum(is_open),
            all.of(Verdict::Unsupported),
            column.info.seconds,
            column.info.milliseconds_a_scenario,
        ),
    );
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use corspec_vectors::meta::Level;

    use super::*;
    use crate::event::{DifferenceEvent, Event, ExplainedEvent};

    fn result(client: &str, vector: &str, verdict: Verdict, what: Option<&str>) -> Event {
        let explained = what.map(|what| ExplainedEvent { what: what.into(), step: "a/1".into(), link: None });
        Event::ClientResult(Box::new(ClientResultEvent {
            client: client.into(),
            vector: vector.into(),
            title: "title".into(),
            level: Level::Must,
            verdict,
            differences: vec![DifferenceEvent { aspect: None, what: "difference".into() }],
            explained: explained.into_iter().collect(),
            reasons: Vec::new(),
        }))
    }

    fn report(second: &str) -> String {
        let mut collected = Collected::default();
        for (client, what) in [("one", "everybody does"), ("two", second)] {
            collected.note(&Event::Client(ClientEvent { name: client.into(), ..ClientEvent::default() }));
            collected.note(&result(client, "g/a", Verdict::Pass, None));
            collected.note(&result(client, "g/b", Verdict::KnownFail, Some(what)));
            collected.note(&result(client, "g/c", Verdict::Fail, None));
            collected.note(&result(client, "g/d", Verdict::Unsupported, None));
        }
        anstream::adapter::strip_str(&EngineMatrix::of(&collected).print(false)).to_string()
    }

    #[test]
    fn each_client_has_a_line_of_counts_and_its_open_differences() {
        let report = report("another does");
        assert!(report.contains("one : run 3, equal 1, explained 1, unexplained 1, left out 1;"), "{report}");
        assert!(report.contains("fail  g/c — title"), "{report}");
        assert!(!report.contains("in all of them"), "{report}");
    }

    #[test]
    fn what_all_clients_do_alike_is_told_apart() {
        let report = report("everybody does");
        assert!(report.contains("in all of them, against the standard\n  × 1: everybody does\n"), "{report}");
    }
}
