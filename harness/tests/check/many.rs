//! Audits of many endpoints: several hosts at once, interrupted, and gone on with.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use corspec::implementation::{Embedded, Reference};
use corspec::transport::loopback::{self, Server};
use corspec::transport::{Body, Service, Version};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tower::{ServiceExt, service_fn};

use crate::subject::policy_named;

/// A correct server that answers what is asked of `?held` only while the gate is open.
struct Host {
    server: Server,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    open: AtomicBool,
    held: AtomicUsize,
    now: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Gate {
    async fn pass(&self) {
        self.held.fetch_add(1, Ordering::SeqCst);
        while !self.open.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Host {
    async fn new(address: [u8; 4]) -> Self {
        let gate = Arc::new(Gate::default());
        let reference = Reference.service(&policy_named("closed").policy()).unwrap();
        let kept = Arc::clone(&gate);
        let service = service_fn(move |request: http::Request<Body>| {
            let (gate, reference) = (Arc::clone(&kept), reference.clone());
            async move {
                let now = gate.now.fetch_add(1, Ordering::SeqCst) + 1;
                gate.most_at_once.fetch_max(now, Ordering::SeqCst);
                if request.uri().query() == Some("held") {
                    gate.pass().await;
                }
                let answer = reference.oneshot(request).await;
                gate.now.fetch_sub(1, Ordering::SeqCst);
                answer
            }
        });
        let address = (Ipv4Addr::from(address), 0).into();
        let server = loopback::serve(Service::new(service), address, Version::Http1, None).await.unwrap();
        Self { server, gate }
    }

    fn url(&self, target: &str) -> String {
        self.server.base.join(target).unwrap().to_string()
    }

    fn is_held(&self) -> bool {
        self.gate.held.load(Ordering::SeqCst) > 0
    }

    fn open(&self) {
        self.gate.open.store(true, Ordering::SeqCst);
    }
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(["check", "--rate", "1000", "-o", "events.jsonl"])
        .args(arguments)
        .env_remove("GITHUB_STEP_SUMMARY")
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until something holds, while the program runs.
fn until(child: &mut Child, holds: impl Fn() -> bool) {
    while !holds() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The audits in a report of the event file, in its order, and its last event.
fn audits(folder: &Path) -> (Vec<Value>, Value) {
    let mut report = Command::new(env!("CARGO_BIN_EXE_corspec"));
    report.args(["report", "events.jsonl", "--format", "jsonl"]).current_dir(folder);
    let text = String::from_utf8(report.output().unwrap().stdout).unwrap();
    let mut events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let end = events.pop().unwrap();
    events.retain(|event| event["event"] == "audit");
    for audit in &mut events {
        // Which is what their order says, and differs from report to report.
        audit.as_object_mut().unwrap().remove("place");
    }
    (events, end)
}

fn urls(audits: &[Value]) -> Vec<&str> {
    audits.iter().map(|audit| audit["url"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_asked_at_once_and_each_one_thing_at_a_time() {
    let (one, two) = (Host::new([127, 0, 0, 1]).await, Host::new([127, 0, 0, 2]).await);
    let listed = [two.url("plain?held"), one.url("plain?held"), one.url("plain"), two.url("plain")];
    let arguments: Vec<&str> = listed.iter().map(String::as_str).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path(), &arguments);
    // Neither host answers before both were asked.
    tokio::task::block_in_place(|| until(&mut child, || one.is_held() && two.is_held()));
    one.open();
    two.open();
    assert_eq!(tokio::task::block_in_place(|| child.wait()).unwrap().code(), Some(0));
    let (audits, _) = audits(folder.path());
    assert_eq!(urls(&audits), arguments, "the order is that of the arguments");
    assert!(audits.iter().all(|audit| audit["reached"] == true && audit.get("problem").is_none()));
    for host in [&one, &two] {
        assert_eq!(host.gate.most_at_once.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_before_ctrl_c_is_kept_and_the_rest_is_gone_on_with() {
    let (one, two) = (Host::new([127, 0, 0, 1]).await, Host::new([127, 0, 0, 2]).await);
    let (first, done, last, never) =
        (two.url("plain?held"), one.url("plain"), one.url("plain?held"), two.url("plain"));
    let folder = tempfile::tempdir().unwrap();
    // What is never begun leaves a gap before what is done.
    let list = format!("{first}\n{never}\n{done}\n{last}\n");
    std::fs::write(folder.path().join("urls.txt"), list).unwrap();
    let arguments = ["--urls", "urls.txt", "--timeout", "3600"];
    let mut child = start(folder.path(), &arguments);
    tokio::task::block_in_place(|| until(&mut child, || one.is_held() && two.is_held()));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(tokio::task::block_in_place(|| child.wait()).unwrap().code(), Some(130));
    let (before, end) = audits(folder.path());
    assert_eq!(end, json!({"event": "end", "complete": false, "exit_code": 130}));
    assert_eq!(urls(&before), [&first, &done, &last]);
    assert_eq!(before[1]["reached"], true);
    assert!(before[1].get("problem").is_none() && before[1]["requests"].as_u64() > Some(50), "{}", before[1]);
    assert!([&before[0], &before[2]].iter().all(|audit| audit["problem"] == "interrupted"));

    one.open();
    two.open();
    let mut child = start(folder.path(), &[&arguments[..], &["--resume"]].concat());
    assert_eq!(tokio::task::block_in_place(|| child.wait()).unwrap().code(), Some(0));
    let (after, end) = audits(folder.path());
    assert_eq!(end["complete"], true);
    assert_eq!(urls(&after), [&first, &never, &done, &last]);
    assert_eq!(after[2], before[1], "it is not asked again");
    assert!(after.iter().all(|audit| audit["reached"] == true && audit.get("problem").is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_before_a_kill_is_kept_also_where_an_earlier_endpoint_is_not_done() {
    let (one, two) = (Host::new([127, 0, 0, 1]).await, Host::new([127, 0, 0, 2]).await);
    let (first, done, last) = (two.url("plain?held"), one.url("plain"), one.url("plain?held"));
    let folder = tempfile::tempdir().unwrap();
    let arguments = [&*first, &done, &last, "--timeout", "3600"];
    let kill = |mut child: Child| {
        tokio::task::block_in_place(|| {
            until(&mut child, || one.is_held() && two.is_held());
            child.kill().unwrap();
            child.wait().unwrap();
        });
    };
    kill(start(folder.path(), &arguments));
    let (before, end) = audits(folder.path());
    assert_eq!(urls(&before), [&done]);
    assert_eq!(end["complete"], false);
    // Nor is it lost by a run that goes on and is killed too.
    one.gate.held.store(0, Ordering::SeqCst);
    two.gate.held.store(0, Ordering::SeqCst);
    kill(start(folder.path(), &[&arguments[..], &["--resume"]].concat()));
    let (again, _) = audits(folder.path());
    assert_eq!(again, before, "it is not asked again");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "one file");
}
