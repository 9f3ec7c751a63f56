//! Vectors made by rule: whole ranges and products, which nobody should type.
//!
//! Their expectations are the model's; a build fails when they change, so a change is always looked at. What the model
//! must answer to is in the other files, which are typed by hand. Each module gives the vectors of one or two files
//! `generated-*.json`.

mod bytes;
mod cache;
mod initiators;
mod lists;
mod names;
mod policies;
mod redirects;
mod server;
mod sizes;
mod statuses;
mod tolerated;

use crate::DocumentError;
use crate::client::{
    ClientVector, EvaluatedFetch, ExpectedFetch, ExpectedFetches, ExpectedOutcome, ExpectedRequest,
    OutcomeDocument, ScriptedFetch, ScriptedResponse,
};
use crate::meta::{Level, Meta, Reach, VectorFile};
use crate::model::{Algorithm, Input, ModelVector};
use crate::request::{RequestDocument, RequestOptions};
use crate::run;
use crate::server::ServerVector;

/// The page most vectors are about.
const PAGE: &str = "https://page.example";
/// The server most vectors are about.
const API: &str = "https://api.example";

/// A generated file of vectors: its name without folder, and what it holds.
pub type Generated<V> = (&'static str, VectorFile<V>);

/// Every generated file of model vectors.
///
/// # Errors
/// [`DocumentError`] when a rule makes a vector that makes no sense.
pub fn model_files() -> Result<Vec<Generated<ModelVector>>, DocumentError> {
    [bytes::files(), policies::files(), names::model_files(), sizes::model_files()]
        .into_iter()
        .flatten()
        .map(|(name, about, drafts)| {
            let vectors = drafts.into_iter().map(ModelDraft::finish).collect::<Result<_, _>>()?;
            Ok((name, VectorFile { about: about.to_owned(), vectors }))
        })
        .collect()
}

/// Every generated file of client vectors.
///
/// # Errors
/// [`DocumentError`] when a rule makes a vector that makes no sense.
pub fn client_files() -> Result<Vec<Generated<ClientVector>>, DocumentError> {
    [
        statuses::files(),
        redirects::files(),
        lists::files(),
        sizes::files(),
        cache::files(),
        names::files(),
        initiators::files(),
    ]
    .into_iter()
    .flatten()
    .map(|(name, about, topic, drafts)| {
        Ok((name, VectorFile { about: about.to_owned(), vectors: finish(topic, drafts)? }))
    })
    .collect()
}

/// Every generated file of server vectors; their `expected` is derived as that of all server vectors.
pub fn server_files() -> Vec<Generated<ServerVector>> {
    server::files()
}

type ModelFile = (&'static str, &'static str, Vec<ModelDraft>);
type ClientFile = (&'static str, &'static str, &'static str, Vec<ClientDraft>);

/// A model vector without its expectation.
struct ModelDraft {
    id: String,
    title: String,
    citation: &'static str,
    algorithm: Algorithm,
    input: Input,
}

impl ModelDraft {
    fn finish(self) -> Result<ModelVector, DocumentError> {
        let mut vector = ModelVector {
            meta: meta(self.id, self.title, vec![self.citation.to_owned()]),
            algorithm: self.algorithm,
            input: self.input,
            expected: serde_json::Value::Null,
        };
        vector.expected = run::model::run(&vector)?;
        Ok(vector)
    }
}

/// A client vector without its expectation.
struct ClientDraft {
    /// What tells it from its neighbours; joined, its id.
    axes: Vec<String>,
    title: String,
    citation: &'static str,
    fetches: Vec<ScriptedFetch>,
}

/// Derives the expectations, and gives each deny the nearest allow as its twin.
fn finish(topic: &str, drafts: Vec<ClientDraft>) -> Result<Vec<ClientVector>, DocumentError> {
    let mut vectors = Vec::with_capacity(drafts.len());
    let mut allows = Vec::new();
    for draft in drafts {
        let id = format!("gen-{topic}/{}", draft.axes.join("-"));
        let evaluated =
            run::client::run(&draft.fetches, false).map_err(|error| DocumentError::new(&id, error))?;
        let allowed = evaluated.iter().all(|fetch| matches!(fetch.outcome, OutcomeDocument::Response { .. }));
        let step = evaluated.last().map(|fetch| fetch.step.clone()).unwrap_or_default();
        let mut citations = vec![step];
        if citations[0] != draft.citation {
            citations.push(draft.citation.to_owned());
        }
        if allowed {
            allows.push((draft.axes.clone(), id.clone()));
        }
        let vector = ClientVector {
            meta: Meta { accept: tolerated::for_vector(&id), ..meta(id, draft.title, citations) },
            expected: ExpectedFetches {
                fetches: draft
                    .fetches
                    .iter()
                    .zip(evaluated)
                    .map(|(fetch, did)| expected(fetch, did))
                    .collect(),
            },
            fetches: draft.fetches,
        };
        vectors.push((draft.axes, allowed, vector));
    }
    for (axes, allowed, vector) in &mut vectors {
        if !*allowed {
            let distance = |other: &[String]| {
                axes.iter().zip(other).filter(|(a, b)| a != b).count() + axes.len().abs_diff(other.len())
            };
            vector.meta.twin =
                allows.iter().min_by_key(|(other, _)| distance(other)).map(|(_, id)| id.clone());
        }
    }
    Ok(vectors.into_iter().map(|(.., vector)| vector).collect())
}

fn meta(id: String, title: String, citations: Vec<String>) -> Meta {
    Meta {
        id,
        title,
        level: Level::Must,
        citations,
        source: "corspec".to_owned(),
        importance: None,
        reach: Reach::Browser,
        twin: None,
        accept: Vec::new(),
        note: None,
    }
}

/// What the model did, as an expectation. `Accept: */*`, which every request has, and URLs are left out where no redirect
/// changed them.
fn expected(fetch: &ScriptedFetch, evaluated: EvaluatedFetch) -> ExpectedFetch {
    let sent = evaluated.sent.into_iter().map(|sent| ExpectedRequest {
        method: Some(sent.method),
        url: Some(sent.url).filter(|url| *url != fetch.request.url),
        headers: sent.headers.into_iter().filter(|(_, value)| value.0 != b"*/*").collect(),
        without: Vec::new(),
        credentials: Some(sent.credentials),
    });
    let outcome = match evaluated.outcome {
        // The step stands beside the outcome.
        OutcomeDocument::Error { reason, .. } => ExpectedOutcome {
            outcome_type: Some("error".to_owned()),
            reason: Some(reason),
            ..ExpectedOutcome::default()
        },
        OutcomeDocument::Response { outcome_type, status, url, redirected, headers } => ExpectedOutcome {
            outcome_type: Some(outcome_type),
            status: Some(status),
            url: redirected.then_some(url),
            redirected: redirected.then_some(true),
            headers: Some(headers),
            ..ExpectedOutcome::default()
        },
    };
    ExpectedFetch { sent: Some(sent.collect()), outcome: Some(outcome), step: Some(evaluated.step) }
}

/// A fetch at second 0.
fn fetch(request: RequestDocument, responses: Vec<ScriptedResponse>) -> ScriptedFetch {
    ScriptedFetch { at: 0.0, request, responses }
}

/// A request of the page for the server.
fn request(options: RequestOptions) -> RequestDocument {
    RequestDocument { origin: PAGE.to_owned(), url: format!("{API}/"), options }
}

/// Header lines from text.
fn lines(lines: &[(&str, &str)]) -> crate::bytes::HeaderLines {
    lines.iter().map(|&(name, value)| (name.into(), value.into())).collect()
}

/// A response to any kind of request.
fn response(status: u16, headers: &[(&str, &str)]) -> ScriptedResponse {
    ScriptedResponse { answers: None, status, headers: lines(headers), wire: None, network_error: false }
}

/// A response that answers preflights only.
fn preflight(status: u16, headers: &[(&str, &str)]) -> ScriptedResponse {
    ScriptedResponse { answers: Some(crate::client::RequestKind::Preflight), ..response(status, headers) }
}

/// A response that answers the request itself only.
fn actual(status: u16, headers: &[(&str, &str)]) -> ScriptedResponse {
    ScriptedResponse { answers: Some(crate::client::RequestKind::Request), ..response(status, headers) }
}
