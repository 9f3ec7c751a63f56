//! Time. Contenders of a comparison take turns in short rounds, so that what else the machine does falls on all of them.

use std::time::{Duration, Instant};

use crate::case::Case;
use crate::record::Figure;

/// How long a contender's turn is.
const TURN: Duration = Duration::from_micros(400);

/// Nanoseconds an operation takes: of each case the median, the tenth and the ninetieth percentile of `rounds` turns.
pub fn measure(cases: &mut [Case], rounds: usize) -> Vec<Figure> {
    let mut figures = Vec::new();
    for comparison in cases.chunk_by_mut(|a, b| (&a.group, a.x) == (&b.group, b.x)) {
        let repeats: Vec<u64> = comparison.iter_mut().map(repeats).collect();
        let mut turns: Vec<Vec<f64>> = vec![Vec::with_capacity(rounds); comparison.len()];
        for _ in 0..rounds {
            for ((case, &repeats), turns) in comparison.iter_mut().zip(&repeats).zip(&mut turns) {
                let taken = turn(case, repeats);
                turns.push(taken.as_nanos() as f64 / (repeats * case.operations) as f64);
            }
        }
        figures.extend(comparison.iter().zip(turns).map(|(case, turns)| Figure::of(case, "ns", turns)));
    }
    figures
}

fn turn(case: &mut Case, repeats: u64) -> Duration {
    let start = Instant::now();
    for _ in 0..repeats {
        std::hint::black_box(case.run());
    }
    start.elapsed()
}

/// How often a case runs in a turn.
fn repeats(case: &mut Case) -> u64 {
    let mut repeats = 1;
    loop {
        let taken = turn(case, repeats);
        if taken >= TURN || repeats >= 1 << 24 {
            return repeats;
        }
        let scale = TURN.as_nanos() / taken.as_nanos().max(1);
        repeats = repeats.saturating_mul((scale as u64).clamp(2, 100));
    }
}
