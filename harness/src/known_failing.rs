//! Lists of failures that are known: each is run, must fail, and says why.
//!
//! ```toml
//! [[known]]
//! vector = "server-classification/options-*"  # a glob over vector ids
//! law = "classification"                      # optional
//! reason = "every OPTIONS is answered as a preflight"
//! issue = "https://github.com/…/497"          # optional
//! expires = "2027-06-30"                      # optional; from that day on the entry is a failure itself
//! ```
//!
//! The list is strict: an entry that matches nothing, one whose failure no longer happens and one that has expired
//! fail the run.

use globset::{Glob, GlobMatcher};
use serde::Deserialize;

use crate::verdict::{Judgement, Verdict};

/// A list for one implementation.
#[derive(Debug, Default)]
pub struct KnownFailing {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    document: EntryDocument,
    glob: GlobMatcher,
    matched: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDocument {
    known: Vec<EntryDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryDocument {
    vector: String,
    law: Option<String>,
    reason: String,
    issue: Option<String>,
    expires: Option<jiff::civil::Date>,
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
                    return Err(Problem(format!("entry `{}`: `reason` is empty", document.vector)));
                }
                if let Some(law) = &document.law
                    && crate::laws::law_named(law).is_none()
                {
                    return Err(Problem(format!("entry `{}`: `{law}` is not a law", document.vector)));
                }
                let glob = Glob::new(&document.vector)
                    .map_err(|error| Problem(format!("entry `{}`: {error}", document.vector)))?
                    .compile_matcher();
                Ok(Entry { document, glob, matched: false })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }

    /// Turns a failure that is on the list into a known one, and a pass that is on the list into an unexpected one.
    pub fn apply(&mut self, vector: &str, judgement: &mut Judgement) {
        if !matches!(judgement.verdict, Verdict::Pass | Verdict::Fail) {
            return;
        }
        let mut on_the_list = false;
        for entry in &mut self.entries {
            let law_matches = entry.document.law.as_deref().is_none_or(|law| law == judgement.law);
            // Without a law an entry is about whatever fails; what passes besides is not its business.
            let about = entry.document.law.is_some() || judgement.verdict == Verdict::Fail;
            if law_matches && about && entry.glob.is_match(vector) {
                entry.matched = true;
                on_the_list = true;
            }
        }
        if on_the_list {
            judgement.verdict = match judgement.verdict {
                Verdict::Fail => Verdict::KnownFail,
                _ => Verdict::UnexpectedPass,
            };
        }
    }

    /// The entries that should not be on the list: those that matched nothing and those that expired by `today`.
    pub fn problems(&self, today: jiff::civil::Date) -> Vec<Problem> {
        let mut problems = Vec::new();
        for entry in &self.entries {
            let EntryDocument { vector, expires, .. } = &entry.document;
            if !entry.matched {
                problems.push(Problem(format!("entry `{vector}` matches no failure: remove it")));
            }
            if let Some(expires) = expires
                && *expires <= today
            {
                problems.push(Problem(format!("entry `{vector}` expired on {expires}: fix it or renew it")));
            }
        }
        problems
    }

    /// Why a failing vector is on the list, and the issue where that is discussed.
    pub fn reason(&self, vector: &str, law: &str) -> Option<String> {
        let entry = self.entries.iter().find(|entry| {
            entry.document.law.as_deref().is_none_or(|listed| listed == law) && entry.glob.is_match(vector)
        })?;
        Some(match &entry.document.issue {
            Some(issue) => format!("{} ({issue})", entry.document.reason),
            None => entry.document.reason.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use corspec_vectors::meta::Level;

    use super::*;
    use crate::verdict::Finding;

    const LIST: &str =
        "[[known]]\nvector = \"a/*\"\nlaw = \"caching\"\nreason = \"r\"\nexpires = \"2030-01-02\"\n";

    fn date(text: &str) -> jiff::civil::Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_listed_failure_is_known_and_a_listed_pass_unexpected() {
        let mut list = KnownFailing::parse(LIST).unwrap();
        let mut failure = Judgement::fail("caching", Level::Must, Finding::default());
        list.apply("a/b", &mut failure);
        assert_eq!(failure.verdict, Verdict::KnownFail);
        let mut pass = Judgement::pass("caching", Level::Must);
        list.apply("a/c", &mut pass);
        assert_eq!(pass.verdict, Verdict::UnexpectedPass);
        let mut other_law = Judgement::fail("syntax", Level::Must, Finding::default());
        list.apply("a/b", &mut other_law);
        assert_eq!(other_law.verdict, Verdict::Fail);
        let mut other_vector = Judgement::fail("caching", Level::Must, Finding::default());
        list.apply("b/b", &mut other_vector);
        assert_eq!(other_vector.verdict, Verdict::Fail);
    }

    #[test]
    fn entries_without_a_match_and_expired_ones_are_problems() {
        let mut list = KnownFailing::parse(LIST).unwrap();
        assert_eq!(list.problems(date("2029-12-31")).len(), 1);
        list.apply("a/b", &mut Judgement::fail("caching", Level::Must, Finding::default()));
        assert_eq!(list.problems(date("2029-12-31")), []);
        assert_eq!(list.problems(date("2030-01-02")).len(), 1);
    }

    #[test]
    fn a_bad_list_is_refused_with_the_place() {
        for (text, says) in [
            ("[[known]]\nvector = \"a\"\n", "reason"),
            ("[[known]]\nvector = \"a\"\nreason = \"r\"\nwhy = 1\n", "why"),
            ("[[known]]\nvector = \"a[\"\nreason = \"r\"\n", "a["),
            ("[[known]]\nvector = \"a\"\nlaw = \"gravity\"\nreason = \"r\"\n", "gravity"),
            ("[[known]]\nvector = \"a\"\nreason = \" \"\n", "empty"),
            ("x", "line 1"),
        ] {
            let problem = KnownFailing::parse(text).unwrap_err().to_string();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
