//! Lists of failures that are known: each is run, must fail, and says why.
//!
//! ```toml
//! [[known]]
//! law = "classification"
//! vectors = ["server-classification/options-*"]  # globs over vector ids
//! reason = "every OPTIONS is answered as a preflight"
//! sometimes = true                               # optional; a pass is fine too: for what depends on time
//! issue = "https://github.com/…/497"             # optional
//! expires = "2027-06-30"                         # optional; from that day on the entry is a failure itself
//! hash = "0123456789abcdef"                      # optional; of the vectors: when they change, look again
//! ```
//!
//! The list is strict: a glob that matches no failure, one that matches a pass, an entry that has expired and one whose
//! vectors are not those it was written for fail the run.
//!
//! The hash is the first 16 hexadecimal digits of the SHA-256 of the vectors the globs match, in the order of their ids,
//! each as its line in `vectors/` without a comma and with a line feed at its end.

use std::collections::BTreeMap;

use corspec_vectors::canonical;
use corspec_vectors::server::ServerVector;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::strict_globs::{BadGlobs, StrictGlobs};
use crate::verdict::{Judgement, Verdict};

/// A list for one implementation.
#[derive(Debug, Default)]
pub struct KnownFailing {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    document: EntryDocument,
    globs: StrictGlobs,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDocument {
    #[serde(default)]
    known: Vec<EntryDocument>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryDocument {
    law: String,
    vectors: Vec<String>,
    reason: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sometimes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<jiff::civil::Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
}

impl EntryDocument {
    fn problem(&self, what: impl std::fmt::Display) -> Problem {
        Problem(format!("entry `{}`, {}: {what}", self.law, self.vectors.first().map_or("", |vector| vector)))
    }
}

/// A list that cannot be used, or an entry that should not be on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(String);

impl KnownFailing {
    /// Reads a list.
    ///
    /// # Errors
    /// [`Problem`] naming the line or the entry.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let document: FileDocument =
            toml::from_str(text).map_err(|error| Problem(error.to_string().trim_end().to_owned()))?;
        let entries = document
            .known
            .into_iter()
            .map(|document| {
                if document.reason.trim().is_empty() {
                    return Err(document.problem("`reason` is empty"));
                }
                if crate::laws::law_named(&document.law).is_none() {
                    return Err(document.problem(format_args!("`{}` is not a law", document.law)));
                }
                if document.hash.as_deref().is_some_and(|hash| !is_hash(hash)) {
                    return Err(document.problem("`hash` is not 16 hexadecimal digits in lower case"));
                }
                let globs = StrictGlobs::parse(&document.vectors).map_err(|error| document.problem(error))?;
                Ok(Entry { document, globs })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }

    /// Turns a failure that is on the list into a known one, and a pass that is on the list into an unexpected one.
    pub fn apply(&mut self, vector: &str, judgement: &mut Judgement) {
        let broken = matches!(judgement.verdict, Verdict::Fail | Verdict::Crash | Verdict::Hang);
        if !broken && judgement.verdict != Verdict::Pass {
            return;
        }
        let (mut on_the_list, mut always) = (false, false);
        for entry in self.entries.iter_mut().filter(|entry| entry.document.law == judgement.law) {
            if entry.globs.note(vector, broken) {
                on_the_list = true;
                always |= !entry.document.sometimes;
            }
        }
        if on_the_list && broken {
            judgement.verdict = Verdict::KnownFail;
        } else if always {
            judgement.verdict = Verdict::UnexpectedPass;
        }
    }

    /// Whether an entry is about the vector.
    pub fn names(&self, vector: &str) -> bool {
        self.entries.iter().any(|entry| entry.globs.is_match(vector))
    }

    /// Globs that matched no failure; they can only be told when all vectors were run.
    pub fn unmatched(&self) -> Vec<Problem> {
        self.entries
            .iter()
            .filter(|entry| !entry.document.sometimes)
            .flat_map(|Entry { document, globs }| globs.unmatched().map(move |glob| (document, glob)))
            .map(|(document, glob)| document.problem(format_args!("`{glob}` matches no failure: remove it")))
            .collect()
    }

    /// Entries that expired by `today`, and those for which other `vectors` were meant.
    ///
    /// # Errors
    /// Whatever serializing a vector gives; it does not happen.
    pub fn outdated(
        &self,
        today: jiff::civil::Date,
        vectors: &[ServerVector],
    ) -> serde_json::Result<Vec<Problem>> {
        let mut problems = Vec::new();
        for Entry { document, globs } in &self.entries {
            if let Some(expires) = document.expires.filter(|expires| *expires <= today) {
                problems.push(document.problem(format_args!("expired on {expires}: fix it or renew it")));
            }
            if let Some(hash) = &document.hash {
                let now = hash_of(globs, vectors)?;
                if now != *hash {
                    let what =
                        format!("the vectors changed since: look again, then write `hash = \"{now}\"`");
                    problems.push(document.problem(what));
                }
            }
        }
        Ok(problems)
    }

    /// Why a failing vector is on the list, and the issue where that is discussed.
    pub fn reason(&self, vector: &str, law: &str) -> Option<String> {
        let entry =
            self.entries.iter().find(|entry| entry.document.law == law && entry.globs.is_match(vector))?;
        Some(match &entry.document.issue {
            Some(issue) => format!("{} ({issue})", entry.document.reason),
            None => entry.document.reason.clone(),
        })
    }
}

/// Why a list cannot be written; neither happens with what vectors and findings can hold.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// As TOML.
    #[error("the list of known failures: {0}")]
    Toml(#[from] toml::ser::Error),
    /// A vector, for its hash.
    #[error("the list of known failures: {0}")]
    Json(#[from] serde_json::Error),
    /// An id, as a glob.
    #[error("the list of known failures: {0}")]
    Globs(#[from] BadGlobs),
}

/// The text of a list of these failures: law, vector, and what was found, which becomes the reason. The hashes are of
/// `vectors`.
///
/// # Errors
/// [`Unwritable`].
pub fn to_text<'a>(
    failures: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
    vectors: &[ServerVector],
) -> Result<String, Unwritable> {
    let mut groups: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for (law, vector, what) in failures {
        groups.entry((law, what)).or_default().push(vector.to_owned());
    }
    let known = groups
        .into_iter()
        .map(|((law, what), ids)| {
            let hash = hash_of(&StrictGlobs::parse(&ids)?, vectors)?;
            Ok(EntryDocument {
                law: law.to_owned(),
                vectors: ids,
                reason: what.to_owned(),
                sometimes: false,
                issue: None,
                expires: None,
                hash: Some(hash),
            })
        })
        .collect::<Result<_, Unwritable>>()?;
    Ok(toml::to_string_pretty(&FileDocument { known })?)
}

const HASH_DIGITS: usize = 16;

fn is_hash(text: &str) -> bool {
    text.len() == HASH_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The hash of the vectors that globs match.
fn hash_of(globs: &StrictGlobs, vectors: &[ServerVector]) -> serde_json::Result<String> {
    let mut matched: Vec<&ServerVector> =
        vectors.iter().filter(|vector| globs.is_match(&vector.meta.id)).collect();
    matched.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
    let mut hasher = Sha256::new();
    for vector in matched {
        hasher.update(canonical::line(vector)?);
        hasher.update(b"\n");
    }
    let digest = hasher.finalize();
    Ok(digest.iter().take(HASH_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use corspec_vectors::meta::Level;

    use super::*;
    use crate::verdict::Finding;

    const LIST: &str =
        "[[known]]\nvectors = [\"a/*\"]\nlaw = \"caching\"\nreason = \"r\"\nexpires = \"2030-01-02\"\n";

    fn date(text: &str) -> jiff::civil::Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_listed_failure_is_known_and_a_listed_pass_unexpected() {
        let mut list = KnownFailing::parse(LIST).unwrap();
        let mut failure = Judgement::fail("caching/blocked", "caching", Level::Must, Finding::default());
        list.apply("a/b", &mut failure);
        assert_eq!(failure.verdict, Verdict::KnownFail);
        let mut pass = Judgement::pass("caching", Level::Must);
        list.apply("a/c", &mut pass);
        assert_eq!(pass.verdict, Verdict::UnexpectedPass);
        let mut other_law = Judgement::fail("syntax/lists", "syntax", Level::Must, Finding::default());
        list.apply("a/b", &mut other_law);
        assert_eq!(other_law.verdict, Verdict::Fail);
        let mut other_vector = Judgement::fail("caching/blocked", "caching", Level::Must, Finding::default());
        list.apply("b/b", &mut other_vector);
        assert_eq!(other_vector.verdict, Verdict::Fail);
    }

    #[test]
    fn a_crash_can_be_known_and_a_failure_that_comes_and_goes_may_pass() {
        let mut list = KnownFailing::parse(&LIST.replace("reason", "sometimes = true\nreason")).unwrap();
        let mut pass = Judgement::pass("caching", Level::Must);
        list.apply("a/b", &mut pass);
        assert_eq!(pass.verdict, Verdict::Pass);
        assert_eq!(list.unmatched(), []);
        let mut crash = Judgement::not_judged("caching", Level::Must, Verdict::Crash, "");
        list.apply("a/b", &mut crash);
        assert_eq!(crash.verdict, Verdict::KnownFail);
    }

    #[test]
    fn a_written_list_can_be_read_and_covers_what_it_was_written_from() {
        let text =
            to_text([("caching", "a/b", "it's \"broken\""), ("caching", "a/c", "it's \"broken\"")], &[])
                .unwrap();
        let mut list = KnownFailing::parse(&text).unwrap();
        for vector in ["a/b", "a/c"] {
            let mut failure = Judgement::fail("caching/blocked", "caching", Level::Must, Finding::default());
            list.apply(vector, &mut failure);
            assert_eq!(failure.verdict, Verdict::KnownFail);
        }
        assert_eq!(list.unmatched(), []);
        assert_eq!(list.outdated(date("2029-12-31"), &[]).unwrap(), []);
    }

    #[test]
    fn entries_without_a_match_and_expired_ones_are_problems() {
        let mut list = KnownFailing::parse(LIST).unwrap();
        assert_eq!(list.unmatched().len(), 1);
        list.apply(
            "a/b",
            &mut Judgement::fail("caching/blocked", "caching", Level::Must, Finding::default()),
        );
        assert_eq!(list.unmatched(), []);
        assert_eq!(list.outdated(date("2029-12-31"), &[]).unwrap(), []);
        assert_eq!(list.outdated(date("2030-01-02"), &[]).unwrap().len(), 1);
    }

    #[test]
    fn a_vector_that_changes_after_the_list_was_written_is_a_problem() {
        let mut vectors: Vec<ServerVector> = corspec_vectors::embedded::server_vectors();
        vectors.truncate(3);
        let failures = [("caching", &*vectors[0].meta.id, "r"), ("caching", &*vectors[1].meta.id, "r")];
        let list = KnownFailing::parse(&to_text(failures, &vectors).unwrap()).unwrap();
        let problems = |vectors: &[ServerVector]| list.outdated(date("2029-12-31"), vectors).unwrap().len();
        assert_eq!(problems(&vectors), 0);
        vectors.reverse();
        assert_eq!(problems(&vectors), 0, "the order of the files is no content");
        vectors[0].meta.title.push('!');
        assert_eq!(problems(&vectors), 0, "the entry does not name it");
        vectors[1].policy.credentials = !vectors[1].policy.credentials;
        assert_eq!(problems(&vectors), 1);
        assert_eq!(problems(&vectors[..2]), 1);
    }

    #[test]
    fn a_bad_list_is_refused_with_the_place() {
        for (text, says) in [
            ("[[known]]\nlaw = \"caching\"\nvectors = [\"a\"]\n", "reason"),
            ("[[known]]\nlaw = \"caching\"\nvectors = [\"a\"]\nreason = \"r\"\nwhy = 1\n", "why"),
            ("[[known]]\nlaw = \"caching\"\nvectors = [\"a[\"]\nreason = \"r\"\n", "a["),
            ("[[known]]\nlaw = \"caching\"\nvectors = []\nreason = \"r\"\n", "vectors"),
            ("[[known]]\nlaw = \"gravity\"\nvectors = [\"a\"]\nreason = \"r\"\n", "gravity"),
            ("[[known]]\nlaw = \"caching\"\nvectors = [\"a\"]\nreason = \" \"\n", "empty"),
            ("[[known]]\nlaw = \"caching\"\nvectors = [\"a\"]\nreason = \"r\"\nhash = \"0123\"\n", "hash"),
            ("x", "line 1"),
        ] {
            let problem = KnownFailing::parse(text).unwrap_err().to_string();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
