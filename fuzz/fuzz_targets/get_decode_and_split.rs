#![no_main]
//! See `corspec_fuzz::headers::get_decode_and_split`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::headers::get_decode_and_split::check(data));
