//! corspec: the conformance suite for CORS.
pub mod algorithms;
pub mod expectation;
pub mod scripted;
