//! Client vectors: client requests, scripted responses, and what a browser would do.

use corspec_model::trace::Trace;
use corspec_model::{HttpRequest, HttpRequestKind, Outcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bytes::{ByteString, HeaderLines, from_header_list};
use crate::meta::Meta;
use crate::request::RequestDocument;

/// A client vector.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClientVector {
    /// What it is about.
    #[serde(flatten)]
    pub meta: Meta,
    /// The fetches, in order; the preflight cache lives across them.
    pub fetches: Vec<ScriptedFetch>,
    /// What must happen, as far as the vector says.
    pub expected: ExpectedFetches,
}

/// A line of input to `corspec eval`. Other fields of a client vector may be there and are ignored.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EvalInput {
    /// Comes back in the answer.
    pub id: String,
    /// The fetches, in order; the preflight cache lives across them.
    pub fetches: Vec<ScriptedFetch>,
}

/// One fetch and the responses it will meet.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptedFetch {
    /// Virtual time at which it starts, in seconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(min = 0))]
    pub at: f64,
    /// What the page asks for.
    pub request: RequestDocument,
    /// The responses, in the order the requests are sent.
    #[serde(default)]
    pub responses: Vec<ScriptedResponse>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(at: &f64) -> bool {
    *at == 0.0
}

/// One scripted response.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptedResponse {
    /// Answers only this kind of request, and is skipped when the next is of the other kind.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub answers: Option<RequestKind>,
    /// The status; an interim one (100 to 199) is passed over, as on the wire.
    #[serde(default = "ok")]
    #[schemars(range(min = 0, max = 999))]
    pub status: u16,
    /// The header lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: HeaderLines,
    /// The very bytes on the wire, head and body, of which `status` and `headers` are what an HTTP parser makes; with
    /// `network_error`, bytes it refuses. Only who answers a real client needs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<ByteString>,
    /// No response: the connection fails.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub network_error: bool,
}

impl ScriptedResponse {
    /// Whether it answers requests of this kind.
    pub fn is_for(&self, kind: RequestKind) -> bool {
        self.answers.is_none_or(|answers| answers == kind)
    }
}

const fn ok() -> u16 {
    200
}

/// The kind of a request on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RequestKind {
    /// A preflight.
    Preflight,
    /// The request itself.
    Request,
}

impl From<HttpRequestKind> for RequestKind {
    fn from(kind: HttpRequestKind) -> Self {
        match kind {
            HttpRequestKind::Preflight => Self::Preflight,
            HttpRequestKind::Request => Self::Request,
        }
    }
}

/// A line of output of `corspec eval`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EvalOutput {
    /// What the model did.
    Evaluated {
        /// That of the input.
        id: String,
        /// One for each fetch.
        fetches: Vec<EvaluatedFetch>,
    },
    /// Why it could not.
    Failed {
        /// That of the input, if it could be read.
        id: Option<String>,
        /// What is wrong with the line.
        error: String,
    },
}

/// What the model did in one fetch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvaluatedFetch {
    /// The requests it sent, in order.
    pub sent: Vec<SentRequest>,
    /// What script saw.
    pub outcome: OutcomeDocument,
    /// The step of the standard that decided.
    pub step: String,
    /// With `--trace`: every step taken, and whether its condition held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<(String, bool)>>,
}

/// A request the model sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentRequest {
    /// The method.
    pub method: ByteString,
    /// The URL, without fragment.
    pub url: String,
    /// The header lines the algorithms decide; their order says nothing.
    pub headers: HeaderLines,
    /// Whether cookies and other credentials go along; absent means no.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub credentials: bool,
}

impl From<&HttpRequest> for SentRequest {
    fn from(request: &HttpRequest) -> Self {
        let url = match request.url.fragment() {
            None => request.url.as_str().to_owned(),
            Some(_) => {
                let mut url = request.url.clone();
                url.set_fragment(None);
                url.into()
            }
        };
        Self {
            method: ByteString(request.method.to_vec()),
            url,
            headers: from_header_list(&request.headers),
            credentials: request.credentials,
        }
    }
}

/// What script saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OutcomeDocument {
    /// A network error, or an exception of the API.
    Error {
        /// Always `error`.
        #[serde(rename = "type")]
        outcome_type: ErrorWord,
        /// The stable name of the reason.
        reason: String,
        /// The step of the standard that returned the error.
        step: String,
    },
    /// A response.
    Response {
        /// `basic`, `cors`, `opaque` or `opaqueredirect`.
        #[serde(rename = "type")]
        outcome_type: String,
        /// `Response.status`
        status: u16,
        /// `Response.url`
        url: String,
        /// `Response.redirected`
        redirected: bool,
        /// The names of the headers script can read: lower-cased, sorted.
        headers: Vec<ByteString>,
    },
}

/// `"error"`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "one word")]
pub enum ErrorWord {
    Error,
}

impl From<&Outcome> for OutcomeDocument {
    fn from(outcome: &Outcome) -> Self {
        match &outcome.result {
            Err(reason) => Self::Error {
                outcome_type: ErrorWord::Error,
                reason: reason.as_str().to_owned(),
                step: outcome.step.as_str().to_owned(),
            },
            Ok(response) => Self::Response {
                outcome_type: response.response_type.as_str().to_owned(),
                status: response.status,
                url: response.url.as_ref().map(ToString::to_string).unwrap_or_default(),
                redirected: response.redirected,
                headers: response.headers.iter().map(|name| ByteString(name.to_vec())).collect(),
            },
        }
    }
}

/// What must happen in each fetch.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFetches {
    /// One for each fetch.
    pub fetches: Vec<ExpectedFetch>,
}

/// What must happen in one fetch; what is left out is not compared.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFetch {
    /// The requests sent: exactly so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Vec<ExpectedRequest>>,
    /// What script sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ExpectedOutcome>,
    /// The step that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

/// What must be true of a request sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedRequest {
    /// Equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<ByteString>,
    /// Equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Each of these lines is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: HeaderLines,
    /// No header of these names is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<ByteString>,
    /// Whether cookies go along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<bool>,
}

/// What must be true of an outcome.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is compared with the field of the same name of an outcome")]
pub struct ExpectedOutcome {
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub outcome_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirected: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<ByteString>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

/// A trace as it is written to JSON.
pub fn trace_document(trace: &[(corspec_model::Step, bool)]) -> Vec<(String, bool)> {
    trace.iter().map(|&(step, held)| (step.as_str().to_owned(), held)).collect()
}

/// A trace that is kept only when it was asked for.
#[derive(Debug, Default)]
pub struct OptionalTrace(pub Option<Vec<(corspec_model::Step, bool)>>);

impl Trace for OptionalTrace {
    fn record(&mut self, step: corspec_model::Step, held: bool) {
        if let Some(steps) = &mut self.0 {
            steps.push((step, held));
        }
    }
}
