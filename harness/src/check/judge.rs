//! Puts together what an audit says: the inferred policy, who is let in, and what was found.

use corspec_vectors::meta::{Level, Meta, Reach};
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::{ServerRequest, ServerVector};

use super::ask::Manners;
use super::catalogue::{self, CATALOGUE, Severity};
use super::event::{AcceptedOrigin, AuditEvent, AuditFinding};
use super::evidence::Evidence;
use super::infer::{Inferred, infer};
use super::words::in_words;
use super::{access, laws, preflights};
use crate::browser::{Exchange, Fetched};
use crate::event::ExchangeEvent;
use crate::implementation::Implementation;
use crate::laws::Case;
use crate::laws::sharing::browser_does;
use crate::report::reproduce;
use crate::transport::{Answer, WireRequest};
use crate::verdict::Finding;

/// Everything that judging needs.
pub(super) struct Judge<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) inferred: Inferred,
    implementation: &'a dyn Implementation,
    document: PolicyDocument,
    manners: &'a Manners,
}

/// Something found, before it is put into words.
pub(super) struct Found {
    /// Its id in the catalogue.
    pub(super) id: &'static str,
    /// Whether it is so with credentials too.
    pub(super) credentials: bool,
    /// Who can send what shows it.
    pub(super) reach: Reach,
    /// The gravest it can be here.
    pub(super) at_most: Severity,
    /// The origin it is about.
    pub(super) origin: Option<String>,
    /// The requirement that is broken.
    pub(super) requirement: Option<&'static str>,
    /// What was found.
    pub(super) finding: Finding,
}

impl Found {
    /// Without regard to origins and credentials.
    pub(super) fn new(id: &'static str, finding: Finding) -> Self {
        Self {
            id,
            credentials: true,
            reach: Reach::Browser,
            at_most: Severity::High,
            origin: None,
            requirement: None,
            finding,
        }
    }

    fn severity(&self) -> Severity {
        let Some(entry) = catalogue::entry(self.id) else { return Severity::Info };
        let by_credentials = if self.credentials {
            entry.severity
        } else {
            entry.without_credentials.unwrap_or(entry.severity)
        };
        let by_reach = match self.reach {
            Reach::Browser => Severity::High,
            Reach::Legacy => Severity::Low,
            Reach::None => Severity::Info,
        };
        by_credentials.min(self.at_most).min(by_reach)
    }
}

/// Whether what was found is that one answer differs from another.
fn is_by_comparison(found: &Found) -> bool {
    !matches!(found.id, "state" | "unstable" | "any-origin" | "null-origin" | "response-splitting")
        && !found.requirement.is_some_and(|requirement| requirement.starts_with("syntax/"))
}

impl<'a> Judge<'a> {
    pub(super) async fn new(
        implementation: &'a dyn Implementation,
        evidence: &'a Evidence,
        manners: &'a Manners,
    ) -> Self {
        let inferred = infer(evidence, &manners.named).await;
        let document = PolicyDocument::from(&inferred.policy);
        Self { evidence, inferred, implementation, document, manners }
    }

    /// The origins that the user named.
    pub(super) fn named(&self) -> &[String] {
        &self.manners.named
    }

    /// Judges everything there is.
    pub(super) async fn fill(&self, again: &[(WireRequest, Answer)], audit: &mut AuditEvent) {
        audit.policy = Some(self.document.clone());
        audit.policy_in_words = in_words(&self.inferred.policy);
        let accepted = self.inferred.origins.accepted.iter();
        audit.accepted = accepted
            .map(|accepted| AcceptedOrigin {
                origin: accepted.candidate.origin.clone(),
                family: accepted.candidate.family,
                reach: accepted.candidate.reach(),
                credentials: accepted.credentials,
            })
            .collect();
        let mut found = access::found(self).await;
        found.extend(preflights::found(self).await);
        found.extend(laws::found(self, again).await);
        // Where the same question has two answers, what differs from another answer is no news.
        if found.iter().any(|found| matches!(found.id, "state" | "unstable")) {
            for found in found.iter_mut().filter(|found| is_by_comparison(found)) {
                found.at_most = Severity::Info;
            }
        }
        audit.findings = self.in_words(found);
    }

