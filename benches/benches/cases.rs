//! The cases under criterion, which keeps what it measured before and says what changed:
//! `cargo bench --manifest-path benches/Cargo.toml -- content-type`.

use std::time::Duration;

use corspec_benches::{case, cases};
use criterion::{BenchmarkId, Criterion, Throughput};

fn main() {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30)
        .configure_from_args();
    for case in &mut case::those_that_agree(cases::all(&filter)) {
        let mut group = criterion.benchmark_group(&case.group);
        group.throughput(case.bytes.map_or(Throughput::Elements(case.operations), Throughput::Bytes));
        group
            .bench_function(BenchmarkId::new(&case.contender, case.x), |bencher| bencher.iter(|| case.run()));
        group.finish();
    }
    criterion.final_summary();
}
