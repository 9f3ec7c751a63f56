//! Fetches from a vector built in, or from a file of the same form.

use corspec_vectors::client::ScriptedFetch;
use corspec_vectors::embedded;
use serde::Deserialize;

use super::super::{Failure, suggest};

/// The fetches of the client vector `id`.
///
/// # Errors
/// [`Failure`] with the ids that come nearest.
pub(super) fn of_vector(id: &str) -> Result<Vec<ScriptedFetch>, Failure> {
    let vectors = embedded::client_vectors();
    if let Some(vector) = vectors.iter().find(|vector| vector.meta.id == id) {
        return Ok(vector.fetches.clone());
    }
    if embedded::server_vectors().iter().any(|vector| vector.meta.id == id) {
        return Err(Failure::usage(format_args!(
            "`{id}` is a server vector: it has no responses of its own. See what a server answers with `corspec test NAME \
             --include {id} --verbose`"
        )));
    }
    let near = suggest::nearest(id, vectors.iter().map(|vector| vector.meta.id.as_str()));
    Err(Failure::usage(format_args!(
        "`{}` is neither a URL, nor a file, nor a client vector{near}; see `corspec vectors list`",
        crate::explanation::printable(id)
    )))
}

/// The fetches of a scenario in JSON.
///
/// # Errors
/// [`Failure`] naming the place where it does not parse.
pub(super) fn read(name: &str, text: &str) -> Result<Vec<ScriptedFetch>, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::usage(format_args!(
            "{name}: neither a HAR file nor a scenario: {error}; a scenario is {{\"fetches\": [{{\"request\": {{\"origin\": …, \"url\": …}}, \"responses\": \
             […]}}]}}, see vectors/README.md"
        ))
    };
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
    // Which of the two it is decides whose mistakes are told.
    let fetches = match value.get("fetches") {
        Some(_) => serde_json::from_str(text).map(|Fetches { fetches }| fetches),
        None => serde_json::from_str(text).map(|fetch: ScriptedFetch| vec![fetch]),
    };
    let fetches = fetches.map_err(|error| unreadable(&error))?;
    if fetches.is_empty() { Err(unreadable(&"`fetches` is empty")) } else { Ok(fetches) }
}

/// A client vector, of which only this runs.
#[derive(Deserialize)]
struct Fetches {
    fetches: Vec<ScriptedFetch>,
}
