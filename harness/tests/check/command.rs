//! The command as people run it, against a server on loopback.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

use corspec::implementation::{Embedded, Endpoint, Implementation, OverHttp, Reference};
use corspec::transport::{Limits, Version};
use corspec::zoo;
use serde_json::Value;

use crate::subject::policy_named;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("corspec-check-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
        command.args(arguments).env_remove("GITHUB_STEP_SUMMARY").current_dir(&self.0).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A responder on loopback, and its URL.
struct Served {
    _endpoint: Endpoint,
    _runtime: tokio::runtime::Runtime,
    url: String,
}

fn served(embedded: Box<dyn Embedded>, policy: &str) -> Served {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let implementation = OverHttp::new(embedded, Version::Http1);
    let policy = policy_named(policy).policy();
    let endpoint = runtime.block_on(implementation.serve(&policy, Limits::default())).unwrap();
    let url = endpoint.base.join("/plain").unwrap().to_string();
    Served { _endpoint: endpoint, _runtime: runtime, url }
}

fn animal(name: &str) -> Box<dyn Embedded> {
    Box::new(*zoo::animals().find(|animal| animal.name == name).unwrap())
}

const QUICK: [&str; 2] = ["--rate", "1000"];

#[test]
fn what_is_found_decides_the_exit_code_and_every_format_tells_it() {
    let folder = Folder::new("formats");
    let open = served(animal("every-origin-reflected"), "listed");
    let found = folder.run(&[&["check", &open.url], &QUICK[..]].concat());
    let text = String::from_utf8(found.stdout).unwrap();
    assert_eq!(found.status.code(), Some(1), "{text}");
    for part in ["Every origin is let in", "any-origin", "$ curl", "Origin: https://attacker.test", "attack "]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let told = String::from_utf8(found.stderr).unwrap();
    assert!(told.contains("at most 300 requests to 127.0.0.1:") && told.contains("--plan"), "{told}");

    let events = folder.0.join("corspec-check.jsonl").display().to_string();
    let markdown = folder.run(&["report", &events, "--format", "markdown"]);
    assert!(String::from_utf8(markdown.stdout).unwrap().contains("**high** Every origin is let in"));
    let sarif: Value =
        serde_json::from_slice(&folder.run(&["report", &events, "--format", "sarif"]).stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let any = results.iter().find(|result| result["ruleId"] == "check/any-origin").unwrap();
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][any["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!((&rule["id"], &any["level"]), (&any["ruleId"], &Value::from("error")));
    let junit = folder.run(&["report", &events, "--format", "junit"]);
    assert!(String::from_utf8(junit.stdout).unwrap().contains("classname=\"check\""));
    let tap = folder.run(&["report", &events, "--format", "tap"]);
    assert!(String::from_utf8(tap.stdout).unwrap().contains("not ok"));

    let passed = folder.run(&[&["check", &open.url, "--fail-on", "high"], &QUICK[..]].concat());
    assert_eq!(passed.status.code(), Some(1));
}

#[test]
fn a_policy_is_written_that_the_test_command_takes_and_the_server_keeps() {
    let folder = Folder::new("policy");
    let reference = served(Box::new(Reference), "listed");
    let origin = ["--origin", "https://app.example.com", "--origin", "https://partner.example"];
    let write = ["check", &reference.url, "--write-policy", "policy.json", "--fail-on", "low"];
    let checked = folder.run(&[&write, &origin[..], &QUICK[..]].concat());
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stdout));
    let tested = folder.run(&["test", "--url", &reference.url, "--policy", "policy.json"]);
    assert_eq!(tested.status.code(), Some(0), "{}", String::from_utf8_lossy(&tested.stdout));
}

#[test]
fn many_urls_come_from_a_file_and_a_second_run_goes_on() {
    let folder = Folder::new("many");
    let (open, reference) = (served(animal("null-allowed"), "listed"), served(Box::new(Reference), "closed"));
    let list = format!("# endpoints\n{}\n\n{}\nhttp://127.0.0.1:1/\n", open.url, reference.url);
    std::fs::write(folder.0.join("urls.txt"), list).unwrap();
    let arguments =
        [&["check", "--urls", "urls.txt", "--format", "jsonl", "-o", "e.jsonl"], &QUICK[..]].concat();
    let audits = || -> Vec<Value> {
        let text = std::fs::read_to_string(folder.0.join("e.jsonl")).unwrap();
        let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|event| event["event"] == "audit").collect()
    };
    assert_eq!(folder.run(&arguments).status.code(), Some(1));
    let first = audits();
    assert_eq!(first.len(), 3);
    assert_eq!(first[2]["reached"], false, "{}", first[2]);
    // The one that did not answer is asked again, the others are kept as they are.
    drop(open);
    drop(reference);
    assert_eq!(folder.run(&[&arguments[..], &["--resume"]].concat()).status.code(), Some(1));
    let second = audits();
    assert_eq!((&second[0], &second[1], second.len()), (&first[0], &first[1], 3));
}

#[test]
fn what_cannot_be_checked_is_told() {
    let folder = Folder::new("wrong");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let unheard = format!("http://{free}/");
    for (arguments, code, part) in [
        (&["check", "http://127.0.0.1:1/"][..], 3, "browsers block its port"),
        (&["check", &unheard], 3, &*format!("; is a server running at {free}?")),
        (&["check", "api.example.com"], 2, "not a URL"),
        (&["check", "http://127.0.0.1:1/", "--origin", "app.example.com"], 2, "is not an origin"),
        (&["check", "http://127.0.0.1:1/", "-H", "Origin: x"], 2, "an audit sends itself"),
        (&["check"], 2, "<URL>"),
        (&["check", "--urls", "none.txt"], 2, "none.txt"),
    ] {
        let output = folder.run(arguments);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
    let plan = folder.run(&["check", "http://127.0.0.1:1/x", "--plan"]);
    let plan = String::from_utf8(plan.stdout).unwrap();
    assert!(plan.contains("OPTIONS /x") && plan.contains("https://attacker.test"), "{plan}");
}

#[test]
fn a_redirect_is_not_followed() {
    let folder = Folder::new("redirect");
    let reference = served(Box::new(Reference), "closed");
    let url = reference.url.replace("/plain", "/redirect");
    let output = folder.run(&["check", &url]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("it redirects to /plain: name that URL"), "{said}");
}
