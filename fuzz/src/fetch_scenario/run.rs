//! One fetch run against the servers, and what holds of every fetch.

use std::time::Duration;

use corspec_model::methods::is_cors_safelisted_method;
use corspec_model::request::{CredentialsMode, Mode};
use corspec_model::trace::Step;
use corspec_model::{
    Fetch, HttpRequest, HttpRequestKind, Next, Origin, Outcome, PreflightCache, Request, Response,
    ResponseType,
};

use super::input::Servers;

/// A fetch that has ended.
#[derive(Debug)]
pub struct Run {
    /// How.
    pub outcome: Outcome,
    /// Requests sent that were no preflights.
    pub requests: usize,
}

/// 21 requests, a preflight before each, each of them twice after a 421.
const MOST_EXCHANGES: usize = 84;

/// As many steps as most fetches take.
const STEPS: usize = 96;

/// Steps that only pass on what an earlier one decided, or decide about timing alone.
const PASS_ON: [&str; 9] = [
    "cross-origin-resource-policy-check/3",
    "cross-origin-resource-policy-check/5",
    "http-fetch/4.1.2",
    "http-fetch/4.4",
    "http-fetch/4.5",
    "http-fetch/5",
    "main-fetch/12.preflight.3",
    "main-fetch/13",
    "main-fetch/14.2",
];

/// Fetches; the fetch ends, and what was sent and shared obeys the laws of CORS.
pub fn run(request: Request, servers: &Servers, cache: &mut PreflightCache, now: Duration) -> Run {
    traced(request, servers, cache, now).0
}

/// [`run`], and the fetch with its trace.
pub fn traced(
    request: Request,
    servers: &Servers,
    cache: &mut PreflightCache,
    now: Duration,
) -> (Run, Fetch<Vec<(Step, bool)>>) {
    let (origin, mode, credentials_mode) = (request.origin.clone(), request.mode, request.credentials_mode);
    let cold = cache.entries().next().is_none();
    let mut last = &Response::default();
    let mut before: Option<HttpRequest> = None;
    let (mut exchanges, mut requests) = (0, 0);
    let (mut fetch, mut next) = Fetch::start(request, cache, now, Vec::with_capacity(STEPS));
    let outcome = loop {
        let sent = match next {
            Next::Done(outcome) => break outcome,
            Next::Send(sent) => sent,
        };
        exchanges += 1;
        assert!(exchanges <= MOST_EXCHANGES, "a fetch ends");
        assert!(credentials_mode != CredentialsMode::Omit || !sent.credentials, "omit means omit");
        match sent.kind {
            HttpRequestKind::Preflight => assert!(!sent.credentials, "a preflight carries no credentials"),
            HttpRequestKind::Request => {
                requests += 1;
                if cold && mode == Mode::Cors {
                    was_asked_for(&origin, &sent, before.as_ref());
                }
            }
        }
        next = match servers.answer(&sent) {
            None => fetch.fail(cache, now),
            Some(response) => {
                last = response;
                fetch.receive(response.clone(), cache, now)
            }
        };
        before = Some(sent);
    };
    if let Ok(response) = &outcome.result {
        assert!(
            !response.headers.iter().any(|name| name.starts_with(b"set-cookie")),
            "script never sees a cookie"
        );
        if response.response_type == ResponseType::Cors {
            names_the_origin(fetch.request(), last);
        }
    }
    explains(&outcome, fetch.trace());
    (Run { outcome, requests }, fetch)
}

/// Nobody but the server itself permits an unsafe method: the preflight went to the same URL just before.
fn was_asked_for(origin: &Origin, sent: &HttpRequest, before: Option<&HttpRequest>) {
    let cross_origin = !Origin::of_url(&sent.url).is_same_origin_with(origin);
    if cross_origin && !is_cors_safelisted_method(&sent.method) && !sent.new_connection {
        let asked = before.is_some_and(|before| before.url == sent.url);
        assert!(asked, "an unsafe method needs a preflight");
    }
}

/// Only what names the origin, or `*` without credentials, is shared.
fn names_the_origin(request: &Request, response: &Response) {
    let include = request.credentials_mode == CredentialsMode::Include;
    let allowed = response.headers.get("Access-Control-Allow-Origin");
    assert!(
        allowed.as_deref() == Some(request.byte_serialize_origin())
            || (!include && allowed.as_deref() == Some(b"*")),
        "only what names the origin is shared"
    );
    let credentials = response.headers.get("Access-Control-Allow-Credentials");
    assert!(!include || credentials.as_deref() == Some(b"true"), "credentials are allowed by `true` alone");
}

fn decides(step: &str) -> bool {
    !PASS_ON.contains(&step) && !step.starts_with("tao-check/")
}

/// The last step that decides anything is the one the outcome names. (The network, and schemes without one, leave no
/// steps.)
fn explains(outcome: &Outcome, trace: &[(Step, bool)]) {
    let named = outcome.step.as_str();
    if named.starts_with("http-network-fetch") || named.starts_with("scheme-fetch") {
        return;
    }
    let deciding = match &outcome.result {
        Err(_) => trace.iter().rev().find(|(step, _)| decides(step.as_str())),
        Ok(response) if response.response_type == ResponseType::Cors => {
            trace.iter().rev().find(|(step, _)| step.as_str().starts_with("cors-check/"))
        }
        Ok(_) => trace.iter().rev().find(|&&(step, held)| step == outcome.step && held),
    };
    // 407 is noticed in one step and ends the fetch in the next.
    let explained = deciding.is_some_and(|(step, _)| {
        named.strip_suffix(".1").unwrap_or(named) == step.as_str() || *step == outcome.step
    });
    assert!(explained, "the outcome names {named}, the trace ends with {deciding:?}");
}
