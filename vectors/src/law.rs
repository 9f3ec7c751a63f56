//! The laws every implementation must satisfy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::Level;

/// A law.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// Stable name.
    #[schemars(regex(pattern = r"^[a-z][a-z-]*$"))]
    pub id: String,
    /// How binding a breach is where the vector does not say.
    pub level: Level,
    /// What must hold.
    pub statement: String,
    /// Why it matters to whom.
    pub why: String,
    /// Steps or section ids of the standard.
    #[schemars(length(min = 1))]
    pub citations: Vec<String>,
}

/// `laws.json`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LawFile {
    /// What the file is.
    pub about: String,
    /// The laws, one a line.
    pub laws: Vec<Law>,
}
