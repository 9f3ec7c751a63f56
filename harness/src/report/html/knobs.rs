//! Knob × implementation: what policies it cannot have.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::case::Subject;
use crate::verdict::Verdict;

/// The table; `None` when every policy could be expressed.
pub(super) fn table(subjects: &[Subject<'_>]) -> Option<Markup> {
    let mut knobs = BTreeMap::<&str, BTreeMap<usize, usize>>::new();
    for (number, subject) in subjects.iter().enumerate() {
        for case in subject.cases.iter().filter(|case| case.verdict == Verdict::Unsupported) {
            for knob in case.causes() {
                *knobs.entry(knob).or_default().entry(number).or_default() += 1;
            }
        }
    }
    let lacking: Vec<usize> = (0..subjects.len())
        .filter(|number| knobs.values().any(|counts| counts.contains_key(number)))
        .collect();
    if knobs.is_empty() {
        return None;
    }
    Some(html! {
        p.legend { "A knob is one thing a policy can ask for. A number says how many cases could not be asked because the implementation does not have it." }
        div.wide role="region" aria-labelledby="knobs-title" tabindex="0" {
            table.matrix {
                thead { tr {
                    th scope="col" { "Implementation" }
                    @for knob in knobs.keys() { th scope="col" { (knob) } }
                } }
                tbody {
                    @for &number in &lacking {
                        tr {
                            th scope="row" { (subjects[number].name) " " small { (subjects[number].version) } }
                            @for (knob, counts) in &knobs {
                                @match counts.get(&number) {
                                    Some(count) => {
                                        td.known { a href=(super::matrix::address(number, "", knob, "not-asked")) { "– " (count) } }
                                    }
                                    None => td.none { abbr title="it has this knob, or was not asked for it" { "·" } },
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}
