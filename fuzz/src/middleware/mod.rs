//! Middlewares in this process, and the reference responder, under any policy: the laws are the oracle.
//!
//! | part | module |
//! |---|---|
//! | middlewares that need a web framework | `frameworks`, a feature |
//! | failures that are known | [`known`] |
//! | one vector judged | [`judge`] |

#[cfg(feature = "frameworks")]
pub mod frameworks;
pub mod judge;
pub mod known;

use std::thread::LocalKey;

use arbitrary::Unstructured;
use corspec::fuzzing::generate;
use corspec::implementation::{Embedded, Reference, embedded};
use corspec_vectors::canonical;
use corspec_vectors::policy::ListDocument;
use corspec_vectors::server::ServerVector;

use judge::{Breach, Judge};
use known::Known;

/// The reference responder satisfies every law under every policy.
pub fn responder(data: &[u8]) {
    thread_local! {
        static JUDGE: Judge = Judge::new(Box::new(Reference));
    }
    let Some(vector) = vector(data) else { return };
    JUDGE.with(|judge| report(judge, &vector, judge.breaches(&vector).first()));
}

/// Each embedded middleware satisfies every law, apart from what is known.
pub fn differential(data: &[u8]) {
    thread_local! {
        static JUDGES: Judges = judges(middlewares());
    }
    one_satisfies(&JUDGES, data, |known, breach, _| known.holds(breach));
}

/// Those that need a web framework do as well, apart from laws that are known to be broken under the knobs of the policy:
/// they fail more often, and one failure often brings others.
#[cfg(feature = "frameworks")]
pub fn frameworks(data: &[u8]) {
    thread_local! {
        static JUDGES: Judges = judges(frameworks::all().collect());
    }
    one_satisfies(&JUDGES, data, |known, breach, vector| known.holds(breach) || known.covers(breach, vector));
}

/// Judges, each with what is known to fail.
type Judges = Vec<(Judge, Known)>;

fn judges(middlewares: Vec<Box<dyn Embedded>>) -> Judges {
    let judge = |middleware| {
        let judge = Judge::new(middleware);
        let known = known::breaches(&judge);
        (judge, known)
    };
    middlewares.into_iter().map(judge).collect()
}

fn one_satisfies(
    judges: &'static LocalKey<Judges>,
    data: &[u8],
    is_known: impl Fn(&Known, &Breach, &ServerVector) -> bool,
) {
    let Some(vector) = vector(data) else { return };
    judges.with(|judges| {
        // One of them, by the length of the input: as many inputs more, and each is asked by some of them.
        let Some((judge, known)) = judges.get(data.len() % judges.len().max(1)) else { return };
        let breaches = judge.breaches(&vector);
        report(judge, &vector, breaches.iter().find(|breach| !is_known(known, breach, &vector)));
    });
}

/// Every embedded implementation but the reference, which has a target of its own.
pub fn middlewares() -> Vec<Box<dyn Embedded>> {
    let mut all = embedded();
    all.retain(|embedded| embedded.info().name != "reference");
    all
}

fn vector(data: &[u8]) -> Option<ServerVector> {
    generate::vector(&mut Unstructured::new(data)).ok().flatten().filter(|vector| !authorized_by_star(vector))
}

/// `*` does not cover `Authorization` on the wire, and few say what their own `*` means for it: the hand-typed vectors
/// have that as a fact, not as a breach.
fn authorized_by_star(vector: &ServerVector) -> bool {
    let any = matches!(vector.policy.request_headers, ListDocument::Any(_));
    any && vector.request.as_ref().is_some_and(|request| {
        request.options.headers.iter().any(|(name, _)| name.0.eq_ignore_ascii_case(b"authorization"))
    })
}

/// Tells of a breach by what makes it one of its kind, and with the vector that shows it.
fn report(judge: &Judge, vector: &ServerVector, breach: Option<&Breach>) {
    if let Some(breach) = breach {
        let line = canonical::line(vector).unwrap_or_default();
        panic!("{}: {breach}\n{line}", judge.name());
    }
}
