//! What the model does in a client vector: what a client that did otherwise is held against.

use std::collections::HashMap;
use std::sync::LazyLock;

use corspec_vectors::client::ClientVector;
use corspec_vectors::embedded;
use serde::Serialize;

use super::super::case::{CLIENT_LAW, Case};
use crate::explanation::diagram::{Diagram, svg};
use crate::explanation::recorded::{MixedContent, scripted};
use crate::explanation::{Explanation, StepLink, explain};
use crate::verdict::Verdict;

/// One fetch of the vector.
#[derive(Serialize)]
pub(super) struct Fetch {
    /// How it ends and why, in a sentence.
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<(String, String)>,
    /// SVG.
    diagram: String,
}

/// Fetches of one vector that are shown.
const MOST: usize = 6;

/// The first fetches of the case's vector; none where a client did what the model does, or nobody knows the vector.
pub(super) fn fetches(case: &Case<'_>) -> Vec<Fetch> {
    static VECTORS: LazyLock<HashMap<String, ClientVector>> = LazyLock::new(|| {
        embedded::client_vectors().into_iter().map(|vector| (vector.meta.id.clone(), vector)).collect()
    });
    if case.law != CLIENT_LAW || !matches!(case.verdict, Verdict::Fail | Verdict::KnownFail) {
        return Vec::new();
    }
    let Some(vector) = VECTORS.get(case.vector) else { return Vec::new() };
    let Ok(recorded) = scripted(&vector.fetches, MixedContent::Sent) else { return Vec::new() };
    let explained = recorded.into_iter().take(MOST).map(|(record, conditions)| explain(record, &conditions));
    explained.flatten().map(of).collect()
}

fn of(explanation: Explanation) -> Fetch {
    let diagram = svg::element(&Diagram::of(&explanation));
    let step = explanation.step.map(|StepLink { step, url }| (step, url));
    Fetch { why: explanation.why, step, diagram }
}
