//! Any policy against any request, in the model alone: what the policy permits is exactly what the model shares when the
//! reference responder answers, and the fast responder answers as the literal one.

use arbitrary::{Result, Unstructured};
use corspec_model::abnf::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, EXPOSE_HEADERS, MAX_AGE, REQUEST_HEADERS,
    REQUEST_METHOD,
};
use corspec_model::fast::{Decision, Responder, list};
use corspec_model::policy::{AllowList, Forbidden, OriginPattern};
use corspec_model::reference::{Answer, respond};
use corspec_model::request::Mode;
use corspec_model::route::{Route, resolved_path};
use corspec_model::{
    Fetch, HeaderList, HttpRequest, Next, Origin, Outcome, Policy, PreflightCache, Request, Response,
};
use std::time::Duration;

use crate::fetch_scenario::input;

const ORIGINS: [&str; 10] = [
    "https://a.example",
    "https://*.a.example",
    "http://a.example",
    "null",
    "https://b.example",
    "https://*.example",
    "https://[::1]:8443",
    "https://*.a.example:8443",
    "https://xn--a.example",
    "app://*.example",
];
/// What `Origin` may say, also where no browser does.
const ASKED: [&str; 12] = [
    "https://a.example",
    "https://sub.a.example",
    "https://deep.er.a.example",
    "https://a.example.evil.example",
    "https://-.a.example",
    "https://xn--a.a.example",
    "https://.a.example",
    "https://sub.a.example:8443",
    "app://s.example",
    "null",
    "a b",
    "",
];
const METHODS: [&str; 6] = ["PUT", "DELETE", "PATCH", "patch", "OPTIONS", "a b"];
const NAMES: [&str; 8] =
    ["x-test", "X-Test", "authorization", "content-type", "range", "accept", "a-name-of-seventeen", "etag"];
const LISTS: [&str; 8] = [
    "x-test",
    "X-TEST, content-type",
    "x-test,authorization,,range ,",
    "accept,a-name-of-seventeen",
    " ",
    ", ",
    "x-test content-type",
    "a-name-of-seventeem",
];
const PATHS: [&str; 8] = ["/x", "/*", "/y", "/a/../x", "/%78", "/x/./..", "/%2e%2E/y", "/z%2Fx%"];

/// Two policies, a request a client makes, and one that anybody may write.
pub fn check(data: &[u8]) {
    let _ = checked(&mut Unstructured::new(data));
}

fn checked(u: &mut Unstructured<'_>) -> Result<()> {
    let mut policy = policy(u)?;
    let raw: bool = u.arbitrary()?;
    if raw {
        let responder = Responder::new(&policy);
        let (method, headers) = (*u.choose(&["OPTIONS", "GET", "PUT"])?, request_headers(u)?);
        same_answer(&policy, &responder, method.as_bytes(), &headers);
        return Ok(());
    }
    if u.ratio(1, 4)? {
        let path = (*u.choose(&PATHS)?).into();
        policy.routes.push(Route { path, policy: self::policy(u)? });
        let resolved = String::from_utf8_lossy(&resolved_path(u.choose(&PATHS)?)).into_owned();
        assert_eq!(resolved_path(&resolved).first(), Some(&b'/'), "{resolved}: a path begins with a slash");
    }
    if let Some(request) = input::request(u)? {
        shared_is_what_is_permitted(&policy, request);
    }
    Ok(())
}

fn policy(u: &mut Unstructured<'_>) -> Result<Policy> {
    let origins = some(u, &ORIGINS)?;
    Ok(Policy {
        origins: match origins {
            AllowList::Any => AllowList::Any,
            AllowList::Only(origins) => AllowList::Only(
                origins.iter().filter_map(|origin| OriginPattern::parse(origin).ok()).collect(),
            ),
        },
        credentials: u.arbitrary()?,
        methods: some(u, &METHODS)?,
        request_headers: some(u, &NAMES)?,
        expose: some(u, &NAMES)?,
        max_age: *u.choose(&[None, Some(0), Some(600)])?,
        ..Policy::default()
    })
}

/// Anything, or each item whose bit is set.
fn some(u: &mut Unstructured<'_>, items: &[&str]) -> Result<AllowList<Box<str>>> {
    let bits: u16 = u.arbitrary()?;
    let is_set = |&(bit, _): &(usize, &&str)| bits >> bit & 1 == 1;
    Ok(match bits >> 13 {
        0 => AllowList::Any,
        _ => AllowList::Only(items.iter().enumerate().filter(is_set).map(|(_, &item)| item.into()).collect()),
    })
}

/// None, one or several lines of each header a responder reads.
fn request_headers(u: &mut Unstructured<'_>) -> Result<HeaderList> {
    let mut headers = HeaderList::new();
    for (name, values) in
        [("Origin", &ASKED[..]), (REQUEST_METHOD, &METHODS[..]), (REQUEST_HEADERS, &LISTS[..])]
    {
        for _ in 0..*u.choose(&[1, 1, 0, 2])? {
            headers.append(name, u.choose(values)?);
        }
    }
    Ok(headers)
}

