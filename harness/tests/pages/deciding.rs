//! Which of the exchanges of a finding shows it: what the event stream says, and reports mark.

use std::ops::ControlFlow;

use corspec::event::{ExchangeEvent, ResultEvent};
use corspec::implementation::OverHttp;
use corspec::known_failing::KnownFailing;
use corspec::run::{self, Options};
use corspec::transport::Version;
use corspec::zoo::Animal;
use corspec::zoo::animal::{Answered, Asked, Bug, CORRECT};
use corspec_model::Policy;
use corspec_vectors::embedded;
use serde_json::json;

use crate::answering::{answering, header};
use crate::report::written;

/// The events of a server tested with this policy.
fn tested(url: &str, policy: &str) -> Vec<serde_json::Value> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.json"), policy).unwrap();
    let arguments =
        ["test", "--url", url, "--policy", "policy.json", "--format", "jsonl", "-o", "events.jsonl"];
    let events = written(folder.path(), &arguments, "events.jsonl");
    events.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The head that allows whatever a preflight asks for.
fn granted(head: &str) -> String {
    format!(
        "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: {}\r\nAccess-Control-Allow-Methods: {}\r\n\
         Access-Control-Allow-Headers: {}\r\nAccess-Control-Allow-Credentials: true",
        header(head, "Origin"),
        header(head, "Access-Control-Request-Method"),
        header(head, "Access-Control-Request-Headers"),
    )
}

#[test]
fn a_preflight_that_lets_through_what_is_forbidden_decides_whatever_the_response_says() {
    // One server shares nothing with anybody, the other everything.
    let closed = answering(|head| match head.split(' ').next() {
        Some("OPTIONS") => granted(head),
        _ => "HTTP/1.1 200 OK".to_owned(),
    });
    let open = answering(granted);
    let policy = r#"{"origins": ["https://app.example.com"], "methods": ["PUT"]}"#;
    for (url, what) in [
        (closed, "the preflight lets through an origin the policy does not allow"),
        (open, "the response is shared with a method the policy does not allow"),
    ] {
        let events = tested(&url, policy);
        let found: Vec<_> = events.iter().filter(|event| event["finding"]["what"] == what).collect();
        assert!(!found.is_empty(), "{what}");
        for event in found {
            let exchanges = event["finding"]["exchanges"].as_array().unwrap();
            let deciding = exchanges.iter().find(|exchange| exchange["decides"] == true);
            assert_eq!(deciding.map(|exchange| &exchange["method"]), Some(&json!("OPTIONS")), "{event}");
            assert_eq!(event["finding"]["step"], "cors-preflight-fetch/7");
        }
    }
}

/// What breaks in one vector over HTTP/1.1 when the reference responder answers otherwise.
fn broken(vector: &str, answers: fn(&Policy, &Asked, &mut Answered)) -> ResultEvent {
    let animal = Animal { name: "odd", does: "", source: "", breaks: None, bug: Bug { answers, ..CORRECT } };
    let implementation = OverHttp::new(Box::new(animal), Version::Http1);
    let vectors: Vec<_> =
        embedded::server_vectors().into_iter().filter(|known| known.meta.id == vector).collect();
    let mut found = Vec::new();
    let mut known = KnownFailing::default();
    let options = Options::default();
    let running = run::run(&implementation, &vectors, &options, &mut known, |result| {
        found.extend(result.finding.is_some().then_some(result));
        ControlFlow::Continue(())
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(running).unwrap();
    let [only] = <[ResultEvent; 1]>::try_from(found).unwrap();
    only
}

/// The requirement, and of each exchange its status and whether it is said to decide.
fn shown(result: &ResultEvent) -> (&str, Vec<(u16, bool)>) {
    let exchanges = result.finding.as_ref().unwrap().exchanges.iter();
    let marked = exchanges.map(|ExchangeEvent { status, decides, .. }| (*status, *decides)).collect();
    (result.requirement.as_deref().unwrap(), marked)
}

#[test]
fn the_response_that_is_not_the_applications_decides_also_when_others_follow() {
    const REDIRECTED: &str = "server-transparency/cross-redirect-list";
    let first = broken(REDIRECTED, |_, asked, answered| {
        if asked.path == "/redirect" {
            answered.body = b"another".to_vec();
        }
    });
    assert_eq!(shown(&first), ("transparency/body", vec![(302, true), (200, false)]));
    let last = broken(REDIRECTED, |_, asked, answered| {
        if asked.path != "/redirect" {
            answered.body = b"another".to_vec();
        }
    });
    assert_eq!(shown(&last), ("transparency/body", vec![(302, false), (200, true)]));
}

#[test]
fn of_answers_to_raw_bytes_the_first_that_breaks_a_requirement_decides() {
    const PIPELINED: &str = "server-robustness/raw-pipelined-allowed-evil";
    let first = broken(PIPELINED, |_, asked, answered| {
        if asked.origin() == "https://app.example.com" {
            answered.response.status = 500;
        }
    });
    assert_eq!(shown(&first), ("robustness/server-error", vec![(500, true), (200, false)]));
    let last = broken(PIPELINED, |_, asked, answered| {
        answered.set("Access-Control-Allow-Origin", &asked.origin());
    });
    assert_eq!(shown(&last), ("robustness/grant", vec![(200, false), (200, true)]));
}
