//! The document: head, summary, sections, and the data its script reads.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use corspec_vectors::index::STANDARD as STANDARD_COMMIT;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::super::badge;
use super::super::case::{Outcome, Subject, subjects};
use super::super::collected::Collected;
use super::{Material, audits, benches, data, knobs, matrix, trends, zoo};
use crate::explanation::diagram::svg;

/// Colours, letters and tables, shared with the pages of `corspec serve`.
pub const BASE_STYLE: &str = include_str!("base.css");
const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// A part of the report, with its place in the navigation.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) body: Markup,
}

/// The whole document.
pub(super) fn document(material: &Material<'_>) -> serde_json::Result<String> {
    let collected = material.collected;
    let subjects = subjects(collected);
    let packed = data::packed(&subjects)?;
    let style = format!("{BASE_STYLE}{STYLE}{}", svg::STYLE);
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(&style),
        hash(SCRIPT)
    );
    let sections = sections(material, &subjects);
    let subject =
        if subjects.is_empty() && !collected.audits.is_empty() { "CORS audit" } else { "CORS conformance" };
    let heading = heading(&subjects, collected);
    let findings =
        if subjects.is_empty() { sections.first().map_or("main", |section| section.id) } else { FINDINGS };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (subject) ": " (heading) }
                link rel="icon" href="data:,";
                style { (PreEscaped(&style)) }
            }
            body {
                a.skip href={ "#" (findings) } { "Skip to the findings" }
                header.top {
                    p.brand { "corspec" }
                    h1 { (subject) }
                    p.lead {
                        (heading) ", judged by what a browser that follows the "
                        a href="https://fetch.spec.whatwg.org/" { "Fetch Standard" } " would do."
                    }
                    @if !collected.audits.is_empty() { (audits::tiles(&collected.audits)) }
                    @if !subjects.is_empty() { (tiles(&subjects)) }
                    @for missing in collected.missing() { p.warning { strong { "Incomplete: " } (missing) } }
                    @for problem in &collected.problems {
                        p.warning { strong { "List of " (problem.implementation) ": " } (problem.problem) }
                    }
                }
                nav.sections aria-label="Sections" {
                    ul {
                        @for section in &sections { li { a href={ "#" (section.id) } { (section.title) } } }
                    }
                }
                main #main {
                    @for section in &sections {
                        section id=(section.id) {
                            h2 id={ (section.id) "-title" } tabindex="-1" { (section.title) }
                            (section.body)
                        }
                    }
                }
                footer {
                    p {
                        "Written by corspec " (env!("CARGO_PKG_VERSION")) ", whose model follows whatwg/fetch "
                        code { (STANDARD_COMMIT.get(..12).unwrap_or(STANDARD_COMMIT)) } "."
                    }
                    // The texts of the badge are escaped already.
                    @if !subjects.is_empty() {
                        p.badge { (PreEscaped(badge::text(collected))) " is what " code { "corspec report -o badge.svg" } " writes." }
                    }
                }
                script #index type="text/plain" { (PreEscaped(&packed.index)) }
                @for (number, evidence) in packed.evidence.iter().enumerate() {
                    script id={ "evidence-" (number) } type="text/plain" { (PreEscaped(evidence)) }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    Ok(page.into_string())
}

/// The source of an inline style or script as a Content-Security-Policy names it.
pub fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

fn sections(material: &Material<'_>, subjects: &[Subject<'_>]) -> Vec<Section> {
    let implementations = material.collected.implementations.len();
    let (implementations, clients) = subjects.split_at(implementations.min(subjects.len()));
    let shown: BTreeSet<&str> =
        subjects.iter().flat_map(|subject| &subject.cases).map(|case| case.vector).collect();
    let is_shown = |vector: &str| shown.contains(vector);
    let mut sections = Vec::new();
    if !implementations.is_empty() {
        let body = matrix::implementations(material.collected, implementations);
        sections.push(Section { id: "matrix", title: "Implementations", body });
    }
    if !clients.is_empty() {
        let body = matrix::clients(clients, implementations.len());
        sections.push(Section { id: "engines", title: "Browsers and clients", body });
    }
    if !subjects.is_empty() {
        sections.push(Section { id: FINDINGS, title: "Findings", body: explorer() });
    }
    let more = [
        ("audits", "Endpoints", audits::endpoints(&material.collected.audits)),
        ("knobs", "What cannot be asked", knobs::table(implementations)),
        ("trends", "Runs", trends::table(material.runs)),
        ("zoo", "The zoo", zoo::zoo(&material.collected.animals, &is_shown)),
        ("benchmarks", "Benchmarks", material.benchmarks.map(benches::charts)),
        ("museum", "The museum", zoo::museum(&material.collected.exhibits, &is_shown)),
    ];
    for (id, title, body) in more {
        sections.extend(body.map(|body| Section { id, title, body }));
    }
    sections
}

