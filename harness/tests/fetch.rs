//! `corspec fetch`'s driver against the scripted server that browsers are run against: for every client vector a live
//! server can express it must see and send what the model does, which the three engines are held against too.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed helper fails the test")]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use corspec::client::compare::compare;
use corspec::client::run::Plan;
use corspec::client::scenario::Scenario;
use corspec::client::server::{self, Arrival, Handler, Reply};
use corspec::client::session::{COOKIE, Pace, Session};
use corspec::explanation::explain;
use corspec::explanation::fix::Fix;
use corspec::explanation::live::{Browser, Settings};
use corspec::explanation::recorded::{Conditions, RecordedFetch};
use corspec::tls::Trust;
use corspec_model::{HeaderList, PreflightCache};
use corspec_vectors::client::{OutcomeDocument, ScriptedFetch};
use corspec_vectors::embedded::client_vectors;
use serde_json::{Value, json};

/// Asks the session what a page asks it.
async fn ask(session: &Session, url: String, body: &Value) -> Value {
    let arrival = Arrival {
        method: b"POST".to_vec(),
        url,
        headers: HeaderList::new(),
        body: body.to_string().into_bytes(),
    };
    let Reply::Bytes(reply) = session.handle(arrival).await else { panic!("it answers its pages") };
    let body = reply.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    serde_json::from_slice(&reply[body..]).unwrap_or_default()
}

/// What a page would report of the fetch.
fn report(record: &RecordedFetch) -> Value {
    match record.outcome.as_ref().unwrap() {
        OutcomeDocument::Error { .. } => json!({"error": "TypeError"}),
        OutcomeDocument::Response { outcome_type, status, url, redirected, headers } => {
            let headers: Vec<String> = headers.iter().map(ToString::to_string).collect();
            json!({"type": outcome_type, "status": status, "url": url, "redirected": redirected, "headers": headers})
        }
    }
}

