//! A server of unknown application, with the policy it is meant to have: a correct one is never accused, and the
//! well-known ways of getting an origin wrong are all caught, whatever the policy.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

use corspec::application;
use corspec::implementation::{Embedded, Endpoint, Implementation, InProcess, Info, NotServed, Reference};
use corspec::known_failing::KnownFailing;
use corspec::retarget::retarget;
use corspec::run::{self, Options};
use corspec::transport::{Body, Limits, Service};
use corspec::verdict::Verdict;
use corspec_model::Policy;
use corspec_model::policy::AllowList;
use corspec_vectors::embedded;
use corspec_vectors::meta::Level;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerVector;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

/// An embedded implementation asked as if nothing were known of its application.
struct Unknown(InProcess);

impl Implementation for Unknown {
    fn info(&self) -> Info {
        self.0.info()
    }

    fn serve<'a>(&'a self, policy: &'a Policy, limits: Limits) -> BoxFuture<'a, Result<Endpoint, NotServed>> {
        async move {
            let endpoint = self.0.serve(policy, limits).await?;
            let base = endpoint.base.join("/plain").unwrap();
            Ok(Endpoint { base, fixed_application: false, ..endpoint })
        }
        .boxed()
    }
}

static VECTORS: LazyLock<Vec<ServerVector>> = LazyLock::new(embedded::server_vectors);

/// A law broken, how binding it is there, and the vector that shows it.
#[derive(Debug)]
struct Broken {
    law: String,
    level: Level,
    #[expect(dead_code, reason = "for the message of a failed assertion")]
    shown_by: String,
}

/// What breaks when an implementation of unknown application is asked all that can be asked of its policy.
fn broken(embedded: Box<dyn Embedded>, document: &PolicyDocument) -> Vec<Broken> {
    let policy = document.to_policy().unwrap();
    let vectors = retarget(&VECTORS, document, &policy, "/plain");
    let (broken, judged) = run_all(embedded, &vectors);
    assert!(judged > 20, "{document:?}: only {judged} judgements");
    broken
}

/// What breaks, and how many judgements there were.
fn run_all(embedded: Box<dyn Embedded>, vectors: &[ServerVector]) -> (Vec<Broken>, usize) {
    let options = Options {
        include: None,
        exclude: None,
        levels: vec![Level::Security, Level::Must, Level::Should, Level::Interop],
        jobs: 64,
        limits: Limits::default(),
    };
    let mut broken = Vec::new();
    let mut judged = 0;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let implementation = Unknown(InProcess(embedded));
    let mut known = KnownFailing::default();
    let run = run::run(&implementation, vectors, &options, &mut known, |result| {
        judged += usize::from(result.verdict.is_judged());
        if result.verdict != Verdict::Pass && result.verdict != Verdict::Unsupported {
            let what = result.finding.map(|finding| finding.what).unwrap_or_default();
            let shown_by = format!("{} {what}", result.vector);
            broken.push(Broken { law: result.law, level: result.level, shown_by });
        }
        ControlFlow::Continue(())
    });
    runtime.block_on(run).unwrap();
    (broken, judged)
}

#[test]
fn the_reference_responder_is_never_accused_whatever_its_policy() {
    let policies: HashSet<PolicyDocument> = VECTORS.iter().map(|vector| vector.policy.clone()).collect();
    assert!(policies.len() > 100);
    for document in policies {
        let broken = broken(Box::new(Reference), &document);
        assert!(broken.is_empty(), "{document:?}: {broken:#?}");
    }
}

/// A correct responder of a policy that allows more headers.
struct AlsoAllowing(&'static [&'static str]);

impl Embedded for AlsoAllowing {
    fn info(&self) -> Info {
        Reference.info()
    }

    fn service(&self, policy: &Policy) -> Result<Service, NotServed> {
        let mut policy = policy.clone();
        if let AllowList::Only(headers) = &mut policy.request_headers {
            headers.extend(self.0.iter().map(|&name| name.into()));
        }
        Reference.service(&policy)
    }
}

