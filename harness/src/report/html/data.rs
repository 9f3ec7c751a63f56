//! What the script of the page reads: an index of everything that was judged, and the evidence of each subject apart,
//! which is unpacked when somebody looks at it.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::super::case::{Case, Group, Outcome, Subject, grouped};
use super::super::specification;
use super::evidence::CaseEvidence;
use super::pack::pack;
use corspec_vectors::embedded::LAWS;

/// Everything but the evidence.
#[derive(Serialize)]
struct Index<'a> {
    /// Id and title, in the order they were met.
    vectors: Vec<(&'a str, &'a str)>,
    subjects: Vec<SubjectEntry<'a>>,
    /// Laws and requirements by id.
    texts: BTreeMap<&'a str, Text<'a>>,
}

#[derive(Serialize)]
struct SubjectEntry<'a> {
    title: String,
    groups: Vec<GroupEntry<'a>>,
}

/// Cases of which the same is to be said.
#[derive(Serialize)]
struct GroupEntry<'a> {
    law: &'a str,
    level: &'a str,
    verdict: &'a str,
    /// What that means for somebody who wants to know what to do.
    kind: &'static str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<&'a str>,
    /// Places in `vectors`, each as the distance from the one before: long runs of 1 pack well.
    cases: Vec<i64>,
}

/// A law or requirement in words.
#[derive(Serialize)]
struct Text<'a> {
    statement: &'a str,
    why: &'a str,
    citations: Vec<(&'a str, String)>,
}

/// The packed data of a page.
pub(super) struct Packed {
    /// Of everything.
    pub(super) index: String,
    /// Of each subject: for each of its groups, the evidence of its cases in their order; nothing for what passed.
    pub(super) evidence: Vec<String>,
}

/// Packs what was found of `subjects`.
pub(super) fn packed(subjects: &[Subject<'_>]) -> serde_json::Result<Packed> {
    let mut vectors = Vec::new();
    let mut places = HashMap::new();
    for case in subjects.iter().flat_map(|subject| &subject.cases) {
        places.entry(case.vector).or_insert_with(|| {
            vectors.push((case.vector, case.title));
            vectors.len() - 1
        });
    }
    let mut entries = Vec::with_capacity(subjects.len());
    let mut evidence = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let groups = grouped(&subject.cases, |_| true);
        evidence.push(pack(&groups.iter().map(of_group).collect::<Vec<_>>())?);
        let groups = groups.iter().map(|group| entry(group, &places)).collect();
        entries.push((subject.title(), groups));
    }
    let subjects = entries.into_iter().map(|(title, groups)| SubjectEntry { title, groups }).collect();
    Ok(Packed { index: pack(&Index { vectors, subjects, texts: texts() })?, evidence })
}

fn entry<'a>(group: &Group<'a>, places: &HashMap<&str, usize>) -> GroupEntry<'a> {
    let mut last = 0;
    let distances = group.cases.iter().filter_map(|case| places.get(case.vector)).map(|&place| {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        place - std::mem::replace(&mut last, place)
    });
    GroupEntry {
        law: group.law,
        level: group.level.as_str(),
        verdict: group.verdict.as_str(),
        kind: group.cases.first().map_or("", |case| kind(case.outcome())),
        what: group.what,
        known: group.known,
        requirement: group.cases.first().and_then(|case| case.requirement).map(|broken| broken.id.as_str()),
        cases: distances.collect(),
    }
}

/// The word the page has for an outcome.
pub(super) const fn kind(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "holds",
        Outcome::Failed => "broken",
        Outcome::Stale => "stale",
        Outcome::Error => "silent",
        Outcome::Known => "known",
        Outcome::NotAsked => "not-asked",
        Outcome::Fact => "fact",
    }
}

fn of_group<'a>(group: &'a Group<'a>) -> Vec<CaseEvidence<'a>> {
    let nothing = |case: &&Case<'_>| case.finding.is_none() && case.reproduce.is_empty();
    if group.cases.iter().all(nothing) {
        return Vec::new();
    }
    group.cases.iter().map(|case| CaseEvidence::of(case)).collect()
}

fn texts() -> BTreeMap<&'static str, Text<'static>> {
    let link = |citation: &'static String| (citation.as_str(), specification::link(citation));
    let mut texts = BTreeMap::new();
    for law in LAWS.iter() {
        let citations = law.citations.iter().map(link).collect();
        texts.insert(&*law.id, Text { statement: &law.statement, why: &law.why, citations });
        for broken in &law.requirements {
            let citations = broken.citations.iter().map(link).collect();
            texts.insert(&*broken.id, Text { statement: &broken.statement, why: &broken.why, citations });
        }
    }
    texts
}