/// Does what a page does until there is nothing left to do.
async fn run_all(session: &Session, browser: &mut Browser) {
    const OWN: &str = "http://page.example/.corspec/";
    let (mut page, mut results) = (0, Vec::new());
    loop {
        let question = json!({"page": page, "results": std::mem::take(&mut results)});
        let turn = ask(session, format!("{OWN}turn"), &question).await;
        if let Some(next) = turn["go"].as_str() {
            page = next.rsplit_once('?').unwrap().1.parse().unwrap();
            continue;
        }
        let Some(scenarios) = turn["scenarios"].as_array() else { return };
        for scenario in scenarios {
            let number = &scenario["number"];
            let fetches: Vec<ScriptedFetch> = serde_json::from_value(scenario["fetches"].clone()).unwrap();
            let mut cache = PreflightCache::new();
            let mut outcomes = Vec::new();
            for (index, fetch) in fetches.iter().enumerate() {
                ask(session, format!("{OWN}begin?scenario={number}&fetch={index}"), &json!(null)).await;
                let at = Duration::from_secs_f64(fetch.at);
                let conditions = Conditions { cache, at, ..Conditions::default() };
                let fetched = browser.fetch(&fetch.request, &conditions).await.unwrap();
                outcomes.push(report(&fetched.record));
                cache = fetched.cache;
            }
            results.push(json!({"number": number, "outcomes": outcomes}));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_sees_and_sends_what_the_model_does() {
    let vectors = client_vectors();
    let plan = Plan::of(&vectors);
    assert!(plan.runnable.len() > 4000);
    let scenarios: Vec<Scenario> = plan.runnable.iter().map(|(_, scenario)| scenario.clone()).collect();
    let session = Arc::new(Session::new(scenarios, Pace { at_once: 1, marks: false }, |_| true));
    let handler: Arc<dyn Handler> = Arc::clone(&session) as _;
    let server = server::serve(handler).await.unwrap();
    let mut browser = Browser::new(Settings {
        trust: Trust::only(server.authority.certificate().as_bytes()).unwrap(),
        connect_to: Some(server.address),
        cookies: Some((None, COOKIE.to_owned())),
        ..Settings::default()
    });
    run_all(&session, &mut browser).await;
    let observations = session.observations();
    let differences: BTreeMap<&str, Vec<String>> = plan
        .runnable
        .iter()
        .map(|(vector, scenario)| {
            let found = compare(scenario, &observations[&scenario.number], &[], |_| None);
            (&*vector.meta.id, found.into_iter().map(|difference| difference.what).collect())
        })
        .filter(|(_, found): &(_, Vec<String>)| !found.is_empty())
        .collect();
    assert!(differences.is_empty(), "{} differ: {differences:#?}", differences.len());
}

/// Answers every request with the same response.
struct Always(Reply);

impl Handler for Always {
    fn handle(&self, _: Arrival) -> futures_util::future::BoxFuture<'_, Reply> {
        Box::pin(std::future::ready(self.0.clone()))
    }
}

/// Runs `corspec fetch` against a server that answers so; exit code, standard output and standard error.
async fn run_program(reply: Reply, arguments: &[&str]) -> (Option<i32>, String, String) {
    let server = server::serve(Arc::new(Always(reply))).await.unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
    command.args(["fetch", "http://api.example/x", "--from", "http://app.example", "--connect-to"]);
    command.arg(server.address.to_string()).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_tell_shared_from_blocked_from_unreachable() {
    let shared = Reply::new(200, &[("Access-Control-Allow-Origin", "*"), ("X-Hidden", "1")], b"body");
    let (code, seen, explained) = run_program(shared.clone(), &["-i"]).await;
    assert_eq!((code, &*seen), (Some(0), "200\ncontent-length: 4\n\nbody"), "{explained}");
    assert!(explained.contains("Access-Control-Expose-Headers: X-Hidden"), "{explained}");

    let (code, json, _) = run_program(Reply::new(200, &[], b"secret"), &["--json", "-X", "PUT"]).await;
    assert_eq!(code, Some(1));
    let explanation: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(explanation["reason"], "PreflightMissingAllowOrigin");
    assert_eq!(explanation["fix"]["responses"].as_array().unwrap().len(), 2);

    let (code, seen, explained) = run_program(Reply::new(200, &[], b"secret"), &["-i"]).await;
    assert_eq!((code, &*seen), (Some(1), ""), "what is blocked is not printed");
    assert!(!explained.contains("secret"));

    let (code, explained, _) = run_program(Reply::Reset, &[]).await;
    assert_eq!(code, Some(3), "{explained}");
    assert!(explained.contains("NetworkFailure") && explained.contains("The server: "), "{explained}");
}

/// Answers like [`Always`], and counts.
struct Counted(AtomicUsize, Reply);

impl Handler for Counted {
    fn handle(&self, _: Arrival) -> futures_util::future::BoxFuture<'_, Reply> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(self.1.clone()))
    }
}

/// W3C Mixed Content, sections 4.3 and 4.4, with what Secure Contexts calls potentially trustworthy.
#[tokio::test(flavor = "multi_thread")]
async fn mixed_content_is_refused_before_anything_is_sent() {
    let redirect =
        Reply::new(302, &[("Access-Control-Allow-Origin", "*"), ("Location", "http://b.example/")], b"");
    let shared = Reply::new(200, &[("Access-Control-Allow-Origin", "*")], b"");
    for (page, url, reply, sent, refused) in [
        ("https://app.example", "http://api.example/", &shared, 0, true),
        ("https://app.example", "http://10.0.0.1/", &shared, 0, true),
        ("https://app.example", "http://localhost.example/", &shared, 0, true),
        ("https://app.example", "http://localhost/", &shared, 1, false),
        ("https://app.example", "http://api.localhost/", &shared, 1, false),
        ("https://app.example", "http://127.1.2.3/", &shared, 1, false),
        ("https://app.example", "http://[::1]/", &shared, 1, false),
        ("http://app.example", "http://api.example/", &shared, 1, false),
        ("null", "http://api.example/", &shared, 1, false),
        // Where a redirect leads is asked about anew.
        ("https://app.example", "http://localhost/", &redirect, 1, true),
    ] {
        let counted = Arc::new(Counted(AtomicUsize::new(0), reply.clone()));
        let server = server::serve(Arc::clone(&counted) as Arc<dyn Handler>).await.unwrap();
        let connect_to = Some(server.address);
        let mut browser = Browser::new(Settings { connect_to, ..Settings::default() });
        let request = serde_json::from_value(json!({"origin": page, "url": url})).unwrap();
        let fetched = browser.fetch(&request, &Conditions::default()).await.unwrap();
        let explanation = explain(fetched.record, &Conditions::default()).unwrap();
        assert_eq!(counted.0.load(Ordering::SeqCst), sent, "{page} {url}");
        assert_eq!(explanation.reason.as_deref(), refused.then_some("MixedContent"), "{page} {url}");
        if refused {
            assert!(explanation.why.contains("mixed content"), "{}", explanation.why);
            assert!(matches!(explanation.fix, Fix::None { .. }), "{:?}", explanation.fix);
        }
    }
}
