//! The index: a version for the whole set and a content hash for each vector.

use std::collections::BTreeMap;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::canonical;

/// Version of the set. It changes with the vectors: the first number when a consumer must change, the second when vectors
/// are added or an expectation changes, the third for words. `CHANGELOG.md` says what under *Vectors*.
pub const VERSION: &str = "0.1.0";

/// The commit of whatwg/fetch the vectors follow.
pub const STANDARD: &str = "586cd2a44c2a865b37c166dc0740f3fb8bb220d6";

/// `index.json`
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// [`VERSION`]
    pub version: String,
    /// [`STANDARD`]
    pub standard: String,
    /// For each id, its folder (up to the last slash) and its name there, the first eight hexadecimal digits of the SHA-256
    /// of the vector's line in its file, without a comma at its end. The same id with another hash is another test.
    pub vectors: BTreeMap<String, BTreeMap<String, String>>,
}

impl Index {
    /// An index without vectors.
    pub fn new() -> Self {
        Self { version: VERSION.to_owned(), standard: STANDARD.to_owned(), vectors: BTreeMap::new() }
    }

    /// Adds a vector.
    ///
    /// # Errors
    /// Whatever serializing the vector gives.
    pub fn add<V: Serialize>(&mut self, id: &str, vector: &V) -> serde_json::Result<()> {
        let digest = Sha256::digest(canonical::line(vector)?.as_bytes());
        let mut hash = String::new();
        for byte in digest.iter().take(4) {
            // Writing to a string does not fail.
            let _ = write!(hash, "{byte:02x}");
        }
        let (folder, name) = id.rsplit_once('/').unwrap_or(("", id));
        self.vectors.entry(folder.to_owned()).or_default().insert(name.to_owned(), hash);
        Ok(())
    }

    /// The hash of the vector with this id.
    pub fn hash(&self, id: &str) -> Option<&str> {
        let (folder, name) = id.rsplit_once('/').unwrap_or(("", id));
        self.vectors.get(folder)?.get(name).map(String::as_str)
    }

    /// The text of the file: a vector a line.
    ///
    /// # Errors
    /// Whatever serializing gives; it does not happen with strings.
    pub fn to_text(&self) -> serde_json::Result<String> {
        let mut folders = Vec::with_capacity(self.vectors.len());
        for (folder, vectors) in &self.vectors {
            let mut lines = Vec::with_capacity(vectors.len());
            for (name, hash) in vectors {
                lines.push(format!("{}: \"{hash}\"", canonical::line(name)?));
            }
            folders.push(format!("{}: {{\n{}\n}}", canonical::line(folder)?, lines.join(",\n")));
        }
        Ok(format!(
            "{{\"version\": \"{}\", \"standard\": \"{}\", \"vectors\": {{\n{}\n}}}}\n",
            self.version,
            self.standard,
            folders.join(",\n")
        ))
    }
}
