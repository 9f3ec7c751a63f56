//! Profiles: what a client is known to do otherwise than the standard, and which step says so.
//!
//! ```toml
//! version = "156.0.8078.79"            # with which the list was made
//!
//! [[difference]]
//! what = "…"                           # what the client does
//! step = "cors-preflight-fetch/7.6"    # the step of the standard that decides
//! why = "…"                            # what that step says, in our words
//! link = "https://…"                   # where it is discussed; optional
//! aspects = ["outcome", "sent"]        # these two by default
//! vectors = ["wpt-preflight/*-star"]   # globs over vector ids
//! ```
//!
//! A client that differs nearly everywhere has entries by kind instead: `says = ["…"]`, words in the text of the
//! difference, and no `vectors`.
//!
//! A profile is strict: a glob that matches no difference is a problem, and so is a vector that matches and does not
//! differ. An entry by kind must match some difference. Only an entry with `sometimes = true` may match none: it depends
//! on what a client may do or leave, such as forgetting a preflight or using a connection again.

use serde::Deserialize;

use super::compare::{Aspect, Difference};
use crate::strict_globs::StrictGlobs;

/// The profile of one client.
#[derive(Debug, Default)]
pub struct Profile {
    /// The version of the client it was made with.
    pub version: String,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    document: EntryDocument,
    globs: StrictGlobs,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDocument {
    version: String,
    #[serde(default)]
    difference: Vec<EntryDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryDocument {
    what: String,
    step: String,
    why: String,
    link: Option<String>,
    #[serde(default = "outcome_and_sent")]
    aspects: Vec<Aspect>,
    /// Only differences whose text has one of these in it.
    #[serde(default)]
    says: Vec<String>,
    /// The difference need not show in each run.
    #[serde(default)]
    sometimes: bool,
    #[serde(default)]
    vectors: Vec<String>,
}

fn outcome_and_sent() -> Vec<Aspect> {
    vec![Aspect::Outcome, Aspect::Sent]
}

/// A profile that cannot be used, or an entry that should not be in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(String);

/// What a profile says of the differences in one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// Nothing, and there is nothing to say.
    Equal,
    /// Each difference is explained: what the client does and the step that decides, one for each entry.
    Explained(Vec<Explained>),
    /// These differences are not explained.
    Unexplained(Vec<Difference>),
    /// An entry says there is a difference of its aspects, and there is none.
    UnexpectedlyEqual,
}

/// One entry that explains differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What the client does.
    pub what: String,
    /// The step of the standard that decides.
    pub step: String,
    /// Where it is discussed.
    pub link: Option<String>,
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// [`Problem`] naming the line or the entry.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let document: FileDocument =
            toml::from_str(text).map_err(|error| Problem(error.to_string().trim_end().to_owned()))?;
        let entries = document
            .difference
            .into_iter()
            .map(|document| {
                for (field, value) in [("what", &document.what), ("why", &document.why)] {
                    if value.trim().is_empty() {
                        return Err(document.problem(format_args!("`{field}` is empty")));
                    }
                }
                if !is_step(&document.step) {
                    return Err(
                        document.problem(format_args!("`{}` is no step of the standard", document.step))
                    );
                }
                let everywhere = ["*".to_owned()];
                let by_kind = document.vectors.is_empty() && !document.says.is_empty();
                let vectors = if by_kind { &everywhere[..] } else { &document.vectors };
                let globs = StrictGlobs::parse(vectors).map_err(|error| document.problem(error))?;
                Ok(Entry { document, globs })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { version: document.version, entries })
    }

    /// What the profile says of a vector with these differences, and takes note that it was asked.
    pub fn explain(&mut self, vector: &str, differences: &[Difference]) -> Explanation {
        let mut explained = Vec::new();
        let mut open: Vec<&Difference> = differences.iter().collect();
        let mut stale = false;
        for Entry { document, globs } in &mut self.entries {
            let here: Vec<&Difference> =
                differences.iter().filter(|difference| document.is_about(difference)).collect();
            if !globs.note(vector, !here.is_empty()) {
                continue;
            }
            // One entry that holds does not make up for another that does not.
            if here.is_empty() {
                stale |= document.says.is_empty() && !document.sometimes;
                continue;
            }
            open.retain(|difference| !here.contains(difference));
            explained.push(Explained {
                what: document.what.clone(),
                step: document.step.clone(),
                link: document.link.clone(),
            });
        }
        if !open.is_empty() {
            Explanation::Unexplained(open.into_iter().cloned().collect())
        } else if stale {
            Explanation::UnexpectedlyEqual
        } else if !differences.is_empty() {
            Explanation::Explained(explained)
        } else {
            Explanation::Equal
        }
    }

    /// Globs that matched no difference.
    pub fn problems(&self) -> Vec<Problem> {
        let always = self.entries.iter().filter(|entry| !entry.document.sometimes);
        let unmatched = always.flat_map(|Entry { document, globs }| {
            globs
                .unmatched()
                .map(|glob| document.problem(format_args!("`{glob}` matches no difference: remove it")))
        });
        unmatched.collect()
    }
}

