//! The response headers that would allow a fetch, worked out by trying them in the model.
//!
//! The fetch is run again with the responses it had. Where it fails, the response at fault gets the least that takes this
//! failure away, and it is run again, until script gets the response or nothing safe is left to try. Nothing is called a
//! fix that the model did not accept.

use corspec_model::abnf::{ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, is_token};
use corspec_model::methods::is_cors_safelisted_method;
use corspec_model::request::CredentialsMode;
use corspec_model::request_headers::cors_unsafe_request_header_names;
use corspec_model::{HeaderList, Reason, Request, Response};
use corspec_vectors::DocumentError;
use corspec_vectors::bytes::{ByteString, HeaderLines, from_header_list, to_header_list};
use corspec_vectors::client::{OutcomeDocument, RequestKind};
use corspec_vectors::request::{CrossOrigin, Initiator, Mode, RequestDocument};
use corspec_vectors::run::client::next_response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::recorded::{Conditions, RecordedFetch, RecordedResponse, Recorder, scripted_response};

/// What would allow a fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "possible", rename_all = "kebab-case")]
pub enum Fix {
    /// Script has the response already, or asked for one it cannot look into.
    Needless,
    /// These changes to responses; the model then shares the response.
    Headers {
        /// What the page must ask for otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<String>,
        /// The responses to change, in order.
        responses: Vec<FixedResponse>,
    },
    /// No response header allows it safely, or at all.
    None {
        /// Why not, in one sentence.
        because: String,
        /// What to do instead.
        instead: String,
    },
}

/// One response and what to change in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FixedResponse {
    /// The kind of the request it answers.
    pub kind: RequestKind,
    /// The request's method.
    pub method: ByteString,
    /// The request's URL.
    pub url: String,
    /// The status it must have, when that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Header lines to send, each in place of all of that name.
    pub set: HeaderLines,
    /// Names of headers not to send.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<ByteString>,
}

/// Largest number of changes that are tried. Each takes one failure away, and there are 21 hops at most, each with a
/// preflight.
const TRIES: usize = 200;

/// Works out what would allow `fetch`, which began under `conditions`, and how the fetch then goes.
///
/// # Errors
/// [`DocumentError`] when the request of the record makes no sense.
pub fn work_out(
    fetch: &RecordedFetch,
    conditions: &Conditions,
) -> Result<(Fix, Option<RecordedFetch>), DocumentError> {
    let (request, asked) = match &fetch.outcome {
        Some(OutcomeDocument::Response { outcome_type, .. }) if outcome_type != "opaque" => {
            return Ok((Fix::Needless, None));
        }
        Some(OutcomeDocument::Response { .. }) => match with_cors(&fetch.request) {
            Some((request, change)) => (request, Some(change)),
            None => return Ok((Fix::Needless, None)),
        },
        _ => (fetch.request.clone(), None),
    };
    let Ok(prepared) = request.prepare()? else { return Ok((nothing_is_sent(fetch), None)) };
    let mut attempt = Attempt {
        request: &request,
        prepared: &prepared,
        conditions,
        answers: fetch
            .exchanges
            .iter()
            .map(|exchange| Answer::new(exchange.response.as_ref().map(RecordedResponse::to_response)))
            .collect(),
        recorded: 0,
        fetch,
    };
    // A request nobody answered yet has a response only when it is known that none came.
    if fetch.outcome.is_none() {
        attempt.answers.pop();
    }
    attempt.recorded = attempt.answers.len();
    for _ in 0..TRIES {
        let mut record = attempt.run()?;
        if let Some(url) = &record.refused {
            return Ok((encrypt(url), None));
        }
        match &record.outcome {
            Some(OutcomeDocument::Error { reason, .. }) => {
                let Some(reason) = Reason::named(reason) else { break };
                if let Err(none) = attempt.mend(&record, reason) {
                    return Ok((none, None));
                }
            }
            Some(OutcomeDocument::Response { .. }) | None => {
                let responses = attempt.changes(&record);
                record.trace.clear();
                return Ok((Fix::Headers { request: asked, responses }, Some(record)));
            }
        }
    }
    Ok((none("Whatever is changed, the next step refuses it.", "Request the final URL directly."), None))
}