#[test]
fn only_a_header_a_form_cannot_send_makes_an_extra_one_a_hole() {
    let document =
        serde_json::from_str(r#"{"origins": ["https://app.example.com"], "methods": ["PUT"]}"#).unwrap();
    let level_of = |headers| {
        let broken = broken(Box::new(AlsoAllowing(headers)), &document);
        assert!(broken.iter().all(|broken| broken.law == "soundness"), "{broken:#?}");
        broken.into_iter().map(|broken| broken.level).min()
    };
    assert_eq!(level_of(&["Content-Type"]), Some(Level::Interop));
    assert_eq!(level_of(&["Authorization"]), Some(Level::Security));
}

/// The first forbidden name must not hide the next one.
#[test]
fn a_header_of_forms_beside_another_extra_one_is_a_hole() {
    let mut vector = VECTORS
        .iter()
        .find(|vector| vector.meta.id == "server-headers/none-content-type-xml")
        .unwrap()
        .clone();
    let headers = &mut vector.request.as_mut().unwrap().options.headers;
    headers.push(("X-Token".into(), "1".into()));
    let (broken, _) = run_all(Box::new(AlsoAllowing(&["Content-Type", "X-Token"])), &[vector]);
    assert_eq!(broken.iter().map(|broken| broken.level).collect::<Vec<_>>(), [Level::Security]);
}

/// A responder that echoes the origin when `matches` says so.
struct Matching {
    name: &'static str,
    matches: fn(&str, &str) -> bool,
}

impl Embedded for Matching {
    fn info(&self) -> Info {
        Info {
            name: self.name.into(),
            version: String::new(),
            language: String::new(),
            homepage: String::new(),
        }
    }

    fn service(&self, policy: &Policy) -> Result<Service, NotServed> {
        let policy = Arc::new(policy.clone());
        let matches = self.matches;
        Ok(Service::new(tower::service_fn(move |request: http::Request<Body>| {
            let policy = Arc::clone(&policy);
            async move {
                let origin = request.headers().get("origin").cloned();
                let mut response = application::answer(request).await?;
                response.headers_mut().insert("vary", http::HeaderValue::from_static("origin"));
                if let Some(origin) = origin {
                    let text = String::from_utf8_lossy(origin.as_bytes()).into_owned();
                    let allowed =
                        policy.origins.items().iter().any(|pattern| matches(&pattern.to_string(), &text));
                    if allowed || policy.allows_origin(origin.as_bytes()) {
                        let headers = response.headers_mut();
                        headers.insert("access-control-allow-origin", origin);
                        headers.insert(
                            "access-control-allow-credentials",
                            http::HeaderValue::from_static("true"),
                        );
                    }
                }
                Ok(response)
            }
        })))
    }
}

fn host(origin: &str) -> &str {
    let rest = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    rest.trim_start_matches("*.")
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(host, _)| host)
}

#[test]
fn every_careless_origin_match_is_caught_whatever_the_policy() {
    let policies = [
        r#"{"origins": ["https://app.example.com", "https://*.example.org"], "credentials": true}"#,
        r#"{"origins": ["https://*.example.org", "https://app.example.com"], "credentials": true}"#,
        r#"{"origins": ["http://localhost:3000"], "credentials": true}"#,
        r#"{"origins": ["https://example.com"], "credentials": true}"#,
        r#"{"origins": ["https://api.shop.example.co.uk:8443", "http://10.0.0.5:8080"], "credentials": true}"#,
    ];
    let bugs: [Matching; 10] = [
        Matching { name: "suffix", matches: |allowed, origin| origin.ends_with(host(allowed)) },
        Matching {
            name: "prefix",
            matches: |allowed, origin| !allowed.contains('*') && origin.starts_with(allowed),
        },
        Matching { name: "contains", matches: |allowed, origin| origin.contains(host(allowed)) },
        Matching { name: "ignores case", matches: |allowed, origin| allowed.eq_ignore_ascii_case(origin) },
        Matching {
            name: "ignores the scheme",
            matches: |allowed, origin| !allowed.contains('*') && host(allowed) == host(origin),
        },
        Matching {
            name: "ignores the port",
            matches: |allowed, origin| {
                let scheme = |origin: &str| origin.split_once("://").map(|(scheme, _)| scheme.to_owned());
                !allowed.contains('*')
                    && scheme(allowed) == scheme(origin)
                    && without_port(host(allowed)) == without_port(host(origin))
            },
        },
        Matching {
            name: "ignores a trailing slash",
            matches: |allowed, origin| origin.strip_suffix('/') == Some(allowed),
        },
        Matching { name: "null", matches: |_, origin| origin == "null" },
        Matching { name: "reflects", matches: |_, _| true },
        Matching {
            name: "dot is any character",
            matches: |allowed, origin| {
                allowed.contains('.')
                    && allowed.len() == origin.len()
                    && allowed.chars().zip(origin.chars()).all(|(a, b)| a == b || a == '.')
            },
        },
    ];
    for policy in policies {
        let document: PolicyDocument = serde_json::from_str(policy).unwrap();
        for Matching { name, matches } in &bugs {
            // Without a dot in any host there is no dot to get wrong.
            if *name == "dot is any character" && !policy.contains("e.com") && !policy.contains("0.0") {
                continue;
            }
            let broken = broken(Box::new(Matching { name, matches: *matches }), &document);
            assert!(
                broken.iter().any(|broken| broken.law == "soundness"),
                "{name} is not caught under {policy}"
            );
        }
    }
}
