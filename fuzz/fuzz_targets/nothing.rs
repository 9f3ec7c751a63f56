#![no_main]
//! Does nothing: the speed of the other targets is measured against it.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    std::hint::black_box(data);
});
