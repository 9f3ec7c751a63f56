//! Servers that do not behave: each gets its own verdict, and the rest of the run completes.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::time::Duration;

use corspec::implementation::{Embedded, Implementation, InProcess, Info, NotServed, RunningServer};
use corspec::known_failing::KnownFailing;
use corspec::retarget::retarget;
use corspec::run::{self, Options};
use corspec::transport::{Body, Limits, Service};
use corspec::verdict::Verdict;
use corspec_model::Policy;
use corspec_vectors::embedded;
use corspec_vectors::meta::Level;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerVector;

/// Answers each connection with `behave`, for as long as the test process lives.
fn server(behave: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let behave = behave.clone();
            std::thread::spawn(move || behave(stream));
        }
    });
    url
}

/// Reads one request head and gives its first line.
fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(String::from_utf8_lossy(&head).lines().next()?.to_owned())
}

/// The verdicts of a run against the server, and how many of each.
fn verdicts(url: &str) -> HashMap<Verdict, usize> {
    let document: PolicyDocument =
        serde_json::from_str(r#"{"origins": ["https://app.example.com"], "methods": ["PUT"]}"#).unwrap();
    let policy = document.to_policy().unwrap();
    let server = RunningServer::new(url).unwrap();
    let vectors: Vec<_> = retarget(&embedded::server_vectors(), &document, &policy, server.path())
        .into_iter()
        .filter(|vector| vector.law == "soundness" || vector.law == "completeness")
        .take(60)
        .collect();
    assert_eq!(vectors.len(), 60);
    verdicts_of(&server, &vectors)
}

fn verdicts_of(implementation: &dyn Implementation, vectors: &[ServerVector]) -> HashMap<Verdict, usize> {
    let options = Options {
        include: None,
        exclude: None,
        levels: Level::ALL.to_vec(),
        jobs: 60,
        limits: Limits { timeout: Duration::from_millis(1500), body: 1 << 16 },
    };
    let mut counts = HashMap::new();
    let mut vectors_judged = std::collections::HashSet::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime
        .block_on(run::run(implementation, vectors, &options, &mut KnownFailing::default(), |result| {
            *counts.entry(result.verdict).or_default() += 1;
            vectors_judged.insert(result.vector);
            ControlFlow::Continue(())
        }))
        .unwrap();
    assert_eq!(vectors_judged.len(), vectors.len(), "every vector has a result");
    counts
}

/// A middleware that panics at preflights.
struct Panics;

impl Embedded for Panics {
    fn info(&self) -> Info {
        Info {
            name: "panics".into(),
            version: String::new(),
            language: "Rust".into(),
            homepage: String::new(),
        }
    }

    fn service(&self, _: &Policy) -> Result<Service, NotServed> {
        Ok(Service::new(tower::service_fn(|request: http::Request<Body>| async move {
            assert!(request.method() != "OPTIONS", "on purpose");
            corspec::application::answer(request).await
        })))
    }
}

#[test]
fn a_panic_in_process_is_a_crash_and_the_rest_is_judged() {
    let vectors: Vec<_> =
        embedded::server_vectors().into_iter().filter(|vector| vector.law == "soundness").take(200).collect();
    let verdicts = verdicts_of(&InProcess(Box::new(Panics)), &vectors);
    assert!(verdicts[&Verdict::Crash] > 0, "{verdicts:?}");
    assert!(verdicts[&Verdict::Pass] > 0, "{verdicts:?}");
}

fn only(verdict: Verdict) -> HashMap<Verdict, usize> {
    HashMap::from([(verdict, 60)])
}

#[test]
fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(verdicts(&format!("http://127.0.0.1:{port}/")), only(Verdict::SetupError));
}

#[test]
fn closes_at_once() {
    assert_eq!(verdicts(&server(drop)), only(Verdict::Crash));
}

#[test]
fn closes_after_reading_the_request() {
    let url = server(|mut stream| drop(read_head(&mut stream)));
    assert_eq!(verdicts(&url), only(Verdict::Crash));
}

#[test]
fn never_answers() {
    let url = server(|mut stream| {
        while read_head(&mut stream).is_some() {}
        std::thread::sleep(Duration::from_secs(60));
    });
    assert_eq!(verdicts(&url), only(Verdict::Hang));
}

#[test]
fn sends_garbage() {
    let url = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"\x16\x03\x01 this is not HTTP\r\n\r\n");
    });
    assert_eq!(verdicts(&url), only(Verdict::Crash));
}

#[test]
fn stops_in_the_middle_of_the_head() {
    let url = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-");
    });
    assert_eq!(verdicts(&url), only(Verdict::Crash));
}

#[test]
fn promises_more_body_than_it_sends() {
    let url = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    });
    assert_eq!(verdicts(&url), only(Verdict::Crash));
}

#[test]
fn body_without_end() {
    let url = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    assert_eq!(verdicts(&url), only(Verdict::Hang));
}

#[test]
fn header_without_end() {
    let url = server(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX: ");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    let verdicts = verdicts(&url);
    assert_eq!(verdicts.get(&Verdict::Crash).or(verdicts.get(&Verdict::Hang)), Some(&60), "{verdicts:?}");
}

#[test]
fn answers_a_byte_at_a_time() {
    let url = server(|mut stream| {
        read_head(&mut stream);
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" {
            std::thread::sleep(Duration::from_millis(200));
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
        }
    });
    assert_eq!(verdicts(&url), only(Verdict::Hang));
}

#[test]
fn hangs_at_preflights_only() {
    let url = server(|mut stream| {
        while let Some(line) = read_head(&mut stream) {
            if line.starts_with("OPTIONS") {
                std::thread::sleep(Duration::from_secs(60));
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let verdicts = verdicts(&url);
    assert!(verdicts[&Verdict::Hang] > 0, "{verdicts:?}");
    assert!(verdicts[&Verdict::Pass] > 0, "the rest is judged: {verdicts:?}");
}

#[test]
fn dies_at_preflights_only() {
    let url = server(|mut stream| {
        while let Some(line) = read_head(&mut stream) {
            if line.starts_with("OPTIONS") {
                return;
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let verdicts = verdicts(&url);
    assert!(verdicts[&Verdict::Crash] > 0, "{verdicts:?}");
    assert!(verdicts[&Verdict::Pass] > 0, "the rest is judged: {verdicts:?}");
}

#[test]
fn a_refusal_that_is_cut_off_is_no_crash() {
    let url = server(|mut stream| {
        while let Some(line) = read_head(&mut stream) {
            if line.starts_with("OPTIONS") {
                let _ = stream.write_all(b"HTTP/1.1 431 -\r\nContent-Length: 100\r\n\r\ncut");
                return;
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let verdicts = verdicts(&url);
    assert!(!verdicts.contains_key(&Verdict::Crash) && verdicts[&Verdict::Pass] > 0, "{verdicts:?}");
}