/// The same request, made so that script may read the response; with what to change.
fn with_cors(request: &RequestDocument) -> Option<(RequestDocument, String)> {
    let mut with = request.clone();
    let options = &mut with.options;
    let change = match options.initiator {
        Initiator::Fetch if options.mode == Some(Mode::NoCors) => {
            options.mode = None;
            "leave out mode: 'no-cors'"
        }
        Initiator::Fetch | Initiator::Xhr | Initiator::Eventsource | Initiator::Beacon => return None,
        _ if options.cross_origin.is_some() => return None,
        _ => {
            options.cross_origin = Some(CrossOrigin::Anonymous);
            "set the attribute crossorigin=\"anonymous\", if script is to read the response"
        }
    };
    Some((with, change.to_owned()))
}

/// A fetch that ends before anything is sent.
fn nothing_is_sent(fetch: &RecordedFetch) -> Fix {
    let instead = super::reason_of(fetch).map_or("", |reason| reason.explanation().fix);
    Fix::None {
        because: "Nothing is sent, so no response can change it.".to_owned(),
        instead: instead.to_owned(),
    }
}

/// What helps against mixed content.
fn encrypt(url: &str) -> Fix {
    Fix::None {
        because: format!("{url} is not asked for, so no response can change it."),
        instead: "Serve it over https: and ask for the https: URL. On a developer's own machine http://localhost and \
                  http://127.0.0.1 are not refused, nor is anything to a page that is served over http: itself."
            .to_owned(),
    }
}

fn none(because: &str, instead: &str) -> Fix {
    Fix::None { because: because.to_owned(), instead: instead.to_owned() }
}

/// A response as it was, and as it is tried.
struct Answer {
    was: Option<Response>,
    tried: Option<Response>,
}

impl Answer {
    fn new(was: Option<Response>) -> Self {
        Self { tried: was.clone(), was }
    }
}

struct Attempt<'a> {
    request: &'a RequestDocument,
    prepared: &'a Request,
    conditions: &'a Conditions,
    fetch: &'a RecordedFetch,
    answers: Vec<Answer>,
    /// How many of them are those of the record.
    recorded: usize,
}

