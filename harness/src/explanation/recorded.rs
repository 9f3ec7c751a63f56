//! One fetch as the model saw it, recorded while the model is driven.

use std::time::Duration;

use corspec_model::request::CredentialsMode;
use corspec_model::{Fetch, HttpRequest, NetworkError, Next, Outcome, PreflightCache, Response, Step};
use corspec_vectors::DocumentError;
use corspec_vectors::bytes::{HeaderLines, from_header_list, to_header_list};
use corspec_vectors::client::{
    ErrorWord, OutcomeDocument, RequestKind, ScriptedFetch, ScriptedResponse, SentRequest, trace_document,
};
use corspec_vectors::request::RequestDocument;
use corspec_vectors::run::client::next_response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::mixed_content;

/// One fetch: what a page asked for, what went over the wire, how it ended.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RecordedFetch {
    /// What the page asked for.
    pub request: RequestDocument,
    /// The HTTP requests and their responses, in order.
    pub exchanges: Vec<RecordedExchange>,
    /// What script sees; absent when nobody said what the server answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeDocument>,
    /// The step of the standard that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Every step taken, and whether its condition held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<(String, bool)>,
    /// The URL that was not asked for since it is mixed content.
    #[serde(skip)]
    pub refused: Option<String>,
    /// Responses that were given to requests never sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<ScriptedResponse>,
}

/// One HTTP request and its response.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RecordedExchange {
    /// Preflight, or the request itself.
    pub kind: RequestKind,
    /// What was sent.
    pub request: SentRequest,
    /// What came back; absent when nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<RecordedResponse>,
}

/// Status and header lines of a response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedResponse {
    /// The status.
    pub status: u16,
    /// The header lines, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: HeaderLines,
}

impl From<&Response> for RecordedResponse {
    fn from(response: &Response) -> Self {
        Self { status: response.status, headers: from_header_list(&response.headers) }
    }
}

impl RecordedResponse {
    /// As the model takes it.
    pub fn to_response(&self) -> Response {
        Response::new(self.status, to_header_list(&self.headers))
    }

    /// The value of the header, its lines joined as the standard joins them.
    pub fn header(&self, name: &str) -> Option<Vec<u8>> {
        to_header_list(&self.headers).get(name).map(std::borrow::Cow::into_owned)
    }
}

impl RecordedFetch {
    /// The last exchange: the one at which a fetch that failed did so.
    pub fn last(&self) -> Option<&RecordedExchange> {
        self.exchanges.last()
    }

    /// Whether the page asked for credentials to any origin.
    pub fn includes_credentials(&self) -> bool {
        let prepared = self.request.prepare().ok().and_then(Result::ok);
        prepared.is_some_and(|request| request.credentials_mode == CredentialsMode::Include)
    }
}

/// What a fetch begins with besides its request.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// What earlier fetches left in the preflight cache.
    pub cache: PreflightCache,
    /// Time since the cache's own beginning.
    pub at: Duration,
    /// What becomes of mixed content.
    pub mixed_content: MixedContent,
}

/// What becomes of requests that browsers refuse as mixed content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MixedContent {
    /// They are not sent, as in browsers.
    #[default]
    Refused,
    /// They are: vectors are about CORS alone, and what a recording holds was sent.
    Sent,
}

/// Drives the model through one fetch and records it. Whoever makes one answers what is [wanted](Recorder::wanted) until
/// nothing is.
pub struct Recorder {
    request: RequestDocument,
    conditions: Conditions,
    course: Course,
    exchanges: Vec<RecordedExchange>,
}

/// A fetch that keeps its trace.
type Traced = Fetch<Vec<(Step, bool)>>;

enum Course {
    Thrown(NetworkError),
    Running(Box<(Traced, HttpRequest)>),
    Refused(Url, Vec<(Step, bool)>),
    Ended(Outcome, Vec<(Step, bool)>),
}

impl Course {
    fn go_on(fetch: Traced, next: Next) -> Self {
        match next {
            Next::Send(request) => Self::Running(Box::new((fetch, request))),
            Next::Done(outcome) => Self::Ended(outcome, fetch.trace().clone()),
        }
    }
}

impl Recorder {
    /// Begins the fetch.
    ///
    /// # Errors
    /// [`DocumentError`] when the document makes no sense.
    pub fn start(request: &RequestDocument, conditions: &Conditions) -> Result<Self, DocumentError> {
        let mut conditions = conditions.clone();
        let course = match request.prepare()? {
            Err(thrown) => Course::Thrown(thrown),
            Ok(prepared) => {
                let (fetch, next) = Fetch::start(prepared, &mut conditions.cache, conditions.at, Vec::new());
                Course::go_on(fetch, next)
            }
        };
        let mut recorder = Self { request: request.clone(), conditions, course, exchanges: Vec::new() };
        recorder.refuse_mixed_content();
        Ok(recorder)
    }

    /// Ends the fetch where a browser would.
    fn refuse_mixed_content(&mut self) {
        let Course::Running(running) = &self.course else { return };
        let (fetch, wanted) = &**running;
        if self.conditions.mixed_content == MixedContent::Refused
            && mixed_content::is_refused(&self.request, &wanted.url)
        {
            // The step that decides is one the model has passed already.
            let mut trace = fetch.trace().clone();
            if let Some(place) = trace.iter().rposition(|(step, _)| step.as_str() == mixed_content::STEP) {
                trace.truncate(place + 1);
                trace[place].1 = true;
            }
            let mut url = wanted.url.clone();
            url.set_fragment(None);
            self.course = Course::Refused(url, trace);
        }
    }

