//! `harness/CHECK.md`: what the audit, Corsy and CORScanner find, and what they invent. Set `CORSPEC_WRITE=1` to write it
//! anew.

use std::collections::BTreeMap;
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

struct Row {
    name: String,
    corsy: String,
    corscanner: String,
    corspec: String,
}

fn row(name: &str, embedded: &dyn Fn() -> Box<dyn Embedded>, policy: &Policy, found: &[String]) -> Row {
    let said = |checks: Vec<&'static str>| if checks.is_empty() { "-".to_owned() } else { checks.join(", ") };
    Row {
        name: name.to_owned(),
        corsy: said(CORSY.says(embedded(), policy)),
        corscanner: said(CORSCANNER.says(embedded(), policy)),
        corspec: if found.is_empty() { "-".to_owned() } else { found.join(", ") },
    }
}

fn found(audit: &corspec::check::AuditEvent, at_least: Severity) -> Vec<String> {
    let told = audit.findings.iter().filter(|finding| finding.severity >= at_least);
    told.map(|finding| format!("{} ({})", finding.id, finding.severity)).collect()
}

fn table(out: &mut String, what: &str, rows: &[Row]) {
    let _ = writeln!(out, "\n| {what} | Corsy | CORScanner | corspec check |\n|---|---|---|---|");
    for Row { name, corsy, corscanner, corspec } in rows {
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
        let name = format!("{} ({})", seed.name, seed.checks.join("; "));
        Some(row(&name, &|| Box::new(**seed), &policy, &found(&audit, Severity::Info)))
    });
    // Scanners look for near misses of the server's own host: a policy with it gives them their chance.
    let own = Secret {
        name: "own",
        policy: r#"{"origins": ["https://api.example.com"], "credentials": true}"#,
        named: &[],
    };
    let of_animals: Vec<_> =
        zoo::animals().filter(|animal| zoo_list().visible.contains_key(animal.name)).collect();
    let animals = on_every_core(&of_animals, |animal| {
        let secret = policy_named(&zoo_list().visible[animal.name].under);
        let audit = audit(Box::new(**animal), secret);
        let name = format!("{}: {}", animal.name, animal.does);
        let mut row = row(&name, &|| Box::new(**animal), &own.policy(), &found(&audit, Severity::Info));
        if row.corsy == "-" && row.corscanner == "-" {
            let again =
                self::row(&name, &|| Box::new(**animal), &secret.policy(), &found(&audit, Severity::Info));
            row = again;
        }
        Some(row)
    });
    let policies = ["listed", "subdomains", "open"];
    let pairs: Vec<_> =
        zoo::legal_variants().flat_map(|variant| policies.map(|policy| (variant, policy))).collect();
    let legal = on_every_core(&pairs, |(variant, policy)| {
        let secret = policy_named(policy);
        let audit = audit(Box::new(**variant), secret);
        let name = format!("{} under `{policy}`", variant.name);
        Some(row(&name, &|| Box::new(**variant), &secret.policy(), &found(&audit, Severity::Low)))
    });
    let mut out = HEAD.to_owned();
    let _ = writeln!(
        out,
        "| | Corsy | CORScanner | corspec check |\n|---|--:|--:|--:|\n| seeded holes told, of {} | {} | {} | {} |\n\
         | animals told, of {} that can be seen | {} | {} | {} |\n| legal servers accused, of {} | {} | {} | {} |",
        seeded.len(),
        count(&seeded, |row| &row.corsy),
        count(&seeded, |row| &row.corscanner),
        count(&seeded, |row| &row.corspec),
        animals.len(),
        count(&animals, |row| &row.corsy),
        count(&animals, |row| &row.corscanner),
        count(&animals, |row| &row.corspec),
        legal.len(),
        count(&legal, |row| &row.corsy),
        count(&legal, |row| &row.corscanner),
        count(&legal, |row| &row.corspec),
    );
    out.push_str("\n## Holes scanners look for\n");
    table(&mut out, "server (scanner's check)", &seeded);
    out.push_str("\n## Animals of the zoo\n");
    table(&mut out, "animal", &animals);
    out.push_str("\n## Legal servers that somebody accuses\n");
    // Most variants are accused of the same.
    let mut accused: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    for Row { name, corsy, corscanner, corspec } in legal {
        if [&corsy, &corscanner, &corspec].iter().any(|said| **said != "-") {
            accused.entry((corsy, corscanner, corspec)).or_default().push(name);
        }
    }
    let accused: Vec<Row> = accused
        .into_iter()
        .map(|((corsy, corscanner, corspec), names)| {
            let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
            Row { name: format!("{}{more}", names[0]), corsy, corscanner, corspec }
        })
        .collect();
    table(&mut out, "server", &accused);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/CHECK.md");
    if std::env::var_os("CORSPEC_WRITE").is_some() {
        std::fs::write(path, &out).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == out, "CHECK.md is out of date: run this test with CORSPEC_WRITE=1");
}
