//! Several runs: what each implementation did in each of them, in the order in which they were given.

use maud::{Markup, html};

use super::super::case::{Outcome, Subject, subjects};
use super::super::collected::Collected;
use super::super::diff::{Change, diff};
use super::chart;

/// One run.
#[derive(Debug)]
pub struct Run {
    /// The file it was read from.
    pub name: String,
    /// What is in it.
    pub collected: Collected,
}

/// What one implementation did in one run.
struct Point<'a> {
    run: &'a Run,
    version: String,
    broken: usize,
    known: usize,
    holds: usize,
    /// Against the run before it that has the implementation.
    changes: Option<(Vec<Change>, Vec<Change>)>,
}

/// The table; `None` when no implementation is in two runs. Shards of one run are no trend.
pub(super) fn table(runs: &[Run]) -> Option<Markup> {
    let runs: Vec<(&Run, Vec<Subject<'_>>)> = runs
        .iter()
        .filter(|run| !run.collected.is_part())
        .map(|run| (run, subjects(&run.collected)))
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for subject in runs.iter().flat_map(|(_, subjects)| subjects) {
        if !names.contains(&subject.name) {
            names.push(subject.name);
        }
    }
    let lines: Vec<(&str, Vec<Point<'_>>)> = names
        .into_iter()
        .map(|name| (name, points(&runs, name)))
        .filter(|(_, points)| points.len() > 1)
        .collect();
    if lines.is_empty() {
        return None;
    }
    Some(html! {
        @for (name, points) in &lines {
            h3 { (name) }
            (chart::trace(&format!("Broken cases of {name}"), &points.iter().map(|point| point.broken + point.known).collect::<Vec<_>>()))
            div.wide role="region" aria-label={ "Runs of " (name) } tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Run" } th scope="col" { "Version" }
                        th scope="col" { "Holds" } th scope="col" { "Broken" } th scope="col" { "Known" }
                        th scope="col" { "Worse" } th scope="col" { "Better" }
                    } }
                    tbody { @for point in points { (row(point)) } }
                }
            }
        }
    })
}

fn row(point: &Point<'_>) -> Markup {
    html! {
        tr {
            th scope="row" { (point.run.name) }
            td { (point.version) }
            td.number { (point.holds) }
            td.number.bad[point.broken > 0] { (point.broken) }
            td.number.known[point.known > 0] { (point.known) }
            @match &point.changes {
                Some((worse, better)) => { td { (changes(worse)) } td { (changes(better)) } }
                None => { td.none { "–" } td.none { "–" } },
            }
        }
    }
}

/// Changes that are named; `corspec diff` names all.
const NAMED: usize = 200;

fn changes(changes: &[Change]) -> Markup {
    html! {
        @if changes.is_empty() { "0" } @else {
            details {
                summary { (changes.len()) }
                ul {
                    @for change in changes.iter().take(NAMED) {
                        li { code { (change.vector) } " " (change.law) @if !change.what.is_empty() { ": " (change.what) } }
                    }
                    @if changes.len() > NAMED { li { "and " (changes.len() - NAMED) " more" } }
                }
            }
        }
    }
}

fn points<'a>(runs: &[(&'a Run, Vec<Subject<'_>>)], name: &str) -> Vec<Point<'a>> {
    let mut points: Vec<Point<'a>> = Vec::new();
    for (run, subjects) in runs {
        // A run may have it in several versions: they are one point.
        let mine: Vec<&Subject<'_>> = subjects.iter().filter(|subject| subject.name == name).collect();
        if mine.is_empty() {
            continue;
        }
        let versions: Vec<&str> = mine.iter().map(|subject| subject.version).collect();
        let outcomes: Vec<Outcome> =
            mine.iter().flat_map(|subject| &subject.cases).map(super::super::case::Case::outcome).collect();
        let count = |kinds: &[Outcome]| outcomes.iter().filter(|outcome| kinds.contains(outcome)).count();
        let changes = points.last().map(|last| {
            let diff = diff(&last.run.collected, &run.collected);
            let of =
                |list: Vec<Change>| list.into_iter().filter(|change| change.implementation == name).collect();
            (of(diff.worse), of(diff.better))
        });
        points.push(Point {
            run,
            version: versions.join(", "),
            broken: count(&[Outcome::Failed, Outcome::Stale, Outcome::Error]),
            known: count(&[Outcome::Known]),
            holds: count(&[Outcome::Passed]),
            changes,
        });
    }
    points
}
