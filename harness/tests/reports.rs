//! Reports of hand-made events: every format, files put together, differences.
//!
//! `tests/reports/run.FORMAT` is what `corspec report run.jsonl --format FORMAT` writes there; after a change made on
//! purpose, write it again with `-o` and look at the difference.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod sarif;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports")
}

fn file(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// Exit code, standard output, standard error.
fn corspec(arguments: &[&str], input: &str) -> (i32, String, String) {
    use std::io::Write;

    let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(arguments)
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn report(files: &[&str], format: &str) -> String {
    let (code, out, err) = corspec(&[&["report", "--format", format], files].concat(), "");
    assert_eq!(code, 0, "{err}");
    out
}

#[test]
fn every_format_is_what_it_was() {
    for format in ["pretty", "junit", "sarif", "markdown", "tap", "badge"] {
        assert_eq!(report(&["run.jsonl"], format), file(&format!("run.{format}")), "{format}");
    }
}

#[test]
fn the_same_events_come_out_as_went_in() {
    let parse = |text: String| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let out = report(&["run.jsonl"], "jsonl");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/events.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for event in parse(out.clone()) {
        assert!(validator.is_valid(&event), "{event}");
    }
    let key = |event: &Value| event.to_string();
    let (mut before, mut after) = (parse(file("run.jsonl")), parse(out));
    before.sort_by_key(key);
    after.sort_by_key(key);
    assert_eq!(before, after);
}

/// The element inside each test case, by class and name.
fn junit_cases(xml: &roxmltree::Document<'_>) -> HashMap<String, String> {
    xml.descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .map(|case| {
            let id = format!("{} {}", case.attribute("classname").unwrap(), case.attribute("name").unwrap());
            let inside: Vec<&str> = case
                .children()
                .filter(roxmltree::Node::is_element)
                .map(|node| node.tag_name().name())
                .collect();
            assert!(inside.len() <= 1, "{id}: {inside:?}");
            (id, inside.concat())
        })
        .collect()
}

#[test]
fn junit_tells_failures_errors_and_skips_apart() {
    let text = report(&["run.jsonl"], "junit");
    let xml = roxmltree::Document::parse(&text).unwrap();
    let cases = junit_cases(&xml);
    for (case, inside) in [
        ("completeness s/app", ""),
        ("soundness s/evil", "failure"),
        ("syntax s/evil", ""),
        ("classification c/plain", "failure"),
        ("caching k/known", "skipped"),
        ("caching k/stale", "failure"),
        ("completeness f/fact", "skipped"),
        ("exposure u/any", "skipped"),
        ("exposure u/no", "skipped"),
        ("soundness e/crash", "error"),
        ("soundness e/hang", "error"),
        ("soundness e/setup", "error"),
        ("known-failing demo", "failure"),
        ("client w/same", ""),
        ("client w/other", "failure"),
        ("client w/known", "skipped"),
        ("client w/out", "skipped"),
        ("client start", "error"),
    ] {
        assert_eq!(cases[case], inside, "{case}");
    }
    assert!(text.contains("known: W1: Vary is never sent"), "{text}");
    assert!(text.contains("unsupported: expose.any"), "{text}");
}

/// What readers of JUnit XML rely on. CI holds the same document against the schema Jenkins reads by, which a package ships.
#[test]
fn junit_has_the_structure_readers_rely_on() {
    let text = report(&["run.jsonl"], "junit");
    let xml = roxmltree::Document::parse(&text).unwrap();
    let root = xml.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let suites: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
    assert!(suites.len() >= 3 && suites.iter().all(|suite| suite.has_tag_name("testsuite")));
    for node in suites.iter().chain([&root]) {
        assert!(node.attribute("name").is_some());
        let count = |tag: &str| node.descendants().filter(|inner| inner.has_tag_name(tag)).count();
        for (attribute, tag) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            // The root has no count of skipped cases in the schema.
            if *node != root || tag != "skipped" {
                assert_eq!(node.attribute(attribute).unwrap(), count(tag).to_string(), "{attribute}");
            }
        }
    }
    for node in xml.descendants().filter(|node| node.has_tag_name("failure") || node.has_tag_name("error")) {
        assert!(node.attribute("message").is_some_and(|message| !message.is_empty()));
        assert!(node.attribute("type").is_some_and(|kind| !kind.is_empty()));
    }
    for node in xml.descendants().filter(|node| node.has_tag_name("skipped")) {
        assert!(node.attributes().len() == 0 && node.text().is_some_and(|text| !text.is_empty()));
    }
}

fn sarif() -> Value {
    serde_json::from_str(&report(&["run.jsonl"], "sarif")).unwrap()
}

fn array<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).unwrap()
}

