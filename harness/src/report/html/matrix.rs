//! The tables: implementation × law, and for clients group of vectors × client. They stand without script.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::super::case::{CLIENT_LAW, Subject};
use super::super::collected::Collected;
use super::super::matrix::{LEGEND, Mark, Row, columns};
use super::super::{Counts, engines};
use corspec_vectors::embedded::LAWS;

/// Implementation × law.
pub(super) fn implementations(collected: &Collected, subjects: &[Subject<'_>]) -> Markup {
    let rows: Vec<Row<'_>> = subjects.iter().map(Row::of).collect();
    let mut columns = columns(&rows);
    columns.retain(|law| rows.iter().any(|row| row.has(law)));
    html! {
        p.legend { (legend()) }
        form #rows.filters hidden {
            label { "Name or language " input #name type="search" autocomplete="off"; }
            label { "Show " select #state {
                option value="" { "all" }
                option value="bad" { "with something broken" }
                option value="known" { "with known failures" }
                option value="good" { "where everything holds" }
            } }
            span #shown role="status" {}
        }
        div.wide role="region" aria-labelledby="matrix-title" tabindex="0" {
            table.matrix {
                thead { tr {
                    th scope="col" { "Implementation" }
                    @for law in &columns { th scope="col" { abbr title=(statement(law)) { (law) } } }
                    th scope="col" { abbr title="vectors whose policy it cannot express" { "n/a" } }
                } }
                tbody {
                    @for (number, (row, subject)) in rows.iter().zip(subjects).enumerate() {
                        @let language = collected.implementations.get(number).map_or("", |tested| &tested.info.language);
                        tr data-name={ (subject.name) " " (language) } data-state=(state(row, &columns)) {
                            th scope="row" {
                                a href=(address(number, "", "", "")) { (subject.name) } " "
                                small { (subject.version) @if !language.is_empty() { " · " (language) } }
                            }
                            @for law in &columns { (cell(row, law, number)) }
                            td.none { (row.not_asked) }
                        }
                    }
                }
            }
        }
    }
}

fn cell(row: &Row<'_>, law: &str, number: usize) -> Markup {
    let (text, mark) = row.cell(law);
    let class = class(mark);
    html! {
        td class=(class) {
            @if row.has(law) { a href=(address(number, law, "", "any")) { (text) } } @else { (text) }
        }
    }
}

/// Group of vectors × client. `first` is the number of the first client among all subjects.
pub(super) fn clients(subjects: &[Subject<'_>], first: usize) -> Markup {
    let by_group: Vec<BTreeMap<&str, Counts>> = subjects
        .iter()
        .map(|subject| {
            let mut groups = BTreeMap::<&str, Counts>::new();
            for case in &subject.cases {
                groups.entry(group(case.vector)).or_default().add(case.verdict);
            }
            groups
        })
        .collect();
    let groups: BTreeSet<&str> = by_group.iter().flat_map(BTreeMap::keys).copied().collect();
    html! {
        p.legend { (engines::LEGEND) }
        div.wide role="region" aria-labelledby="engines-title" tabindex="0" {
            table.matrix {
                thead { tr {
                    th scope="col" { "Vectors" }
                    @for (number, subject) in subjects.iter().enumerate() {
                        th scope="col" { a href=(address(first + number, "", "", "")) { (subject.name) } " " small { (subject.version) } }
                    }
                } }
                tbody {
                    @for name in groups {
                        tr {
                            th scope="row" { (name) }
                            @for (number, counts) in by_group.iter().enumerate() {
                                @match counts.get(name) {
                                    Some(counts) => {
                                        @let (text, mark) = engines::cell(counts);
                                        td class=(class(mark)) { a href=(address(first + number, CLIENT_LAW, &format!("{name}/"), "any")) { (text) } }
                                    }
                                    None => td.none { "·" },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The first part of a vector's id.
fn group(vector: &str) -> &str {
    vector.split('/').next().unwrap_or(vector)
}

/// Where the script of the page shows what is behind a cell; without a subject, of all.
pub(super) fn address(subject: impl Into<Option<usize>>, law: &str, words: &str, kind: &str) -> String {
    let subject = subject.into().map(|number| number.to_string()).unwrap_or_default();
    let mut address = format!("#kind={kind}");
    for (name, value) in [("who", &*subject), ("law", law), ("q", words)] {
        if !value.is_empty() {
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            address.push_str(&format!("&{name}={value}"));
        }
    }
    address
}

fn statement(law: &str) -> &str {
    LAWS.iter().find(|candidate| candidate.id == law).map_or("", |law| &law.statement)
}

const fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Good => "good",
        Mark::Bad => "bad",
        Mark::Known => "known",
        Mark::None => "none",
    }
}

/// The worst mark of a row.
fn state(row: &Row<'_>, columns: &[&str]) -> &'static str {
    let marks: Vec<Mark> = columns.iter().map(|law| row.cell(law).1).collect();
    let worst = [Mark::Bad, Mark::Known, Mark::Good].into_iter().find(|mark| marks.contains(mark));
    class(worst.unwrap_or(Mark::None))
}

fn legend() -> String {
    LEGEND.split("   ").collect::<Vec<_>>().join(" · ")
}
