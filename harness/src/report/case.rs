//! What reports show, the same for implementations and for clients: subjects and their cases.

use std::borrow::Cow;

use corspec_vectors::law::Requirement;
use corspec_vectors::meta::Level;

use super::collected::Collected;
use crate::check::AuditEvent;
use crate::check::catalogue::Severity;
use crate::event::{ClientEvent, ClientResultEvent, ExplainedEvent, FindingEvent, ResultEvent};
use crate::implementation::Knob;
use crate::laws;
use crate::verdict::Verdict;

/// The law clients are held to; the others are in `vectors/laws.json`.
pub const CLIENT_LAW: &str = "client";
/// What it says.
pub const CLIENT_STATEMENT: &str = "A client does what the model of the Fetch Standard does.";
/// What stands in the place of a law for audits.
const AUDIT: &str = "check";

/// An implementation, or a client.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Short name.
    pub name: &'a str,
    /// Version; may be empty.
    pub version: &'a str,
    /// Where it lives; may be empty.
    pub homepage: &'a str,
    /// What was found of it.
    pub cases: Vec<Case<'a>>,
}

impl Subject<'_> {
    /// Name and version.
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version).trim_end().to_owned()
    }
}

/// One law judged in one vector.
#[derive(Debug)]
pub struct Case<'a> {
    /// Id of the law.
    pub law: &'a str,
    /// Which of its requirements is broken, if one is.
    pub requirement: Option<&'static Requirement>,
    /// Id of the vector.
    pub vector: &'a str,
    /// Its title.
    pub title: &'a str,
    /// How binding the law is here.
    pub level: Level,
    /// What became of it.
    pub verdict: Verdict,
    /// What is wrong, or why it could not be judged; empty for a pass.
    pub what: Cow<'a, str>,
    /// For a known failure: why it is on the list.
    pub known: Option<Cow<'a, str>>,
    /// The evidence.
    pub finding: Option<&'a FindingEvent>,
    /// Commands that show it again.
    pub reproduce: Vec<Cow<'a, str>>,
}

/// What a case is for somebody who wants to know what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It is broken.
    Failed,
    /// It holds, and a list says that it is known to be broken.
    Stale,
    /// There was no answer to judge.
    Error,
    /// It is known to be broken.
    Known,
    /// The implementation cannot have the policy, or the client not run the vector.
    NotAsked,
    /// It does not hold, and need not.
    Fact,
}

impl Case<'_> {
    /// What the case is.
    pub fn outcome(&self) -> Outcome {
        match self.verdict {
            Verdict::Pass => Outcome::Passed,
            Verdict::Fail | Verdict::KnownFail if self.level == Level::Check => Outcome::Fact,
            Verdict::Fail => Outcome::Failed,
            Verdict::UnexpectedPass => Outcome::Stale,
            Verdict::SetupError | Verdict::Crash | Verdict::Hang => Outcome::Error,
            Verdict::KnownFail => Outcome::Known,
            Verdict::Unsupported | Verdict::Refused => Outcome::NotAsked,
        }
    }

    /// What is to be said of it in a sentence.
    pub fn sentence(&self) -> &str {
        match self.outcome() {
            Outcome::Stale => "it holds: remove it from the list of known failures",
            _ => &self.what,
        }
    }

    /// The knobs that are lacking, each apart; the whole sentence where it is about something else.
    pub fn causes(&self) -> Vec<&str> {
        let knobs: Vec<&str> = self.sentence().split(", ").collect();
        if knobs.iter().all(|knob| Knob::named(knob).is_some()) { knobs } else { vec![self.sentence()] }
    }
}

/// Every implementation and then every client, with its cases.
pub fn subjects(collected: &Collected) -> Vec<Subject<'_>> {
    let implementations = collected.implementations.iter().map(|tested| Subject {
        name: &tested.info.name,
        version: &tested.info.version,
        homepage: &tested.info.homepage,
        cases: tested.results().map(of_implementation).collect(),
    });
    let clients = collected.clients.iter().map(|tested| Subject {
        name: &tested.info.name,
        version: &tested.info.version,
        homepage: "",
        cases: not_started(&tested.info).into_iter().chain(tested.results().map(of_client)).collect(),
    });
    implementations.chain(clients).collect()
}

/// Every endpoint that was audited, with a case for each finding: what formats show that know nothing of audits.
pub fn of_audits(collected: &Collected) -> Vec<Subject<'_>> {
    let mut subjects = Vec::new();
    for audit in &collected.audits {
        let cases = of_audit(audit);
        subjects.push(Subject { name: &audit.url, version: "", homepage: &audit.url, cases });
    }
    subjects
}

