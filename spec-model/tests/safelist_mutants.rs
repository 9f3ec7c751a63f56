//! Every single-byte mutant of the safelists is killed by a vector.
//!
//! A mutant is the safelist with the class of one byte turned round: 45 bytes that are unsafe in `Accept`, as many in
//! `Content-Type`, and 187 that `Accept-Language` and `Content-Language` do not allow. web-platform-tests kills 5 of these
//! 277.

use corspec_vectors::embedded;
use corspec_vectors::model::{Algorithm, ModelVector};

/// Bytes that make `Accept` and `Content-Type` unsafe, read off the standard's definition.
fn unsafe_bytes() -> Vec<u8> {
    (0..0x20).filter(|&byte| byte != 0x09).chain(*b"\"():<>?@[\\]{}\x7f").collect()
}

/// Bytes `Accept-Language` may not have, read off the standard's definition.
fn not_in_a_language() -> Vec<u8> {
    (0..=u8::MAX).filter(|byte| !byte.is_ascii_alphanumeric() && !b" *,-.;=".contains(byte)).collect()
}

/// Whether a vector has the mutated answer for a value whose only unsafe byte is `byte`: it says *not safelisted*
/// although the mutant, which takes the byte for safe, would say *safelisted*.
fn kills(vector: &ModelVector, names: &[&str], byte: u8, safe: &dyn Fn(u8) -> bool) -> bool {
    let (Some(name), Some(value)) = (&vector.input.name, &vector.input.value) else { return false };
    vector.algorithm == Algorithm::CorsSafelistedRequestHeader
        && names.iter().any(|candidate| name.0.eq_ignore_ascii_case(candidate.as_bytes()))
        && vector.expected == false
        && value.0.len() <= 128
        && value.0.contains(&byte)
        && value.0.iter().all(|&other| other == byte || safe(other))
        // For Content-Type the rest must be a form's type, or the mutant would say no for another reason.
        && (!name.0.eq_ignore_ascii_case(b"content-type") || value.0.starts_with(b"text/plain;"))
}

#[test]
fn every_single_byte_mutant_of_the_safelists_is_killed() {
    let vectors = embedded::model_vectors();
    let (forms, languages) = (unsafe_bytes(), not_in_a_language());
    let groups: [(&[&str], &[u8]); 3] = [
        (&["accept"], &forms),
        (&["content-type"], &forms),
        (&["accept-language", "content-language"], &languages),
    ];
    let mut mutants = 0;
    let mut survivors = Vec::new();
    for (names, bytes) in groups {
        for &byte in bytes {
            mutants += 1;
            let safe = |other: u8| !bytes.contains(&other);
            if !vectors.iter().any(|vector| kills(vector, names, byte, &safe)) {
                survivors.push(format!("{} {byte:#04x}", names[0]));
            }
        }
    }
    assert_eq!(mutants, 277);
    assert!(survivors.is_empty(), "{survivors:#?}");
}