    /// A vector that asks this, as one of a law.
    pub(super) fn vector(&self, law: &str, request: Option<ServerRequest>) -> ServerVector {
        let meta = Meta {
            id: "check".to_owned(),
            title: String::new(),
            level: Level::Security,
            citations: Vec::new(),
            source: String::new(),
            importance: None,
            reach: Reach::Browser,
            twin: None,
            accept: Vec::new(),
            note: None,
        };
        ServerVector { request, ..ServerVector::without_probe(meta, law.to_owned(), self.document.clone()) }
    }

    /// The case of a vector under the inferred policy.
    pub(super) fn case<'b>(&'b self, vector: &'b ServerVector) -> Case<'b> {
        Case {
            vector,
            policy: &self.inferred.policy,
            endpoint: &self.evidence.endpoint,
            implementation: self.implementation,
            limits: self.manners.limits,
        }
    }

    /// A finding that a fetch shows.
    pub(super) fn shown_by(&self, what: impl Into<String>, fetched: &Fetched) -> Finding {
        Finding {
            what: what.into(),
            policy_means: String::new(),
            browser: browser_does(&fetched.outcome),
            step: Some(fetched.outcome.step.as_str().to_owned()),
            exchanges: fetched.exchanges.clone(),
            decides: None,
        }
    }

    /// One finding for each entry of the catalogue, the gravest first.
    fn in_words(&self, mut found: Vec<Found>) -> Vec<AuditFinding> {
        // Among those of one entry the gravest, and of these the first, is the example.
        found.sort_by_key(|found| std::cmp::Reverse(found.severity()));
        let mut findings: Vec<AuditFinding> = Vec::new();
        for found in found {
            let origin = found.origin.clone();
            match findings.iter_mut().find(|finding| finding.id == found.id) {
                Some(finding) => {
                    finding.origins.extend(origin.filter(|origin| !finding.origins.contains(origin)));
                }
                None => findings.extend(self.one_in_words(&found)),
            }
        }
        findings
    }

    fn one_in_words(&self, found: &Found) -> Option<AuditFinding> {
        let entry = catalogue::entry(found.id)?;
        let all = &found.finding.exchanges;
        let exchanges = self.evidence.on_the_wire(all);
        let decides = found.finding.decides.and_then(|place| all.get(..place));
        let decides = decides.map(|before| self.evidence.on_the_wire(before).len());
        let base = self.evidence.endpoint.base.as_str();
        let options = self.implementation.curl_options();
        let requests = exchanges.iter().map(|exchange| &exchange.request);
        Some(AuditFinding {
            id: entry.id.clone(),
            severity: found.severity(),
            title: entry.title.clone(),
            what: entry.what.clone(),
            here: found.finding.what.clone(),
            reach: found.reach,
            attack: entry.attack.clone(),
            origins: found.origin.iter().cloned().collect(),
            requirement: found.requirement.map(str::to_owned),
            browser: found.finding.browser.clone(),
            step: found.finding.step.clone(),
            citation: entry.citation.clone(),
            fix: CATALOGUE.fixes.get(&entry.fix).cloned().unwrap_or_default(),
            exchanges: shown(&exchanges, decides),
            reproduce: reproduce::commands("", "", Some((base, &options)), requests),
        })
    }
}

/// Exchanges as a report may show them to others: without the cookies they set.
fn shown(exchanges: &[Exchange], decides: Option<usize>) -> Vec<ExchangeEvent> {
    let mut shown = ExchangeEvent::all(exchanges, decides);
    for (name, value) in shown.iter_mut().flat_map(|exchange| &mut exchange.response_headers) {
        if name.0.eq_ignore_ascii_case(b"set-cookie") {
            *value = "(not shown)".into();
        }
    }
    shown
}
