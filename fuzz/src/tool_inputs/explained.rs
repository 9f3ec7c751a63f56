//! What `corspec explain` reads: HAR files and scenarios, and what `curl -i` prints. Whatever was read is shown in every form.

use corspec::cli::explain::{self, explain_all, json, responses};
use corspec::explanation::Explanation;
use corspec::explanation::diagram::{Diagram, mermaid, svg};
use corspec::explanation::recorded::MixedContent;
use corspec::explanation::text::text;
use corspec_vectors::bytes::{ByteString, HeaderLines};
use corspec_vectors::client::{ScriptedFetch, ScriptedResponse};
use corspec_vectors::request::{RequestDocument, RequestOptions};

use super::says_something;

/// Columns a terminal has.
const WIDTH: usize = 80;

/// A HAR file or a scenario.
pub fn recorded(text: &str) {
    for explanation in says_something(explain::recorded("the file", text, None)).unwrap_or_default() {
        shown(&explanation);
    }
}

/// What `curl -i` printed: the heads found are those that are found when they are printed again, and answer a request.
pub fn curl(data: &[u8]) {
    let heads = responses::heads(data);
    if heads.is_empty() {
        return;
    }
    let mut printed = Vec::new();
    for ScriptedResponse { status, headers, .. } in &heads {
        assert!((100..=999).contains(status), "{status} is no status: {}", data.escape_ascii());
        printed.extend(format!("HTTP/1.1 {status} x\r\n").into_bytes());
        for (name, value) in headers {
            printed.extend([&*name.0, b": ", &*value.0, b"\r\n"].concat());
        }
        printed.extend(b"\r\n");
    }
    let read = |heads: &[ScriptedResponse]| -> Vec<(u16, HeaderLines)> {
        heads.iter().map(|head| (head.status, head.headers.clone())).collect()
    };
    assert_eq!(read(&responses::heads(&printed)), read(&heads), "{}", printed.escape_ascii());
    for explanation in
        says_something(explain_all(&[preflighted(heads)], MixedContent::Refused)).unwrap_or_default()
    {
        shown(&explanation);
    }
}

/// A request that asks all there is to ask, answered by `responses`.
fn preflighted(responses: Vec<ScriptedResponse>) -> ScriptedFetch {
    let options = RequestOptions {
        method: Some(ByteString::from("PUT")),
        headers: vec![(ByteString::from("X-Test"), ByteString::from("1"))],
        ..RequestOptions::default()
    };
    let request = RequestDocument {
        origin: "https://app.example.com".to_owned(),
        url: "https://api.example.com/x".to_owned(),
        options,
    };
    ScriptedFetch { at: 0.0, request, responses }
}

/// No form of an explanation sends a terminal or a page what it must not have.
fn shown(explanation: &Explanation) {
    let written = json(explanation);
    assert!(written.is_ascii() && serde_json::from_str::<serde_json::Value>(&written).is_ok(), "{written}");
    let diagram = Diagram::of(explanation);
    // Escape sequences of our own are colours.
    let text = text(explanation, WIDTH).replace("\u{1b}[", "");
    for shown in [text, mermaid::text(&diagram), svg::text(&diagram)] {
        let control = shown.chars().find(|char| char.is_control() && *char != '\n');
        assert_eq!(control, None, "{shown:?}");
    }
}
