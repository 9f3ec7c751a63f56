#![no_main]
//! See `corspec_fuzz::headers::list_headers`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::headers::list_headers::check(data));
