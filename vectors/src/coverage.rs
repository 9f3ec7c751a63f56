//! Which steps of the standard the vectors reach, and with which results of their conditions.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::ClientVector;
use crate::run;

/// `steps.json`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// What the file is.
    pub about: String,
    /// The steps, one a line.
    pub steps: Vec<StepEntry>,
}

/// A step of the standard that the model takes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepEntry {
    /// Its address.
    pub step: String,
    /// The results its condition can have; a step without a condition is only ever true.
    pub results: Vec<bool>,
    /// Why no client vector reaches it, or not with every result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreached: Option<String>,
}

/// Vectors by step and result.
pub type Reached = BTreeMap<(String, bool), BTreeSet<String>>;

/// What the client vectors reach.
pub fn reached(vectors: &[ClientVector]) -> Reached {
    let mut reached = Reached::new();
    for vector in vectors {
        // A vector that makes no sense is another test's business.
        for fetch in run::client::run(&vector.fetches, true).unwrap_or_default() {
            let trace = fetch.trace.unwrap_or_default();
            if trace.iter().all(|(step, _)| *step != fetch.step) {
                reached.entry((fetch.step.clone(), true)).or_default().insert(vector.meta.id.clone());
            }
            for taken in trace {
                reached.entry(taken).or_default().insert(vector.meta.id.clone());
            }
        }
    }
    reached
}
