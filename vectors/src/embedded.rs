//! The documents of this repository, built into the program.

use std::path::Path;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

use crate::client::ClientVector;
use crate::coverage::{StepEntry, StepFile};
use crate::law::{Law, LawFile};
use crate::meta::VectorFile;
use crate::model::ModelVector;
use crate::server::ServerVector;

static MODEL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/model");
static CLIENT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/client");
static SERVER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/server");
static REGRESSIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/regressions");

/// The laws.
///
/// # Panics
/// Never: a test reads the same text.
pub static LAWS: LazyLock<Vec<Law>> = LazyLock::new(|| {
    let file: LawFile = serde_json::from_str(include_str!("../laws.json"))
        .unwrap_or_else(|error| broken("laws.json", &error));
    file.laws
});

/// The steps of the standard that the model takes.
///
/// # Panics
/// Never: a test reads the same text.
pub fn steps() -> Vec<StepEntry> {
    let file: StepFile = serde_json::from_str(include_str!("../steps.json"))
        .unwrap_or_else(|error| broken("steps.json", &error));
    file.steps
}

/// The model vectors.
pub fn model_vectors() -> Vec<ModelVector> {
    read(&MODEL)
}

/// The client vectors.
pub fn client_vectors() -> Vec<ClientVector> {
    read(&CLIENT)
}

/// The server vectors, those that fuzzing found last.
pub fn server_vectors() -> Vec<ServerVector> {
    let mut vectors = read(&SERVER);
    vectors.extend(read(&REGRESSIONS));
    vectors
}

fn read<V: DeserializeOwned>(folder: &Dir<'_>) -> Vec<V> {
    let is_json = |path: &Path| path.extension().is_some_and(|extension| extension == "json");
    let mut files: Vec<_> = folder.files().filter(|file| is_json(file.path())).collect();
    files.sort_by_key(|file| file.path());
    let mut vectors = Vec::new();
    for file in files {
        let parsed: VectorFile<V> = serde_json::from_slice(file.contents())
            .unwrap_or_else(|error| broken(&file.path().display().to_string(), &error));
        vectors.extend(parsed.vectors);
    }
    vectors
}

/// The embedded text is fixed at build time and read by `cargo test`, so this is a broken build, not bad input.
#[expect(clippy::panic, reason = "a broken build")]
fn broken(file: &str, error: &serde_json::Error) -> ! {
    panic!("the embedded {file} does not parse: {error}")
}
