//! Replays the seeds through every target, without libFuzzer.

use std::path::Path;

fn replay(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let mut replayed = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        check(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed > 0, "{} has seeds", folder.display());
}

#[test]
fn list_headers() {
    replay("list_headers", corspec_fuzz::list_headers::check);
}

#[test]
fn fetch_scenario() {
    replay("fetch_scenario", corspec_fuzz::fetch_scenario::check);
}

/// Calls `check` with inputs of up to `length` bytes of `alphabet`: a fixed pseudo-random walk, deeper than the seeds and
/// the same on every machine.
fn walk(alphabet: &[u8], length: usize, times: usize, check: impl Fn(&[u8])) {
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

#[test]
fn list_headers_over_many_inputs() {
    walk(b",, \ta*\"\x80", 12, 50_000, corspec_fuzz::list_headers::check);
}

#[test]
fn fetch_scenario_over_many_inputs() {
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    walk(&bytes, 512, 20_000, corspec_fuzz::fetch_scenario::check);
}
