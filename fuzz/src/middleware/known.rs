//! What is known to fail: the vectors of the implementation's list of known failures, run once, say which breaches a
//! campaign passes over. Another breach of the same requirement is still found, unless what is known says that the
//! requirement is broken by the knobs a policy needs.

use std::collections::BTreeSet;

use corspec::implementation::Knob;
use corspec::known_failing::KnownFailing;
use corspec_vectors::embedded::{LAWS, server_vectors};
use corspec_vectors::server::ServerVector;

use super::judge::{Breach, Judge};

/// What a campaign passes over.
#[derive(Debug, Default)]
pub struct Known {
    breaches: BTreeSet<Breach>,
    by_knobs: Vec<(&'static str, Vec<Knob>)>,
}

impl Known {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.breaches.is_empty()
    }

    /// Whether this breach in `vector` is known as it is.
    pub fn holds(&self, breach: &Breach) -> bool {
        self.breaches.contains(breach)
    }

    /// Whether a known one is of the same law, and its policy needs no knob that the one of `vector` does not.
    pub fn covers(&self, breach: &Breach, vector: &ServerVector) -> bool {
        let knobs = knobs(vector);
        self.by_knobs
            .iter()
            .any(|(law, needed)| *law == breach.law() && needed.iter().all(|knob| knobs.contains(knob)))
    }
}

fn knobs(vector: &ServerVector) -> Vec<Knob> {
    vector.policy.to_policy().map(|policy| Knob::needed_by(&policy)).unwrap_or_default()
}

/// The breaches the list of `judge`'s implementation covers.
///
/// # Panics
/// When the list cannot be read; it is built in.
pub fn breaches(judge: &Judge) -> Known {
    let list = match KnownFailing::parse(judge.known_failing()) {
        Ok(list) => list,
        Err(problem) => panic!("{}: {problem}", judge.name()),
    };
    let listed = |id: &str, law: &str| list.reason(id, law).is_some();
    let mut known = Known::default();
    for vector in server_vectors() {
        let laws: Vec<&str> =
            LAWS.iter().map(|law| &*law.id).filter(|law| listed(&vector.meta.id, law)).collect();
        if laws.is_empty() {
            continue;
        }
        for breach in judge.breaches(&vector).into_iter().filter(|breach| laws.contains(&breach.law())) {
            known.by_knobs.push((breach.law(), knobs(&vector)));
            known.breaches.insert(breach);
        }
    }
    known
}
