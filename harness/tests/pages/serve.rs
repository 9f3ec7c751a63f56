//! `corspec serve`, asked by hand.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

struct Server {
    process: Child,
    authority: String,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server over a folder with `results.jsonl`, `broken.jsonl`, and a link to a secret outside of it.
fn server() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("reports");
    fs::create_dir(&reports).unwrap();
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports/run.jsonl"),
        reports.join("results.jsonl"),
    )
    .unwrap();
    fs::write(reports.join("broken.jsonl"), "{\"event\": \"result\"}\n").unwrap();
    fs::write(folder.path().join("secret.jsonl"), "a secret").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret.jsonl"), reports.join("link.jsonl")).unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(["serve", "--port", "0", "--reports"])
        .arg(&reports)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let authority = line.trim().strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
    Server { process, authority, folder }
}

impl Server {
    /// Head and body of the answer to a request written as it is, `AUTHORITY` replaced.
    fn raw(&self, head: &str, body: &[u8]) -> (String, String) {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        let head = head.replace("AUTHORITY", &self.authority);
        stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
        // A server that refuses a body does not read it to its end.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        (head.to_owned(), body.to_owned())
    }

    fn get(&self, path: &str) -> (String, String) {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: AUTHORITY"), b"")
    }

    fn post(&self, path: &str, body: &str) -> (String, String) {
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nHost: AUTHORITY\r\nContent-Length: {length}");
        self.raw(&head, body.as_bytes())
    }
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[test]
fn only_its_own_pages_and_people_may_ask() {
    let server = server();
    for (lines, expected) in [
        ("Host: AUTHORITY", "200"),
        ("Host: attacker.example", "403"),
        ("Host: AUTHORITY\r\nHost: attacker.example", "403"),
        ("Host: AUTHORITY\r\nOrigin: http://attacker.example", "403"),
        ("Host: AUTHORITY\r\nOrigin: null", "403"),
        ("Host: AUTHORITY\r\nOrigin: http://AUTHORITY", "200"),
    ] {
        let (head, body) = server.raw(&format!("GET /vectors HTTP/1.1\r\n{lines}"), b"");
        assert_eq!(status(&head), expected, "{lines}");
        assert_eq!(body.contains("Words"), expected == "200", "{lines}");
    }
    let (head, _) = server.raw("DELETE / HTTP/1.1\r\nHost: AUTHORITY", b"");
    assert_eq!(status(&head), "405");
}

#[test]
fn every_page_has_a_strict_policy_and_no_inline_script() {
    let server = server();
    for path in [
        "/",
        "/vectors",
        "/vectors/mdn-guide/pingother",
        "/laws",
        "/reports",
        "/style.css",
        "/explain.js",
        "/nothing",
    ] {
        let (head, body) = server.get(path);
        let head = head.to_lowercase();
        assert!(
            head.contains(
                "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';"
            ),
            "{path}: {head}"
        );
        assert!(
            head.contains("x-content-type-options: nosniff") && !head.contains("access-control-"),
            "{path}"
        );
        let scripts = body.matches("<script").count();
        let expected = match path {
            "/" => 2,
            path if path.contains('.') => 0,
            _ => 1,
        };
        assert_eq!(scripts, expected, "{path}");
        assert_eq!(body.matches("<script src=\"/").count(), expected, "{path}");
        assert!(!body.contains("style=") && !body.contains(" onclick"), "{path}");
    }
}

#[test]
fn nothing_outside_the_folder_is_opened() {
    let server = server();
    let (_, list) = server.get("/reports");
    assert!(list.contains("results.jsonl") && !list.contains("link.jsonl"), "{list}");
    let secret = server.folder.path().join("secret.jsonl");
    for path in [
        "/reports/../secret.jsonl",
        "/reports/..%2fsecret.jsonl",
        "/reports/%2e%2e/secret.jsonl",
        "/reports/%252e%252e%252fsecret.jsonl",
        "/reports/link.jsonl",
        "/reports/results.jsonl/../../secret.jsonl",
        "/reports/results.jsonl%00",
        "/../secret.jsonl",
        &format!("/reports/{}", secret.display()),
        "/reports/",
    ] {
        let (head, body) = server.get(path);
        assert_eq!(status(&head), "404", "{path}");
        assert!(!body.contains("a secret"), "{path}");
    }
    let (head, body) = server.get("/reports/results.jsonl");
    assert!(status(&head) == "200" && body.contains("CORS conformance"), "{head}");
    let (head, body) = server.get("/reports/broken.jsonl");
    assert!(status(&head) == "422" && body.contains("broken.jsonl:1:"), "{head}{body}");
}

#[test]
fn a_typed_fetch_is_explained_with_its_steps_and_its_fix() {
    let server = server();
    let (head, body) = server.post(
        "/explain?part=1",
        &form(&[
            ("origin", "https://foo.example"),
            ("url", "https://bar.other/doc"),
            ("method", "PUT"),
            ("responses", "# preflight\nHTTP/1.1 204\nAccess-Control-Allow-Origin: https://foo.example\n"),
        ]),
    );
    assert_eq!(status(&head), "200");
    // Fetch, CORS-preflight fetch, step 7.5: PUT is not in the methods that are allowed.
    for part in [
        "MethodDisallowed",
        "cors-preflight-fetch/7.5",
        "Step by step",
        "Access-Control-Allow-Methods",
        "<svg",
    ] {
        assert!(body.contains(part), "{part}\n{body}");
    }
}

#[test]
fn hostile_requests_are_text_and_one_message() {
    let server = server();
    let hostile = "<script>alert(1)</script>";
    let nested = format!("{{\"fetches\": {}", "[".repeat(200_000));
    for fields in [
        &[("origin", hostile), ("url", "https://bar.other/")][..],
        &[("origin", "https://foo.example"), ("url", hostile)],
        &[("origin", "https://foo.example"), ("url", "https://bar.other/"), ("headers", hostile)],
        &[("origin", "https://foo.example"), ("url", "https://bar.other/"), ("responses", hostile)],
        &[("origin", "https://foo.example"), ("url", "https://bar.other/"), ("mode", hostile)],
        &[("vector", hostile)],
        &[("scenario", "{\"fetches\": 5}")],
        &[("scenario", "{\"fetches\": [{\"request\": {\"origin\": 1, \"url\": []}}]}")],
        &[("scenario", &nested)],
        &[("scenario", "\"<script>\"")],
        &[],
    ] {
        let (head, body) = server.post("/explain", &form(fields));
        assert_eq!(status(&head), "422", "{fields:?}");
        assert_eq!(body.matches("class=\"error\"").count(), 1, "{fields:?}");
        assert!(!body.contains("<script>alert"), "{body}");
    }
    let (head, body) = server.post(
        "/explain",
        &form(&[
            ("origin", "https://foo.example"),
            ("url", "https://bar.other/"),
            ("responses", "HTTP/1.1 200\nAccess-Control-Allow-Origin: </code><script>alert(1)</script>"),
        ]),
    );
    assert!(
        status(&head) == "200" && !body.contains("<script>alert") && body.contains("&lt;script&gt;"),
        "{body}"
    );
}

#[test]
fn a_recording_is_taken_apart_and_a_hostile_one_is_one_message() {
    let server = server();
    let har = serde_json::json!({"log": {"entries": [{
        "request": {"method": "GET", "url": "https://bar.other/<script>",
                    "headers": [{"name": "Origin", "value": "https://foo.example"}]},
        "response": {"status": 200, "headers": [{"name": "X-A", "value": "<script>alert(1)</script>"}]},
    }]}});
    let (head, body) = server.post("/har", &har.to_string());
    assert!(status(&head) == "200" && body.contains("MissingAllowOrigin"), "{body}");
    assert!(!body.contains("<script"), "{body}");
    // The link brings the fetch back.
    let state = body.split("href=\"/#").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let (_, again) = server.post("/explain?part=1", &state);
    assert!(again.contains("MissingAllowOrigin"), "{state}\n{again}");
    let nested = "[".repeat(200_000);
    for wrong in [
        "",
        "{}",
        "{\"log\": 5}",
        "{\"log\": {\"entries\": [{}]}}",
        "{\"log\": {\"entries\": []}}",
        "<script>",
        &nested,
    ] {
        let (head, body) = server.post("/har", wrong);
        assert_eq!(status(&head), "200");
        assert!(body.matches("class=\"error\"").count() == 1 && !body.contains("<script"), "{body}");
    }
}

#[test]
fn a_body_of_fifty_megabytes_is_refused() {
    let server = server();
    let (head, body) = server.post("/explain", &"a".repeat(50 << 20));
    // The server may be gone before all was sent; then the connection breaks and nothing is read.
    assert!(head.is_empty() || (status(&head) == "413" && body.contains("larger than 32 MiB")), "{head}");
    assert_eq!(status(&server.get("/laws").0), "200", "it goes on");
}

#[test]
fn the_guide_and_the_error_pages_open_as_worked_examples() {
    let server = server();
    let (_, start) = server.get("/");
    let examples: Vec<&str> =
        start.split("href=\"/vectors/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let errors =
        examples.iter().filter(|id| id.starts_with("mdn-errors/") && !id.ends_with("-fixed")).count();
    assert_eq!(errors, 15);
    for scenario in ["simple_requests", "preflighted_requests", "requests_with_credentials"] {
        assert!(start.contains(&format!("Guides/CORS#{scenario}")), "{scenario}");
    }
    for id in examples {
        let (head, body) = server.get(&format!("/vectors/{id}"));
        assert!(status(&head) == "200" && body.contains("Step by step"), "{id}: {head}");
        assert_eq!(
            body.contains("chip good\">shared"),
            id.ends_with("-fixed") || SHARED.contains(&id),
            "{id}"
        );
    }
}

/// The scenarios of the guide whose response is shared.
const SHARED: [&str; 3] = ["mdn-guide/simple-star", "mdn-guide/pingother", "mdn-guide/credentials-include"];

#[test]
fn vectors_are_found_by_law_step_source_and_words() {
    let server = server();
    for (query, there, not_there) in [
        ("law=caching", "server-caching/", "mdn-guide/"),
        ("step=cors-check/4&q=mdn", "mdn-errors/corsalloworiginnotmatchingorigin", "corsdisabled"),
        ("source=MDN", "mdn-", "server-caching/"),
        ("q=wildcard+page", "mdn-guide/simple-star", "server-caching/"),
        ("kind=model", "model", "server-caching/"),
    ] {
        let (head, body) = server.get(&format!("/vectors?{query}"));
        assert_eq!(status(&head), "200");
        let list = &body[body.find("<table").unwrap()..];
        assert!(list.contains(there) && !list.contains(not_there), "{query}");
    }
    let (head, _) = server.get("/vectors/no/such/%3Cscript%3E");
    assert_eq!(status(&head), "404");
}