/// Whether this has the form of a step: the algorithm's name and a number or the name of a case.
fn is_step(step: &str) -> bool {
    step.split_once('/').is_some_and(|(algorithm, number)| {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !algorithm.is_empty()
            && algorithm.bytes().all(is_word)
            && number.starts_with(|c: char| c.is_ascii_digit())
    })
}

impl EntryDocument {
    fn is_about(&self, difference: &Difference) -> bool {
        self.aspects.contains(&difference.aspect)
            && (self.says.is_empty() || self.says.iter().any(|says| difference.what.contains(says)))
    }

    fn problem(&self, what: impl std::fmt::Display) -> Problem {
        Problem(format!("entry `{}`: {what}", self.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = "version = \"1\"\n[[difference]]\nwhat = \"w\"\nstep = \"cors-check/4\"\nwhy = \"y\"\n\
                           vectors = [\"a/*\"]\n";

    fn difference(aspect: Aspect) -> Difference {
        Difference { aspect, what: String::new() }
    }

    #[test]
    fn a_listed_difference_is_explained_and_a_listed_agreement_unexpected() {
        let mut profile = Profile::parse(PROFILE).unwrap();
        let outcome = [difference(Aspect::Outcome)];
        let explained = vec![Explained { what: "w".to_owned(), step: "cors-check/4".to_owned(), link: None }];
        assert_eq!(profile.explain("a/1", &outcome), Explanation::Explained(explained));
        assert_eq!(profile.explain("a/1", &[]), Explanation::UnexpectedlyEqual);
        assert_eq!(profile.explain("b/1", &outcome), Explanation::Unexplained(outcome.to_vec()));
        assert_eq!(profile.explain("b/1", &[]), Explanation::Equal);
    }

    #[test]
    fn an_entry_explains_only_its_aspects() {
        let mut profile = Profile::parse(PROFILE).unwrap();
        let both = [difference(Aspect::Sent), difference(Aspect::Reason)];
        assert_eq!(profile.explain("a/1", &both), Explanation::Unexplained(vec![difference(Aspect::Reason)]));
    }

    #[test]
    fn an_entry_that_holds_does_not_make_up_for_one_that_does_not() {
        let second = PROFILE.split_once("\n").unwrap().1.replace("why", "aspects = [\"reason\"]\nwhy");
        let mut profile = Profile::parse(&format!("{PROFILE}{second}")).unwrap();
        assert_eq!(profile.explain("a/1", &[difference(Aspect::Sent)]), Explanation::UnexpectedlyEqual);
        let both = [difference(Aspect::Sent), difference(Aspect::Reason)];
        assert!(matches!(profile.explain("a/1", &both), Explanation::Explained(_)));
    }

    #[test]
    fn what_shows_only_sometimes_may_be_absent() {
        let mut profile = Profile::parse(&PROFILE.replace("why", "sometimes = true\nwhy")).unwrap();
        assert_eq!(profile.explain("a/1", &[]), Explanation::Equal);
        assert_eq!(profile.problems(), []);
        assert!(matches!(profile.explain("a/1", &[difference(Aspect::Sent)]), Explanation::Explained(_)));
    }

    #[test]
    fn an_entry_by_kind_explains_what_says_so_wherever_it_is() {
        let by_kind = PROFILE.replace("vectors = [\"a/*\"]", "says = [\"is basic\"]");
        let mut profile = Profile::parse(&by_kind).unwrap();
        assert_eq!(profile.problems().len(), 1);
        let says = |what: &str| [Difference { aspect: Aspect::Outcome, what: what.to_owned() }];
        assert!(matches!(profile.explain("a/1", &says("type is basic")), Explanation::Explained(_)));
        assert!(matches!(profile.explain("b/1", &says("type is cors")), Explanation::Unexplained(_)));
        assert_eq!(profile.explain("c/1", &[]), Explanation::Equal);
        assert_eq!(profile.problems(), []);
    }

    #[test]
    fn a_glob_that_matches_no_difference_is_a_problem() {
        let mut profile = Profile::parse(PROFILE).unwrap();
        profile.explain("a/1", &[]);
        assert_eq!(profile.problems().len(), 1);
        profile.explain("a/1", &[difference(Aspect::Sent)]);
        assert_eq!(profile.problems(), []);
    }

    #[test]
    fn a_bad_profile_is_refused_with_the_place() {
        for (from, to, says) in [
            ("cors-check/4", "CORS check", "CORS check"),
            ("why = \"y\"\n", "", "why"),
            ("why = \"y\"", "why = \" \"", "empty"),
            ("[\"a/*\"]", "[]", "empty"),
            ("[\"a/*\"]", "[\"a[\"]", "a["),
        ] {
            let problem = Profile::parse(&PROFILE.replace(from, to)).unwrap_err().to_string();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
