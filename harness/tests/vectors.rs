//! Runs every vector. A file is one test; a failing file names every failing vector in it.

use std::path::Path;

use corspec::{algorithms, expectation, scripted};
use corspec_vectors::client::ClientVector;
use corspec_vectors::meta::VectorFile;
use corspec_vectors::model::ModelVector;
use serde::de::DeserializeOwned;

type Result = datatest_stable::Result<()>;

fn read<V: DeserializeOwned>(path: &Path, text: &str) -> datatest_stable::Result<Vec<V>> {
    let file: VectorFile<V> =
        serde_json::from_str(text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(file.vectors)
}

/// Fails with every problem at once.
fn report(problems: &[String], of: usize) -> Result {
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("{} of {of} vectors fail:\n{}", problems.len(), problems.join("\n")).into())
}

fn model(path: &Path, text: String) -> Result {
    let vectors: Vec<ModelVector> = read(path, &text)?;
    let mut problems = Vec::new();
    for vector in &vectors {
        match algorithms::run(vector) {
            Err(error) => problems.push(format!("{}: {error}", vector.meta.id)),
            Ok(actual) if !expectation::value_matches(&vector.expected, &actual) => {
                problems.push(format!("{}: expected {}, got {actual}", vector.meta.id, vector.expected));
            }
            Ok(_) => {}
        }
    }
    report(&problems, vectors.len())
}

fn client(path: &Path, text: String) -> Result {
    let vectors: Vec<ClientVector> = read(path, &text)?;
    let mut problems = Vec::new();
    for vector in &vectors {
        match scripted::run(&vector.fetches, false) {
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
