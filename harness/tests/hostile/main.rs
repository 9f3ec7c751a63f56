//! Servers that do not behave: each gets its own verdict, the rest of the run completes, and a healthy implementation
//! tested at the same time is judged as if alone.
//!
//! | what | file |
//! |---|---|
//! | what each server does, and what is to be said of it | `behaviours.rs` |
//! | servers that need more than a function | `special.rs` |
//! | middlewares in this process | `in_process.rs` |
//! | what servers are made of | `peer.rs` |
//! | how much memory the program needs | `memory.rs` |
//! | Ctrl-C at several moments | `interrupt.rs` |

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod behaviours;
mod in_process;
mod interrupt;
mod memory;
mod peer;
mod special;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use corspec::implementation::{Implementation, InProcess, OverHttp, Reference, RunningServer};
use corspec::known_failing::KnownFailing;
use corspec::retarget::retarget;
use corspec::run::{self, Options};
use corspec::transport::{Limits, Version};
use corspec::verdict::Verdict;
use corspec_vectors::embedded;
use corspec_vectors::meta::Level;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerVector;
use futures_util::future::join_all;

use behaviours::{BEHAVIOURS, Behaviour, ELSEWHERE, Expect, Raw};
use peer::{Serve, When};

/// The policy hostile servers are held to.
const POLICY: &str = r#"{"origins": ["https://app.example.com"], "methods": ["PUT"]}"#;
/// Vectors of each of the two laws that a hostile server is asked.
const OF_EACH: usize = 3;

/// A few vectors for a server: what may not be shared, and what must be.
static VECTORS: LazyLock<Vec<ServerVector>> = LazyLock::new(|| {
    let document: PolicyDocument = serde_json::from_str(POLICY).unwrap();
    let policy = document.to_policy().unwrap();
    let all = retarget(&embedded::server_vectors(), &document, &policy, "/");
    // Not from its own pages, to which CORS does not apply.
    let own =
        |vector: &&ServerVector| vector.request.as_ref().is_some_and(|request| request.origin.0 == b"self");
    let of = |law| all.iter().filter(move |vector| vector.law == law && !own(vector)).take(OF_EACH);
    let chosen: Vec<_> = of("soundness").chain(of("completeness")).cloned().collect();
    assert_eq!(chosen.len(), 2 * OF_EACH);
    chosen
});

/// Vector, law and verdict of each result, in order.
type Results = Vec<(String, String, Verdict)>;

async fn results(implementation: &dyn Implementation, vectors: &[ServerVector], limits: Limits) -> Results {
    let levels = Level::ALL.to_vec();
    let options = Options { include: None, exclude: None, levels, jobs: 64, limits };
    let mut results = Vec::new();
    run::run(implementation, vectors, &options, &mut KnownFailing::default(), |result| {
        results.push((result.vector, result.law, result.verdict));
        ControlFlow::Continue(())
    })
    .await
    .unwrap();
    results
}

/// Short where the end of the time is what is waited for, and out of the way where it is not.
fn limits(hangs: bool) -> Limits {
    let timeout = if hangs { Duration::from_millis(300) } else { Duration::from_secs(30) };
    Limits { timeout, ..Limits::default() }
}

/// What is wrong with the verdicts, if something is.
fn judge(name: &str, expect: Expect, results: &Results) -> Option<String> {
    let verdicts: BTreeSet<_> = results.iter().map(|(_, law, verdict)| (&**law, *verdict)).collect();
    let mut about = verdicts.iter().filter(|(law, _)| matches!(*law, "soundness" | "completeness"));
    let no_cors = |(law, verdict): &(&str, Verdict)| {
        *verdict == if *law == "soundness" { Verdict::Pass } else { Verdict::Fail }
    };
    let right = match expect {
        Expect::All(verdict) => verdicts.iter().all(|(_, is)| *is == verdict),
        Expect::NoCors => about.all(no_cors),
        Expect::NoCorsOr(other) => about.all(|is| is.1 == other || no_cors(is)),
        Expect::Judged => {
            verdicts.iter().all(|(_, is)| is.is_judged())
                && verdicts.iter().any(|(_, is)| *is == Verdict::Fail)
        }
    };
    let vectors: BTreeSet<_> = results.iter().map(|(vector, ..)| vector).collect();
    (!right || vectors.len() != 2 * OF_EACH).then(|| format!("{name}: {expect:?}, but {verdicts:?}"))
}

