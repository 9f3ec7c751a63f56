#![no_main]
//! See `corspec_fuzz::policy`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::policy::check(data));