impl Attempt<'_> {
    /// Runs the fetch. A request that nobody has answered so far gets one of the responses left over, or a plain one.
    fn run(&mut self) -> Result<RecordedFetch, DocumentError> {
        let mut unused = self.fetch.unused.iter();
        let mut recorder = Recorder::start(self.request, self.conditions)?;
        let mut index = 0;
        while let Some(wanted) = recorder.wanted() {
            let kind: RequestKind = wanted.kind.into();
            if index == self.answers.len() {
                let given = next_response(&mut unused, kind).filter(|response| !response.network_error);
                let was = given.map(scripted_response);
                let status = if kind == RequestKind::Preflight { 204 } else { 200 };
                let tried = was.clone().unwrap_or_else(|| Response::new(status, HeaderList::new()));
                self.answers.push(Answer { was, tried: Some(tried) });
            } else if index >= self.recorded {
                // Taken from those left over in an earlier run.
                let _ = next_response(&mut unused, kind);
            }
            recorder.answer(self.answers[index].tried.clone());
            index += 1;
        }
        self.answers.truncate(index);
        Ok(recorder.finish().0)
    }

    /// Takes the failure of the last exchange away.
    fn mend(&mut self, record: &RecordedFetch, reason: Reason) -> Result<(), Fix> {
        use Reason as R;

        let said = reason.explanation();
        let (Some(exchange), Some(answer)) = (record.last(), self.answers.last_mut()) else {
            return Err(nothing_is_sent(record));
        };
        let Some(response) = &mut answer.tried else {
            return Err(none("No response arrived, so CORS was not reached.", said.fix));
        };
        let headers = &mut response.headers;
        let include = self.prepared.credentials_mode == CredentialsMode::Include;
        let origin = to_header_list(&exchange.request.headers).get("Origin").unwrap_or_default().into_owned();
        match reason {
            R::MissingAllowOrigin
            | R::WildcardOriginNotAllowed
            | R::MultipleAllowOriginValues
            | R::InvalidAllowOriginValue
            | R::AllowOriginMismatch
            | R::InvalidAllowCredentials
            | R::PreflightMissingAllowOrigin
            | R::PreflightWildcardOriginNotAllowed
            | R::PreflightMultipleAllowOriginValues
            | R::PreflightInvalidAllowOriginValue
            | R::PreflightAllowOriginMismatch
            | R::PreflightInvalidAllowCredentials => {
                allow_origin(headers, &origin, include).map_err(|()| no_safe_origin(record))?;
            }
            R::PreflightInvalidStatus | R::PreflightDisallowedRedirect => {
                response.status = 204;
                headers.delete("Location");
            }
            R::InvalidAllowMethods => {
                let mut methods = tokens(headers, ALLOW_METHODS);
                add(&mut methods, &self.prepared.method, !is_cors_safelisted_method(&self.prepared.method));
                set_list(headers, ALLOW_METHODS, &methods);
            }
            R::MethodDisallowed => {
                let mut methods = tokens(headers, ALLOW_METHODS);
                methods.retain(|method| method != b"*");
                add(&mut methods, &self.prepared.method, true);
                set_list(headers, ALLOW_METHODS, &methods);
            }
            R::InvalidAllowHeaders | R::HeaderDisallowed | R::AuthorizationDisallowed => {
                let mut names = tokens(headers, ALLOW_HEADERS);
                if include {
                    names.retain(|name| name != b"*");
                }
                let any = names.iter().any(|name| name == b"*");
                for name in cors_unsafe_request_header_names(&self.prepared.headers) {
                    let covered = any && !name.eq_ignore_ascii_case(b"authorization");
                    add(&mut names, &as_written(self.request, &name), !covered);
                }
                set_list(headers, ALLOW_HEADERS, &names);
            }
            R::CrossOriginResourcePolicy => return self.allow_embedding(),
            R::RedirectContainsCredentials => {
                let Some(location) = without_credentials(&exchange.request.url, headers) else {
                    return Err(none("The redirect's own URL is at fault.", said.fix));
                };
                headers.set("Location", location);
            }
            R::NetworkFailure => return Err(none("No response arrived, so CORS was not reached.", said.fix)),
            _ => return Err(none("No header that grants access decides this.", said.fix)),
        }
        Ok(())
    }

    /// The least `Cross-Origin-Resource-Policy` the model accepts.
    fn allow_embedding(&mut self) -> Result<(), Fix> {
        let Some(response) = self.answers.last_mut().and_then(|answer| answer.tried.as_mut()) else {
            return Ok(());
        };
        let next = match response.headers.get("Cross-Origin-Resource-Policy").as_deref() {
            Some(b"cross-origin") => {
                return Err(none(
                    "The page's embedder policy refuses it all the same.",
                    "Request it with CORS.",
                ));
            }
            Some(b"same-site") => "cross-origin",
            _ => "same-site",
        };
        response.headers.set("Cross-Origin-Resource-Policy", next);
        Ok(())
    }

    /// How the responses tried differ from those that were.
    fn changes(&self, record: &RecordedFetch) -> Vec<FixedResponse> {
        let pairs = record.exchanges.iter().zip(&self.answers);
        pairs
            .filter_map(|(exchange, answer)| {
                let tried = answer.tried.as_ref()?;
                let nothing = HeaderList::new();
                let before = answer.was.as_ref().map_or(&nothing, |was| &was.headers);
                let lines = |list: &HeaderList, name: &[u8]| -> Vec<Box<[u8]>> {
                    list.iter()
                        .filter(|header| header.is_named(name))
                        .map(|header| header.value.clone())
                        .collect()
                };
                let changed: HeaderList = tried
                    .headers
                    .iter()
                    .filter(|header| lines(before, &header.name) != lines(&tried.headers, &header.name))
                    .map(|header| (header.name.clone(), header.value.clone()))
                    .collect();
                let mut remove: Vec<ByteString> = Vec::new();
                for header in before.iter().filter(|header| !tried.headers.contains(&header.name)) {
                    if !remove.iter().any(|name| name.0.eq_ignore_ascii_case(&header.name)) {
                        remove.push(ByteString(header.name.to_vec()));
                    }
                }
                let status =
                    answer.was.as_ref().is_some_and(|was| was.status != tried.status).then_some(tried.status);
                if status.is_none() && changed.iter().next().is_none() && remove.is_empty() {
                    return None;
                }
                let (kind, method, url) =
                    (exchange.kind, exchange.request.method.clone(), exchange.request.url.clone());
                Some(FixedResponse { kind, method, url, status, set: from_header_list(&changed), remove })
            })
            .collect()
    }
}

