#![no_main]
//! See `corspec_fuzz::headers::mime_type`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::headers::mime_type::check(data));
