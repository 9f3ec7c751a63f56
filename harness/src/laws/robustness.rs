//! Robustness: malformed, repeated, huge and raw requests get no grant, no server error and no injected header, in
//! bounded time and space.

use std::time::{Duration, Instant};

use corspec_model::abnf::ALLOW_ORIGIN;
use corspec_model::{Policy, Response};
use corspec_vectors::server::{RawRequest, Repeated, WireRequest as WireDocument};
use tokio::sync::Mutex;

use super::{Case, wire_request};
use crate::browser::Exchange;
use crate::report::reproduce::RAW_BYTES;
use crate::run::baseline;
use crate::transport::{Answer, TransportError, WireRequest};
use crate::verdict::{Finding, Judgement};

const LAW: &str = "robustness";

/// A header no application sends: it arrives only when bytes of the request became a line of the response.
const INJECTED: &str = "x-injected";
/// What is never called slow: a [`STALL`] and half of it.
const QUICK: Duration = Duration::from_millis(60);
/// What a response of several segments can wait for the client's acknowledgement, through no fault of the software.
const STALL: Duration = Duration::from_millis(40);
/// How many times longer than a harmless request of the same length a request may take, if it also grows too fast.
const TIMES_AS_LONG: u32 = 5;
/// Into how many parts a request is divided, to see whether it costs more than all of them.
const PARTS: u32 = 8;
/// How many times longer the whole may take than its parts in turn: once is in proportion, the square eight times.
const GROWTH: u32 = 2;
/// What a server says of a request it does not read for its length: it has done no work, and its time is the network's.
const TOO_LONG: [u16; 2] = [413, 431];
/// Measured is one request after the other: beside a slow request another waits for it, in software that does one thing at
/// a time.
static MEASURING: Mutex<()> = Mutex::const_new(());
/// How often each is measured before anything is said: the best counts.
const MEASUREMENTS: usize = 8;
/// How many times larger than its request a response may be: lists are written with spaces, and twice.
const TIMES_AS_LARGE: usize = 4;
/// Bytes a response may have besides.
const MARGIN: usize = 4096;

/// Sends a request made by hand.
///
/// # Errors
/// [`TransportError`] when the server gave no usable response.
pub async fn judge_request(
    case: &Case<'_>,
    document: &WireDocument,
) -> Result<Vec<Judgement>, TransportError> {
    let request = wire_request(document);
    let (answer, took) = timed(case, &request).await?;
    let exchange = exchange(&request, answer);
    let mut breach = breach_of(case, &exchange).or_else(|| size_breach(&exchange));
    if breach.is_none()
        && !TOO_LONG.contains(&exchange.response.status)
        && let Some(repeated) = &document.repeated
    {
        breach = time_breach(case, document, repeated, &request, took).await?;
    }
    if breach.is_none() {
        breach = no_longer_answers(case).await;
    }
    Ok(vec![judgement(case, breach, vec![exchange], None)])
}

/// Sends exact bytes.
///
/// # Errors
/// [`TransportError`] when what came back is no HTTP, or nothing came in time.
pub async fn judge_bytes(case: &Case<'_>, document: &RawRequest) -> Result<Vec<Judgement>, TransportError> {
    let host = case.endpoint.base.authority();
    let target = case.endpoint.target("/plain");
    let bytes = replace(&document.bytes.0, b"{host}", host.as_bytes());
    let bytes = replace(&bytes, b"{path}", target.as_bytes());
    // A server may close the connection without a word: that is no grant either.
    let answers = case.endpoint.transport.send_bytes(bytes.clone(), document.responses).await?;
    let request = WireRequest {
        method: RAW_BYTES.as_bytes().into(),
        target: bytes.escape_ascii().to_string(),
        headers: corspec_model::HeaderList::new(),
        body: false,
    };
    let exchanges: Vec<Exchange> = answers.into_iter().map(|answer| exchange(&request, answer)).collect();
    let found =
        exchanges.iter().enumerate().find_map(|(place, exchange)| Some((place, breach_of(case, exchange)?)));
    let (decides, mut breach) = found.unzip();
    if breach.is_none() {
        breach = no_longer_answers(case).await;
    }
    Ok(vec![judgement(case, breach, exchanges, decides)])
}

