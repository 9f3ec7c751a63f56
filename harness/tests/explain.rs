//! Explanations: forty and more questions as people ask them, agreement with the model, pictures, hostile input.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::io::Write;
use std::process::{Command, Stdio};

use corspec::explanation::diagram::{Diagram, mermaid, svg, unicode};
use corspec::explanation::fix::Fix;
use corspec::explanation::recorded::{MixedContent, scripted};
use corspec::explanation::{Explanation, Verdict, explain, text};
use corspec_vectors::bytes::HeaderLines;
use corspec_vectors::client::{OutcomeDocument, RequestKind, ScriptedFetch, ScriptedResponse};
use corspec_vectors::embedded::client_vectors;
use corspec_vectors::request::RequestDocument;
use corspec_vectors::run::client::run;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Questions {
    questions: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    question: String,
    #[serde(rename = "source")]
    _source: String,
    request: RequestDocument,
    responses: Vec<ScriptedResponse>,
    reason: String,
    fix: ExpectedFix,
    #[serde(default)]
    expose: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ExpectedFix {
    Word(String),
    Responses(Vec<ExpectedResponse>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedResponse {
    #[serde(rename = "for")]
    kind: RequestKind,
    #[serde(default)]
    status: Option<u16>,
    set: HeaderLines,
    #[serde(default)]
    without: Vec<String>,
}

fn explained(fetches: &[ScriptedFetch]) -> Vec<Explanation> {
    let records = scripted(fetches, MixedContent::Sent).unwrap();
    records.into_iter().map(|(record, conditions)| explain(record, &conditions).unwrap()).collect()
}

fn one(request: RequestDocument, responses: Vec<ScriptedResponse>) -> Explanation {
    explained(&[ScriptedFetch { at: 0.0, request, responses }]).pop().unwrap()
}

#[test]
fn questions_as_people_ask_them_are_answered_right() {
    let text = include_str!("questions/questions.json");
    let Questions { questions } = serde_json::from_str(text).unwrap();
    assert!(questions.len() >= 40);
    for asked in questions {
        let question = &asked.question;
        let answer = one(asked.request, asked.responses);
        let reason = answer.reason.clone().unwrap_or_else(|| match answer.verdict {
            Verdict::Shared => "shared".to_owned(),
            Verdict::Opaque => "opaque".to_owned(),
            other => format!("{other:?}"),
        });
        assert_eq!(reason, asked.reason, "{question}");
        match (&asked.fix, &answer.fix) {
            (ExpectedFix::Word(word), Fix::None { .. }) => assert_eq!(word, "none", "{question}"),
            (ExpectedFix::Word(word), Fix::Needless) => assert_eq!(word, "needless", "{question}"),
            (ExpectedFix::Responses(expected), Fix::Headers { responses, .. }) => {
                assert_eq!(responses.len(), expected.len(), "{question}: {responses:#?}");
                for (expected, found) in expected.iter().zip(responses) {
                    assert_eq!(found.kind, expected.kind, "{question}");
                    assert_eq!(found.status, expected.status, "{question}");
                    let sorted = |lines: &HeaderLines| {
                        let mut lines = lines.clone();
                        lines.sort();
                        lines
                    };
                    assert_eq!(sorted(&found.set), sorted(&expected.set), "{question}");
                    let without: Vec<String> = found.remove.iter().map(ToString::to_string).collect();
                    assert_eq!(without, expected.without, "{question}");
                }
            }
            (_, other) => panic!("{question}: {other:?}"),
        }
        let expose = answer.hidden.as_ref().map(|hidden| hidden.expose.to_string());
        assert_eq!(expose, asked.expose, "{question}");
        if let Some(note) = &asked.note {
            assert!(answer.notes.iter().any(|told| told.contains(note)), "{question}: {:?}", answer.notes);
        }
    }
}

/// For every client vector: the record is what the model does, a fix is one, and all pictures can be drawn.
#[test]
fn every_client_vector_is_explained() {
    let mut fixed = 0;
    for vector in client_vectors() {
        let id = &vector.meta.id;
        let evaluated = run(&vector.fetches, false).unwrap();
        for (explanation, evaluated) in explained(&vector.fetches).iter().zip(&evaluated) {
            assert_eq!(explanation.fetch.outcome.as_ref(), Some(&evaluated.outcome), "{id}");
            assert_eq!(explanation.step.as_ref().unwrap().step, evaluated.step, "{id}");
            let sent: Vec<_> = explanation.fetch.exchanges.iter().map(|exchange| &exchange.request).collect();
            assert_eq!(sent, evaluated.sent.iter().collect::<Vec<_>>(), "{id}");
            if let Fix::Headers { .. } = explanation.fix {
                let outcome = explanation.fixed.as_ref().unwrap().outcome.as_ref();
                assert!(matches!(outcome, Some(OutcomeDocument::Response { .. })), "{id}");
                fixed += 1;
            }
            let diagram = Diagram::of(explanation);
            for width in [1, 40, 80, 500] {
                let drawn = unicode::text(&diagram, width);
                let limit = width.clamp(40, 110);
                assert!(drawn.lines().all(|line| line.chars().count() <= limit), "{id}:\n{drawn}");
            }
            if fixed % 16 == 0 {
                roxmltree::Document::parse(&svg::text(&diagram)).unwrap();
            }
        }
    }
    assert!(fixed > 1000, "{fixed}");
}

fn document(origin: &str, url: &str) -> RequestDocument {
    serde_json::from_value(serde_json::json!({"origin": origin, "url": url})).unwrap()
}

fn response(status: u16, headers: &[(&str, &str)]) -> ScriptedResponse {
    serde_json::from_value(serde_json::json!({"status": status, "headers": headers})).unwrap()
}

/// MDN's example of a preflighted request: what is sent, and what must be answered.
#[test]
fn without_a_response_it_is_said_what_the_server_must_answer() {
    let mut request = document("https://foo.example", "https://bar.other/resources/post-here/");
    request.options.method = Some("POST".into());
    request.options.headers =
        vec![("X-PINGOTHER".into(), "pingpong".into()), ("Content-Type".into(), "application/xml".into())];
    let explanation = one(request, Vec::new());
    assert_eq!(explanation.verdict, Verdict::Unanswered);
    assert!(explanation.preflight.sent);
    let drawn = unicode::text(&Diagram::of(&explanation), 80);
    let expected = "\
https://foo.example                                            https://bar.other
 │                                                                            │
 │ OPTIONS /resources/post-here/                                              │
 │ Access-Control-Request-Method: POST                                        │
 │ Access-Control-Request-Headers: content-type,x-pingother                   │
 │ Origin: https://foo.example                                                │
 ├───────────────────────────────── preflight ───────────────────────────────▶│
 │                                                                            │
 │ 204                                                                        │
 │ Access-Control-Allow-Origin: https://foo.example                           │
 │ Vary: Origin                                                               │
 │ Access-Control-Allow-Headers: Content-Type, X-PINGOTHER                    │
 │◀───────────────────────────────────────────────────────────────────────────┤
 │                                                                            │
 │ POST /resources/post-here/                                                 │
 │ X-PINGOTHER: pingpong                                                      │
 │ Content-Type: application/xml                                              │
 │ Origin: https://foo.example                                                │
 ├───────────────────────────────────────────────────────────────────────────▶│
";
    assert!(drawn.starts_with(expected), "{drawn}");
}

/// What browsers print, as MDN and the browsers' own users quote it.
/// From flags and in a scenario a browser refuses it, a vector is about CORS alone, and what was recorded was sent.
#[test]
fn mixed_content_is_told_before_cors() {
    let url = "http://api.example/";
    let (_, told, _) = program(&["explain", url, "--from", "https://a.example", "-X", "PUT"], b"", &[]);
    for part in [
        "blocked  MixedContent",
        "a page of https://a.example may not fetch http://api.example/",
        "Serve it over https:",
    ] {
        assert!(
            told.split_whitespace().collect::<Vec<_>>().join(" ").contains(&part.replace("  ", " ")),
            "{told}"
        );
    }
    assert!(!told.contains("OPTIONS"), "{told}");
    let image = |page: &str, more: Value| {
        let mut request = json!({"origin": page, "url": url, "initiator": "img"});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let scenario = json!({"request": request, "responses": [{"status": 200}]}).to_string();
        program(&["explain", "-", "--format", "json"], scenario.as_bytes(), &[]).1
    };
    let upgraded = image("https://a.example", json!({}));
    assert!(
        upgraded.contains("browsers ask for the https: URL instead") && !upgraded.contains("MixedContent")
    );
    assert!(image("https://a.example", json!({"cross_origin": "anonymous"})).contains("MixedContent"));
    assert!(!image("http://a.example", json!({})).contains("browsers ask for the https: URL"));
    let sent = [("origin", "https://a.example"), ("sec-fetch-mode", "cors")];
    let granted = [("access-control-allow-origin", "*")];
    for (status, received, reason) in [(200, &granted[..], "\"shared\""), (0, &[], "\"MixedContent\"")] {
        let har = har(&[entry("GET", url, &sent, status, received)]);
        let (_, told, _) = program(&["explain", "-", "--format", "json"], har.as_bytes(), &[]);
        assert!(told.contains(reason), "{told}");
    }
}

#[test]
fn consoles_are_quoted_with_the_values_of_the_fetch() {
    let blocked = |headers: &[(&str, &str)]| {
        let request = document("https://app.example", "https://api.example/x");
        one(request, vec![response(200, headers)]).console.unwrap()
    };
    let console = blocked(&[]);
    assert_eq!(
        console.chromium.unwrap(),
        "Access to fetch at 'https://api.example/x' from origin 'https://app.example' has been blocked by CORS policy: No \
         'Access-Control-Allow-Origin' header is present on the requested resource."
    );
    assert_eq!(
        console.firefox.unwrap(),
        "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at \
         https://api.example/x. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200."
    );
    assert!(console.webkit.unwrap().starts_with(
        "Origin https://app.example is not allowed by Access-Control-Allow-Origin. Status code: 200\n"
    ));
    let console = blocked(&[("Access-Control-Allow-Origin", "https://other.example")]);
    assert!(console.chromium.unwrap().ends_with(
        "The 'Access-Control-Allow-Origin' header has a value 'https://other.example' that is not equal to the supplied \
         origin."
    ));
    assert!(console.firefox.unwrap().ends_with("does not match ‘https://other.example’)."));
}

/// Nothing of a header reaches a terminal, a page or a Mermaid diagram as a byte of its own.
#[test]
fn hostile_headers_are_shown_escaped() {
    let hostile = "https://x\u{1b}[31m\u{7}<script>;\u{9b}2J\u{202e}\"&#";
    let hostile: String = hostile.chars().filter(|c| u32::from(*c) < 256).collect();
    let mut request = document("https://app.example", "https://api.example/<b>;#x");
    request.options.headers =
        vec![("X-Evil".into(), corspec_vectors::bytes::ByteString(b"\x1b]0;a\x07".to_vec()))];
    let explanation = one(
        request,
        vec![
            response(204, &[("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Headers", "*")]),
            response(200, &[("Access-Control-Allow-Origin", &hostile), ("Vary", &hostile)]),
        ],
    );
    assert_eq!(explanation.verdict, Verdict::Blocked);
    let diagram = Diagram::of(&explanation);
    let drawn = unicode::text(&diagram, 80) + &mermaid::text(&diagram) + &svg::text(&diagram);
    assert!(!drawn.chars().any(|c| c.is_control() && c != '\n'), "{drawn:?}");
    assert!(drawn.contains("\\x1b"));
    let svg = svg::text(&diagram);
    let parsed = roxmltree::Document::parse(&svg).unwrap();
    assert!(parsed.descendants().all(|node| node.tag_name().name() != "script"));
    // The program's own colours are taken away as they are for a pipe; nothing of the header's is left.
    let text = anstream::adapter::strip_str(&text::text(&explanation, 80)).to_string();
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    assert!(text.contains("\\x1b[31m"), "{text}");
    let mermaid = mermaid::text(&diagram);
    assert!(!mermaid.contains("<script>") && mermaid.contains("#60;script#62;"), "{mermaid}");
}

#[test]
fn an_svg_stands_alone_and_tells_what_it_shows() {
    let explanation = one(document("https://a.example", "https://b.example/"), vec![response(200, &[])]);
    let svg = svg::text(&Diagram::of(&explanation));
    let parsed = roxmltree::Document::parse(&svg).unwrap();
    let root = parsed.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let text_of = |name: &str| {
        root.children()
            .find(|node| node.has_tag_name(("http://www.w3.org/2000/svg", name)))
            .unwrap()
            .text()
            .unwrap()
    };
    assert_eq!(text_of("title"), "Sequence diagram: blocked: MissingAllowOrigin (cors-check/2)");
    assert!(text_of("desc").contains("https://a.example sends GET / to https://b.example."));
    assert!(svg.contains("prefers-color-scheme:dark"));
    // Nothing is loaded from anywhere.
    assert!(!svg.contains("href") && !svg.contains("url(") && !svg.contains("@import"));
}

#[test]
fn the_schema_has_not_drifted_and_holds() {
    let committed = include_str!("../schemas/explanation.schema.json");
    assert_eq!(committed, corspec::schemas::explanation(), "run `corspec vectors generate`");
    let validator = jsonschema::validator_for(&serde_json::from_str(committed).unwrap()).unwrap();
    for vector in client_vectors().iter().step_by(40) {
        for explanation in explained(&vector.fetches) {
            let value = serde_json::to_value(&explanation).unwrap();
            assert!(validator.is_valid(&value), "{}: {:?}", vector.meta.id, validator.validate(&value).err());
        }
    }
}

/// Runs the program with something on its standard input: exit code, standard output, standard error.
fn program(arguments: &[&str], input: &[u8], environment: &[(&str, &str)]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(arguments)
        .env_remove("COLUMNS")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // It may end before it has read everything.
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writing.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn entry(method: &str, url: &str, sent: &[(&str, &str)], status: i64, received: &[(&str, &str)]) -> Value {
    let lines = |lines: &[(&str, &str)]| -> Vec<Value> {
        lines.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    };
    json!({
        "startedDateTime": "2026-01-01T00:00:00Z", "time": 1, "cache": {}, "timings": {},
        "request": {"method": method, "url": url, "httpVersion": "h2", "headers": lines(sent)},
        "response": {"status": status, "headers": lines(received), "content": {"size": 0}},
    })
}

fn har(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "creator": {}, "pages": [], "entries": entries}}).to_string()
}

#[test]
fn a_har_file_is_taken_apart_into_fetches() {
    let page = ("origin", "https://app.example");
    let granted = ("access-control-allow-origin", "https://app.example");
    let har = har(&[
        // The page itself, and what is its own.
        entry("GET", "https://app.example/", &[("sec-fetch-mode", "navigate")], 200, &[]),
        entry("GET", "https://app.example/a.js", &[("referer", "https://app.example/")], 200, &[]),
        // A request whose preflight was recorded after it.
        entry(
            "PUT",
            "https://api.example/1",
            &[page, (":authority", "api.example"), ("x-token", "1"), ("user-agent", "M")],
            0,
            &[],
        ),
        entry(
            "OPTIONS",
            "https://api.example/1",
            &[page, ("access-control-request-method", "PUT"), ("access-control-request-headers", "x-token")],
            204,
            &[granted, ("access-control-allow-methods", "PUT")],
        ),
        // A redirect and where it leads.
        entry("GET", "https://api.example/old", &[page], 302, &[granted, ("location", "/new")]),
        entry("GET", "https://api.example/new", &[page], 200, &[granted]),
        // A request whose preflight the browser remembered.
        entry("DELETE", "https://api.example/2", &[page], 204, &[granted]),
        // An image of another host.
        entry(
            "GET",
            "https://img.example/a.png",
            &[("referer", "https://app.example/x"), ("sec-fetch-mode", "no-cors")],
            200,
            &[],
        ),
    ]);
    let (code, output, error) = program(&["explain", "-", "--format", "json"], har.as_bytes(), &[]);
    assert_eq!(code, 0, "{error}");
    let found: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let brief: Vec<(&str, &str, &str)> = found
        .iter()
        .map(|one| {
            let url = one["fetch"]["request"]["url"].as_str().unwrap();
            (url, one["verdict"].as_str().unwrap(), one["reason"].as_str().unwrap_or(""))
        })
        .collect();
    assert_eq!(
        brief,
        [
            ("https://api.example/1", "blocked", "HeaderDisallowed"),
            ("https://api.example/old", "shared", ""),
            ("https://api.example/2", "shared", ""),
            ("https://img.example/a.png", "opaque", ""),
        ]
    );
    assert_eq!(found[0]["fetch"]["request"]["headers"], json!([["x-token", "1"]]));
    assert_eq!(found[1]["fetch"]["exchanges"].as_array().unwrap().len(), 2);
    assert_eq!(found[2]["preflight"]["because"], json!(["an earlier preflight is remembered and allows it"]));
    // The mode a recording does not tell may be given.
    let arguments = ["explain", "-", "--credentials", "include", "--format", "json", "--only", "2"];
    let (_, output, _) = program(&arguments, har.as_bytes(), &[]);
    assert!(output.contains("InvalidAllowCredentials"), "{output}");
}

/// What a recording proves of the credentials mode is taken, what it only hints at is said.
#[test]
fn what_is_inferred_from_a_har_file_is_told() {
    let page = ("origin", "https://app.example");
    let cors = ("sec-fetch-mode", "cors");
    let url = "https://api.example/x";
    let granted = [("access-control-allow-origin", "*"), ("access-control-allow-methods", "PUT")];
    let with = ("access-control-allow-credentials", "true");
    let basic = ("authorization", "Basic eA==");
    let preflight = |asked: &'static str| {
        let sent =
            [page, ("access-control-request-method", "PUT"), ("access-control-request-headers", asked)];
        entry("OPTIONS", url, &sent[..if asked.is_empty() { 2 } else { 3 }], 204, &granted)
    };
    let explained = |entries: &[Value], more: &[&str]| -> (String, String) {
        let arguments = [&["explain", "-", "--format", "json"], more].concat();
        let (code, told, error) = program(&arguments, har(entries).as_bytes(), &[]);
        assert_eq!(code, 0, "{error}");
        let explanation: Value = serde_json::from_str(&told).unwrap();
        let options = &explanation["fetch"]["request"];
        (options["credentials"].to_string(), explanation["notes"].to_string())
    };
    let get = |more: &[(&str, &str)], received: &[(&str, &str)]| {
        entry("GET", url, &[&[page, cors], more].concat(), 200, received)
    };
    let mut listed = get(&[], &granted);
    listed["request"]["cookies"] = json!([{"name": "a", "value": "1"}]);
    let put = |more: &[(&str, &str)]| entry("PUT", url, &[&[page, cors], more].concat(), 200, &granted);
    for (entries, credentials, says) in [
        (vec![get(&[("cookie", "a=1")], &granted)], "\"include\"", "a cookie went along"),
        (vec![listed], "\"include\"", "a cookie went along"),
        (vec![preflight(""), put(&[basic])], "\"include\"", "so the browser added it"),
        (
            vec![preflight("authorization"), put(&[basic])],
            "null",
            "the default, since no cookie is recorded; sanitized",
        ),
        (vec![get(&[("sec-fetch-dest", "font")], &granted)], "\"same-origin\"", "fonts are fetched so"),
        (vec![get(&[], &[granted[0], with])], "null", "`Access-Control-Allow-Credentials: true` hints"),
        (
            vec![get(&[("sec-fetch-storage-access", "active")], &granted)],
            "null",
            "`Sec-Fetch-Storage-Access` hints",
        ),
        (vec![entry("GET", url, &[page], 200, &granted)], "null", "the mode, since there is an `Origin`"),
    ] {
        let (mode, notes) = explained(&entries, &[]);
        assert_eq!(mode, credentials, "{says}: {notes}");
        assert!(notes.contains("Inferred from the recording: ") && notes.contains(says), "{says}: {notes}");
    }
    let (_, notes) = explained(&[get(&[], &granted)], &["--credentials", "include"]);
    assert!(!notes.contains("Inferred"), "{notes}");
}

