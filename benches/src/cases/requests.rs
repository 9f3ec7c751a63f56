//! Whole requests through each middleware, in process.

use bytes::Bytes;
use corspec_model::Policy;
use corspec_model::policy::{AllowList, OriginPattern};
use corspec_rivals::{Request, Served, rivals};

use crate::case::Case;

/// Names that are allowed, asked for as a browser does, and 1,024 empty elements between two of them.
const NAMES: [&str; 4] = ["authorization", "content-type", "x-api-key", "x-csrf-token"];

fn policy(origins: usize) -> Policy {
    let origins = (0..origins).filter_map(|n| OriginPattern::parse(&origin(n)).ok()).collect();
    Policy {
        origins: AllowList::Only(origins),
        credentials: true,
        methods: AllowList::Only(vec!["PUT".into()]),
        request_headers: AllowList::Only(NAMES.map(Into::into).to_vec()),
        expose: AllowList::Only(vec!["etag".into()]),
        max_age: Some(600),
        routes: Vec::new(),
    }
}

fn origin(n: usize) -> String {
    format!("https://app-{n}.example.com")
}

/// The requests by name.
fn requests(last: &str) -> Vec<(String, Request)> {
    let mut requests = Vec::new();
    let adversarial = format!("{}{}{}", NAMES[0], ",".repeat(1025), NAMES[1]);
    for (who, origin) in [("allowed", last), ("disallowed", "https://app-0.example.com.evil.example")] {
        let get = http::Request::get("/plain").header("origin", origin);
        requests.push((format!("actual-{who}"), get));
        for (what, names) in [("", NAMES.join(",")), ("-adversarial", adversarial.clone())] {
            let preflight = http::Request::options("/plain")
                .header("origin", origin)
                .header("access-control-request-method", "PUT")
                .header("access-control-request-headers", names);
            requests.push((format!("preflight-{who}{what}"), preflight));
        }
    }
    let common = |builder: http::request::Builder| {
        builder.header("host", "api.example.com").header("accept", "*/*").header("user-agent", "Mozilla/5.0")
    };
    requests
        .into_iter()
        .filter_map(|(name, builder)| Some((name, common(builder).body(Bytes::new()).ok()?)))
        .collect()
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for origins in [1, 100] {
        for (name, request) in requests(&origin(origins - 1)) {
            for rival in rivals() {
                for (with, policy) in [("", Some(policy(origins))), (" without middleware", None)] {
                    // The application alone is asked once: nothing else of it changes from input to input.
                    if policy.is_none() && !(name == "actual-allowed" && origins == 1) {
                        continue;
                    }
                    let group = if policy.is_some() {
                        format!("request/{name}")
                    } else {
                        "request/application".into()
                    };
                    let request = request.clone();
                    let contender = format!("{}{with}", rival.name);
                    let make = move || -> Box<dyn FnMut() -> u64> {
                        match rival.serve(policy.as_ref()) {
                            Ok(served) => Box::new(move || ask(&served, &request)),
                            // No answer, so that it agrees with nobody.
                            Err(_) => Box::new(|| u64::MAX),
                        }
                    };
                    cases.push(Case::made(group, contender, origins, make));
                }
            }
        }
    }
    cases
}

/// Whether the origin was allowed.
fn ask(served: &Served, request: &Request) -> u64 {
    let answer = served.answer(request.clone());
    let allowed = answer.headers().get("access-control-allow-origin");
    u64::from(allowed.is_some_and(|allowed| request.headers().get("origin") == Some(allowed)))
}
