//! Reports, made of [events](crate::event): [read](mod@read) or noted, [collected], seen as [case]s, written in a
//! [format](mod@format).
//!
//! Each format is a module with a function `text` of what was [`collected`](collected::Collected).
//!
//! | format | module |
//! |---|---|
//! | matrix and findings for a terminal | [`pretty`], its lines in [`matrix`]; client vectors × browsers in [`engines`] |
//! | the events | [`jsonl`] |
//! | JUnit XML | [`junit`] |
//! | SARIF | [`sarif`] |
//! | Markdown | [`markdown`] |
//! | HTML | [`html`] |
//! | a badge | [`badge`] |
//! | TAP | [`tap`] |
//! | audits, in the formats above | [`audit`] |
//! | what changed between two runs | [`diff`](mod@diff), in words in [`diff_text`] |
//!
//! Shared: commands that [`reproduce`] a finding, links into the [`specification`].

pub mod audit;
pub mod badge;
pub mod case;
pub mod collected;
pub mod diff;
pub mod diff_text;
pub mod engines;
pub mod format;
pub mod html;
pub mod jsonl;
pub mod junit;
pub mod markdown;
pub mod matrix;
pub mod pretty;
pub mod read;
pub mod reproduce;
pub mod sarif;
pub mod specification;
pub mod tap;

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