/// Each requirement with its section of SARIF 2.1.0.
#[test]
fn sarif_has_the_properties_the_standard_requires() {
    let sarif = sarif();
    assert_eq!(sarif["version"], "2.1.0"); // 3.13.2
    assert_eq!(array(&sarif, "/runs").len(), 1); // 3.13.4
    let run = &sarif["runs"][0];
    assert!(run["tool"]["driver"]["name"].is_string()); // 3.14.6, 3.18.2, 3.19.8
    for invocation in array(run, "/invocations") {
        assert!(invocation["executionSuccessful"].is_boolean()); // 3.20.14
        for notification in array(invocation, "/toolExecutionNotifications") {
            assert!(notification["message"]["text"].is_string()); // 3.58.5
        }
    }
    let rules = array(run, "/tool/driver/rules");
    let mut ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect(); // 3.49.3
    for rule in rules {
        assert!(rule["shortDescription"]["text"].is_string()); // 3.49.9, 3.12.3
        if let Some(help) = rule.get("helpUri") {
            url::Url::parse(help.as_str().unwrap()).unwrap(); // 3.49.12
        }
    }
    for result in array(run, "/results") {
        assert!(result["message"]["text"].is_string()); // 3.27.11
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], ids[index]); // 3.27.5, 3.27.6
        assert!(["error", "warning", "note", "none"].contains(&result["level"].as_str().unwrap())); // 3.27.10
        for suppression in result.get("suppressions").and_then(Value::as_array).into_iter().flatten() {
            assert!(["inSource", "external"].contains(&suppression["kind"].as_str().unwrap())); // 3.35.2
        }
        for location in array(result, "/locations") {
            if let Some(physical) = location.get("physicalLocation") {
                let uri = physical["artifactLocation"]["uri"].as_str().unwrap(); // 3.29.3, 3.4.3
                url::Url::parse(uri).unwrap();
            }
        }
    }
    // 3.19.23: no two rules are the same.
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn sarif_passes_the_official_schema_where_there_is_one() {
    sarif::assert_passes_the_official_schema(sarif());
}

#[test]
fn sarif_has_a_result_for_each_finding_and_none_for_facts() {
    let sarif = sarif();
    let results = array(&sarif, "/runs/0/results");
    let mut found: Vec<(&str, &str, u64)> = results
        .iter()
        .map(|result| {
            let count = result["occurrenceCount"].as_u64().unwrap_or(0);
            (result["ruleId"].as_str().unwrap(), result["level"].as_str().unwrap(), count)
        })
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("caching", "error", 1),
            ("caching", "error", 1),
            ("classification", "warning", 1),
            ("client", "error", 1),
            ("client", "error", 1),
            ("known-failing", "error", 0),
            ("soundness", "error", 1),
            ("soundness", "error", 1),
            ("soundness", "error", 2),
            ("soundness", "note", 1),
        ]
    );
    let known: Vec<&Value> = results.iter().filter(|result| result.get("suppressions").is_some()).collect();
    assert_eq!(known.len(), 2);
    assert_eq!(
        known[0]["suppressions"][0]["justification"],
        "W1: Vary is never sent (https://tracker.example/1)"
    );
    let shared = results.iter().find(|result| result["occurrenceCount"] == 2).unwrap();
    assert_eq!(shared["properties"]["vectors"], json!(["s/evil", "s/evil-2"]));
    let text = shared["message"]["text"].as_str().unwrap();
    assert!(text.contains("Reproduce: corspec up demo s/evil --port 8998"), "{text}");
    assert_eq!(shared["webResponse"]["headers"]["Set-Cookie"], "a=1, b=</script>&```");
    let notifications = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notifications.contains("cannot connect") && notifications.contains("not installed"));
}

/// Counts the test points of a TAP document and of the subtests in it, each against its plan.
fn check_tap(lines: &[&str], indent: &str) -> usize {
    let mut plan = None;
    let mut points = 0;
    for (number, line) in lines.iter().enumerate() {
        let Some(line) = line.strip_prefix(indent) else { continue };
        if let Some(count) = line.strip_prefix("1..") {
            assert_eq!(plan, None, "one plan");
            plan = Some(count.split(' ').next().unwrap().parse().unwrap());
        } else if let Some(point) = line.strip_prefix("not ok ").or_else(|| line.strip_prefix("ok ")) {
            points += 1;
            assert_eq!(point.split(' ').next().unwrap(), points.to_string());
        } else if line.starts_with("# Subtest: ") {
            let inner = format!("{indent}    ");
            let length = lines[number + 1..].iter().take_while(|line| line.starts_with(&inner)).count();
            check_tap(&lines[number + 1..=number + length], &inner);
        }
    }
    assert_eq!(plan, Some(points), "{lines:#?}");
    points
}