fn of_audit(audit: &AuditEvent) -> Vec<Case<'_>> {
    let verdict = if audit.reached { Verdict::Pass } else { Verdict::SetupError };
    let reached = Case {
        law: AUDIT,
        requirement: None,
        vector: "reached",
        title: "the endpoint answers",
        level: Level::Must,
        verdict,
        what: printable(audit.problem.as_deref().unwrap_or_default().into()),
        known: None,
        finding: None,
        reproduce: Vec::new(),
    };
    let findings = audit.findings.iter().map(|finding| Case {
        law: AUDIT,
        requirement: None,
        vector: &finding.id,
        title: &finding.title,
        level: match finding.severity {
            Severity::High | Severity::Medium => Level::Security,
            Severity::Low => Level::Should,
            Severity::Info => Level::Check,
        },
        verdict: Verdict::Fail,
        what: printable((&finding.here).into()),
        known: None,
        finding: None,
        reproduce: finding.reproduce.iter().map(Into::into).collect(),
    });
    std::iter::once(reached).chain(findings).collect()
}

/// One result as a case.
pub fn of_implementation(result: &ResultEvent) -> Case<'_> {
    let finding = result.finding.as_ref();
    Case {
        law: &result.law,
        requirement: result.requirement.as_deref().and_then(laws::requirement_named),
        vector: &result.vector,
        title: &result.title,
        level: result.level,
        verdict: result.verdict,
        what: printable(finding.map_or("", |finding| &finding.what).into()),
        known: finding.and_then(|finding| finding.known.as_deref()).map(|known| printable(known.into())),
        finding,
        reproduce: finding.into_iter().flat_map(|finding| &finding.reproduce).map(Into::into).collect(),
    }
}

fn of_client(result: &ClientResultEvent) -> Case<'_> {
    let differences: Vec<&str> =
        result.differences.iter().map(|difference| difference.what.as_str()).collect();
    let explained: Vec<String> = result
        .explained
        .iter()
        .map(|ExplainedEvent { what, step, link }| match link {
            Some(link) => format!("{what} ({step}; {link})"),
            None => format!("{what} ({step})"),
        })
        .collect();
    let again = || format!("corspec client {} --include {}", result.client, result.vector).into();
    Case {
        law: CLIENT_LAW,
        requirement: None,
        vector: &result.vector,
        title: &result.title,
        level: result.level,
        verdict: result.verdict,
        what: printable(differences.join("; ").into()),
        known: (result.verdict == Verdict::KnownFail).then(|| printable(explained.join("; ").into())),
        finding: None,
        reproduce: (result.verdict != Verdict::Pass).then(again).into_iter().collect(),
    }
}

fn not_started(info: &ClientEvent) -> Option<Case<'_>> {
    info.setup_error.as_ref().map(|error| Case {
        law: CLIENT_LAW,
        requirement: None,
        vector: "start",
        title: "the client starts",
        level: Level::Must,
        verdict: Verdict::SetupError,
        what: printable(error.into()),
        known: None,
        finding: None,
        reproduce: Vec::new(),
    })
}

/// Text with its control characters escaped: it may be a server's, and goes to terminals and into XML.
fn printable(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text;
    }
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escape).collect::<String>().into()
}

/// Cases of which the same is to be said.
#[derive(Debug)]
pub struct Group<'a> {
    /// Their level.
    pub level: Level,
    /// Their law.
    pub law: &'a str,
    /// What is said.
    pub what: &'a str,
    /// Their verdict.
    pub verdict: Verdict,
    /// For known failures: why they are on the list.
    pub known: Option<&'a str>,
    /// The cases; at least one.
    pub cases: Vec<&'a Case<'a>>,
}

/// Groups the cases for which `choose` holds, the most binding level first.
pub fn grouped<'a>(cases: &'a [Case<'a>], choose: impl Fn(Outcome) -> bool) -> Vec<Group<'a>> {
    let mut groups = std::collections::BTreeMap::<_, Vec<&Case<'_>>>::new();
    for case in cases.iter().filter(|case| choose(case.outcome())) {
        let key = (case.level, case.law, case.sentence(), case.verdict, case.known.as_deref());
        groups.entry(key).or_default().push(case);
    }
    groups
        .into_iter()
        .map(|((level, law, what, verdict, known), cases)| Group { level, law, what, verdict, known, cases })
        .collect()
}

/// How many of the chosen cases there are of each verdict and cause; a case that lacks two knobs counts for both.
pub fn counted<'a>(
    cases: &'a [Case<'a>],
    choose: impl Fn(Outcome) -> bool,
) -> std::collections::BTreeMap<(Verdict, &'a str), usize> {
    let mut counts = std::collections::BTreeMap::new();
    for case in cases.iter().filter(|case| choose(case.outcome())) {
        for cause in case.causes() {
            *counts.entry((case.verdict, cause)).or_default() += 1;
        }
    }
    counts
}

/// The ids of the vectors of a group's cases but the first, at most `most`, and how many there are besides.
pub fn also<'a>(group: &'a Group<'a>, most: usize) -> (Vec<&'a str>, usize) {
    let others: Vec<&str> = group.cases.iter().skip(1).take(most).map(|case| case.vector).collect();
    (others, group.cases.len().saturating_sub(1 + most))
}
