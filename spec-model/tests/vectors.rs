//! Runs every model and client vector. A file is one test; a failing file names every failing vector in it.
//!
//! Their expectations come from the standard, MDN, web-platform-tests and browsers, never from this model; those of the
//! `generated-*` files come from it and are here to be noticed when they change.

use std::fmt;
use std::path::Path;

use corspec_vectors::client::ClientVector;
use corspec_vectors::meta::VectorFile;
use corspec_vectors::model::ModelVector;
use corspec_vectors::run::{self, expectation};
use serde::de::DeserializeOwned;

type Result<T = ()> = datatest_stable::Result<T>;

/// Problems, printed a line each.
struct Problems(String);

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

fn read<V: DeserializeOwned>(path: &Path) -> Result<Vec<V>> {
    let file: VectorFile<V> = serde_json::from_str(&std::fs::read_to_string(path)?)
        .map_err(|error| Problems(format!("{}: {error}", path.display())))?;
    Ok(file.vectors)
}

/// Fails with every problem at once.
fn report(problems: &[String], of: usize) -> Result {
    if problems.is_empty() {
        return Ok(());
    }
    Err(Box::new(Problems(format!("{} problems in {of} vectors:\n{}", problems.len(), problems.join("\n")))))
}

fn model(path: &Path) -> Result {
    let vectors: Vec<ModelVector> = read(path)?;
    let mut problems = Vec::new();
    for vector in &vectors {
        match run::model::run(vector) {
            Err(error) => problems.push(format!("{}: {error}", vector.meta.id)),
            Ok(actual) if !expectation::value_matches(&vector.expected, &actual) => {
                problems.push(format!("{}: expected {}, got {actual}", vector.meta.id, vector.expected));
            }
            Ok(_) => {}
        }
    }
    report(&problems, vectors.len())
}

fn client(path: &Path) -> Result {
    let vectors: Vec<ClientVector> = read(path)?;
    let mut problems = Vec::new();
    for vector in &vectors {
        match run::client::run(&vector.fetches, false) {
            Err(error) => problems.push(format!("{}: {error}", vector.meta.id)),
            Ok(actual) => {
                for difference in expectation::differences(&vector.expected, &actual) {
                    problems.push(format!("{}: {difference}", vector.meta.id));
                }
            }
        }
    }
    report(&problems, vectors.len())
}

datatest_stable::harness! {
    { test = model, root = "../vectors/model", pattern = r"\.json$" },
    { test = client, root = "../vectors/client", pattern = r"\.json$" },
}