#[test]
fn tap_keeps_its_plans_and_directives() {
    let text = report(&["run.jsonl"], "tap");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "TAP version 14");
    // Three subjects, and the list that is out of date.
    assert_eq!(check_tap(&lines[1..], ""), 4);
    for line in [
        "    not ok 7 - caching k/known # TODO W1: Vary is never sent (https://tracker.example/1)",
        "    ok 10 - exposure u/any # SKIP unsupported: expose.any, routes",
        "    ok 9 - completeness f/fact # SKIP a fact, no verdict: no answer for `Authorization`",
        "not ok 1 - demo 1.0",
    ] {
        assert!(lines.contains(&line), "{line}\n{text}");
    }
}

#[test]
fn markdown_lets_nothing_from_the_wire_become_markup() {
    let text = report(&["run.jsonl"], "markdown");
    assert!(text.contains("shared with &lt;an origin&gt;"), "{text}");
    assert!(text.contains(r"a \| origin \# that \\ is \`not\` \*allowed\*"), "{text}");
    // The header's value has three backticks, so its fence has four.
    assert!(text.contains("````http") && text.contains("b=</script>&```"), "{text}");
    let columns: Vec<usize> = text
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.replace(r"\|", "").matches('|').count())
        .collect();
    assert!(columns.len() == 5 && columns.iter().all(|count| *count == columns[0]), "{columns:?}\n{text}");
}

#[test]
fn nothing_a_server_says_reaches_a_terminal_or_xml_raw() {
    for format in ["pretty", "junit", "markdown", "tap"] {
        let text = report(&["run.jsonl"], format);
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{format}");
        let escaped = [r"after \u{1}\u{1b}[2J", r"after \\u{1}\\u{1b}\[2J", r"after \\u{1}\\u{1b}[2J"];
        assert!(escaped.iter().any(|escaped| text.contains(escaped)), "{format}\n{text}");
    }
}

#[test]
fn shards_are_one_run() {
    let text = report(&["shard-1.jsonl", "shard-2.jsonl"], "jsonl");
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["start", "implementation", "result", "result", "result", "known-failing-problem", "end"]
    );
    assert_eq!(events.last().unwrap(), &json!({"event": "end", "complete": true, "exit_code": 1}));

    let (code, out, err) = corspec(&["report", "shard-2.jsonl", "--format", "tap"], "");
    assert_eq!(code, 0);
    assert!(err.contains("shard 1/2 is missing"), "{err}");
    assert!(out.ends_with("Bail out! demo: shard 1/2 is missing\n"), "{out}");
    let (_, out, _) = corspec(&["report", "shard-2.jsonl", "new.jsonl"], "");
    assert!(out.contains("demo: shard 1/2 is missing"), "another version has no part in it: {out}");
}

#[test]
fn missing_shards_are_told_in_a_line_however_many() {
    for (of, says) in [
        (2, "demo: shard 2/2 is missing"),
        (3, "demo: shards 2/3, 3/3 are missing"),
        (
            4_000_000_000_u32,
            "demo: shards 2/4000000000, 3/4000000000, 4/4000000000, 5/4000000000, 6/4000000000 and 3999999994 more are missing",
        ),
    ] {
        let input = file("shard-1.jsonl").replace("\"of\": 2", &format!("\"of\": {of}"));
        let (_, out, _) = corspec(&["report", "-"], &input);
        assert!(out.contains(says), "{out}");
    }
}

#[test]
fn versions_stay_apart_and_a_later_run_of_one_replaces_the_earlier() {
    let text = report(&["old.jsonl", "new.jsonl"], "markdown");
    assert!(text.contains("**demo 1.0**") && text.contains("**demo 2.0**"), "{text}");
    let again = file("old.jsonl").replace("\"verdict\": \"fail\"", "\"verdict\": \"crash\"");
    let (_, merged, _) = corspec(&["report", "--format", "jsonl", "old.jsonl", "-"], &again);
    assert_eq!(merged.matches("\"event\":\"result\"").count(), file("old.jsonl").matches("result\"").count());
    assert!(!merged.contains("\"verdict\":\"fail\""), "{merged}");
}

#[test]
fn a_file_that_was_cut_off_is_reported_as_incomplete() {
    let whole = file("run.jsonl");
    // Nothing at all, within the first line, between two lines, within one, and all but the last line break.
    let second_line = whole.find('\n').unwrap() + 1;
    for (cut, complete) in
        [(0, false), (20, false), (second_line, false), (1500, false), (whole.len() - 1, true)]
    {
        let (code, out, err) = corspec(&["report", "-", "--format", "junit"], &whole[..cut]);
        assert_eq!(code, 0, "{cut}: {err}");
        assert_eq!(err.contains("- was cut off"), !complete, "{cut}: {err}");
        assert_eq!(out.contains("type=\"incomplete\""), !complete, "{cut}: {out}");
    }
}

