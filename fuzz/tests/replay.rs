//! Replays the seeds of every target and all that was ever found, without libFuzzer.

use std::fs;
use std::path::Path;

use corspec_fuzz::fetch_scenario::pairs;
use corspec_fuzz::{TARGETS, Target, headers};

/// The files of `folder`, sorted; none when it is not there.
fn inputs(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let Ok(entries) = fs::read_dir(&folder) else { return Vec::new() };
    let mut inputs: Vec<_> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.display().to_string(), fs::read(path).unwrap())
        })
        .collect();
    inputs.sort();
    inputs
}

/// Calls `check` with each input; which one it is, is told when it panics.
fn replay(inputs: &[(String, Vec<u8>)], check: fn(&[u8])) {
    for (name, input) in inputs {
        if let Err(panic) = std::panic::catch_unwind(|| check(input)) {
            eprintln!("{name}");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn seeds_and_findings() {
    for &(target, check) in TARGETS {
        let seeds = inputs(&format!("seeds/{target}"));
        assert!(!seeds.is_empty(), "{target} has seeds");
        replay(&seeds, check);
        replay(&inputs(&format!("findings/{target}")), check);
    }
}

/// Calls `check` with inputs of up to `length` bytes of `alphabet`: a fixed pseudo-random walk, deeper than the seeds and
/// the same on every machine.
fn walk(alphabet: &[u8], length: usize, times: usize, check: fn(&[u8])) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as usize
    };
    for _ in 0..times {
        let length = next() % (length + 1);
        let data: Vec<u8> = (0..length).map(|_| alphabet[next() % alphabet.len()]).collect();
        check(&data);
    }
}

/// The target of this name.
fn target(name: &str) -> Target {
    *TARGETS.iter().find(|(target, _)| *target == name).unwrap()
}

#[test]
fn headers_over_many_inputs() {
    for name in headers::TARGETS {
        walk(b",, \ta*\"\\\n\x80", 12, 10_000, target(name).1);
    }
}

#[test]
fn heads_over_many_inputs() {
    walk(b"HTTP/1.1 20\r\n\r\n: :,a\t\x80\0", 40, 2_000, target("heads").1);
}

#[test]
fn seeds_reach_every_pair_of_steps_that_client_vectors_reach() {
    let seeds = inputs("seeds/fetch_scenario");
    let reached: pairs::Pairs = seeds.iter().flat_map(|(_, seed)| pairs::of_input(seed)).collect();
    let wanted = pairs::of_vectors();
    let missing: Vec<_> = wanted.difference(&reached).collect();
    assert!(missing.is_empty(), "{missing:?}: `step_pairs --find` looks for seeds");
}

#[test]
fn fetch_scenario_over_many_inputs() {
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    walk(&bytes, 256, 20_000, corspec_fuzz::fetch_scenario::check);
}

#[test]
fn policies_over_many_inputs() {
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    walk(&bytes, 96, 20_000, corspec_fuzz::policy::check);
}

/// What the list of known failures of each says of it over the wire holds here too: it was asked, and by the same laws.
#[test]
fn middlewares_fail_here_as_they_are_known_to() {
    let middlewares = corspec_fuzz::middleware::middlewares().into_iter();
    #[cfg(feature = "frameworks")]
    let middlewares = middlewares.chain(corspec_fuzz::middleware::frameworks::all());
    for middleware in middlewares {
        let judge = corspec_fuzz::middleware::judge::Judge::new(middleware);
        assert!(!corspec_fuzz::middleware::known::breaches(&judge).is_empty(), "{}", judge.name());
    }
}

#[test]
fn middlewares_over_many_inputs() {
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    walk(&bytes, 96, 1_000, target("responder").1);
    walk(&bytes, 96, 1_000, target("middleware").1);
}
