//! Ctrl-C leaves a stream that can be read, whatever the program is doing.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::POLICY;
use super::behaviours::BEHAVIOURS;
use super::peer::{self, Serve, When};

const STREAM: &str = "corspec-results.jsonl";

fn start(folder: &Path, arguments: &[&str]) -> Child {
    std::fs::write(folder.join("policy.json"), POLICY).unwrap();
    Command::new(env!("CARGO_BIN_EXE_corspec"))
        .arg("test")
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn send(signal: Signal, child: &Child) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// The events of the stream; each line has to parse, and the last has to end.
fn events(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(STREAM)).unwrap();
    assert!(text.ends_with('\n'), "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn named(name: &str) -> Serve {
    BEHAVIOURS.iter().find(|behaviour| behaviour.name == name).unwrap().serve
}

#[test]
fn ctrl_c_while_a_server_is_waited_for() {
    let silent = named("accepts and never answers");
    let silent_later = Serve::Request(peer::wait);
    for (scheme, serve, when, signal) in [
        ("http", silent, When::Always, Signal::INT),
        ("http", silent, When::Always, Signal::TERM),
        ("https", silent, When::Always, Signal::INT),
        ("http", silent_later, When::WithOrigin, Signal::INT),
        ("http", named("one byte a second"), When::WithOrigin, Signal::INT),
        ("http", named("interim responses without end"), When::WithOrigin, Signal::INT),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (address, times) = peer::counting_server(serve, when);
        let url = format!("{scheme}://{address}/");
        let mut arguments = vec!["--url", &url, "--policy", "policy.json", "--timeout", "3600"];
        arguments.extend(["--jobs", "8"]);
        let mut child = start(folder.path(), &arguments);
        while times.load(Ordering::Relaxed) == 0 {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::sleep(Duration::from_millis(5));
        }
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{url} {when:?}");
        let events = events(folder.path());
        assert_eq!(events[0]["event"], "start");
        let end = json!({"event": "end", "complete": false, "exit_code": 130});
        assert_eq!(events.last(), Some(&end), "{url} {when:?}");
    }
}

/// Wherever the program is: from the first line of the stream on, at the end too, and more than once.
#[test]
fn ctrl_c_at_any_moment() {
    let mut interrupted = 0;
    for delay in 0..8 {
        let folder = tempfile::tempdir().unwrap();
        let mut child = start(folder.path(), &["reference", "--transport", "https"]);
        // The stream is there as soon as the program listens.
        while !folder.path().join(STREAM).exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(delay * 50));
        let mut signals = 0;
        while child.try_wait().unwrap().is_none() && signals < 3 {
            send(Signal::INT, &child);
            signals += 1;
        }
        let code = child.wait().unwrap().code();
        let events = events(folder.path());
        let complete = code != Some(130);
        interrupted += usize::from(!complete);
        assert!(matches!(code, Some(0 | 130)), "{code:?}");
        let end = json!({"event": "end", "complete": complete, "exit_code": code});
        assert_eq!(events.last(), Some(&end));
    }
    assert!(interrupted > 0, "every run was over before it was interrupted");
}
