#![no_main]
//! Does nothing, with everything linked that the others link: their speed is measured against it.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    std::hint::black_box((data, corspec_fuzz::TARGETS));
});
