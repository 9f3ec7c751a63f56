//! The vectors as a set: nothing derived has drifted, every file passes its schema, and the set keeps its promises.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use corspec::cli::vectors::Set;
use corspec_vectors::client::ClientVector;
use corspec_vectors::coverage::{self, StepEntry};
use corspec_vectors::embedded;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

fn set() -> Set {
    Set::read(&folder()).unwrap()
}

#[test]
fn nothing_derived_has_drifted() {
    let drifted: Vec<String> = set()
        .generated(&folder())
        .unwrap()
        .into_iter()
        .filter(|(path, text)| std::fs::read_to_string(path).ok().as_ref() != Some(text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(
        drifted.is_empty(),
        "run `cargo run -- vectors generate` and look at the difference: {drifted:#?}"
    );
}

#[test]
fn the_set_is_consistent() {
    assert_eq!(set().problems(), Vec::<String>::new());
}

#[test]
fn every_vector_of_the_folder_is_built_in() {
    let mut built_in: Vec<String> =
        embedded::server_vectors().into_iter().map(|vector| vector.meta.id).collect();
    built_in.extend(embedded::client_vectors().into_iter().map(|vector| vector.meta.id));
    built_in.extend(embedded::model_vectors().into_iter().map(|vector| vector.meta.id));
    let mut of_the_folder: Vec<String> = set().metas().map(|meta| meta.id.clone()).collect();
    built_in.sort();
    of_the_folder.sort();
    assert_eq!(built_in, of_the_folder);
}

#[test]
fn every_file_passes_its_schema() {
    let folder = folder();
    let read =
        |path: &Path| -> Value { serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap() };
    let mut checked = 0;
    for (kind, holds) in
        [("model", "model"), ("client", "client"), ("server", "server"), ("server", "regressions")]
    {
        let schema = read(&folder.join(format!("schemas/{kind}-vectors.schema.json")));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let paths = std::fs::read_dir(folder.join(holds)).unwrap().map(|entry| entry.unwrap().path());
        for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
            let errors: Vec<String> = validator
                .iter_errors(&read(&path))
                .take(5)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} files were found");
    for file in ["index", "laws", "steps"] {
        let schema = read(&folder.join(format!("schemas/{file}.schema.json")));
        assert!(
            jsonschema::validator_for(&schema).unwrap().is_valid(&read(&folder.join(format!("{file}.json")))),
            "{file}"
        );
    }
}

#[test]
fn the_promised_numbers_are_kept() {
    let counts = set().counts();
    assert!(counts["model"] + counts["client"] >= 700, "{counts:?}");
    assert!(counts["server"] >= 500, "{counts:?}");
}

#[test]
fn every_step_is_reached_with_every_result() {
    let reached = coverage::reached(&embedded::client_vectors());
    let steps = embedded::steps();
    let mut problems = Vec::new();
    for StepEntry { step, results, unreached } in &steps {
        let missing: Vec<bool> =
            results.iter().copied().filter(|&held| !reached.contains_key(&(step.clone(), held))).collect();
        match (missing.is_empty(), unreached) {
            (false, None) => problems.push(format!("{step}: no client vector reaches it with {missing:?}")),
            (true, Some(reason)) => problems.push(format!("{step} is reached, although: {reason}")),
            _ => {}
        }
    }
    for (step, held) in reached.keys() {
        if !steps.iter().any(|entry| entry.step == *step && entry.results.contains(held)) {
            problems.push(format!("{step} ({held}) is not in steps.json"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_anchored_deny_has_an_allow_beside_it() {
    let denies = |vector: &ClientVector| {
        vector.expected.fetches.iter().any(|fetch| {
            fetch.outcome.as_ref().is_some_and(|outcome| outcome.outcome_type.as_deref() == Some("error"))
        })
    };
    let vectors = embedded::client_vectors();
    let allows: HashSet<&str> =
        vectors.iter().filter(|vector| !denies(vector)).map(|vector| &*vector.meta.id).collect();
    let alone: Vec<&str> = vectors
        .iter()
        .filter(|vector| denies(vector))
        .filter(|vector| !vector.meta.twin.as_deref().is_some_and(|twin| allows.contains(twin)))
        .map(|vector| &*vector.meta.id)
        .collect();
    assert!(alone.is_empty(), "{alone:#?}");
}
