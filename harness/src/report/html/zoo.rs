//! The zoo and the museum: seeded and documented bugs, and whether the suite sees them.

use maud::{Markup, html};

use super::super::specification;
use crate::event::{AnimalEvent, ExhibitEvent};

/// The animals; `None` when none was examined.
pub(super) fn zoo(animals: &[AnimalEvent]) -> Option<Markup> {
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
                thead { tr { th scope="col" { "" } th scope="col" { "Animal" } th scope="col" { "What it does" } th scope="col" { "Requirement" } th scope="col" { "Like" } th scope="col" { "Findings" } } }
                tbody {
                    @for animal in animals {
                        tr {
                            td { (mark(animal.right)) }
                            th scope="row" { (animal.name) }
                            td { (animal.does) }
                            td { (animal.breaks.as_deref().unwrap_or("none: it is legal")) }
                            td { (animal.source) }
                            td.number { (animal.findings) }
                        }
                    }
                }
            }
        }
    })
}

/// The exhibits; `None` when none was examined.
pub(super) fn museum(exhibits: &[ExhibitEvent]) -> Option<Markup> {
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
                thead { tr { th scope="col" { "" } th scope="col" { "Exhibit" } th scope="col" { "Bug" } th scope="col" { "Versions" } th scope="col" { "Seen by" } } }
                tbody {
                    @for exhibit in exhibits {
                        tr {
                            td { (mark(exhibit.right)) }
                            th scope="row" { (exhibit.name) }
                            td { (exhibit.what) " " (source(&exhibit.bug, &exhibit.source)) }
                            td { (exhibit.vulnerable) " → " (exhibit.fixed) }
                            td {
                                @if let Some(error) = &exhibit.error { (error) }
                                @for vector in exhibit.caught.iter().take(3) { code { (vector) } " " }
                                @if exhibit.caught.len() > 3 { "and " (exhibit.caught.len() - 3) " more" }
                                @for vector in &exhibit.blamed { " blamed: " code { (vector) } }
                            }
                        }
                    }
                }
            }
        }
    })
}

fn source(bug: &str, source: &str) -> Markup {
    html! { @if let Some(link) = specification::safe(source) { a href=(link) { (bug) } } @else { (bug) } }
}

fn mark(right: bool) -> Markup {
    html! { @if right { span.chip.good { "✓ right" } } @else { span.chip.bad { "✗ wrong" } } }
}
