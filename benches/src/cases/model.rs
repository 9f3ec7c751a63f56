//! The model: what a browser decides.

use std::hint::black_box;
use std::time::Duration;

use corspec_model::fast::{cors_check as fast_check, preflight, safelist};
use corspec_model::request::{CredentialsMode, Mode};
use corspec_model::request_headers::cors_unsafe_request_header_names;
use corspec_model::trace::Trace;
use corspec_model::{
    Fetch, HeaderList, Next, Origin, PreflightCache, Request, Response, cors_check, cors_preflight_fetch,
};

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let Some(request) = request() else { return Vec::new() };
    let preflight_response = Response::new(
        204,
        HeaderList::from_iter([
            ("vary", "Origin"),
            ("access-control-allow-origin", "https://app.example.com"),
            ("access-control-allow-methods", "GET, PUT, DELETE"),
            ("access-control-allow-headers", "content-type, x-api-key, x-csrf-token"),
            ("access-control-max-age", "600"),
        ]),
    );
    let response = Response::new(
        200,
        HeaderList::from_iter([
            ("content-type", "application/json"),
            ("access-control-allow-origin", "https://app.example.com"),
        ]),
    );
    let mut cases = Vec::new();

    for traced in [false, true] {
        let (request, response) = (request.clone(), response.clone());
        let work = move || {
            let (request, response) = (black_box(&request), black_box(&response));
            let checked = if traced {
                cors_check::cors_check(request, response, &mut Vec::new())
            } else {
                cors_check::cors_check(request, response, &mut ())
            };
            u64::from(checked.is_ok())
        };
        cases.push(Case::new("model/cors-check", name("literal", traced), 1, work));
    }
    let (asked, answered) = (request.clone(), response.clone());
    let work = move || u64::from(fast_check_of(black_box(&asked), black_box(&answered)));
    cases.push(Case::new("model/cors-check", "fast", 1, work));
    cases.extend(repeated(&request, &preflight_response));

    for traced in [false, true] {
        let (request, response) = (request.clone(), preflight_response.clone());
        let work = move || {
            let (request, response) = (black_box(&request), black_box(&response));
            let permitted = if traced {
                cors_preflight_fetch::permits(request, response, &mut Vec::new())
            } else {
                cors_preflight_fetch::permits(request, response, &mut ())
            };
            permitted.map_or(0, |permission| permission.max_age)
        };
        cases.push(Case::new("model/preflight-evaluation", name("literal", traced), 1, work));
    }
    let (asked, answered) = (request.clone(), preflight_response.clone());
    let work = move || preflight::permits(black_box(&asked), black_box(&answered)).unwrap_or(0);
    cases.push(Case::new("model/preflight-evaluation", "fast", 1, work));

    let headers = request.headers.clone();
    let work = move || cors_unsafe_request_header_names(black_box(&headers)).len() as u64;
    cases.push(Case::new("model/unsafe-names", "literal", 1, work));
    let headers = request.headers.clone();
    let work = move || safelist::unsafe_names(black_box(&headers)).count() as u64;
    cases.push(Case::new("model/unsafe-names", "fast", 1, work));

    for traced in [false, true] {
        let (request, answers) = (request.clone(), [preflight_response.clone(), response.clone()]);
        let work = move || {
            if traced { fetch(&request, &answers, Vec::new()) } else { fetch(&request, &answers, ()) }
        };
        cases.push(Case::new("model/fetch-with-preflight", name("literal", traced), 1, work));
    }
    cases
}

fn fast_check_of(request: &Request, response: &Response) -> bool {
    let origin = request.byte_serialize_origin();
    fast_check::check(origin, request.credentials_mode, &response.headers).is_ok()
}

/// Every header that the CORS check or the preflight reads, with a line more than it has: what it would get joined.
fn repeated(request: &Request, response: &Response) -> Vec<Case> {
    let lines = [
        ("access-control-allow-origin", "https://b.example.com"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "PATCH"),
        ("access-control-allow-headers", "x-other"),
        ("access-control-max-age", "5"),
    ];
    let mut cases = Vec::new();
    for (header, value) in lines {
        let (mut request, mut response) = (request.clone(), response.clone());
        request.credentials_mode = CredentialsMode::Include;
        if !response.headers.contains("access-control-allow-credentials") {
            response.headers.append("access-control-allow-credentials", "true");
        }
        response.headers.append(header, value);
        let (asked, answered) = (request.clone(), response.clone());
        let check = move || u64::from(fast_check_of(black_box(&asked), black_box(&answered)));
        cases.push(Case::new(format!("model/cors-check-repeated-{header}"), "fast", 1, check));
        let evaluate = move || preflight::permits(black_box(&request), black_box(&response)).unwrap_or(0);
        cases.push(Case::new(format!("model/preflight-repeated-{header}"), "fast", 1, evaluate));
    }
    cases
}

fn name(contender: &str, traced: bool) -> String {
    if traced { format!("{contender}, traced") } else { contender.to_owned() }
}

/// A `PUT` of JSON with a token.
fn request() -> Option<Request> {
    let origin = Origin::parse("https://app.example.com").ok()?;
    let mut request = Request::new(origin, "https://api.example.net/doc".parse::<url::Url>().ok()?);
    request.mode = Mode::Cors;
    request.unsafe_request = true;
    request.method = (*b"PUT").into();
    for (name, value) in [("accept", "*/*"), ("content-type", "application/json"), ("x-api-key", "1")] {
        request.headers.append(name, value);
    }
    Some(request)
}

/// A whole fetch with an empty preflight cache.
fn fetch(request: &Request, answers: &[Response], trace: impl Trace) -> u64 {
    let mut cache = PreflightCache::new();
    let (mut fetch, mut next) = Fetch::start(black_box(request).clone(), &mut cache, Duration::ZERO, trace);
    let mut answers = answers.iter();
    loop {
        next = match (next, answers.next()) {
            (Next::Done(outcome), _) => return u64::from(outcome.is_shared()),
            (Next::Send(_), Some(answer)) => fetch.receive(answer.clone(), &mut cache, Duration::ZERO),
            (Next::Send(_), None) => fetch.fail(&mut cache, Duration::ZERO),
        };
    }
}
