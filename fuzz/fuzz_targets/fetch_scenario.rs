#![no_main]
//! See `corspec_fuzz::fetch_scenario`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::fetch_scenario::check(data));
