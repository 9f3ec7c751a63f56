//! Reports, made of [events](crate::event).
//!
//! | report | module |
//! |---|---|
//! | matrix and findings for a terminal | [`pretty`] |
//! | client vectors × browsers for a terminal | [`engines`] |
//! | commands that reproduce a finding | [`reproduce`] |

pub mod engines;
pub mod pretty;
pub mod reproduce;

use std::collections::BTreeMap;

use crate::event::ResultEvent;
use crate::verdict::Verdict;

/// Counts of verdicts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Verdict, usize>);

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        *self.0.entry(verdict).or_default() += 1;
    }

    /// How many of a verdict.
    pub fn of(&self, verdict: Verdict) -> usize {
        self.0.get(&verdict).copied().unwrap_or_default()
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (&verdict, count) in &other.0 {
            *self.0.entry(verdict).or_default() += count;
        }
    }

    /// How many that were judged.
    pub fn judged(&self) -> usize {
        self.sum(Verdict::is_judged)
    }

    /// How many of the verdicts for which `choose` holds.
    pub fn sum(&self, choose: impl Fn(Verdict) -> bool) -> usize {
        self.0.iter().filter(|&(&verdict, _)| choose(verdict)).map(|(_, count)| count).sum()
    }
}

/// Whether a result is one the run fails for. A fact (`check`) never is.
pub fn is_failure(result: &ResultEvent) -> bool {
    match result.verdict {
        Verdict::Fail => result.level != corspec_vectors::meta::Level::Check,
        Verdict::UnexpectedPass => true,
        _ => false,
    }
}

/// Whether a result says that the implementation broke rather than that it is wrong.
pub const fn is_breakage(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::SetupError | Verdict::Crash | Verdict::Hang)
}
