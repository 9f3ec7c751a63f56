//! Counts the work of the header parsers: at most so much for each byte, whatever the bytes are. `fuzz/work` builds this
//! and runs it; at every edge of its control flow the model then calls [`__sanitizer_cov_trace_pc`].
//!
//! Every seed, past finding and input that campaigns kept is taken as it is and stretched: each of its parts in turn is
//! repeated, with what stands before and behind it left in place, as in inputs that make a parser start over and over.
//! What the compiled standard library does in one call is one edge: allocated bytes are counted besides, for copies.

// The compiler gives its hook the name.
#![allow(unsafe_code)]

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use corspec_fuzz::shapes::SPELLED;
use corspec_fuzz::{TARGETS, headers};

/// What an input may take for each of its bytes. Measured are 81 edges for lists, and 370 bytes for lines without a byte.
const EACH: Work = Work { edges: 200, bytes_allocated: 700 };
/// What it may take besides, whatever its length.
const ONCE: Work = Work { edges: 1_000, bytes_allocated: 4_000 };
/// The length inputs are stretched to: half its square is nearly thrice what is allowed.
const LENGTH: usize = 4_096;
/// The longest part that is repeated, in bytes.
const LONGEST_PART: usize = 8;

static EDGES: AtomicU64 = AtomicU64::new(0);

#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_trace_pc() {
    EDGES.fetch_add(1, Ordering::Relaxed);
}

/// What it takes to check an input.
#[derive(Clone, Copy)]
struct Work {
    /// Edges of the control flow of the model.
    edges: u64,
    bytes_allocated: u64,
}

impl Work {
    fn is_allowed(self, length: u64) -> bool {
        self.edges <= ONCE.edges + EACH.edges * length
            && self.bytes_allocated <= ONCE.bytes_allocated + EACH.bytes_allocated * length
    }
}

/// What the second of two calls takes.
fn work(check: fn(&[u8]), input: &[u8]) -> Work {
    // What is made once only, such as the automaton of a grammar, is made here.
    check(input);
    let before = EDGES.load(Ordering::Relaxed);
    let allocations = allocation_counter::measure(|| check(input));
    Work { edges: EDGES.load(Ordering::Relaxed) - before, bytes_allocated: allocations.bytes_total }
}

/// `input` with each of its parts repeated.
fn stretched(input: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let parts = (0..input.len())
        .flat_map(|start| (1..=LONGEST_PART.min(input.len() - start)).map(move |length| (start, length)));
    parts.map(|(start, length)| {
        let (before, rest) = input.split_at(start);
        let (part, behind) = rest.split_at(length);
        // Of different lengths: by them targets choose what they check.
        let times = (LENGTH + start).saturating_sub(input.len()).div_ceil(length);
        [before, part, &part.repeat(times), behind].concat()
    })
}

/// The files campaigns start from, and those they left.
fn inputs(target: &str) -> impl Iterator<Item = Vec<u8>> {
    let folders = ["seeds", "findings", "corpus"]
        .map(|kind| Path::new(env!("CARGO_MANIFEST_DIR")).join(kind).join(target));
    let files = folders.into_iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    files.map(|file| fs::read(file.unwrap().path()).unwrap())
}

#[test]
fn header_parsers_do_so_much_for_each_byte() {
    for &(target, check) in TARGETS.iter().filter(|(name, _)| headers::TARGETS.contains(name)) {
        let (mut tried, mut most) = (0_u64, Work { edges: 0, bytes_allocated: 0 });
        let mut hold = |input: &[u8]| {
            let length = input.len() as u64;
            let took @ Work { edges, bytes_allocated } = work(check, input);
            assert!(
                took.is_allowed(length),
                "{target}: {edges} edges and {bytes_allocated} bytes allocated for {length} bytes: {}",
                input.escape_ascii()
            );
            tried += 1;
            if input.len() >= LENGTH {
                most.edges = most.edges.max(edges / length);
                most.bytes_allocated = most.bytes_allocated.max(bytes_allocated / length);
            }
        };
        for input in inputs(target) {
            hold(&input);
            // What a spelled input stands for is cut off after some pieces, however long it is.
            if input.first() != Some(&SPELLED) {
                stretched(&input).for_each(|input| hold(&input));
            }
        }
        assert!(most.edges > 0, "{target}: nothing is counted; fuzz/work builds what counts");
        println!(
            "{target}: {tried} inputs; for a byte {} edges at most, {} bytes allocated",
            most.edges, most.bytes_allocated
        );
    }
}
