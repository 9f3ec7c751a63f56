//! Fuzzing: policies and probes nobody thought of, judged by the ordinary laws.
//!
//! What is generated is an ordinary server vector, so there is no second judge, and a finding is a vector already.
//!
//! | part | module |
//! |---|---|
//! | policies and probes made of bytes; libFuzzer uses them too | [`generate`] |

pub mod generate;
