//! The fuzz targets as functions: one serves libFuzzer, the replay test and a minimiser alike.
//!
//! | target | input | oracle |
//! |---|---|---|
//! | [`list_headers`] | raw bytes | an independent reading of the grammar agrees |
//! | [`fetch_scenario`] | structured: any client request against any responses | laws of the model itself |
//!
//! `cargo test` replays `seeds/`; `cargo fuzz run TARGET fuzz/seeds/TARGET` from the folder above looks for more.

pub mod fetch_scenario;
pub mod list_headers;
