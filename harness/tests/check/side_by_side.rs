//! `harness/CHECK.md`: what the audit, Corsy and CORScanner find, and what they invent. Set `CORSPEC_WRITE=1` to write it
//! anew.

use std::fmt::Write;

use corspec::check::catalogue::Severity;
use corspec::implementation::Embedded;
use corspec::zoo;
use corspec_model::Policy;

use crate::scanners::{CORSCANNER, CORSY};
use crate::subject::{Secret, audit, audit_with, on_every_core, policy_named};
use crate::{seeds, zoo_list};

/// What stands before the tables.
const HEAD: &str = include_str!("CHECK.head.md");

type Row = (String, bool, String, String, String);

fn row(
    name: &str,
    right: bool,
    embedded: &dyn Fn() -> Box<dyn Embedded>,
    policy: &Policy,
    found: Vec<String>,
) -> Row {
    let said = |checks: Vec<&'static str>| if checks.is_empty() { "-".to_owned() } else { checks.join(", ") };
    let found = if found.is_empty() { "-".to_owned() } else { found.join(", ") };
    (
        name.to_owned(),
        right,
        said(CORSY.says(embedded(), policy)),
        said(CORSCANNER.says(embedded(), policy)),
        found,
    )
}

fn found(audit: &corspec::check::AuditEvent, at_least: Severity) -> Vec<String> {
    let told = audit.findings.iter().filter(|finding| finding.severity >= at_least);
    told.map(|finding| format!("{} ({})", finding.id, finding.severity)).collect()
}

fn table(out: &mut String, what: &str, rows: &[Row]) {
    let _ = writeln!(out, "\n| {what} | Corsy | CORScanner | corspec check |\n|---|---|---|---|");
    for (name, _, corsy, corscanner, corspec) in rows {
        let _ = writeln!(out, "| {name} | {corsy} | {corscanner} | {corspec} |");
    }
}

fn count(rows: &[Row], column: fn(&Row) -> &String) -> usize {
    rows.iter().filter(|row| column(row) != "-").count()
}

#[test]
fn check_md_says_what_each_finds_and_invents() {
    let seeds: Vec<_> = seeds::all().collect();
    let seeded = on_every_core(&seeds, |seed| {
        let policy = Policy::default();
        let audit = audit_with(Box::new(**seed), &policy, &[]);
        let wrong = audit.worst() > Some(Severity::Info);
        let name = format!("{} ({})", seed.name, seed.checks.join("; "));
        Some(row(&name, !wrong, &|| Box::new(**seed), &policy, found(&audit, Severity::Info)))
    });
    // The policy lets the server's own origin in, without which Corsy asks nothing.
    let own = Secret {
        name: "own",
        policy: r#"{"origins": ["https://api.example.com"], "credentials": true}"#,
        named: &[],
    };
    let of_animals: Vec<_> =
        zoo::animals().filter(|animal| zoo_list().visible.contains_key(animal.name)).collect();
    let animals = on_every_core(&of_animals, |animal| {
        let secret = if animal.breaks == Some("soundness/origin") {
            &own
        } else {
            policy_named(&zoo_list().visible[animal.name].under)
        };
        let audit = audit(Box::new(**animal), secret);
        let name = format!("{}: {}", animal.name, animal.does);
        Some(row(&name, false, &|| Box::new(**animal), &secret.policy(), found(&audit, Severity::Info)))
    });
    let policies = ["listed", "subdomains", "open"];
    let pairs: Vec<_> =
        zoo::legal_variants().flat_map(|variant| policies.map(|policy| (variant, policy))).collect();
    let legal = on_every_core(&pairs, |(variant, policy)| {
        let secret = policy_named(policy);
        let audit = audit(Box::new(**variant), secret);
        let name = format!("{} under `{policy}`", variant.name);
        Some(row(&name, true, &|| Box::new(**variant), &secret.policy(), found(&audit, Severity::Low)))
    });
    let mut out = HEAD.to_owned();
    let _ = writeln!(
        out,
        "| | Corsy | CORScanner | corspec check |\n|---|--:|--:|--:|\n| seeded holes told, of {} | {} | {} | {} |\n\
         | animals told, of {} that can be seen | {} | {} | {} |\n| legal servers accused, of {} | {} | {} | {} |",
        seeded.len(),
        count(&seeded, |row| &row.2),
        count(&seeded, |row| &row.3),
        count(&seeded, |row| &row.4),
        animals.len(),
        count(&animals, |row| &row.2),
        count(&animals, |row| &row.3),
        count(&animals, |row| &row.4),
        legal.len(),
        count(&legal, |row| &row.2),
        count(&legal, |row| &row.3),
        count(&legal, |row| &row.4),
    );
    out.push_str("\n## Holes scanners look for\n");
    table(&mut out, "server (scanner's check)", &seeded);
    out.push_str("\n## Animals of the zoo\n");
    table(&mut out, "animal", &animals);
    out.push_str("\n## Legal servers that somebody accuses\n");
    let accused: Vec<Row> =
        legal.into_iter().filter(|row| [&row.2, &row.3, &row.4].iter().any(|said| **said != "-")).collect();
    table(&mut out, "server", &accused);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/CHECK.md");
    if std::env::var_os("CORSPEC_WRITE").is_some() {
        std::fs::write(path, &out).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == out, "CHECK.md is out of date: run this test with CORSPEC_WRITE=1");
}
