#![no_main]
//! See `corspec_fuzz::tool_inputs`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| corspec_fuzz::tool_inputs::check(data));
