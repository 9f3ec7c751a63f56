//! A [`Diff`] in words: for a terminal, and as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::diff::{Change, Diff, Versions};
use super::markdown::{code, escape};
use super::pretty::{BAD, FAINT, GOOD, KNOWN, STRONG};
use crate::verdict::Verdict;

/// Vectors named of one change of one law; JSON names all.
const NAMED: usize = 20;

/// For a terminal.
pub fn pretty(diff: &Diff) -> String {
    let mut out = String::new();
    for Versions { name, old, new } in &diff.implementations {
        line(&mut out, &format!("{STRONG}{name}{STRONG:#}  {}", arrow(old, new)));
    }
    for (side, missing) in incomplete(diff) {
        line(&mut out, &format!("{KNOWN}the {side} run is incomplete{KNOWN:#}: {missing}"));
    }
    for (name, changes) in diff.lists().into_iter().filter(|(_, changes)| !changes.is_empty()) {
        let style = match name {
            "worse" => BAD,
            "better" => GOOD,
            _ => FAINT,
        };
        line(&mut out, &format!("\n{style}{name}{style:#} ({})", changes.len()));
        for (head, changes) in grouped(changes) {
            line(&mut out, &format!("  {}", head.text()));
            for change in changes.iter().take(NAMED) {
                line(&mut out, &format!("      {}", change.vector));
            }
            if changes.len() > NAMED {
                line(&mut out, &format!("      {FAINT}and {} more{FAINT:#}", changes.len() - NAMED));
            }
        }
    }
    line(&mut out, &format!("\n{}", summary(diff)));
    out
}

/// For a pull request.
pub fn markdown(diff: &Diff) -> String {
    let mut out = format!("## corspec: {}\n", summary(diff));
    for Versions { name, old, new } in &diff.implementations {
        line(&mut out, &format!("\n- **{}** {}", escape(name), escape(&arrow(old, new))));
    }
    for (side, missing) in incomplete(diff) {
        line(&mut out, &format!("\n**The {side} run is incomplete:** {}", escape(missing)));
    }
    for (name, changes) in diff.lists().into_iter().filter(|(_, changes)| !changes.is_empty()) {
        line(&mut out, &format!("\n### {name} ({})\n", changes.len()));
        for (head, changes) in grouped(changes) {
            let mut vectors: Vec<String> =
                changes.iter().take(NAMED).map(|change| code(&change.vector)).collect();
            if changes.len() > NAMED {
                vectors.push(format!("and {} more", changes.len() - NAMED));
            }
            line(&mut out, &format!("- {}: {}", escape(&head.text()), vectors.join(", ")));
        }
    }
    out
}

/// What changes have in common that are told together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Head<'a> {
    implementation: &'a str,
    law: &'a str,
    level: &'static str,
    old: Option<&'static str>,
    new: Option<&'static str>,
    what: &'a str,
}

impl Head<'_> {
    fn text(&self) -> String {
        let Self { implementation, law, level, old, new, what } = self;
        let verdicts = match (old, new) {
            (Some(old), Some(new)) => format!("{old} → {new}"),
            (Some(verdict), None) | (None, Some(verdict)) => (*verdict).to_owned(),
            (None, None) => String::new(),
        };
        let what = if what.is_empty() { String::new() } else { format!(": {what}") };
        format!("{implementation} {law} ({level}) {verdicts}{what}")
    }
}

fn grouped(changes: &[Change]) -> BTreeMap<Head<'_>, Vec<&Change>> {
    let mut groups = BTreeMap::<Head<'_>, Vec<&Change>>::new();
    for change in changes {
        let head = Head {
            implementation: &change.implementation,
            law: &change.law,
            level: change.level.as_str(),
            old: change.old.map(Verdict::as_str),
            new: change.new.map(Verdict::as_str),
            what: &change.what,
        };
        groups.entry(head).or_default().push(change);
    }
    groups
}

fn arrow(old: &[String], new: &[String]) -> String {
    let text = |versions: &[String]| match versions {
        [] => "–".to_owned(),
        versions => versions.join(", "),
    };
    if old == new { text(old) } else { format!("{} → {}", text(old), text(new)) }
}

fn incomplete(diff: &Diff) -> impl Iterator<Item = (&'static str, &str)> {
    let old = diff.old_incomplete.iter().map(|missing| ("old", missing.as_str()));
    old.chain(diff.new_incomplete.iter().map(|missing| ("new", missing.as_str())))
}

fn summary(diff: &Diff) -> String {
    let counts: Vec<String> =
        diff.lists().iter().map(|(name, changes)| format!("{} {name}", changes.len())).collect();
    counts.join(", ")
}

fn line(out: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{text}");
}
