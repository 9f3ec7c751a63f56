#![no_main]
//! Does nothing: the speed of the other targets is measured against it.

// The other targets have LibAFL from the library.
#[cfg(feature = "libafl")]
use corspec_fuzz as _;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    std::hint::black_box(data);
});
