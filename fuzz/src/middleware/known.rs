//! What is known to fail: the vectors of the implementation's list of known failures, run once, say which breaches a
//! campaign passes over. A breach of the same requirement that is another one is still found.

use std::collections::BTreeSet;

use corspec::known_failing::KnownFailing;
use corspec_vectors::embedded::{LAWS, server_vectors};

use super::judge::{Breach, Judge};

/// The breaches the list of `judge`'s implementation covers.
///
/// # Panics
/// When the list cannot be read; it is built in.
pub fn breaches(judge: &Judge) -> BTreeSet<Breach> {
    let list = match KnownFailing::parse(judge.known_failing()) {
        Ok(list) => list,
        Err(problem) => panic!("{}: {problem}", judge.name()),
    };
    let listed = |id: &str, law: &str| list.reason(id, law).is_some();
    let mut known = BTreeSet::new();
    for vector in server_vectors() {
        let laws: Vec<&str> =
            LAWS.iter().map(|law| &*law.id).filter(|law| listed(&vector.meta.id, law)).collect();
        if laws.is_empty() {
            continue;
        }
        known.extend(
            judge
                .breaches(&vector)
                .into_iter()
                .filter(|breach| laws.iter().any(|law| breach.requirement.split('/').next() == Some(*law))),
        );
    }
    known
}
