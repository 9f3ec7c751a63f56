//! The vectors, typed, embedded, and run against the model.
//!
//! `README.md` beside this crate documents the format for every language; the JSON Schemas in `schemas/` are
//! generated from the types here.
//!
//! | module | holds |
//! |---|---|
//! | [`bytes`] | byte strings written as JSON strings |
//! | [`meta`] | the fields every vector has |
//! | [`request`] | client requests, and how they become requests of the model |
//! | [`policy`] | policies, and how they become policies of the model |
//! | [`client`] | client vectors: also what `corspec eval` reads and writes |
//! | [`model`] | model vectors: one algorithm each |
//! | [`server`] | server vectors: a policy and a probe |
//! | [`law`] | the laws |
//! | [`canonical`] | how a file of vectors is written |
//! | [`embedded`] | the documents of this repository |
//! | [`run`] | vectors run against the model |
//! | [`generate`] | the vectors that are made by rule |
//! | [`coverage`] | which steps of the standard they reach |
//! | [`index`] | the version of the set and a hash of each vector |
//! | [`schema`] | the JSON Schemas |

pub mod bytes;
pub mod canonical;
pub mod client;
pub mod coverage;
pub mod embedded;
pub mod generate;
pub mod index;
pub mod law;
pub mod meta;
pub mod model;
pub mod policy;
pub mod request;
pub mod run;
pub mod schema;
pub mod server;

use std::fmt;

/// What is wrong with a document: names the field and says what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError(String);

impl DocumentError {
    /// An error about `field`.
    pub fn new(field: &str, problem: impl fmt::Display) -> Self {
        Self(format!("`{field}`: {problem}"))
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DocumentError {}
