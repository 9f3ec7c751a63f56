#![no_main]
//! See `corspec_fuzz::heads`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::heads::check(data));