/// A fast decision says what the literal answer does.
fn same_answer(policy: &Policy, responder: &Responder, method: &[u8], request: &HeaderList) {
    let told = || format!("{policy:?} {} {request:?}", method.escape_ascii());
    let (says, wanted) = match (respond(policy, method, request), responder.respond(method, request)) {
        (Answer::Preflight(response), Decision::Preflight(grant)) => {
            let names: Vec<&[u8]> = request.lines(REQUEST_HEADERS).flat_map(list::elements).collect();
            let names = grant.is_some_and(|grant| grant.names).then(|| names.join(&b", "[..]));
            let wanted = [
                (ALLOW_ORIGIN, grant.map(|grant| grant.allow_origin.to_vec())),
                (ALLOW_CREDENTIALS, grant.filter(|grant| grant.credentials).map(|_| b"true".to_vec())),
                (ALLOW_METHODS, grant.map(|grant| grant.method.to_vec())),
                (ALLOW_HEADERS, names),
                (MAX_AGE, grant.and_then(|grant| grant.max_age).map(|age| age.as_bytes().to_vec())),
            ];
            (response.headers, wanted.to_vec())
        }
        (Answer::Application(additions), Decision::Application(share)) => {
            assert_eq!(additions.vary_by_origin, responder.varies_by_origin(), "{}", told());
            assert_eq!(additions.expose_each, share.is_some_and(|share| share.expose_each), "{}", told());
            let expose = share.and_then(|share| share.expose);
            let wanted = [
                (ALLOW_ORIGIN, share.map(|share| share.allow_origin.to_vec())),
                (ALLOW_CREDENTIALS, share.filter(|share| share.credentials).map(|_| b"true".to_vec())),
                (EXPOSE_HEADERS, expose.map(|names| names.as_bytes().to_vec())),
            ];
            (additions.headers, wanted.to_vec())
        }
        (literal, fast) => panic!("{literal:?}, but fast {fast:?}: {}", told()),
    };
    for (name, wanted) in wanted {
        assert_eq!(says.get(name).as_deref(), wanted.as_deref(), "{name}: {}", told());
    }
}

/// Soundness, completeness and exposure of the reference responder.
fn shared_is_what_is_permitted(policy: &Policy, request: Request) {
    let url = request.current_url().url();
    let cross_origin = !Origin::of_url(url).is_same_origin_with(&request.origin);
    // The others are no requests that CORS decides; a port that is blocked is decided before it.
    if request.mode != Mode::Cors || !cross_origin || !matches!(url.scheme(), "http" | "https") {
        return;
    }
    let blocked = url.port() == Some(25);
    let permitted = policy.permits(&request);
    let outcome = answered(policy, request.clone());
    let told = || format!("{policy:?} {request:?} {outcome:?}");
    match (&outcome.result, permitted) {
        _ if blocked => assert!(outcome.result.is_err(), "{}", told()),
        (Ok(response), Ok(())) => {
            let seen = response.headers.iter().any(|name| &**name == b"etag");
            assert_eq!(seen, policy.at(request.current_url().url().path()).exposes(b"etag"), "{}", told());
        }
        (Err(_), Err(forbidden)) => is_forbidden_by(&forbidden, outcome.step.as_str()),
        (Ok(_), Err(forbidden)) => panic!("{forbidden}, but it is shared: {}", told()),
        (Err(_), Ok(())) => panic!("it is permitted, but not shared: {}", told()),
    }
}

/// The reference responder grants all or nothing, so it is the check of the origin that fails.
fn is_forbidden_by(forbidden: &Forbidden, step: &str) {
    let by = if *forbidden == Forbidden::Credentials { "cors-check/" } else { "cors-check/2" };
    assert!(step.starts_with(by), "{forbidden}, decided by {step}");
}

fn answered(policy: &Policy, request: Request) -> Outcome {
    let mut cache = PreflightCache::new();
    let (mut fetch, mut next) = Fetch::start(request, &mut cache, Duration::ZERO, Vec::new());
    loop {
        match next {
            Next::Done(outcome) => return outcome,
            Next::Send(sent) => {
                next = fetch.receive(answer(policy, &sent), &mut cache, Duration::ZERO);
            }
        }
    }
}

fn answer(policy: &Policy, sent: &HttpRequest) -> Response {
    let policy = policy.at(sent.url.path());
    match respond(policy, &sent.method, &sent.headers) {
        Answer::Preflight(response) => response,
        Answer::Application(additions) => {
            let mut headers: HeaderList = [("ETag", "1"), ("X-B", "2")].into_iter().collect();
            additions.apply(&mut headers);
            Response::new(200, headers)
        }
    }
}
