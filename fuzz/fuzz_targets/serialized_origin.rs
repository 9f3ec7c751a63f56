#![no_main]
//! See `corspec_fuzz::headers::serialized_origin`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::headers::serialized_origin::check(data));