type Breach = (&'static str, String);

fn exchange(request: &WireRequest, Answer { response, body }: Answer) -> Exchange {
    Exchange { kind: None, request: request.clone(), response, body }
}

fn judgement(
    case: &Case<'_>,
    breach: Option<Breach>,
    exchanges: Vec<Exchange>,
    decides: Option<usize>,
) -> Judgement {
    match breach {
        None => case.pass(LAW),
        Some((requirement, what)) => case.breach(
            requirement,
            Finding {
                what,
                policy_means: "no more for a malformed request than for any other".to_owned(),
                browser: "does not send this; other clients can".to_owned(),
                step: None,
                exchanges,
                decides,
            },
        ),
    }
}

/// A grant, an injected line or a server error in one response.
fn breach_of(case: &Case<'_>, exchange: &Exchange) -> Option<Breach> {
    let response = &exchange.response;
    if response.headers.contains(INJECTED) {
        let what = "bytes of the request become a header line of the response";
        return Some(("robustness/injection", what.to_owned()));
    }
    if let Some(granted) = granted_beyond(case.policy, response) {
        return Some(("robustness/grant", format!("a malformed request is granted `{granted}`")));
    }
    if is_server_error(response) {
        let what = format!("a malformed request is answered by {}", response.status);
        return Some(("robustness/server-error", what));
    }
    None
}

/// Whether the server failed. 501 and 505 refuse what the server does not know, which is what they are for.
pub(super) fn is_server_error(response: &Response) -> bool {
    response.status >= 500 && !matches!(response.status, 501 | 505)
}

/// What the response grants that the policy does not. A grant to an allowed origin does no harm, whoever asked; where
/// anybody is allowed, nothing is granted by echoing what was sent.
pub(super) fn granted_beyond(policy: &Policy, response: &Response) -> Option<String> {
    let granted = response.headers.get(ALLOW_ORIGIN).filter(|_| !policy.origins.is_any())?;
    let serialized = *granted == *b"null"
        || std::str::from_utf8(&granted).is_ok_and(|origin| corspec_model::Origin::parse(origin).is_ok());
    let allowed = serialized && policy.allows_origin(&granted);
    (!allowed).then(|| granted.escape_ascii().to_string())
}

/// Whether the response is much larger than request and ordinary response together.
fn size_breach(exchange: &Exchange) -> Option<Breach> {
    let lines = |headers: &corspec_model::HeaderList| -> usize {
        headers.iter().map(|header| header.name.len() + header.value.len() + 4).sum()
    };
    let sent = lines(&exchange.request.headers) + exchange.request.target.len();
    let came = lines(&exchange.response.headers) + exchange.body.len();
    (came > TIMES_AS_LARGE * sent + MARGIN)
        .then(|| ("robustness/size", format!("{sent} bytes of request are answered by {came} bytes")))
}

/// Whether the time a repeated header costs grows faster than the header does.
///
/// What it costs is what it takes more than a header of the same length that nobody reads.
async fn time_breach(
    case: &Case<'_>,
    document: &WireDocument,
    repeated: &Repeated,
    request: &WireRequest,
    took: Duration,
) -> Result<Option<Breach>, TransportError> {
    if took < QUICK {
        return Ok(None);
    }
    let with =
        |repeated: Repeated| wire_request(&WireDocument { repeated: Some(repeated), ..document.clone() });
    let unread = with(Repeated { name: "X-Padding".into(), ..repeated.clone() });
    let part = with(Repeated { times: repeated.times / PARTS, ..repeated.clone() });
    let _turn = MEASURING.lock().await;
    let (mut whole, mut harmless, mut parts) = (took, Duration::MAX, Duration::MAX);
    // In turn, and as much work on both sides, so that what else the machine does is shared.
    for _ in 0..MEASUREMENTS {
        harmless = harmless.min(timed(case, &unread).await?.1);
        let mut together = Duration::ZERO;
        for _ in 0..PARTS {
            together += timed(case, &part).await?.1;
        }
        parts = parts.min(together);
        whole = whole.min(timed(case, request).await?.1);
        if whole < QUICK {
            return Ok(None);
        }
    }
    let cost = whole.saturating_sub(harmless + STALL);
    let slow = whole > harmless * TIMES_AS_LONG && cost > parts * GROWTH;
    Ok(slow.then(|| {
        let what = format!(
            "{} takes more than {GROWTH} times as long as {PARTS} requests with a part of it each",
            repeated.name
        );
        ("robustness/time", what)
    }))
}

async fn timed(case: &Case<'_>, request: &WireRequest) -> Result<(Answer, Duration), TransportError> {
    let start = Instant::now();
    let answer = case.endpoint.transport.send(request.clone()).await?;
    Ok((answer, start.elapsed()))
}

/// Whether an ordinary request is no longer answered.
async fn no_longer_answers(case: &Case<'_>) -> Option<Breach> {
    let error = case.endpoint.transport.send(baseline(case.endpoint)).await.err()?;
    Some(("robustness/alive", format!("after a malformed request the server no longer answers: {error}")))
}

fn replace(bytes: &[u8], pattern: &[u8], with: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(pattern.len()).position(|window| window == pattern) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(with);
        rest = &rest[at + pattern.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}
