//! The zoo and the museum: seeded and documented bugs, and what of the suite sees them.

use maud::{Markup, html};

use super::super::case::of_implementation;
use super::super::specification;
use super::evidence::{CaseEvidence, citation};
use super::matrix::address;
use super::prose::prose;
use crate::event::{AnimalEvent, ExhibitEvent, ResultEvent};
use crate::laws;

/// Looks up whether a vector is among the findings of the page, to which its name then leads.
pub(super) type IsShown<'a> = &'a dyn Fn(&str) -> bool;

/// The animals; `None` when none was examined.
pub(super) fn zoo(animals: &[AnimalEvent], is_shown: IsShown<'_>) -> Option<Markup> {
    if animals.is_empty() {
        return None;
    }
    let right = animals.iter().filter(|animal| animal.right).count();
    Some(html! {
        p.legend {
            "Responders that each have one bug of real software in them: each must be caught by the requirement it breaks. Legal variants must be left alone. "
            (right) " of " (animals.len()) " are judged rightly."
        }
        div.wide role="region" aria-labelledby="zoo-title" tabindex="0" {
            table {
                thead { tr { th scope="col" { "Judged" } th scope="col" { "Animal" } th scope="col" { "What it does" } th scope="col" { "Requirement" } th scope="col" { "Like" } th scope="col" { "What says so" } } }
                tbody {
                    @for animal in animals {
                        tr {
                            td { (mark(animal.right)) }
                            th scope="row" { (animal.name) }
                            td { (prose(&animal.does)) }
                            td { (animal.breaks.as_deref().unwrap_or("none: it is legal")) }
                            td { (animal.source) }
                            td { (found(animal, is_shown)) }
                        }
                    }
                }
            }
        }
    })
}

/// What was found of an animal, from the count down to an exchange.
fn found(animal: &AnimalEvent, is_shown: IsShown<'_>) -> Markup {
    let count = counted(animal.findings, "finding");
    html! {
        @if animal.findings == 0 { "0 findings" } @else {
            details {
                summary { (count) }
                @if !animal.broken.is_empty() {
                    h3 { "Found broken" }
                    ul { @for id in &animal.broken { li { (requirement(id)) } } }
                }
                (vectors("By vectors", &animal.caught, is_shown))
                (example(&animal.name, animal.example.as_deref()))
            }
        }
    }
}

/// The exhibits; `None` when none was examined.
pub(super) fn museum(exhibits: &[ExhibitEvent], is_shown: IsShown<'_>) -> Option<Markup> {
    if exhibits.is_empty() {
        return None;
    }
    let right = exhibits.iter().filter(|exhibit| exhibit.right).count();
    Some(html! {
        p.legend {
            "Documented bugs in versions that can still be installed: each must be seen there, and not in the version that is right. "
            (right) " of " (exhibits.len()) " are."
        }
        div.wide role="region" aria-labelledby="museum-title" tabindex="0" {
            table {
                thead { tr { th scope="col" { "Judged" } th scope="col" { "Exhibit" } th scope="col" { "Bug" } th scope="col" { "Versions" } th scope="col" { "What says so" } } }
                tbody {
                    @for exhibit in exhibits {
                        tr {
                            td { (mark(exhibit.right)) }
                            th scope="row" { (exhibit.name) }
                            td { (prose(&exhibit.what)) " " (source(&exhibit.bug, &exhibit.source)) }
                            td { (exhibit.vulnerable) " → " (exhibit.fixed) }
                            td { (seen(exhibit, is_shown)) }
                        }
                    }
                }
            }
        }
    })
}

/// What was seen of an exhibit, from the count down to an exchange.
fn seen(exhibit: &ExhibitEvent, is_shown: IsShown<'_>) -> Markup {
    html! {
        @if let Some(error) = &exhibit.error { p.bad { (error) } }
        @if !exhibit.caught.is_empty() || !exhibit.blamed.is_empty() {
            details {
                summary {
                    (counted(exhibit.caught.len(), "vector"))
                    @if !exhibit.blamed.is_empty() { ", and " (exhibit.blamed.len()) " blame the fixed version" }
                }
                (vectors("See it in the vulnerable version only", &exhibit.caught, is_shown))
                (vectors("Blame the fixed version", &exhibit.blamed, is_shown))
                (example(&exhibit.name, exhibit.example.as_deref()))
            }
        }
    }
}

/// Vectors that are named in a row.
const NAMED: usize = 50;

fn vectors(title: &str, ids: &[String], is_shown: IsShown<'_>) -> Markup {
    html! {
        @if !ids.is_empty() {
            h3 { (title) }
            ul {
                @for id in ids.iter().take(NAMED) {
                    li { @if is_shown(id) { a href=(address(None, "", id, "any")) { code { (id) } } } @else { code { (id) } } }
                }
                @if ids.len() > NAMED { li { "and " (ids.len() - NAMED) " more" } }
            }
        }
    }
}

/// One result of the animal or exhibit of this name, with its evidence.
fn example(name: &str, result: Option<&ResultEvent>) -> Markup {
    let Some(result) = result else { return html! {} };
    let case = of_implementation(result);
    html! {
        div.case {
            h3 { (result.requirement.as_deref().unwrap_or(&result.law)) " in " (case.vector) }
            p { (prose(case.title)) ": " (prose(case.sentence())) }
            (CaseEvidence::of(&case).markup(name))
        }
    }
}

/// A requirement in words; one this version does not know is only named.
fn requirement(id: &str) -> Markup {
    html! {
        (id)
        @if let Some(broken) = laws::requirement_named(id) {
            ": " (prose(&broken.statement))
            @for link in &broken.citations { " " (citation(link)) }
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn source(bug: &str, source: &str) -> Markup {
    html! { @if let Some(link) = specification::safe(source) { a href=(link) { (bug) } } @else { (bug) } }
}

fn mark(right: bool) -> Markup {
    html! { @if right { span.chip.good { "✓ right" } } @else { span.chip.bad { "✗ wrong" } } }
}
