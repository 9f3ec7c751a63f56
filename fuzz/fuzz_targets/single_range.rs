#![no_main]
//! See `corspec_fuzz::headers::single_range`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::headers::single_range::check(data));
