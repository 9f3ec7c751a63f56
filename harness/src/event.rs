//! The event stream: JSON lines from which every report is made.

use corspec_vectors::bytes::{ByteString, HeaderLines, from_header_list};
use corspec_vectors::meta::{Level, Reach};
use corspec_vectors::policy::PolicyDocument;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::browser::Exchange;
use crate::implementation::Info;
use crate::verdict::Verdict;

/// Version of the format; it changes when a field changes its meaning or goes away.
pub const FORMAT: u32 = 1;

/// One line of the stream.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The first line.
    Start {
        /// [`FORMAT`]
        format: u32,
        /// Version of corspec.
        corspec: String,
        /// The commit of whatwg/fetch the model follows.
        standard: String,
    },
    /// An implementation is tested from here on.
    Implementation(Info),
    /// One law judged in one vector.
    Result(Box<ResultEvent>),
    /// An entry of a known-failing list that should not be on it.
    KnownFailingProblem {
        /// The implementation the list is for.
        implementation: String,
        /// What is wrong with the entry.
        problem: String,
    },
    /// The last line.
    End {
        /// Whether everything asked for was run; false after Ctrl-C.
        complete: bool,
        /// The exit code of the program.
        exit_code: u8,
    },
}

/// See [`Event::Result`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ResultEvent {
    /// Name of the implementation.
    pub implementation: String,
    /// Id of the vector.
    pub vector: String,
    /// Its title.
    pub title: String,
    /// Id of the law.
    pub law: String,
    /// How binding the law is here.
    pub level: Level,
    /// Who can send the request.
    #[serde(default, skip_serializing_if = "Reach::is_browser")]
    pub reach: Reach,
    /// What became of it.
    pub verdict: Verdict,
    /// Unless it passed: everything needed to understand and reproduce it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingEvent>,
}

/// What was found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FindingEvent {
    /// What is wrong, or why it could not be judged, in one sentence.
    pub what: String,
    /// For a known failure: why it is on the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// The policy in force.
    pub policy: PolicyDocument,
    /// What the policy means for the request.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub policy_means: String,
    /// What the browser does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub browser: String,
    /// The step of the standard that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What went over the wire.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<ExchangeEvent>,
    /// Commands that show it again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reproduce: Vec<String>,
}

/// One request and its response.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeEvent {
    /// The method.
    pub method: ByteString,
    /// Path and query.
    pub target: String,
    /// The header lines sent.
    pub request_headers: HeaderLines,
    /// The status that came back.
    pub status: u16,
    /// The header lines that came back.
    pub response_headers: HeaderLines,
}

impl From<&Exchange> for ExchangeEvent {
    fn from(exchange: &Exchange) -> Self {
        Self {
            method: ByteString(exchange.request.method.to_vec()),
            target: exchange.request.target.clone(),
            request_headers: from_header_list(&exchange.request.headers),
            status: exchange.response.status,
            response_headers: from_header_list(&exchange.response.headers),
        }
    }
}
