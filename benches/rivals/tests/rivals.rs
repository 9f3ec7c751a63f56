//! Every rival answers the same few requests as a browser needs them answered.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::time::Duration;

use bytes::Bytes;
use corspec_model::policy::{AllowList, OriginPattern};
use corspec_model::request::{CredentialsMode, Mode};
use corspec_model::{Fetch, HeaderList, Next, Origin, Policy, PreflightCache, Request, Response};
use corspec_rivals::{NotServed, Served, rivals};

fn policy() -> Policy {
    let origins = ["https://app.example", "https://b.example"];
    Policy {
        origins: AllowList::Only(origins.map(|origin| OriginPattern::parse(origin).unwrap()).to_vec()),
        methods: AllowList::Only(vec!["PUT".into()]),
        request_headers: AllowList::Only(vec!["x-token".into()]),
        expose: AllowList::Only(vec!["etag".into()]),
        credentials: true,
        max_age: Some(600),
        routes: Vec::new(),
    }
}

/// Whether a browser's script may read the response: the model asks the middleware.
fn shares(served: &Served, origin: &str, method: &str, header: &str) -> bool {
    let url = url::Url::parse("https://api.example/plain").unwrap();
    let mut request = Request::new(Origin::parse(origin).unwrap(), url);
    request.mode = Mode::Cors;
    request.unsafe_request = true;
    request.credentials_mode = CredentialsMode::Include;
    request.method = method.as_bytes().into();
    request.headers.append(header, "1");
    let mut cache = PreflightCache::new();
    let (mut fetch, mut next) = Fetch::start(request, &mut cache, Duration::ZERO, ());
    loop {
        next = match next {
            Next::Done(outcome) => return outcome.is_shared(),
            Next::Send(sent) => {
                let mut asked = http::Request::builder()
                    .method(std::str::from_utf8(&sent.method).unwrap())
                    .uri(sent.url.path());
                for header in &sent.headers {
                    asked = asked.header::<&[u8], &[u8]>(&header.name, &header.value);
                }
                let answer = served.answer(asked.body(Bytes::new()).unwrap());
                let headers: HeaderList =
                    answer.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
                fetch.receive(Response::new(answer.status().as_u16(), headers), &mut cache, Duration::ZERO)
            }
        };
    }
}

#[test]
fn each_shares_what_the_policy_allows_and_nothing_else() {
    for rival in rivals() {
        let served = rival.serve(Some(&policy())).unwrap_or_else(|error| panic!("{}: {error}", rival.name));
        for (origin, method, header, allowed) in [
            ("https://app.example", "GET", "accept", true),
            ("https://b.example", "PUT", "x-token", true),
            ("https://c.example", "GET", "accept", false),
            ("https://c.example", "PUT", "x-token", false),
            ("https://app.example", "DELETE", "x-token", false),
            ("https://app.example", "PUT", "x-other", false),
        ] {
            let shared = shares(&served, origin, method, header);
            assert_eq!(shared, allowed, "{}: {origin} {method} {header}", rival.name);
        }
    }
}

#[test]
fn the_application_is_the_same_with_a_middleware_and_without() {
    for rival in rivals() {
        for policy in [None, Some(&policy())] {
            let served = rival.serve(policy).unwrap();
            let request = http::Request::get("/plain").body(Bytes::new()).unwrap();
            let answer = served.answer(request);
            assert_eq!(
                (answer.status().as_u16(), &answer.body()[..]),
                (200, &b"plain\n"[..]),
                "{}",
                rival.name
            );
            assert_eq!(answer.headers()["x-app"], "corspec", "{}", rival.name);
        }
    }
}

#[test]
fn what_cannot_be_expressed_is_said() {
    let mut policy = policy();
    policy.routes = vec![corspec_model::route::Route { path: "/a".into(), policy: Policy::default() }];
    for rival in rivals() {
        assert!(matches!(rival.serve(Some(&policy)), Err(NotServed::Unsupported(_))), "{}", rival.name);
    }
}
