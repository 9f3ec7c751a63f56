//! Benchmarks of corspec; run them with `cargo bench -p corspec-benches`.
//!
//! | benchmark | asks |
//! |---|---|
//! | `model` | what list parsing, the checks and a whole preflighted fetch cost |
