//! The program as people and scripts use it: exit codes, messages, the event stream.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;

use serde_json::Value;

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("corspec-cli-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
        command
            .args(arguments)
            .env_remove("GITHUB_STEP_SUMMARY")
            .current_dir(&self.0)
            .output()
            .unwrap()
            .into()
    }

    fn events(&self, arguments: &[&str]) -> (i32, Vec<Value>) {
        let run = self.run(&[&["test", "--format", "jsonl"], arguments].concat());
        (run.code, run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn eval(input: &str) -> Vec<Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .arg("eval")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0);
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn schema(path: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn without_arguments_the_embedded_implementations_are_tested() {
    let folder = Folder::new("default");
    let run = folder.run(&[]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let row = run.stdout.lines().find(|line| line.starts_with("reference ")).unwrap();
    assert_eq!(row.matches('✓').count(), 11, "{row}");
    for name in ["tower-http ", "warp "] {
        assert!(run.stdout.lines().any(|line| line.starts_with(name)), "{}", run.stdout);
    }
    let stream = std::fs::read_to_string(folder.0.join("corspec-results.jsonl")).unwrap();
    let events: Vec<Value> = stream.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let validator = schema("schemas/events.schema.json");
    for event in &events {
        assert!(validator.is_valid(event), "{event}");
    }
    assert_eq!(events[0]["event"], "start");
    assert_eq!(events.last().unwrap()["event"], "end");
    assert_eq!(events.last().unwrap()["complete"], true);
}

#[test]
fn over_http_the_verdicts_are_those_of_in_process() {
    let folder = Folder::new("http");
    let verdicts = |transport: &str| -> Vec<String> {
        let run = folder.run(&["test", "--transport", transport, "--no-known-failing", "--format", "jsonl"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        run.stdout
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|event| event["event"] == "result")
            .map(|event| {
                format!(
                    "{} {} {} {}",
                    event["implementation"], event["vector"], event["law"], event["verdict"]
                )
            })
            .collect()
    };
    let in_process = verdicts("in-process");
    assert!(verdicts("http") == in_process);
    for transport in ["http2", "https2"] {
        let verdicts = verdicts(transport);
        assert_eq!(verdicts.len(), in_process.len());
        for (there, here) in verdicts.iter().zip(&in_process) {
            // There are no bytes of HTTP/1.1 to be written as one likes.
            let no_bytes = there.ends_with("\"unsupported\"")
                && ["server-robustness/raw-", "server-stability/wire-", "server-stability/http10-"]
                    .iter()
                    .any(|vectors| there.contains(vectors));
            assert!(no_bytes || there == here, "{transport}: {there}, in process {here}");
        }
    }
}

#[test]
fn a_failure_shows_everything_needed_to_see_it_again() {
    let folder = Folder::new("failure");
    let run = folder.run(&["test", "tower-http", "--no-known-failing", "--include", "*/options-plain"]);
    assert_eq!(run.code, 1);
    for part in [
        "classification (should) × 1",
        "policy   {\"origins\"",
        "meaning  not a preflight",
        "step     cors-preflight-request",
        "> OPTIONS /plain",
        "< 200",
        "corspec up tower-http server-classification/options-plain",
        "curl -s -D - -o /dev/null -X OPTIONS http://127.0.0.1:",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
}

#[test]
fn known_failures_are_strict() {
    let folder = Folder::new("known");
    let list = folder.0.join("list.toml").display().to_string();
    let written = folder.run(&["test", "warp", "--no-known-failing", "--write-known-failing", &list]);
    assert_eq!(written.code, 1);
    assert_eq!(folder.run(&["test", "warp", "--known-failing", &list]).code, 0);

    let text = std::fs::read_to_string(&list).unwrap();
    let entry = "\n[[known]]\nlaw = \"soundness\"\nvectors = [\"server-origins/app-null\"]\nreason = \"r\"\n";
    let stale = folder.write("stale.toml", &format!("{text}{entry}"));
    let run = folder.run(&["test", "warp", "--known-failing", &stale]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("matches no failure: remove it"), "{}", run.stdout);

    let expired =
        folder.write("expired.toml", &text.replacen("[[known]]", "[[known]]\nexpires = \"2020-01-01\"", 1));
    let run = folder.run(&["test", "warp", "--known-failing", &expired]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("expired on 2020-01-01"), "{}", run.stdout);
}

#[test]
fn a_list_whose_vectors_changed_is_told_whatever_is_run() {
    let folder = Folder::new("hash");
    let list = folder.0.join("list.toml").display().to_string();
    folder.run(&["test", "warp", "--no-known-failing", "--write-known-failing", &list]);
    let text = std::fs::read_to_string(&list).unwrap();
    let (at, _) = text.match_indices("hash = \"").next().unwrap();
    let hash = &text[at + 8..at + 24];
    let other = folder.write("other.toml", &text.replacen(hash, "0123456789abcdef", 1));
    let run = folder.run(&["test", "warp", "--known-failing", &other, "--include", "server-origins/*"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    let told = format!("the vectors changed since: look again, then write `hash = \"{hash}\"`");
    assert!(run.stdout.contains(&told), "{}", run.stdout);
    assert_eq!(
        folder.run(&["test", "warp", "--known-failing", &list, "--include", "server-origins/*"]).code,
        0
    );
}

/// Implementation, vector, law and verdict of each result, sorted.
fn verdicts(events: &[Value]) -> Vec<String> {
    let mut verdicts: Vec<String> = events
        .iter()
        .filter(|event| event["event"] == "result")
        .map(|event| {
            format!("{} {} {} {}", event["implementation"], event["vector"], event["law"], event["verdict"])
        })
        .collect();
    verdicts.sort_unstable();
    verdicts
}

#[test]
fn the_shards_of_a_run_are_the_run() {
    let folder = Folder::new("shards");
    let (_, whole) = folder.events(&["warp"]);
    let mut parts = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let (code, part) = folder.events(&["warp", "--shard", shard]);
        assert_eq!(code, 0);
        assert_eq!(part[0]["shard"]["of"], 3);
        let share = verdicts(&part).len() * 3;
        let all = verdicts(&whole).len();
        assert!(share > all / 2 && share < all * 2, "{share} of {all}");
        parts.extend(part);
    }
    assert_eq!(verdicts(&parts), verdicts(&whole));

    let (code, empty) =
        folder.events(&["warp", "--include", "server-origins/app-exact", "--shard", "1/1000"]);
    assert_eq!((code, verdicts(&empty).len()), (0, 0), "a shard may be empty");
}

#[test]
fn a_run_ends_at_as_many_failures_as_are_allowed() {
    let folder = Folder::new("max-fail");
    for (arguments, allowed) in [(&["--fail-fast"][..], 1), (&["--max-fail", "3"][..], 3)] {
        let (code, events) = folder.events(&[&["warp", "--no-known-failing"], arguments].concat());
        assert_eq!(code, 1);
        let failures = verdicts(&events).iter().filter(|verdict| verdict.ends_with("\"fail\"")).count();
        let facts =
            events.iter().filter(|event| event["level"] == "check" && event["verdict"] == "fail").count();
        assert_eq!(failures - facts, allowed);
        assert_eq!(
            *events.last().unwrap(),
            serde_json::json!({"event": "end", "complete": false, "exit_code": 1})
        );
    }
    let (code, events) = folder.events(&["warp", "--fail-fast"]);
    assert_eq!((code, &events.last().unwrap()["complete"]), (0, &true.into()), "known failures do not count");
}

#[test]
fn a_ci_step_gets_a_summary() {
    let folder = Folder::new("summary");
    let summary = folder.write("summary.md", "before\n");
    let run = |path: &str| -> Run {
        Command::new(env!("CARGO_BIN_EXE_corspec"))
            .args(["test", "reference", "--include", "server-origins/app-exact", "--format", "tap"])
            .env("GITHUB_STEP_SUMMARY", path)
            .current_dir(&folder.0)
            .output()
            .unwrap()
            .into()
    };
    let printed = run(&summary);
    assert!(printed.stdout.starts_with("TAP version 14\n1..1\n"), "{}", printed.stdout);
    assert!(folder.0.join("corspec-results.jsonl").exists(), "the events are kept");
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n## corspec\n") && text.contains("**reference "), "{text}");
    let unwritable = run("no/such/folder/summary.md");
    assert_eq!(unwritable.code, 0, "a summary is no reason to fail");
    assert!(unwritable.stderr.contains("no/such/folder/summary.md"), "{}", unwritable.stderr);
}

#[test]
fn bad_input_is_one_message_and_exit_2() {
    let folder = Folder::new("bad");
    let policy = folder.write("policy.json", r#"{"origins": ["https://app.example.com"]}"#);
    let misspelt = folder.write("misspelt.json", r#"{"origins": "*", "metods": []}"#);
    let no_origin = folder.write("origin.json", r#"{"origins": ["https://app.example.com/"]}"#);
    let not_json = folder.write("text.json", "origins = *");
    let list = folder.write("list.toml", "[[known]]\nlaw = \"caching\"\nvectors = [\"a\"]\n");
    let url = "http://127.0.0.1:8080/";
    for (arguments, says) in [
        (vec!["nope"], "no embedded implementation `nope`"),
        (vec!["--include", "a["], "--include"),
        (vec!["--include", "matches-nothing"], "no vector is chosen"),
        (vec!["test", "--url", url, "--policy", "missing.json"], "missing.json"),
        (vec!["test", "--url", url, "--policy", &misspelt], "metods"),
        (
            vec!["test", "--url", url, "--policy", &no_origin],
            "`https://app.example.com/` is not a serialized origin",
        ),
        (vec!["test", "--url", url, "--policy", &not_json], "text.json"),
        (vec!["test", "--url", "not a url", "--policy", &policy], "not a url"),
        (vec!["test", "--url", "ftp://127.0.0.1/", "--policy", &policy], "ftp"),
        (vec!["test", "--url", url], "--policy"),
        (vec!["test", "warp", "--known-failing", "missing.toml"], "missing.toml"),
        (vec!["test", "warp", "--known-failing", &list], "reason"),
        (vec!["test", "--known-failing", &list], "name it"),
        (vec!["test", "--timeout", "0"], "timeout"),
        (vec!["test", "-o", "no/such/folder/x"], "no/such/folder/x"),
        (vec!["test", "--shard", "3/2"], "I from 1 to N"),
        (vec!["test", "--max-fail", "0"], "max-fail"),
        (vec!["test", "--fail-fast", "--max-fail", "2"], "max-fail"),
        (vec!["test", "warp", "--fail-fast", "--write-known-failing", "x"], "fail-fast"),
        (vec!["report"], "FILE"),
        (vec!["diff", "missing.jsonl", "missing.jsonl"], "missing.jsonl"),
        (vec!["eval", "missing.jsonl"], "missing.jsonl"),
        (vec!["up", "reference", "nope"], "nope"),
        (vec!["vectors", "list", "--folder", "missing"], "missing"),
    ] {
        let run = folder.run(&arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(says), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn a_server_that_is_not_there_is_a_set_up_error_and_exit_3() {
    let folder = Folder::new("away");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let policy = folder.write("policy.json", r#"{"origins": ["https://app.example.com"]}"#);
    let run = folder.run(&["test", "--url", &format!("http://127.0.0.1:{port}/"), "--policy", &policy]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("cannot connect"), "{}", run.stdout);
}

/// A server that answers everything but preflights, and tells when the first one came.
fn deaf_to_preflights() -> (String, mpsc::Receiver<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tell = tell.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
                    if line.starts_with("OPTIONS") {
                        let _ = tell.send(());
                        std::thread::sleep(std::time::Duration::from_secs(60));
                    }
                    if line == "\r\n" {
                        let _ = reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    }
                    line.clear();
                }
            });
        }
    });
    (url, told)
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_was_done() {
    let folder = Folder::new("interrupted");
    let policy =
        folder.write("policy.json", r#"{"origins": ["https://app.example.com"], "methods": ["PUT"]}"#);
    let (url, first_preflight) = deaf_to_preflights();
    let child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(["test", "--url", &url, "--policy", &policy, "--jobs", "1", "--timeout", "60"])
        .current_dir(&folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    first_preflight.recv().unwrap();
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, 130, "{}", run.stdout);
    let stream = std::fs::read_to_string(folder.0.join("corspec-results.jsonl")).unwrap();
    let events: Vec<Value> = stream.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().any(|event| event["event"] == "result"), "{stream}");
    assert_eq!(
        *events.last().unwrap(),
        serde_json::json!({"event": "end", "complete": false, "exit_code": 130})
    );
}

#[test]
fn eval_answers_the_documented_example() {
    let input = r#"{"id": "preflight/pingother", "fetches": [{"at": 0, "request": {"origin": "https://foo.example", "url": "https://bar.other/doc", "method": "POST", "headers": [["X-PINGOTHER", "pingpong"], ["Content-Type", "text/xml"]], "credentials": "omit", "mode": "cors", "redirect": "follow", "body": true}, "responses": [{"status": 204, "headers": [["Access-Control-Allow-Origin", "https://foo.example"], ["Access-Control-Allow-Methods", "POST, GET, OPTIONS"], ["Access-Control-Allow-Headers", "X-PINGOTHER, Content-Type"]]}, {"status": 200, "headers": [["Access-Control-Allow-Origin", "https://foo.example"]]}]}]}"#;
    let answers = eval(input);
    let fetch = &answers[0]["fetches"][0];
    assert_eq!(answers[0]["id"], "preflight/pingother");
    assert_eq!(
        fetch["sent"][0],
        serde_json::json!({
            "method": "OPTIONS", "url": "https://bar.other/doc",
            "headers": [["Accept", "*/*"], ["Access-Control-Request-Method", "POST"],
                        ["Access-Control-Request-Headers", "content-type,x-pingother"],
                        ["Origin", "https://foo.example"]]})
    );
    assert_eq!(
        (&fetch["sent"][1]["method"], &fetch["sent"][1]["url"]),
        (&"POST".into(), &"https://bar.other/doc".into())
    );
    assert_eq!(
        fetch["outcome"],
        serde_json::json!({"type": "cors", "status": 200, "url": "https://bar.other/doc", "redirected": false, "headers": []})
    );
    assert_eq!(fetch["step"], "cors-check/5");
    assert!(
        schema("../vectors/schemas/eval-input.schema.json").is_valid(&serde_json::from_str(input).unwrap())
    );
    assert!(schema("../vectors/schemas/eval-output.schema.json").is_valid(&answers[0]));
}

#[test]
fn eval_goes_on_after_a_bad_line() {
    let good = r#"{"id": "good", "fetches": [{"request": {"origin": "https://a.example", "url": "https://b.example/"}, "responses": [{}]}]}"#;
    let bad = [
        ("garbage", "line 1"),
        (r#"{"id": "a"}"#, "fetches"),
        (r#"{"id": "b", "fetches": [{"request": {"origin": "https://a.example", "url": "nope"}}]}"#, "url"),
        (
            r#"{"id": "c", "fetches": [{"request": {"origin": "https://a.example/", "url": "https://b.example"}}]}"#,
            "origin",
        ),
        (
            r#"{"id": "d", "fetches": [{"request": {"origin": "https://a.example", "url": "https://b.example"}}]}"#,
            "responses",
        ),
        (
            r#"{"id": "e", "fetches": [{"at": -1, "request": {"origin": "https://a.example", "url": "https://b.example"}}]}"#,
            "at",
        ),
        (
            r#"{"id": "f", "fetches": [{"request": {"origin": "https://a.example", "url": "https://b.example", "credental": "omit"}}]}"#,
            "credental",
        ),
        (
            r#"{"id": "g", "fetches": [{"request": {"origin": "https://a.example", "url": "https://b.example", "initiator": "img", "mode": "cors"}}]}"#,
            "mode",
        ),
    ];
    let mut input = String::new();
    for (line, _) in bad {
        input.push_str(line);
        input.push('\n');
    }
    input.push_str(good);
    let answers = eval(&input);
    assert_eq!(answers.len(), bad.len() + 1);
    let validator = schema("../vectors/schemas/eval-output.schema.json");
    for ((line, says), answer) in bad.iter().zip(&answers) {
        assert!(answer["error"].as_str().unwrap().contains(says), "{line}: {answer}");
        assert!(validator.is_valid(answer), "{answer}");
    }
    assert_eq!(answers.last().unwrap()["fetches"][0]["outcome"]["reason"], "MissingAllowOrigin");
}

#[test]
fn a_browser_that_is_not_installed_is_told_with_the_packages_to_install() {
    let folder = Folder::new("no-browser");
    let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
    let run: Run = command
        .args(["client", "chromium", "--include", "wpt-simple/*"])
        .env("PATH", &folder.0)
        .current_dir(&folder.0)
        .output()
        .unwrap()
        .into();
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("apt-get install chromium"), "{}", run.stderr);
    let events = std::fs::read_to_string(folder.0.join("corspec-clients.jsonl")).unwrap();
    let last: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["exit_code"]), (&"end".into(), &3.into()));
    assert!(events.contains("setup_error"));
}

#[test]
fn a_browser_that_ends_at_once_is_a_setup_error() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("broken-browser");
    let path = folder.write("chromium", "#!/bin/sh\nexit 1\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
    let run: Run = command
        .args(["client", "chromium", "--include", "wpt-simple/*"])
        .env("PATH", format!("{}:/usr/bin:/bin", folder.0.display()))
        .current_dir(&folder.0)
        .output()
        .unwrap()
        .into();
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("chromium"), "{}", run.stderr);
}

#[test]
fn wrong_uses_of_client_are_told() {
    let folder = Folder::new("client-usage");
    let profile = folder.write("p.toml", "version = \"1\"\n[[difference]]\nwhat = \"w\"\n");
    for (arguments, says) in [
        (&["client"][..], "required"),
        (&["client", "netscape"][..], "netscape"),
        (&["client", "chromium", "--include", "nothing/*"][..], "no vector is chosen"),
        (&["client", "chromium", "--include", "["][..], "--include"),
        (&["client", "chromium", "firefox", "--profile", &profile][..], "one browser"),
        (&["client", "chromium", "--profile", "absent.toml"][..], "absent.toml"),
        (&["client", "chromium", "--profile", &profile][..], "step"),
    ] {
        let run = folder.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{arguments:?}: {}", run.stderr);
    }
}
