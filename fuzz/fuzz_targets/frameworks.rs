#![no_main]
//! See `corspec_fuzz::middleware::frameworks`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::middleware::frameworks(data));
