//! The laws every implementation must satisfy, and what each asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::{Importance, Level};

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
    /// What can be broken, one by one.
    #[schemars(length(min = 1))]
    pub requirements: Vec<Requirement>,
}

/// One thing a law asks for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Stable name: the law's, a slash, and a word.
    #[schemars(regex(pattern = r"^[a-z][a-z-]*/[a-z][a-z-]*$"))]
    pub id: String,
    /// How binding a breach is at most; a vector of the law may make it less.
    pub level: Level,
    /// What must hold.
    pub statement: String,
    /// Why it matters to whom.
    pub why: String,
    /// Steps or section ids of the standard.
    #[schemars(length(min = 1))]
    pub citations: Vec<String>,
    /// How much depends on it.
    pub importance: Importance,
    /// Class of the bug that breaks it, where there is one: a CWE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^CWE-[0-9]+$"))]
    pub weakness: Option<String>,
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
