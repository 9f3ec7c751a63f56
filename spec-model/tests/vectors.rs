//! Runs every model and client vector. A file is one test; a failing file names every failing vector in it.
//!
//! Their expectations come from the standard, MDN, web-platform-tests and browsers, never from this model; those of the
//! `generated-*` files come from it and are here to be noticed when they change.

use std::path::Path;

use corspec_vectors::client::ClientVector;
use corspec_vectors::model::ModelVector;
use corspec_vectors::run::{self, expectation, vector_file};

type Result = datatest_stable::Result<()>;

fn model(path: &Path) -> Result {
    let vectors: Vec<ModelVector> = vector_file::read(path)?;
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
    Ok(vector_file::report(&problems, vectors.len())?)
}

fn client(path: &Path) -> Result {
    let vectors: Vec<ClientVector> = vector_file::read(path)?;
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
    Ok(vector_file::report(&problems, vectors.len())?)
}

datatest_stable::harness! {
    { test = model, root = "../vectors/model", pattern = r"\.json$" },
    { test = client, root = "../vectors/client", pattern = r"\.json$" },
}