#[test]
fn what_script_cannot_set_is_told() {
    let arguments =
        ["explain", "https://api.example/", "--from", "https://a.example", "-H", "Host: x", "-H", "X-A: 1"];
    let (_, told, _) = program(&arguments, b"", &[]);
    assert!(told.contains("`Host` is the browser's own") && !told.contains("`X-A` is"), "{told}");
}

#[test]
fn what_curl_prints_is_a_response() {
    let printed = b"HTTP/2 200 \r\ncontent-type: text/html\r\naccess-control-allow-origin: https://a.example\r\n\r\n<p>";
    let arguments = ["explain", "https://api.example/", "--from", "https://app.example", "--response", "-"];
    let (code, output, error) = program(&arguments, printed, &[]);
    assert_eq!(code, 0, "{error}");
    assert!(output.starts_with("blocked  AllowOriginMismatch\n"), "{output}");
}

#[test]
fn hostile_files_get_one_clear_message() {
    let deep = "[".repeat(200_000);
    let deep_inside = format!("{{\"log\": {{\"entries\": {deep}");
    let wrong = "{\"log\": {\"entries\": [{\"request\": \"\\u001b[31mred\", \"response\": 1}]}}";
    let status =
        har(&[entry("GET", "https://a.example/", &[("origin", "https://b.example")], i64::MAX, &[])]);
    for (input, says) in [
        (deep.as_str(), "recursion limit"),
        (deep_inside.as_str(), "not a HAR file"),
        (wrong, "not a HAR file"),
        ("{\"log\": {}}", "no request of a page to another origin"),
        ("{\"log\": 7}", "not a HAR file"),
        ("{}", "a scenario is"),
        ("{\"fetches\": []}", "`fetches` is empty"),
        ("{\"fetches\": [{\"request\": {\"origin\": \"https://a.example\", \"url\": 7}}]}", "a scenario is"),
        ("\u{1b}[31m", "a scenario is"),
        ("", "standard input is empty: a HAR file or a JSON scenario is needed"),
        ("HTTP/1.1 200 OK\r\n\r\n", "--response -"),
    ] {
        let (code, output, error) = program(&["explain", "-"], input.as_bytes(), &[]);
        assert_eq!((code, &*output), (2, ""), "{error}");
        assert!(error.contains(says), "{says}: {error}");
        assert_eq!(error.matches('\n').count(), 1, "{error}");
        assert!(!error.trim_end().chars().any(char::is_control), "{error:?}");
    }
    // A status no response has is one the recorder did not know.
    let (code, output, _) = program(&["explain", "-"], status.as_bytes(), &[]);
    assert_eq!(code, 0);
    assert!(output.starts_with("not answered yet"), "{output}");
}