    /// The HTTP request to send now; `None` when the fetch is over.
    pub fn wanted(&self) -> Option<&HttpRequest> {
        match &self.course {
            Course::Running(running) => Some(&running.1),
            Course::Thrown(_) | Course::Refused(..) | Course::Ended(..) => None,
        }
    }

    /// Answers the request that is wanted; `None` means that no response came.
    pub fn answer(&mut self, response: Option<Response>) {
        let Course::Running(running) = &mut self.course else { return };
        let (fetch, request) = &mut **running;
        self.exchanges.push(RecordedExchange {
            kind: request.kind.into(),
            request: SentRequest::from(&*request),
            response: response.as_ref().map(RecordedResponse::from),
        });
        let Conditions { cache, at, .. } = &mut self.conditions;
        let next = match response {
            Some(response) => fetch.receive(response, cache, *at),
            None => fetch.fail(cache, *at),
        };
        match next {
            Next::Send(next) => *request = next,
            Next::Done(outcome) => self.course = Course::Ended(outcome, fetch.trace().clone()),
        }
        self.refuse_mixed_content();
    }

    /// The record, and the preflight cache as the fetch leaves it.
    pub fn finish(self) -> (RecordedFetch, PreflightCache) {
        let mut exchanges = self.exchanges;
        let error = |reason: &str, step: &str| {
            let (reason, step) = (reason.to_owned(), step.to_owned());
            OutcomeDocument::Error { outcome_type: ErrorWord::Error, reason, step }
        };
        let mut refused = None;
        let (outcome, step, trace) = match self.course {
            Course::Thrown(thrown) => {
                let (reason, step) = (thrown.reason.as_str(), thrown.step.as_str());
                (Some(error(reason, step)), Some(step.to_owned()), Vec::new())
            }
            Course::Refused(url, trace) => {
                refused = Some(url.into());
                let outcome = error(mixed_content::REASON, mixed_content::STEP);
                (Some(outcome), Some(mixed_content::STEP.to_owned()), trace_document(&trace))
            }
            Course::Running(running) => {
                let (fetch, request) = *running;
                exchanges.push(RecordedExchange {
                    kind: request.kind.into(),
                    request: SentRequest::from(&request),
                    response: None,
                });
                (None, None, trace_document(fetch.trace()))
            }
            Course::Ended(outcome, trace) => (
                Some(OutcomeDocument::from(&outcome)),
                Some(outcome.step.as_str().to_owned()),
                trace_document(&trace),
            ),
        };
        let request = self.request;
        (
            RecordedFetch { request, exchanges, outcome, step, trace, refused, unused: Vec::new() },
            self.conditions.cache,
        )
    }
}

/// Runs scripted fetches one after the other against one preflight cache. One whose responses run out is recorded up to
/// the request nobody answers; `mixed_content` says what becomes of what browsers refuse. Each comes with what it began with.
///
/// # Errors
/// [`DocumentError`] when the script makes no sense; it names the fetch.
pub fn scripted(
    fetches: &[ScriptedFetch],
    mixed_content: MixedContent,
) -> Result<Vec<(RecordedFetch, Conditions)>, DocumentError> {
    let mut cache = PreflightCache::new();
    let mut recorded = Vec::with_capacity(fetches.len());
    for (index, fetch) in fetches.iter().enumerate() {
        let field = format!("fetches[{index}]");
        let at = Duration::try_from_secs_f64(fetch.at).map_err(|error| DocumentError::new(&field, error))?;
        let conditions = Conditions { cache, at, mixed_content };
        let (record, left) = play(fetch, &conditions).map_err(|error| DocumentError::new(&field, error))?;
        recorded.push((record, conditions));
        cache = left;
    }
    Ok(recorded)
}

/// Runs one scripted fetch.
fn play(
    fetch: &ScriptedFetch,
    conditions: &Conditions,
) -> Result<(RecordedFetch, PreflightCache), DocumentError> {
    if let Some(response) = fetch.responses.iter().find(|response| response.status > 999) {
        return Err(DocumentError::new("responses", format_args!("status {} is above 999", response.status)));
    }
    let mut recorder = Recorder::start(&fetch.request, conditions)?;
    let mut responses = fetch.responses.iter();
    // What is passed over on the way to a response of the right kind stays there for the requests it is for.
    let mut unused = Vec::new();
    while let Some(wanted) = recorder.wanted() {
        let kind = wanted.kind.into();
        let mut passed = responses.clone();
        let Some(response) = next_response(&mut responses, kind) else { break };
        unused.extend(passed.by_ref().take_while(|candidate| !std::ptr::eq(*candidate, response)).cloned());
        recorder.answer((!response.network_error).then(|| scripted_response(response)));
    }
    unused.extend(responses.cloned());
    let (mut record, cache) = recorder.finish();
    record.unused = unused;
    Ok((record, cache))
}

/// A scripted response as the model takes it.
pub fn scripted_response(response: &ScriptedResponse) -> Response {
    Response::new(response.status, to_header_list(&response.headers))
}