#[test]
fn a_bad_line_is_one_message_with_its_place() {
    let whole = file("run.jsonl");
    let first = whole.lines().next().unwrap();
    for (input, says) in [
        (format!("{first}\n{{\"event\": \"result\"}}\n"), "-:2: column"),
        (format!("{first}\nnonsense\n{first}\n"), "-:2: column"),
        (format!("{first}\n{{\"event\": \"surprise\"}}\n"), "surprise"),
        (format!("{first}\n{{\"event\": \"end\", \"complete\":\n"), "-:2: column"),
        (whole.lines().skip(1).map(|line| format!("{line}\n")).collect(), "-:1: events begin with `start`"),
        (first.replace("\"format\": 1", "\"format\": 99"), "format 99"),
        ("{\"id\": \"a vector\"}\n".to_owned(), "-:1: column"),
    ] {
        let (code, out, err) = corspec(&["report", "-"], &input);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(says) && err.lines().count() == 1, "{says}: {err}");
    }
    let (code, _, err) = corspec(&["report", "missing.jsonl"], "");
    assert!(code == 2 && err.contains("missing.jsonl"), "{err}");
    let (code, _, err) = corspec(&["report", "run.jsonl", "-o", "no/such/folder"], "");
    assert!(code == 2 && err.contains("no/such/folder"), "{err}");
}

#[test]
fn diff_names_what_got_better_and_worse() {
    let (code, out, err) = corspec(&["diff", "old.jsonl", "new.jsonl", "--format", "json"], "");
    assert_eq!(code, 1, "{err}");
    let diff: Value = serde_json::from_str(&out).unwrap();
    let names = |list: &str| -> Vec<String> {
        let mut names: Vec<String> = array(&diff, &format!("/{list}"))
            .iter()
            .map(|change| {
                format!(
                    "{} {} {}",
                    change["implementation"].as_str().unwrap(),
                    change["vector"].as_str().unwrap(),
                    change["law"].as_str().unwrap()
                )
            })
            .collect();
        names.sort_unstable();
        names
    };
    assert_eq!(
        names("worse"),
        [
            "demo d/breaks soundness",
            "demo d/breaks-known soundness",
            "demo d/falls-silent syntax",
            "demo d/gains-a-law syntax",
            "demo d/graver soundness",
            "demo d/no-longer-asked exposure",
        ]
    );
    assert_eq!(
        names("better"),
        [
            "demo d/answers syntax",
            "demo d/fixed caching",
            "demo d/fixed-known caching",
            "demo d/milder soundness",
            "demo d/now-asked exposure",
            "demo d/was-silent completeness",
        ]
    );
    assert_eq!(
        names("changed"),
        [
            "demo d/fact completeness",
            "demo d/given-up exposure",
            "demo d/listed caching",
            "demo d/unlisted caching",
        ]
    );
    assert_eq!(
        names("appeared"),
        ["demo d/new soundness", "demo d/was-silent syntax", "other d/same soundness"]
    );
    assert_eq!(names("vanished"), ["demo d/gone completeness"]);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/diff.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&diff));
}

#[test]
fn diff_is_clean_when_nothing_got_worse() {
    let (code, out, _) = corspec(&["diff", "old.jsonl", "old.jsonl"], "");
    assert_eq!(code, 0, "{out}");
    assert!(out.ends_with("0 worse, 0 better, 0 changed, 0 appeared, 0 vanished\n"), "{out}");
    // What was fixed, listed or added is not worse.
    let without: String = file("new.jsonl")
        .lines()
        .filter(|line| {
            ["breaks", "falls", "gains", "graver", "no-longer"].iter().all(|bad| !line.contains(bad))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let (code, out, _) = corspec(&["diff", "old.jsonl", "-", "--format", "markdown"], &without);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("### better (6)") && out.contains("`d/fixed`"), "{out}");
}

#[test]
fn diff_in_words_names_the_versions_and_the_verdicts() {
    for (format, parts) in [
        ("pretty", ["demo  1.0 → 2.0", "demo soundness (security) pass → fail: shared with *anyone*"]),
        ("markdown", ["- **demo** 1.0 → 2.0", r"pass → fail: shared with \*anyone\*: `d/breaks`"]),
    ] {
        let (code, out, _) = corspec(&["diff", "old.jsonl", "new.jsonl", "--format", format], "");
        assert_eq!(code, 1);
        for part in parts {
            assert!(out.contains(part), "{part}\n{out}");
        }
    }
    let cut = file("new.jsonl").lines().take(4).map(|line| format!("{line}\n")).collect::<String>();
    let (_, out, _) = corspec(&["diff", "old.jsonl", "-"], &cut);
    assert!(out.contains("the new run is incomplete"), "{out}");
}
