//! `corspec check` against the zoo, against servers with each hole that scanners look for, and against what is right.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod command;
mod golden;
mod many;
#[path = "../sarif/mod.rs"]
mod sarif;
mod scanners;
mod seeds;
mod side_by_side;
mod subject;

use std::collections::{BTreeMap, BTreeSet};

use corspec::check::catalogue::Severity;
use corspec::implementation::{Embedded, Reference};
use corspec::zoo::animal::{Bug, CORRECT};
use corspec::zoo::{self, Animal};
use corspec_model::Policy;
use corspec_vectors::embedded;
use corspec_vectors::policy::PolicyDocument;
use serde::Deserialize;
use subject::{POLICIES, Secret, audit, audit_actively, audit_with, on_every_core, policy_named};

/// What `zoo.toml` says.
#[derive(Deserialize)]
struct Zoo {
    visible: BTreeMap<String, Seen>,
    invisible: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Seen {
    under: String,
    id: String,
    severity: Severity,
}

fn zoo_list() -> Zoo {
    toml::from_str(include_str!("zoo.toml")).unwrap()
}

#[test]
fn everything_that_can_be_seen_of_an_animal_is_found() {
    let Zoo { visible, invisible } = zoo_list();
    let animals: Vec<_> = zoo::animals().collect();
    let named: BTreeSet<&str> = visible.keys().chain(invisible.keys()).map(|name| &**name).collect();
    assert_eq!(named, animals.iter().map(|animal| animal.name).collect(), "zoo.toml lists the animals");
    assert_eq!(named.len(), visible.len() + invisible.len(), "an animal is seen or not");
    let chosen: Vec<_> =
        animals.into_iter().filter_map(|animal| Some((animal, visible.get(animal.name)?))).collect();
    let missed = on_every_core(&chosen, |(animal, seen)| {
        let secret = policy_named(&seen.under);
        let severity_of = |embedded: Box<dyn Embedded>| {
            let audit = audit(embedded, secret);
            audit.findings.iter().find(|finding| finding.id == seen.id).map(|finding| finding.severity)
        };
        let found = severity_of(Box::new(**animal));
        let of_the_reference = severity_of(Box::new(Reference));
        // Where the policy itself is reckless, the reference is too.
        let by_itself = seen.under == "reckless" || of_the_reference < found;
        (found < Some(seen.severity) || !by_itself).then(|| {
            format!("{}: {} is {found:?}, of the reference {of_the_reference:?}", animal.name, seen.id)
        })
    });
    assert!(missed.is_empty(), "{missed:#?}");
}

/// What is graver than *info*.
fn accusations(embedded: Box<dyn Embedded>, policy: &Policy, named: &[&str]) -> Vec<String> {
    let audit = audit_with(embedded, policy, named);
    assert!(audit.reached && audit.problem.is_none(), "{:?}", audit.problem);
    let grave = audit.findings.iter().filter(|finding| finding.severity > Severity::Info);
    grave.map(|finding| format!("{} ({}): {}", finding.id, finding.severity, finding.here)).collect()
}

#[test]
fn no_legal_variant_is_called_wrong() {
    let safe = POLICIES.iter().filter(|secret| secret.name != "reckless");
    let pairs: Vec<_> =
        safe.flat_map(|secret| zoo::legal_variants().map(move |variant| (variant, secret))).collect();
    assert!(pairs.len() > 200);
    let accused = on_every_core(&pairs, |(variant, secret)| {
        let found = accusations(Box::new(**variant), &secret.policy(), secret.named);
        (!found.is_empty()).then(|| format!("{} under {}: {found:?}", variant.name, secret.name))
    });
    assert!(accused.is_empty(), "{accused:#?}");
}

/// A policy that hands the user's data to others by itself: everybody, or `null`, with credentials; or pages without TLS,
/// of the user's machine, or of hosts where anybody publishes.
fn is_dangerous(document: &PolicyDocument) -> bool {
    let text = serde_json::to_string(&document.origins).unwrap();
    let open = text == "\"*\"" || text.contains("\"null\"");
    document.credentials && (open || text.contains("\"http:") || text.contains("localhost"))
}

#[test]
fn the_reference_is_not_accused_under_any_policy_that_is_not_dangerous_itself() {
    let documents: BTreeMap<String, PolicyDocument> = embedded::server_vectors()
        .into_iter()
        .map(|vector| (serde_json::to_string(&vector.policy).unwrap(), vector.policy))
        .collect();
    let safe: Vec<_> = documents.into_values().filter(|document| !is_dangerous(document)).collect();
    assert!(safe.len() > 50, "only {}", safe.len());
    let accused = on_every_core(&safe, |document| {
        let text = serde_json::to_string(&document.origins).unwrap();
        let policy = document.to_policy().unwrap();
        let named: Vec<String> = policy.origins.items().iter().map(ToString::to_string).collect();
        let named: Vec<&str> = named
            .iter()
            .map(|origin| &**origin)
            .filter(|origin| origin.contains("://") && !origin.contains('*'))
            .collect();
        // With more than a few, near misses of all of them are more than one audit asks.
        let named = &named[..named.len().min(2)];
        let found = accusations(Box::new(Reference), &policy, named);
        (!found.is_empty()).then(|| format!("{text}: {found:?}"))
    });
    assert!(accused.is_empty(), "{accused:#?}");
}

#[test]
fn a_dangerous_policy_is_told() {
    for (policy, named, id, severity) in [
        (r#"{"origins": "*", "credentials": true}"#, &[][..], "any-origin", Severity::High),
        (r#"{"origins": ["null"], "credentials": true}"#, &[], "null-origin", Severity::High),
        (
            r#"{"origins": ["http://app.example.com"], "credentials": true}"#,
            &["http://app.example.com"],
            "plain-http",
            Severity::Medium,
        ),
        (r#"{"origins": ["http://localhost:3000"], "credentials": true}"#, &[], "localhost", Severity::Low),
        (
            r#"{"origins": ["https://jsfiddle.net"], "credentials": true}"#,
            &[],
            "public-hosting",
            Severity::High,
        ),
    ] {
        let audit = audit(Box::new(Reference), &Secret { name: "", policy, named });
        let found = audit.findings.iter().find(|finding| finding.id == id).map(|finding| finding.severity);
        assert_eq!(found, Some(severity), "{policy}: {:#?}", audit.findings);
    }
}

/// The inferred policy is the one in force, as far as it was asked for.
#[test]
fn the_policy_is_inferred_and_said_in_words() {
    for (policy, named, words) in [
        (
            r#"{"origins": ["https://*.example.com"], "credentials": true, "methods": ["DELETE", "PUT"], "max_age": 600}"#,
            &[][..],
            "any subdomain of example.com over https, credentials, DELETE and PUT, cached 10 min",
        ),
        (
            r#"{"origins": ["https://app.example.org", "null"], "request_headers": ["authorization"], "expose": ["etag"]}"#,
            &["https://app.example.org"],
            "null and https://app.example.org, no credentials, with authorization, etag readable",
        ),
        (
            r#"{"origins": "*", "methods": "*", "request_headers": "*", "expose": "*", "max_age": 0}"#,
            &[],
            "any origin, no credentials, any method, any request header, every response header readable, cached not at all",
        ),
        (r#"{"origins": ["https://unknown.example"]}"#, &[], "no other origin is let in"),
    ] {
        let audit = audit(Box::new(Reference), &Secret { name: "", policy, named });
        assert_eq!(audit.policy_in_words, words);
        if words != "no other origin is let in" {
            let inferred = audit.policy.unwrap().to_policy().unwrap();
            let meant: PolicyDocument = serde_json::from_str(policy).unwrap();
            let mut meant = meant.to_policy().unwrap();
            if let corspec_model::policy::AllowList::Only(origins) = &mut meant.origins {
                origins.sort_by_key(|origin| origin.to_string() != "null");
            }
            assert_eq!(inferred, meant);
        }
    }
}

#[test]
fn a_server_with_each_hole_scanners_look_for_is_found_out() {
    let seeds: Vec<_> = seeds::all().collect();
    let missed = on_every_core(&seeds, |seed| {
        let audit = audit_with(Box::new(**seed), &Policy::default(), &[]);
        let found = audit.findings.iter().find(|finding| finding.id == seed.id);
        let severity = found.map_or_else(String::new, |finding| finding.severity.to_string());
        (severity != seed.severity).then(|| {
            format!(
                "{}: {} is {severity:?}, all {:?}",
                seed.name,
                seed.id,
                audit.findings.iter().map(|finding| &finding.id).collect::<Vec<_>>()
            )
        })
    });
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Nothing is sent but what can be listed before: bounded, safe, and to the path that was named.
#[test]
fn only_safe_requests_are_sent() {
    let sent = subject::sent_to(Box::new(Reference), policy_named("listed"));
    assert!(sent.len() > 100 && sent.len() <= 300, "{}", sent.len());
    for request in &sent {
        assert!(matches!(&*request.method, b"GET" | b"OPTIONS"), "{request:?}");
        assert!(matches!(&*request.target, "/plain" | "/corspec-no-such-page"), "{request:?}");
        assert_eq!(request.headers.get("User-Agent").as_deref(), Some(&b"corspec-check/0.1.0"[..]));
        assert!(!request.body);
    }
}

/// Forgets CORS where it counts: in the response to `PUT` itself.
static SILENT_PUT: Animal = Animal {
    name: "silent-put",
    does: "responses to PUT have no CORS headers",
    source: "routes with handlers of their own",
    breaks: None,
    bug: Bug {
        answers: |_, asked, answered| {
            if asked.method == b"PUT" {
                answered.delete_cors();
            }
        },
        ..CORRECT
    },
};

#[test]
fn an_active_audit_sees_the_response_to_an_unsafe_request() {
    let ids = |audit: corspec::check::AuditEvent| -> Vec<String> {
        audit.findings.into_iter().map(|finding| finding.id).collect()
    };
    let id = "unsafe-response-closed".to_owned();
    let secret = policy_named("listed");
    assert!(ids(audit_actively(Box::new(SILENT_PUT), secret)).contains(&id));
    assert!(!ids(audit(Box::new(SILENT_PUT), secret)).contains(&id));
    assert!(!ids(audit_actively(Box::new(Reference), secret)).contains(&id));
}

/// Reports are shown to others: what logs somebody in is not in them.
#[test]
fn cookies_are_not_shown() {
    let audit = audit(
        Box::new(*zoo::animals().find(|animal| animal.name == "null-allowed").unwrap()),
        policy_named("listed"),
    );
    let text = serde_json::to_string(&audit).unwrap();
    assert!(text.contains("set-cookie") && !text.contains("session=1"), "{text}");
}