#[test]
fn a_har_of_fifty_megabytes_is_read() {
    let padding = "x".repeat(2000);
    let own = entry(
        "GET",
        "https://app.example/",
        &[("origin", "https://app.example"), ("x-padding", &padding)],
        200,
        &[],
    );
    let mut entries = vec![own; 50_000_000 / 2200];
    entries.push(entry("GET", "https://api.example/", &[("origin", "https://app.example")], 200, &[]));
    let text = har(&entries);
    assert!(text.len() > 50_000_000);
    let (code, output, error) = program(&["explain", "-"], text.as_bytes(), &[]);
    assert_eq!(code, 0, "{error}");
    assert!(output.starts_with("blocked  MissingAllowOrigin"), "{output}");
}

#[test]
fn every_mistake_says_what_to_do() {
    let url = "https://api.example/";
    for (arguments, says) in [
        (&["explain", url][..], "--from https://app.example.com"),
        (&["explain", url, "--from", "https://a.example/x"], "without a path"),
        (&["explain", url, "--from", "https://a.example", "-H", "X"], "'Name: value'"),
        (&["explain", url, "--from", "https://a.example", "--response", "20"], "three digits"),
        (&["explain", "--from", "https://a.example", "--response", "200", url], "before --response"),
        (&["explain"], "what is to be explained?"),
        (&["explain", "mdn-errors/corsmethodnotfoun"], "did you mean `mdn-errors/corsmethodnotfound`"),
        (&["explain", "server-origins/idn-suffix"], "corspec test NAME"),
        (
            &["explain", "fetch-examples/preflight-cached-twice", "--from", "https://a.example"],
            "bring their own",
        ),
        (&["explain", "mdn-errors/corsmethodnotfound", "--only", "2"], "there are 1 fetches"),
        (
            &["fetch", "api.example", "--from", "https://a.example"],
            "api.example: `url`: relative URL without a base: write",
        ),
        (&["fetch", url, "--from", "https://a.example", "-d", "@none"], "--data @none: "),
        (&["fetch", url, "--from", "https://a.example", "--cacert", "none.pem"], "name a text file"),
        (
            &["fetch", url, "--from", "https://a.example", "--connect-to", "localhost"],
            "such as 127.0.0.1:8443",
        ),
        (&["fetch", url, "--from", "https://a.example", "--credentals", "omit"], "'--credentials'"),
        (&["explain", "-"], "standard input is empty"),
        (&["check", "--urls", "-"], "one a line"),
        (&["check", "api.example"], "write http://… or https://…"),
        (&["check", "https://u:p@a.example"], "send a login as a header"),
        (&["explan"], "did you mean `explain`"),
        (&["fetch", url, "--from", "https://a.example", "--timeout", "0"], "above 0"),
        (&["vectors", "show", "mdn-errors/corsmethodnotfoun"], "did you mean"),
        (&["test", "tower-htp"], "did you mean `tower-http`"),
        (&["zoo", "suffix-mach"], "did you mean `suffix-match`"),
        (&["laws", "soundnes"], "did you mean `soundness`"),
    ] {
        let (code, _, error) = program(arguments, b"", &[]);
        assert_eq!(code, 2, "{arguments:?}: {error}");
        assert!(error.contains(says), "{arguments:?}: {error}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    // Its own, or one in the help of the command it belongs to.
    fn check(command: &clap::Command, path: &str) {
        let examples =
            |command: &clap::Command| command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let path = format!("{path} {}", sub.get_name());
            let help = examples(sub) + &examples(command);
            assert!(help.contains("Examples:\n") && help.contains(&path), "`{path}` has no example: {help}");
            check(sub, &path);
        }
    }
    check(&corspec::cli::command(), "corspec");
}

#[test]
fn output_fits_its_terminal_and_is_plain_where_it_must_be() {
    let arguments = ["explain", "mdn-errors/corsmissingalloworigin"];
    let (_, plain, _) = program(&arguments, b"", &[("COLUMNS", "60")]);
    assert!(!plain.contains('\u{1b}'));
    assert!(
        plain.lines().filter(|line| !line.contains("://")).all(|line| line.chars().count() <= 60),
        "{plain}"
    );
    let (_, coloured, _) = program(&arguments, b"", &[("CLICOLOR_FORCE", "1")]);
    assert!(coloured.contains('\u{1b}'));
    let (_, plain, _) = program(&arguments, b"", &[("NO_COLOR", "1")]);
    assert!(!plain.contains('\u{1b}'));
    let (_, help, _) = program(&["explain", "--help"], b"", &[("NO_COLOR", "1")]);
    assert!(!help.contains('\u{1b}'));
}

#[test]
fn shells_and_manuals_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, _) = program(&["completions", shell], b"", &[]);
        assert!(code == 0 && script.contains("credentials") && script.contains("explain"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    let (code, _, error) = program(&["man", folder.path().to_str().unwrap()], b"", &[]);
    assert_eq!(code, 0, "{error}");
    let page = std::fs::read_to_string(folder.path().join("corspec-explain.1")).unwrap();
    assert!(page.contains("corspec explain recording.har"), "{page}");
}
