//! The report of hostile results.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;
use sha2::{Digest, Sha256};

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
    let events = [
        json!({"event": "start", "format": 1, "corspec": text, "standard": text}),
        json!({"event": "implementation", "name": text, "version": text, "language": text, "homepage": "javascript:alert(4)"}),
        result("fail", "soundness"),
        result("known-fail", text),
        result("unsupported", text),
        json!({"event": "client", "name": text, "version": text, "seconds": 1.0, "milliseconds_a_scenario": 1.0,
               "setup_error": text}),
        json!({"event": "animal", "name": text, "does": text, "source": text, "breaks": text, "right": false,
               "broken": [text], "findings": 1}),
        json!({"event": "exhibit", "name": text, "bug": text, "what": text, "source": "javascript:alert(5)",
               "vulnerable": text, "fixed": text, "right": false, "error": text}),
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
    let main = &document[document.find("<main>").unwrap()..document.find("</main>").unwrap()];
    assert!(main.contains("✗ 1/1") && main.contains("<noscript>"), "{main}");
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
