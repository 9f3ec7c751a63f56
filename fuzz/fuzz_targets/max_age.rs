#![no_main]
//! See `corspec_fuzz::headers::max_age`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::headers::max_age::check(data));
