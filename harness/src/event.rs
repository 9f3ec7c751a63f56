//! The event stream: JSON lines from which every report is made.

use corspec_model::HeaderList;
use corspec_vectors::bytes::{ByteString, HeaderLines, from_header_list};
use corspec_vectors::index::STANDARD;
use corspec_vectors::meta::{Level, Reach};
use corspec_vectors::policy::PolicyDocument;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::browser::Exchange;
use crate::check::AuditEvent;
use crate::client::compare::Aspect;
use crate::implementation::Info;
use crate::shard::Shard;
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
        /// The part of the vectors that was run; absent when all were to be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shard: Option<Shard>,
    },
    /// An implementation is tested from here on.
    Implementation(Info),
    /// One law judged in one vector.
    Result(Box<ResultEvent>),
    /// A client runs client vectors from here on.
    Client(ClientEvent),
    /// One client vector in one client.
    ClientResult(Box<ClientResultEvent>),
    /// One animal of the zoo.
    Animal(AnimalEvent),
    /// One exhibit of the museum.
    Exhibit(ExhibitEvent),
    /// One endpoint audited.
    Audit(Box<AuditEvent>),
    /// An entry of a known-failing list or a profile that should not be on it.
    KnownFailingProblem {
        /// The implementation or client the list is for.
        implementation: String,
        /// What is wrong with the entry.
        problem: String,
    },
    /// The last line.
    End {
        /// Whether everything asked for was run; false after Ctrl-C and when as many failures as allowed were found.
        complete: bool,
        /// The exit code of the program.
        exit_code: u8,
    },
}

impl Event {
    /// The first line of every stream.
    pub fn start(shard: Option<Shard>) -> Self {
        Self::Start {
            shard,
            format: FORMAT,
            corspec: env!("CARGO_PKG_VERSION").to_owned(),
            standard: STANDARD.to_owned(),
        }
    }
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
    /// Id of the requirement that is broken, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
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

/// See [`Event::Client`].
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ClientEvent {
    /// Short name, as on the command line.
    pub name: String,
    /// Version that ran.
    pub version: String,
    /// Seconds its pages were at work.
    pub seconds: f64,
    /// Milliseconds a scenario took that did not wait for real time to pass.
    pub milliseconds_a_scenario: f64,
    /// Why it did not start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_error: Option<String>,
}

/// See [`Event::ClientResult`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClientResultEvent {
    /// Name of the client.
    pub client: String,
    /// Id of the vector.
    pub vector: String,
    /// Its title.
    pub title: String,
    /// How binding it is.
    pub level: Level,
    /// `pass`: equal to the model. `known-fail`: different, and the profile explains it. `unsupported`: no page can run
    /// it.
    pub verdict: Verdict,
    /// What the client did otherwise, or why the vector was not run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<DifferenceEvent>,
    /// What the profile says of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explained: Vec<ExplainedEvent>,
    /// Why the client blocked something, in its own words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// Something a client did otherwise than the model.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DifferenceEvent {
    /// What it is about; absent when the vector was not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aspect: Option<Aspect>,
    /// What the model does, and what the client did.
    pub what: String,
}

/// A known difference.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedEvent {
    /// What the client does.
    pub what: String,
    /// The step of the standard that decides.
    pub step: String,
    /// Where it is discussed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// See [`Event::Animal`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AnimalEvent {
    /// Short name.
    pub name: String,
    /// What it does otherwise than the reference responder.
    pub does: String,
    /// The real software that does, or did.
    pub source: String,
    /// The requirement it breaks; absent for a legal variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
    /// Whether it is caught by that requirement; for a legal variant, whether nothing is said of it.
    pub right: bool,
    /// The requirements found broken.
    pub broken: Vec<String>,
    /// How many results say so.
    pub findings: usize,
    /// The vectors that find its requirement broken; where none does, those that find any other broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caught: Vec<String>,
    /// One of these results, with its evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Box<ResultEvent>>,
}

/// See [`Event::Exhibit`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExhibitEvent {
    /// Short name.
    pub name: String,
    /// The bug as it is known: a CVE, an issue.
    pub bug: String,
    /// What it is, in a sentence.
    pub what: String,
    /// Where it is documented.
    pub source: String,
    /// The version with the bug.
    pub vulnerable: String,
    /// The version without it.
    pub fixed: String,
    /// Whether the bug is seen where it is, and nowhere else.
    pub right: bool,
    /// The vectors that see it in the vulnerable version only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caught: Vec<String>,
    /// The vectors that see it in the fixed version only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blamed: Vec<String>,
    /// The result of the first of the vectors that see it, or else of those that blame the fixed version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Box<ResultEvent>>,
    /// Why it could not be run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
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
    /// Whether this one shows what was found; where none says so, the last does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decides: bool,
}

impl ExchangeEvent {
    /// All of a finding's; `decides` is the place of the one that shows it, where that is not the last.
    pub fn all(exchanges: &[Exchange], decides: Option<usize>) -> Vec<Self> {
        let mut all: Vec<Self> = exchanges.iter().map(Self::from).collect();
        if let Some(deciding) = decides.and_then(|place| all.get_mut(place)) {
            deciding.decides = true;
        }
        all
    }

    /// The place of the one that shows what was found; `None` when there is none at all.
    pub fn deciding(all: &[Self]) -> Option<usize> {
        all.iter().position(|exchange| exchange.decides).or_else(|| all.len().checked_sub(1))
    }
}

impl From<&Exchange> for ExchangeEvent {
    fn from(exchange: &Exchange) -> Self {
        Self {
            method: ByteString(exchange.request.method.to_vec()),
            target: exchange.request.target.clone(),
            request_headers: shown(&exchange.request.headers),
            status: exchange.response.status,
            response_headers: shown(&exchange.response.headers),
            decides: false,
        }
    }
}

/// Header lines as a report can show them: nobody reads a megabyte.
fn shown(headers: &HeaderList) -> HeaderLines {
    const LINES: usize = 100;
    const BYTES: usize = 1000;
    let mut lines = from_header_list(headers);
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    for (_, value) in &mut lines {
        let length = value.0.len();
        if length > BYTES {
            value.0.truncate(BYTES);
            value.0.extend_from_slice(format!("... ({length} bytes)").as_bytes());
        }
    }
    if more > 0 {
        lines.push(("...".into(), ByteString(format!("({more} more lines)").into_bytes())));
    }
    lines
}
