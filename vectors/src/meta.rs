//! The fields every vector has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a vector is about and where it comes from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Meta {
    /// Stable and unique in the whole set.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9./-]*$"))]
    pub id: String,
    /// One line: what is tried and what must happen.
    pub title: String,
    /// How binding it is.
    pub level: Level,
    /// Steps or section ids of the standard, most specific first.
    #[schemars(length(min = 1))]
    pub citations: Vec<String>,
    /// Where the expectation comes from.
    pub source: String,
    /// How much depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    /// Who can send this.
    #[serde(default, skip_serializing_if = "Reach::is_browser")]
    pub reach: Reach,
    /// The id of the vector that differs in one thing and has the opposite verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<String>,
    /// Other results that are tolerated, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<Tolerated>,
    /// Anything a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How binding a vector or a law is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A breach lets somebody do what the policy forbids.
    Security,
    /// The standard leaves no choice.
    Must,
    /// The standard or good practice asks for it.
    Should,
    /// Software in the wild depends on it, or it tells implementations apart.
    Interop,
    /// A fact, yes or no; never a failure.
    Check,
}

impl Level {
    /// All levels, the most binding first.
    pub const ALL: [Self; 5] = [Self::Security, Self::Must, Self::Should, Self::Interop, Self::Check];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Must => "must",
            Self::Should => "should",
            Self::Interop => "interop",
            Self::Check => "check",
        }
    }
}

/// How much depends on a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "an ordinary scale")]
pub enum Importance {
    Low,
    Medium,
    High,
    Critical,
}

/// Who can send the request of a vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// A browser.
    #[default]
    Browser,
    /// Some engine once did, or software that is not a browser does.
    Legacy,
    /// No browser: only a hand-made client.
    None,
}

impl Reach {
    /// Whether a browser can send it.
    pub fn is_browser(&self) -> bool {
        *self == Self::Browser
    }
}

/// Another result that is tolerated.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tolerated {
    /// The result, in the shape of the vector's `expected`.
    pub outcome: Value,
    /// Why it is tolerated.
    pub reason: String,
    /// Where that is discussed.
    pub link: String,
}

/// A file of vectors.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VectorFile<V> {
    /// What the vectors of this file have in common.
    pub about: String,
    /// The vectors, one a line.
    pub vectors: Vec<V>,
}
