//! `audit.sarif` and `audit.markdown`: reports of the audit of one animal. Set `CORSPEC_WRITE=1` to write them anew, and look at
//! the difference.

use std::path::Path;

use corspec::event::Event;
use corspec::report::collected::Collected;
use corspec::report::format::Format;
use corspec::zoo;
use serde_json::Value;

use crate::sarif::assert_passes_the_official_schema;
use crate::subject::{audit, policy_named};

fn report(format: Format) -> String {
    let animal = zoo::animals().find(|animal| animal.name == "null-allowed").unwrap();
    let mut collected = Collected::default();
    collected.note(&Event::start(None));
    collected.note(&Event::Audit(Box::new(audit(Box::new(*animal), policy_named("listed")))));
    collected.note(&Event::End { complete: true, exit_code: 1 });
    format.text(&collected, false).unwrap()
}

/// The document with no rules but those of its results: the others are the catalogue, and no audit changes them.
fn shortened(sarif: &str) -> String {
    let mut sarif: Value = serde_json::from_str(sarif).unwrap();
    let named: Vec<Value> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["ruleId"].clone())
        .collect();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap();
    rules.retain(|rule| named.contains(&rule["id"]));
    serde_json::to_string_pretty(&sarif).unwrap() + "\n"
}

#[test]
fn audits_are_reported_as_they_were() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let sarif = shortened(&report(Format::Sarif));
    for (name, text) in [("audit.sarif", sarif), ("audit.markdown", report(Format::Markdown))] {
        let path = folder.join(name);
        if std::env::var_os("CORSPEC_WRITE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == text,
            "{name} is another: run this test with CORSPEC_WRITE=1 and look at the difference"
        );
    }
}

#[test]
fn audit_sarif_passes_the_official_schema_where_there_is_one() {
    assert_passes_the_official_schema(serde_json::from_str(&report(Format::Sarif)).unwrap());
}
