//! Fuzzing: what is generated makes sense, finds seeded bugs, and blames nothing that is legal.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::collections::BTreeSet;

use arbitrary::Unstructured;
use corspec::fuzzing::generate;
use corspec::meaning;
use corspec_vectors::server::{Probe, ServerVector};

/// Vectors made of random bytes.
fn generated(seed: u64, how_many: usize) -> Vec<ServerVector> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut vectors = Vec::new();
    while vectors.len() < how_many {
        let bytes: Vec<u8> = (0..96).map(|_| random.u8(..)).collect();
        vectors.extend(generate::vector(&mut Unstructured::new(&bytes)).unwrap());
    }
    vectors
}

#[test]
fn whatever_the_bytes_the_vector_makes_sense() {
    let mut kinds = BTreeSet::new();
    for vector in generated(1, 5000) {
        let line = corspec_vectors::canonical::line(&vector).unwrap();
        assert_eq!(vector.expected, Some(meaning::expected(&vector).unwrap()), "{line}");
        assert!(corspec::laws::law_named(&vector.law).is_some(), "{line}");
        let again: ServerVector = serde_json::from_str(&line).unwrap();
        assert_eq!(corspec_vectors::canonical::line(&again).unwrap(), line);
        let kind = match vector.probe().unwrap() {
            Probe::Request(_) => "request",
            Probe::Replay(_) => "replay",
            Probe::Remember(_) => "remember",
            Probe::Wire(_) => "wire",
            Probe::Raw(_) => "raw",
            Probe::Stability(_) => "stability",
        };
        kinds.insert((kind, vector.law));
    }
    for expected in [
        ("request", "soundness"),
        ("request", "completeness"),
        ("request", "transparency"),
        ("request", "routing"),
        ("replay", "caching"),
        ("remember", "max-age"),
        ("wire", "classification"),
        ("wire", "robustness"),
        ("wire", "transparency"),
        ("raw", "robustness"),
        ("stability", "stability"),
    ] {
        assert!(kinds.contains(&(expected.0, expected.1.to_owned())), "{expected:?} is never made");
    }
}

#[test]
fn no_bytes_make_the_simplest_vector() {
    let vector = generate::vector(&mut Unstructured::new(&[])).unwrap().unwrap();
    assert_eq!(vector.request.unwrap().origin.0, b"https://app.example.com");
}
