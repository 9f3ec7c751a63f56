//! A file of vectors as one test: reading it, and failing with every problem in it.

use std::fmt;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::meta::VectorFile;

/// Problems, printed a line each, also by `Debug`: what a test prints.
pub struct Problems(String);

impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problems {}

/// The vectors of the file. Errors name the file.
pub fn read<V: DeserializeOwned>(path: &Path) -> Result<Vec<V>, Problems> {
    let problem = |error: &dyn fmt::Display| Problems(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| problem(&error))?;
    let file: VectorFile<V> = serde_json::from_str(&text).map_err(|error| problem(&error))?;
    Ok(file.vectors)
}

/// Fails with every problem at once; `of` is the number of vectors looked at.
pub fn report(problems: &[String], of: usize) -> Result<(), Problems> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(Problems(format!("{} problems in {of} vectors:\n{}", problems.len(), problems.join("\n"))))
}