/// Grants `origin` what the CORS check asks for. The origin `null` is everybody's: it can only be allowed together with
/// everybody else, and never with credentials.
fn allow_origin(headers: &mut HeaderList, origin: &[u8], include: bool) -> Result<(), ()> {
    if origin == b"null" {
        if include {
            return Err(());
        }
        headers.set(ALLOW_ORIGIN, "*");
        return Ok(());
    }
    headers.set(ALLOW_ORIGIN, origin);
    if include {
        headers.set(ALLOW_CREDENTIALS, "true");
    }
    let vary: Vec<Vec<u8>> = tokens(headers, "Vary");
    if !vary.iter().any(|name| name == b"*" || name.eq_ignore_ascii_case(b"origin")) {
        let mut vary = vary;
        vary.push(b"Origin".to_vec());
        set_list(headers, "Vary", &vary);
    }
    Ok(())
}

fn no_safe_origin(record: &RecordedFetch) -> Fix {
    let because = "The request's origin is `null`, which any sandboxed frame can have: to allow it with credentials is to \
                   allow everybody.";
    let instead = if record.request.origin == "null" {
        "Serve the page from an http: or https: origin of its own, or make the request without credentials."
    } else {
        "Request the final URL directly, so that no redirect makes the origin `null`, or make the request without \
         credentials."
    };
    none(because, instead)
}

/// What parses in a list, whatever stands beside it.
fn tokens(headers: &HeaderList, name: &str) -> Vec<Vec<u8>> {
    let lines = headers.lines(name).flat_map(|line| line.split(|&byte| byte == b','));
    lines.map(<[u8]>::trim_ascii).filter(|item| is_token(item)).map(<[u8]>::to_vec).collect()
}

/// A header name as the page wrote it.
fn as_written(request: &RequestDocument, name: &[u8]) -> Vec<u8> {
    let mut written = request.options.headers.iter().map(|(written, _)| &written.0);
    written.find(|written| written.eq_ignore_ascii_case(name)).cloned().unwrap_or_else(|| name.to_vec())
}

fn add(list: &mut Vec<Vec<u8>>, item: &[u8], needed: bool) {
    if needed && !list.iter().any(|listed| listed == item) {
        list.push(item.to_vec());
    }
}

fn set_list(headers: &mut HeaderList, name: &str, items: &[Vec<u8>]) {
    if items.is_empty() {
        headers.delete(name);
    } else {
        headers.set(name, items.join(&b", "[..]));
    }
}

/// Where the redirect leads, without username and password.
fn without_credentials(from: &str, headers: &HeaderList) -> Option<String> {
    let location = headers.get("Location")?;
    let mut url = Url::parse(from).ok()?.join(&String::from_utf8_lossy(&location)).ok()?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.into())
}