/// The section of the findings.
const FINDINGS: &str = "findings";

/// Filled by the script.
fn explorer() -> Markup {
    html! {
        noscript { p.warning { "Filters and details need the script of this page, which loads nothing. The tables stand without it." } }
        form #filters.filters hidden {
            label { "Search " input #q type="search" placeholder="words, vector, header…" autocomplete="off"; }
            label { "Who " select #who { option value="" { "all" } } }
            label { "Law " select #law { option value="" { "all" } } }
            label { "Level " select #level {
                option value="" { "all" }
                @for level in corspec_vectors::meta::Level::ALL { option { (level.as_str()) } }
            } }
            label { "Verdict " select #kind {
                option value="" { "all but what holds" }
                @for (value, title) in KINDS { option value=(value) { (title) } }
                option value="any" { "all" }
            } }
        }
        p #count.count role="status" aria-live="polite" {}
        p #paper.paper {}
        button #open type="button" hidden { "Open all that are listed" }
        div #results {}
        p.rest { button #more type="button" hidden { "Show more" } " " button #all type="button" hidden { "Show all" } }
    }
}

/// Kinds of outcomes and how they are called.
const KINDS: [(&str, &str); 7] = [
    (data::kind(Outcome::Failed), "broken"),
    (data::kind(Outcome::Stale), "listed, but holds"),
    (data::kind(Outcome::Error), "did not answer"),
    (data::kind(Outcome::Known), "known to be broken"),
    (data::kind(Outcome::Fact), "facts"),
    (data::kind(Outcome::NotAsked), "not asked"),
    (data::kind(Outcome::Passed), "holds"),
];

fn heading(subjects: &[Subject<'_>], collected: &Collected) -> String {
    match (subjects, &*collected.audits) {
        ([], []) if collected.animals.is_empty() && collected.exhibits.is_empty() => {
            "nothing was run".to_owned()
        }
        ([], []) => "the suite itself".to_owned(),
        ([], [one]) => one.url.clone(),
        ([], several) => format!("{} endpoints", several.len()),
        ([one], _) => one.title(),
        (several, _) => {
            let kind = match (collected.implementations.len(), collected.clients.len()) {
                (_, 0) => "implementations",
                (0, _) => "clients",
                _ => "implementations and clients",
            };
            format!("{} {kind}", several.len())
        }
    }
}

fn tiles(subjects: &[Subject<'_>]) -> Markup {
    let outcomes: Vec<Outcome> =
        subjects.iter().flat_map(|subject| &subject.cases).map(super::super::case::Case::outcome).collect();
    let count = |kinds: &[Outcome]| outcomes.iter().filter(|outcome| kinds.contains(outcome)).count();
    let tiles = [
        ("good", "hold", count(&[Outcome::Passed])),
        ("bad", "broken", count(&[Outcome::Failed, Outcome::Stale])),
        ("known", "known to be broken", count(&[Outcome::Known])),
        ("bad", "did not answer", count(&[Outcome::Error])),
        ("none", "cannot be asked", count(&[Outcome::NotAsked])),
    ];
    html! {
        ul.tiles {
            li { b { (thousands(subjects.len())) } " tested" }
            @for (class, label, count) in tiles {
                @if count > 0 || label == "broken" {
                    li class=(if count == 0 { "good" } else { class }) { b { (thousands(count)) } " " (label) }
                }
            }
        }
    }
}

/// A number with its thousands apart.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
