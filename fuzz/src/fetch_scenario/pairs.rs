//! Pairs of steps, one after the other in a trace: what a corpus of scenarios reaches, finer than lines of code.

use std::collections::BTreeSet;

use corspec_vectors::{embedded, run};

use super::traces;

/// Steps, each with the one after it.
pub type Pairs = BTreeSet<(String, String)>;

/// The pairs that client vectors reach.
pub fn of_vectors() -> Pairs {
    let mut pairs = Pairs::new();
    for vector in embedded::client_vectors() {
        for fetch in run::client::run(&vector.fetches, true).unwrap_or_default() {
            add(&mut pairs, fetch.trace.iter().flatten().map(|(step, _)| step.as_str()));
        }
    }
    pairs
}

/// The pairs that one input of the target reaches.
pub fn of_input(data: &[u8]) -> Pairs {
    let mut pairs = Pairs::new();
    for trace in traces(data) {
        add(&mut pairs, trace.iter().map(|(step, _)| step.as_str()));
    }
    pairs
}

fn add<'a>(pairs: &mut Pairs, trace: impl Iterator<Item = &'a str> + Clone) {
    pairs.extend(trace.clone().zip(trace.skip(1)).map(|(one, next)| (one.to_owned(), next.to_owned())));
}
