//! `corspec check` against the zoo.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod subject;

use corspec::zoo;
use subject::{POLICIES, audit};

#[test]
fn explore() {
    for animal in zoo::animals().chain(zoo::legal_variants()) {
        for policy in POLICIES {
            let audit = audit(Box::new(*animal), policy);
            let found: Vec<String> =
                audit.findings.iter().map(|finding| format!("{}:{}", finding.id, finding.severity)).collect();
            println!(
                "{:30} {:?} {:?} | {} | {} {:?} | {}",
                animal.name,
                animal.breaks.unwrap_or("legal"),
                policy.name,
                audit.requests,
                audit.policy_in_words,
                audit.problem,
                found.join(" ")
            );
        }
    }
}