async fn one(behaviour: &Behaviour, when: When) -> Option<String> {
    let expect = if when == When::Always { behaviour.from_the_start } else { behaviour.expect };
    let url = format!("http://{}/", peer::server(behaviour.serve, when));
    let limits = limits(matches!(expect, Expect::All(Verdict::Hang)));
    let results = results(&RunningServer::new(&url).unwrap(), &VECTORS, limits).await;
    judge(&format!("{} ({when:?})", behaviour.name), expect, &results)
}

/// The same server, asked with exact bytes.
async fn one_raw(behaviour: &Behaviour) -> Option<String> {
    let url = format!("http://{}/", peer::server(behaviour.serve, When::Always));
    let policy: PolicyDocument = serde_json::from_str(POLICY).unwrap();
    let policy = policy.to_policy().unwrap();
    let server = RunningServer::new(&url).unwrap();
    // Some answer the first request only, and the second is waited for.
    let limits = match limits(behaviour.raw == Raw::Error(Verdict::Hang)) {
        short if behaviour.raw == Raw::Error(Verdict::Hang) => short,
        long => Limits { timeout: Duration::from_secs(3), ..long },
    };
    let endpoint = server.serve(&policy, limits).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example.com\r\n\r\n";
    let came = match endpoint.transport.send_bytes(request.to_vec(), 2).await {
        Ok(answers) => Raw::Answers(answers.len()),
        Err(error) => Raw::Error(Verdict::from(&error)),
    };
    let right = behaviour.raw == Raw::Any || behaviour.raw == came;
    (!right).then(|| format!("{} (exact bytes): {:?}, but {came:?}", behaviour.name, behaviour.raw))
}

/// The healthy implementation, in process and over every kind of connection.
async fn healthy() -> Vec<Results> {
    let vectors: Vec<_> = embedded::server_vectors().into_iter().step_by(10).collect();
    let implementations: [Box<dyn Implementation>; 4] = [
        Box::new(InProcess(Box::new(Reference))),
        Box::new(OverHttp::new(Box::new(Reference), Version::Http1)),
        Box::new(OverHttp::new(Box::new(Reference), Version::Http2)),
        Box::new(OverHttp::tls(Box::new(Reference), Version::Http2).unwrap()),
    ];
    join_all(implementations.iter().map(|healthy| results(&**healthy, &vectors, limits(false)))).await
}

#[test]
fn each_hostile_server_has_its_verdict_and_a_healthy_one_beside_them_is_judged_as_if_alone() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    ELSEWHERE.set(elsewhere.local_addr().unwrap().to_string()).unwrap();
    let asked_elsewhere = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked_elsewhere);
    peer::serve(elsewhere, move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let problems: Vec<String> = runtime.block_on(async {
        let alone = healthy().await;
        // Over HTTP/2 there are no bytes of HTTP/1.1 to be sent.
        let fine = |verdict| matches!(verdict, Verdict::Pass | Verdict::Unsupported);
        assert!(alone.iter().flatten().all(|(.., verdict)| fine(*verdict)));
        let hostile = join_all(BEHAVIOURS.iter().map(|behaviour| async {
            let mut problems = vec![one(behaviour, When::Always).await, one_raw(behaviour).await];
            if matches!(behaviour.serve, Serve::Request(_)) {
                problems.push(one(behaviour, When::WithOrigin).await);
            }
            problems
        }));
        let (beside, hostile) = tokio::join!(healthy(), hostile);
        assert!(alone == beside, "a healthy implementation is judged otherwise beside hostile servers");
        hostile.into_iter().flatten().flatten().collect()
    });
    // A connection may still be reading what has no end.
    runtime.shutdown_background();
    assert!(problems.is_empty(), "{} servers:\n{}", BEHAVIOURS.len(), problems.join("\n"));
    assert_eq!(asked_elsewhere.load(Ordering::Relaxed), 0, "only the server under test is asked");
}
