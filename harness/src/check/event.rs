//! What an audit says, as it stands in the event stream.

use corspec_vectors::meta::Reach;
use corspec_vectors::policy::PolicyDocument;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::catalogue::{Fix, Severity};
use super::origins::Family;
use crate::event::ExchangeEvent;

/// One endpoint audited.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct AuditEvent {
    /// Its URL.
    pub url: String,
    /// Its place among the endpoints of the run, from 0. Audits are written as they are done, and reports put them in order.
    #[serde(default)]
    pub place: usize,
    /// Requests that were sent.
    pub requests: usize,
    /// Why it could not be judged, or not to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Whether it answered so that anything can be said.
    pub reached: bool,
    /// The policy the answers add up to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyDocument>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub policy_in_words: String,
    /// The origins that were let in, of those tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<AcceptedOrigin>,
    /// What was found, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<AuditFinding>,
}

impl AuditEvent {
    /// The worst severity found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// An origin that is let in.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AcceptedOrigin {
    /// What was sent.
    pub origin: String,
    /// What kind of origin it is.
    pub family: Family,
    /// Who can send it.
    pub reach: Reach,
    /// Whether it is let in with credentials too.
    pub credentials: bool,
}

/// Something that was found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AuditFinding {
    /// Its id in the catalogue.
    pub id: String,
    /// How bad it is here.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What is wrong.
    pub what: String,
    /// What shows it here.
    pub here: String,
    /// Who can send the request that shows it.
    pub reach: Reach,
    /// How somebody would use it.
    pub attack: String,
    /// The origins it is about, if it is about origins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// The requirement of the suite that is broken, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// What the browser does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub browser: String,
    /// The step that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Where it is written: a step or section of the standard, or a URL.
    pub citation: String,
    /// What to do.
    pub fix: Fix,
    /// What went over the wire.
    pub exchanges: Vec<ExchangeEvent>,
    /// Commands that show it again.
    pub reproduce: Vec<String>,
}
