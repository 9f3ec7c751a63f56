//! Runs vectors against the model.
//!
//! | module | runs |
//! |---|---|
//! | [`client`] | client vectors: the model is driven with scripted responses |
//! | [`model`] | model vectors: one algorithm of the model |
//! | [`expectation`] | compares what came out with what a vector expects |
//! | [`vector_file`] | a file of vectors as one test |

pub mod client;
pub mod expectation;
pub mod model;
pub mod vector_file;
