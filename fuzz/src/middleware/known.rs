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
    by_knobs: Vec<(Breach, Vec<Knob>)>,
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
        let knobs = knobs(breach, vector);
        self.by_knobs.iter().any(|(known, needed)| {
            same_cause(known, breach) && needed.iter().all(|&knob| knobs.contains(&knob))
        })
    }
}

/// Whether the breach may come from what is known. That what is permitted is not shared is a matter of completeness or, where
/// the application answers with an error or a redirect, of transparency. Who is granted what it should not be in a request
/// that browsers send may be in one they do not send, which is a matter of robustness; not the other way round.
fn same_cause(known: &Breach, breach: &Breach) -> bool {
    known.law() == breach.law()
        || matches!(
            (known.requirement, breach.requirement),
            ("completeness/shared", "transparency/shared")
                | ("transparency/shared", "completeness/shared")
                | ("soundness/origin", "robustness/grant")
        )
}

/// The knobs of the policy that may have to do with the breach: how long a preflight is remembered has to do with the law of
/// that name alone, and anything with credentials is anything.
fn knobs(breach: &Breach, vector: &ServerVector) -> Vec<Knob> {
    let knobs = vector.policy.to_policy().map(|policy| Knob::needed_by(&policy)).unwrap_or_default();
    let is_about_age = breach.law() == "max-age";
    knobs
        .into_iter()
        .filter(|knob| is_about_age || !matches!(knob, Knob::MaxAge | Knob::MaxAgeZero | Knob::MaxAgeAbsent))
        .map(|knob| match knob {
            Knob::OriginsAnyWithCredentials => Knob::OriginsAny,
            Knob::MethodsAnyWithCredentials => Knob::MethodsAny,
            Knob::RequestHeadersAnyWithCredentials => Knob::RequestHeadersAny,
            Knob::ExposeAnyWithCredentials => Knob::ExposeAny,
            knob => knob,
        })
        .collect()
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
            known.by_knobs.push((breach.clone(), knobs(&breach, &vector)));
            known.breaches.insert(breach);
        }
    }
    known
}
