//! What changed between two runs: by implementation (whatever its version), law and vector.

use std::collections::{BTreeMap, HashMap, HashSet};

use corspec_vectors::meta::Level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::case::{Case, Outcome, subjects};
use super::collected::Collected;
use crate::verdict::Verdict;

/// Version of the document; it changes when a field changes its meaning or goes away.
pub const FORMAT: u32 = 1;

/// Everything that changed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    /// [`FORMAT`]
    pub format: u32,
    /// The versions that were compared.
    pub implementations: Vec<Versions>,
    /// What held and is broken or no longer asked, what was wrong in a less grave way, what answered and is silent.
    pub worse: Vec<Change>,
    /// The other way round.
    pub better: Vec<Change>,
    /// What became another verdict that is neither better nor worse, such as a failure that is now known; and facts.
    pub changed: Vec<Change>,
    /// What only the new run has.
    pub appeared: Vec<Change>,
    /// What only the old run has.
    pub vanished: Vec<Change>,
    /// Why the old run is not complete, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_incomplete: Vec<String>,
    /// Why the new run is not complete: what vanished may only not have been run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_incomplete: Vec<String>,
}

/// An implementation or client and its versions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Versions {
    /// Its name.
    pub name: String,
    /// Its versions in the old run.
    pub old: Vec<String>,
    /// Its versions in the new run.
    pub new: Vec<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Name of the implementation or client.
    pub implementation: String,
    /// Id of the law; `client` for a client.
    pub law: String,
    /// Id of the vector.
    pub vector: String,
    /// How binding the law is there, in the newer of the runs that have it.
    pub level: Level,
    /// What it was; absent when it appeared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Verdict>,
    /// What it is; absent when it vanished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Verdict>,
    /// What is wrong, of the newer of the runs that found anything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub what: String,
}

/// What an implementation did, whatever lists say of it; in the order of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Behaviour {
    Holds,
    NotAsked,
    Broken,
    Silent,
}

const fn behaviour(verdict: Verdict) -> Behaviour {
    match verdict {
        Verdict::Pass | Verdict::UnexpectedPass => Behaviour::Holds,
        Verdict::Unsupported | Verdict::Refused => Behaviour::NotAsked,
        Verdict::Fail | Verdict::KnownFail => Behaviour::Broken,
        Verdict::SetupError | Verdict::Crash | Verdict::Hang => Behaviour::Silent,
    }
}

enum Kind {
    Same,
    Worse,
    Better,
    Changed,
}

fn kind(old: &Case<'_>, new: &Case<'_>) -> Kind {
    let (was, is) = (behaviour(old.verdict), behaviour(new.verdict));
    if old.level == Level::Check || new.level == Level::Check {
        return if was == is { Kind::Same } else { Kind::Changed };
    }
    match (was, is) {
        // Levels are ordered from the gravest.
        (Behaviour::Broken, Behaviour::Broken) if new.level < old.level => Kind::Worse,
        (Behaviour::Broken, Behaviour::Broken) if new.level > old.level => Kind::Better,
        // It is no longer known whether it would still fail.
        (Behaviour::Broken | Behaviour::Silent, Behaviour::NotAsked) => Kind::Changed,
        _ if is > was => Kind::Worse,
        _ if is < was => Kind::Better,
        _ if old.verdict == new.verdict => Kind::Same,
        _ => Kind::Changed,
    }
}

/// Implementation, vector and law.
type Key<'a> = (&'a str, &'a str, &'a str);

/// The gravest case of each key, and the order in which the keys were met.
struct Side<'a> {
    cases: HashMap<Key<'a>, Case<'a>>,
    order: Vec<Key<'a>>,
    versions: BTreeMap<&'a str, Vec<String>>,
    judged: HashSet<(&'a str, &'a str)>,
}

impl<'a> Side<'a> {
    fn of(collected: &'a Collected) -> Self {
        let mut side = Self {
            cases: HashMap::new(),
            order: Vec::new(),
            versions: BTreeMap::new(),
            judged: HashSet::new(),
        };
        for subject in subjects(collected) {
            let name = subject.name;
            side.versions.entry(name).or_default().push(subject.version.to_owned());
            for case in subject.cases {
                let key = (name, case.vector, case.law);
                if case.verdict.is_judged() {
                    side.judged.insert((name, case.vector));
                }
                match side.cases.get_mut(&key) {
                    None => {
                        side.order.push(key);
                        side.cases.insert(key, case);
                    }
                    Some(other) if behaviour(case.verdict) > behaviour(other.verdict) => *other = case,
                    Some(_) => {}
                }
            }
        }
        side
    }
}

/// What changed from `old` to `new`.
///
/// A law that appears broken in a vector that was judged before got worse; one that appears in a vector that was not run
/// before only appeared.
pub fn diff(old: &Collected, new: &Collected) -> Diff {
    let (before, after) = (Side::of(old), Side::of(new));
    let mut diff = Diff {
        format: FORMAT,
        implementations: versions(&before, &after),
        worse: Vec::new(),
        better: Vec::new(),
        changed: Vec::new(),
        appeared: Vec::new(),
        vanished: Vec::new(),
        old_incomplete: old.missing(),
        new_incomplete: new.missing(),
    };
    for key in &after.order {
        let Some(is) = after.cases.get(key) else { continue };
        let was = before.cases.get(key);
        let list = match was.map(|was| kind(was, is)) {
            Some(Kind::Same) => continue,
            Some(Kind::Worse) => &mut diff.worse,
            Some(Kind::Better) => &mut diff.better,
            Some(Kind::Changed) => &mut diff.changed,
            None if is_bad(is) && before.judged.contains(&(key.0, key.1)) => &mut diff.worse,
            None => &mut diff.appeared,
        };
        list.push(change(key, was, Some(is)));
    }
    for key in before.order.iter().filter(|key| !after.cases.contains_key(key)) {
        diff.vanished.push(change(key, before.cases.get(key), None));
    }
    diff
}

fn is_bad(case: &Case<'_>) -> bool {
    matches!(case.outcome(), Outcome::Failed | Outcome::Known | Outcome::Error)
}

fn change(
    &(implementation, vector, law): &Key<'_>,
    old: Option<&Case<'_>>,
    new: Option<&Case<'_>>,
) -> Change {
    let what = [new, old].into_iter().flatten().map(|case| &*case.what).find(|what| !what.is_empty());
    Change {
        implementation: implementation.to_owned(),
        law: law.to_owned(),
        vector: vector.to_owned(),
        level: new.or(old).map_or(Level::Must, |case| case.level),
        old: old.map(|case| case.verdict),
        new: new.map(|case| case.verdict),
        what: what.unwrap_or_default().to_owned(),
    }
}

fn versions(before: &Side<'_>, after: &Side<'_>) -> Vec<Versions> {
    let names: std::collections::BTreeSet<&str> =
        before.versions.keys().chain(after.versions.keys()).copied().collect();
    let of = |side: &Side<'_>, name: &str| side.versions.get(name).cloned().unwrap_or_default();
    names
        .into_iter()
        .map(|name| Versions { name: name.to_owned(), old: of(before, name), new: of(after, name) })
        .collect()
}

impl Diff {
    /// The lists with their names, the gravest first.
    pub fn lists(&self) -> [(&'static str, &[Change]); 5] {
        [
            ("worse", &self.worse),
            ("better", &self.better),
            ("changed", &self.changed),
            ("appeared", &self.appeared),
            ("vanished", &self.vanished),
        ]
    }
}
