//! The documents of this repository, built into the program.

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

/// The server vectors.
pub fn server_vectors() -> Vec<ServerVector> {
    read(&SERVER)
}

fn read<V: DeserializeOwned>(folder: &Dir<'_>) -> Vec<V> {
    let mut files: Vec<_> = folder.files().collect();
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
