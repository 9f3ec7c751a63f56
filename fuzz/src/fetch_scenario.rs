//! Any client request against any sequence of responses.

use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use corspec_model::initiator::fetch_method::{self, RequestInit};
use corspec_model::methods::is_cors_safelisted_method;
use corspec_model::request::{Body, CredentialsMode, Mode, RedirectMode};
use corspec_model::{Fetch, HttpRequestKind, Next, Origin, PreflightCache, Response};
use url::Url;

/// Small alphabets, so that equality and near misses happen.
const ORIGINS: [&str; 4] = ["https://a.example", "https://b.example", "http://a.example", "null"];
const URLS: [&str; 6] = [
    "https://a.example/",
    "https://b.example/x",
    "https://b.example/y#f",
    "http://a.example:8080/",
    "https://u:p@b.example/",
    "data:,x",
];
const METHODS: [&[u8]; 6] = [b"GET", b"post", b"PUT", b"patch", b"OPTIONS", b"TRACE"];
const NAMES: [&str; 11] = [
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Location",
    "Authorization",
    "Content-Type",
    "X-Test",
    "Referrer-Policy",
];
const VALUES: [&str; 14] = [
    "*",
    "true",
    "null",
    "https://a.example",
    "https://a.example, *",
    "PUT, patch",
    "x-test,authorization",
    "x-test,,",
    "bad value",
    "600",
    "https://b.example/x",
    "https://u:p@a.example/",
    "no-referrer",
    "text/plain",
];

#[derive(Arbitrary, Debug)]
struct Scenario {
    fetches: Vec<FetchInput>,
}

#[derive(Arbitrary, Debug)]
struct FetchInput {
    origin: u8,
    url: u8,
    method: u8,
    headers: Vec<(u8, u8)>,
    mode: u8,
    credentials: u8,
    redirect: u8,
    body: u8,
    seconds: u8,
    responses: Vec<ResponseInput>,
}

#[derive(Arbitrary, Debug)]
struct ResponseInput {
    status: u16,
    headers: Vec<(u8, u8)>,
}

fn pick<T: Copy, const N: usize>(from: [T; N], index: u8) -> T {
    from[usize::from(index) % N]
}

/// The fetch ends, and what it sent and shared obeys the laws of CORS.
pub fn check(data: &[u8]) {
    let Ok(scenario) = Scenario::arbitrary(&mut Unstructured::new(data)) else { return };
    let mut cache = PreflightCache::new();
    let mut now = Duration::ZERO;
    for input in &scenario.fetches {
        now += Duration::from_secs(input.seconds.into());
        run(input, &mut cache, now);
    }
}

fn run(input: &FetchInput, cache: &mut PreflightCache, now: Duration) {
    let (Ok(origin), Ok(url)) =
        (Origin::parse(pick(ORIGINS, input.origin)), Url::parse(pick(URLS, input.url)))
    else {
        return;
    };
    let headers: Vec<(Vec<u8>, Vec<u8>)> = input
        .headers
        .iter()
        .map(|&(name, value)| {
            (pick(NAMES, name).as_bytes().to_vec(), pick(VALUES, value).as_bytes().to_vec())
        })
        .collect();
    let init = RequestInit {
        method: pick(METHODS, input.method),
        headers: &headers,
        body: pick([Body::None, Body::Source, Body::Stream], input.body),
        mode: pick([Mode::Cors, Mode::NoCors, Mode::SameOrigin], input.mode),
        credentials: pick(
            [CredentialsMode::Omit, CredentialsMode::SameOrigin, CredentialsMode::Include],
            input.credentials,
        ),
        redirect: pick([RedirectMode::Follow, RedirectMode::Error, RedirectMode::Manual], input.redirect),
        ..RequestInit::default()
    };
    let Ok(request) = fetch_method::fetch(origin.clone(), url, &init) else { return };
    let credentials_mode = request.credentials_mode;
    let mode = request.mode;
    let cold = cache.entries().next().is_none();

    let mut responses = input.responses.iter();
    let mut last = Response::default();
    let mut preflighted = None;
    let mut exchanges = 0;
    let (mut fetch, mut next) = Fetch::start(request, cache, now, Vec::new());
    let outcome = loop {
        match next {
            Next::Done(outcome) => break outcome,
            Next::Send(sent) => {
                exchanges += 1;
                // 21 requests, a preflight before each, each of them twice after a 421.
                assert!(exchanges <= 84, "a fetch ends");
                let cross_origin = !Origin::of_url(&sent.url).is_same_origin_with(&origin);
                match sent.kind {
                    HttpRequestKind::Preflight => {
                        assert!(!sent.credentials, "a preflight carries no credentials");
                        preflighted = Some(sent.url.clone());
                    }
                    HttpRequestKind::Request => {
                        // Nobody but the server itself permits an unsafe method: the preflight went to the same URL.
                        if cold
                            && mode == Mode::Cors
                            && cross_origin
                            && !is_cors_safelisted_method(&sent.method)
                        {
                            assert_eq!(
                                preflighted.as_ref(),
                                Some(&sent.url),
                                "an unsafe method needs a preflight"
                            );
                        }
                        preflighted = None;
                    }
                }
                if credentials_mode == CredentialsMode::Omit {
                    assert!(!sent.credentials, "omit means omit");
                }
                next = match responses.next() {
                    None => fetch.fail(cache, now),
                    Some(response) => {
                        let headers = response
                            .headers
                            .iter()
                            .map(|&(name, value)| (pick(NAMES, name), pick(VALUES, value)));
                        last = Response::new(response.status % 1000, headers.collect());
                        fetch.receive(last.clone(), cache, now)
                    }
                };
            }
        }
    };
    if outcome.is_shared() {
        let allowed = last.headers.get("Access-Control-Allow-Origin");
        let serialized = fetch.request().byte_serialize_origin();
        let include = credentials_mode == CredentialsMode::Include;
        assert!(
            allowed.as_deref() == Some(serialized) || (!include && allowed.as_deref() == Some(b"*")),
            "only what names the origin is shared"
        );
        assert!(!include || last.headers.get("Access-Control-Allow-Credentials").as_deref() == Some(b"true"));
    }
    if let Ok(response) = &outcome.result {
        assert!(!response.headers.iter().any(|name| **name == *b"set-cookie"), "script never sees a cookie");
    }
    assert!(
        fetch.trace().iter().any(|(step, _)| *step == outcome.step)
            || outcome.step.as_str().starts_with("http-network")
            || outcome.step.as_str().starts_with("scheme-fetch"),
        "the deciding step {} was taken",
        outcome.step
    );
}
