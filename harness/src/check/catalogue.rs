//! What an audit can find, as data: `catalogue.toml` beside this file.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know; nothing is wrong.
    Info,
    /// Somebody's request fails, or a way in needs another hole first.
    Low,
    /// Somebody in the right place gets in.
    Medium,
    /// Any page the user visits gets in.
    High,
}

impl Severity {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Stable id.
    pub id: String,
    /// How bad it is, with credentials where they matter.
    pub severity: Severity,
    /// How bad it is without credentials, where that differs.
    pub without_credentials: Option<Severity>,
    /// One line.
    pub title: String,
    /// What is wrong.
    pub what: String,
    /// How somebody would use it.
    pub attack: String,
    /// Name of what to do about it.
    pub fix: String,
    /// A step or section of the standard, or a URL.
    pub citation: String,
}

/// What to do about a finding, in general and in the words of some servers.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// In one sentence.
    pub what: String,
    /// For nginx.
    pub nginx: String,
    /// For Express with the package `cors`.
    pub express: String,
    /// For Spring.
    pub spring: String,
    /// For tower-http (axum, tonic).
    pub tower_http: String,
    /// For FastAPI and Starlette.
    pub fastapi: String,
}

impl Fix {
    /// Each server with what is written for it.
    pub fn each(&self) -> [(&'static str, &str); 5] {
        [
            ("nginx", &self.nginx),
            ("Express", &self.express),
            ("Spring", &self.spring),
            ("tower-http", &self.tower_http),
            ("FastAPI", &self.fastapi),
        ]
    }
}

/// The whole catalogue.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// What can be found.
    pub findings: Vec<Entry>,
    /// What to do, by name.
    pub fixes: BTreeMap<String, Fix>,
}

/// The catalogue of this version; a test reads the same text.
pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| parse().unwrap_or_default());

fn parse() -> Result<Catalogue, toml::de::Error> {
    toml::from_str(include_str!("catalogue.toml"))
}

/// The entry of this id.
pub fn entry(id: &str) -> Option<&'static Entry> {
    CATALOGUE.findings.iter().find(|entry| entry.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_says_everything_and_every_fix_is_somebodys() {
        let catalogue = parse().unwrap();
        let ids: BTreeSet<&str> = catalogue.findings.iter().map(|entry| &*entry.id).collect();
        assert_eq!(ids.len(), catalogue.findings.len(), "ids are unique");
        let used: BTreeSet<&str> = catalogue.findings.iter().map(|entry| &*entry.fix).collect();
        let known: BTreeSet<&str> = catalogue.fixes.keys().map(|name| &**name).collect();
        assert_eq!(used, known);
        for entry in &catalogue.findings {
            for text in [&entry.title, &entry.what, &entry.attack, &entry.citation] {
                assert!(!text.is_empty(), "{}", entry.id);
            }
            assert!(entry.without_credentials.is_none_or(|less| less < entry.severity), "{}", entry.id);
        }
        for (name, fix) in &catalogue.fixes {
            assert!(fix.each().iter().all(|(_, text)| !text.is_empty()), "{name}");
        }
    }
}
