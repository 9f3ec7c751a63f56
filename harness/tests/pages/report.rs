//! The report of hostile results.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::answering::{answering, header};

const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"' onload='alert(3)";

/// Exit code, document, messages.
fn report(events: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(["report", "--format", "html", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(events.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A run with `text` wherever results have text.
fn events(text: &str) -> String {
    let finding = json!({
        "what": text, "known": text, "policy": {"origins": ["https://app.example.com"]}, "policy_means": text,
        "browser": text, "step": text, "reproduce": [text],
        "exchanges": [{"method": "GET", "target": text, "request_headers": [["Origin", text]], "status": 200,
                       "response_headers": [[text, text], ["Vary", text]]}],
    });
    let result = |verdict: &str, law: &str| {
        json!({"event": "result", "implementation": text, "vector": text, "title": text, "law": law, "level": "must",
               "requirement": text, "verdict": verdict, "finding": finding})
    };
    let audited = json!({"id": text, "severity": "high", "title": text, "what": text, "here": text, "reach": "browser",
        "attack": text, "origins": [text, text], "requirement": text, "browser": text, "step": text,
        "citation": "javascript:alert(6)", "exchanges": finding["exchanges"], "reproduce": [text],
        "fix": {"what": text, "nginx": text, "express": text, "spring": text, "tower_http": text, "fastapi": text}});
    let events = [
        json!({"event": "start", "format": 1, "corspec": text, "standard": text}),
        json!({"event": "implementation", "name": text, "version": text, "language": text, "homepage": "javascript:alert(4)"}),
        result("fail", "soundness"),
        result("known-fail", text),
        result("unsupported", text),
        json!({"event": "client", "name": text, "version": text, "seconds": 1.0, "milliseconds_a_scenario": 1.0,
               "setup_error": text}),
        json!({"event": "animal", "name": text, "does": text, "source": text, "breaks": text, "right": false,
               "broken": [text], "findings": 1, "caught": [text], "example": result("fail", "soundness")}),
        json!({"event": "exhibit", "name": text, "bug": text, "what": text, "source": "javascript:alert(5)",
               "vulnerable": text, "fixed": text, "right": false, "error": text, "caught": [text], "blamed": [text],
               "example": result("fail", "soundness")}),
        json!({"event": "audit", "url": text, "requests": 1, "reached": true, "problem": text, "policy": finding["policy"],
               "policy_in_words": text, "findings": [audited],
               "accepted": [{"origin": text, "family": "stranger", "reach": "browser", "credentials": true}]}),
        json!({"event": "known-failing-problem", "implementation": text, "problem": text}),
    ];
    events.iter().map(|event| format!("{event}\n")).collect()
}

/// The elements of a name in a document, from their start tags.
fn tags<'a>(document: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}");
    let mut found = Vec::new();
    for (at, _) in document.match_indices(&open) {
        let tag = &document[at..];
        if tag[open.len()..].starts_with([' ', '>']) {
            found.push(&tag[..=tag.find('>').unwrap()]);
        }
    }
    found
}

#[test]
fn nothing_in_results_becomes_markup() {
    let (code, document, err) = report(&events(HOSTILE));
    assert_eq!(code, 0, "{err}");
    // The index, the evidence of the implementation and of the client, and the script.
    assert_eq!(
        tags(&document, "script"),
        [
            r#"<script id="index" type="text/plain">"#,
            r#"<script id="evidence-0" type="text/plain">"#,
            r#"<script id="evidence-1" type="text/plain">"#,
            "<script>"
        ]
    );
    assert_eq!(tags(&document, "img"), [""; 0]);
    assert!(!document.contains("href=\"javascript:"), "{document}");
    assert!(document.contains("&lt;img src=x onerror=alert(2)&gt;"));
}

#[test]
fn the_document_loads_nothing_and_runs_only_its_own_script() {
    let (_, document, _) = report(&events("plain"));
    for name in ["link", "iframe", "object", "embed", "base", "form", "use"] {
        let elsewhere: Vec<&str> = tags(&document, name)
            .into_iter()
            .filter(|tag| tag.contains("src=") || tag.contains("action=") || tag.contains("http"))
            .collect();
        assert_eq!(elsewhere, [""; 0], "{name}");
    }
    for (element, directive) in [("script", "script-src"), ("style", "style-src")] {
        let text = document.rsplit_once(&format!("<{element}>")).unwrap().1;
        let text = text.split(&format!("</{element}>")).next().unwrap();
        let hash = Sha256::digest(text.as_bytes());
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, hash);
        let policy = format!("{directive} 'sha256-{hash}';");
        assert!(document.replace("&#39;", "'").contains(&policy), "{policy}");
    }
    assert!(document.contains("default-src 'none'") || document.contains("default-src &#39;none&#39;"));
}

#[test]
fn the_tables_stand_without_script() {
    let (_, document, _) = report(&events("plain"));
    let main = &document[document.find("<main ").unwrap()..document.find("</main>").unwrap()];
    assert!(main.contains("✗ 1/1") && main.contains("<noscript>"), "{main}");
}

#[test]
fn each_knob_that_is_lacking_has_one_column() {
    let lacking = ["methods.any, expose.any", "methods.any", "the resource does not serve the method"];
    let results = lacking.iter().map(|what| {
        let finding = json!({"what": what, "policy": {"origins": []}});
        json!({"event": "result", "implementation": "plain", "vector": what, "title": "", "law": "soundness", "level": "must",
               "verdict": "unsupported", "finding": finding})
    });
    let events: String = events("plain")
        .lines()
        .take(2)
        .map(str::to_owned)
        .chain(results.map(|result| result.to_string()))
        .map(|line| line + "\n")
        .collect();
    let (_, document, err) = report(&events);
    let table = section(&document, "knobs");
    let cells = |tag: &str| -> Vec<&str> {
        let cells = table.split(tag).skip(1).map(|rest| rest.split("</t").next().unwrap());
        cells.map(|cell| cell.trim_end_matches("</a>").rsplit('>').next().unwrap()).collect()
    };
    let columns = ["Implementation", "expose.any", "methods.any", "the resource does not serve the method"];
    assert_eq!(cells("<th scope=\"col\""), columns, "{err}");
    assert_eq!(cells("<td"), ["– 1", "– 2", "– 1"]);
}

#[test]
fn wrong_results_are_one_message() {
    let start = events("plain").lines().next().unwrap().to_owned();
    let nested = format!("{{\"event\": \"result\", \"finding\": {}", "[".repeat(100_000));
    for (line, says) in [
        (r#"{"event": "result", "vector": 5}"#, "-:2: column"),
        (r#"{"event": "animal", "name": ["list"]}"#, "-:2: column"),
        (r#"{"event": "client", "name": "x", "version": "1", "seconds": "long"}"#, "-:2: column"),
        ("[]", "-:2: column"),
        ("\u{0}", "-:2: column"),
        (&*nested, "-:2: column"),
    ] {
        let (code, out, err) = report(&format!("{start}\n{line}\n"));
        assert_eq!((code, &*out), (2, ""), "{err}");
        assert!(err.contains(says) && err.lines().count() == 1, "{says}: {err}");
    }
}

#[test]
fn a_text_of_fifty_megabytes_is_shown_in_a_page_that_stays_small() {
    let (code, document, err) = report(&events("plain").replacen(
        r#"["Vary","plain"]"#,
        &format!(r#"["Vary","{}"]"#, "a".repeat(50 << 20)),
        1,
    ));
    assert_eq!(code, 0, "{err}");
    assert!(document.len() < 1 << 20, "{}", document.len());
}

/// Runs the program in a folder; what it wrote to `file`.
pub(crate) fn written(folder: &Path, arguments: &[&str], file: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
    let output =
        command.args(arguments).env_remove("GITHUB_STEP_SUMMARY").current_dir(folder).output().unwrap();
    let written = std::fs::read_to_string(folder.join(file));
    assert!(written.is_ok(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    written.unwrap()
}

/// The section of a document with this id.
fn section<'a>(document: &'a str, id: &str) -> &'a str {
    let from = document.find(&format!("<section id=\"{id}\">")).unwrap();
    &document[from..from + document[from..].find("</section>").unwrap()]
}

#[test]
fn a_row_of_the_zoo_leads_down_to_the_exchange_that_shows_its_bug() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), &["zoo", "vary-never", "--output", "zoo.jsonl"], "zoo.jsonl");
    let document = written(folder.path(), &["report", "zoo.jsonl", "-o", "zoo.html"], "zoo.html");
    let row = section(&document, "zoo");
    for part in [
        "caching/blocked: ",
        "By vectors",
        "<li><code>server-caching/",
        "fetch.spec.whatwg.org/#",
        "corspec up vary-never server-",
    ] {
        assert!(row.contains(part), "{part} in {row}");
    }
    // What decides is the response a cache has stored, not the answer that came last.
    let wire = &row[row.find("On the wire").unwrap()..];
    let exchanges: Vec<&str> = wire.split("<pre class=\"wire wrap\">").skip(1).collect();
    let marked: Vec<bool> = exchanges.iter().map(|exchange| exchange.contains("class=\"decides\"")).collect();
    assert_eq!(marked, [true, false], "{wire}");
}

#[test]
fn a_row_of_the_museum_leads_to_its_vectors_and_from_there_to_the_findings() {
    let (_, document, err) = report(&events("plain"));
    let row = section(&document, "museum");
    // The vector is among the findings of the page.
    for part in [
        "See it in the vulnerable version only",
        "#kind=any&amp;q=plain",
        "Blame the fixed version",
        "On the wire",
    ] {
        assert!(row.contains(part), "{part} in {row}; {err}");
    }
}

/// An audit whose finding has twelve exchanges, with the statuses 201 to 212.
fn twelve_exchanges(deciding: Option<usize>) -> String {
    let mut event: serde_json::Value = serde_json::from_str(
        events("plain").lines().find(|line| line.contains("\"event\":\"audit\"")).unwrap(),
    )
    .unwrap();
    let exchanges = (0..12).map(|place| {
        let mut exchange = event["findings"][0]["exchanges"][0].clone();
        exchange["status"] = (201 + place).into();
        if Some(place) == deciding {
            exchange["decides"] = true.into();
        }
        exchange
    });
    event["findings"][0]["exchanges"] = exchanges.collect();
    format!("{}\n{event}\n", events("plain").lines().next().unwrap())
}

#[test]
fn the_exchange_that_decides_is_marked_on_the_wire_and_in_the_diagram() {
    for (deciding, status) in [(Some(1), "202"), (Some(9), "210"), (None, "212")] {
        let (_, document, err) = report(&twelve_exchanges(deciding));
        let marked: Vec<&str> =
            document.split("class=\"decides\">&lt; ").skip(1).map(|rest| &rest[..3]).collect();
        assert_eq!(marked, [status], "{err}");
        assert!(document.contains(&format!("answers {status}, which decides.")), "{deciding:?}");
        assert_eq!(document.matches("<line class=\"fails\"").count(), 1, "{deciding:?}");
    }
}

#[test]
fn an_audit_is_a_page_where_what_a_hostile_server_says_is_text() {
    let url = answering(|head| {
        format!(
            "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: {}\r\nAccess-Control-Allow-Credentials: true\r\n\
             Access-Control-Allow-Headers: {HOSTILE}",
            header(head, "Origin"),
        )
    });
    let folder = tempfile::tempdir().unwrap();
    let document =
        written(folder.path(), &["check", &url, "--rate", "1000", "-o", "audit.html"], "audit.html");
    assert!(folder.path().join("corspec-check.jsonl").exists(), "the events go where they always do");
    let audit = section(&document, "audits");
    for part in [
        "any-origin",
        "<span class=\"chip bad\">high</span>",
        "Inferred policy",
        "Attack",
        "&lt; access-control-allow-headers: &lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "See it again",
        "curl -s",
        "FastAPI",
    ] {
        assert!(audit.contains(part), "{part} in {audit}");
    }
    assert_eq!(tags(&document, "img"), [""; 0]);
    // Its own script, and the index of nothing.
    assert_eq!(tags(&document, "script"), [r#"<script id="index" type="text/plain">"#, "<script>"]);
    assert!(document.contains("default-src &#39;none&#39;") || document.contains("default-src 'none'"));
    assert!(document.contains("<h1>CORS audit</h1>"));
}
