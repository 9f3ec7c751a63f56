//! Implementation × law: what a cell says.

use std::collections::BTreeMap;

use corspec_vectors::embedded::LAWS;
use corspec_vectors::meta::Level;

use super::case::Subject;
use super::{Counts, is_breakage};
use crate::verdict::Verdict;

/// What the signs in cells mean.
pub const LEGEND: &str = "✓ judged and holds   ✗ broken/judged   ~ known to be broken/judged   ! did not answer   n/a policy cannot be expressed";

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Everything holds.
    Good,
    /// Something is broken, or did not answer.
    Bad,
    /// Something is known to be broken.
    Known,
    /// Nothing was judged.
    None,
}

/// One line.
#[derive(Debug)]
pub struct Row<'a> {
    laws: BTreeMap<&'a str, Counts>,
    /// How many vectors could not be asked because the implementation cannot have the policy.
    pub not_asked: usize,
}

impl<'a> Row<'a> {
    /// The line of a subject. Facts are no verdicts and do not count.
    pub fn of(subject: &Subject<'a>) -> Self {
        let mut laws = BTreeMap::<&str, Counts>::new();
        for case in subject.cases.iter().filter(|case| case.level != Level::Check) {
            laws.entry(case.law).or_default().add(case.verdict);
        }
        let not_asked = laws.values().map(|counts| counts.sum(is_not_asked)).sum();
        Self { laws, not_asked }
    }

    /// Whether anything was found on a law.
    pub fn has(&self, law: &str) -> bool {
        self.laws.contains_key(law)
    }

    /// What the cell of a law says, the worst first.
    pub fn cell(&self, law: &str) -> (String, Mark) {
        let Some(counts) = self.laws.get(law) else { return ("·".to_owned(), Mark::None) };
        let judged = counts.judged();
        let broken = counts.of(Verdict::Fail) + counts.of(Verdict::UnexpectedPass);
        let known = counts.of(Verdict::KnownFail);
        let silent = counts.sum(is_breakage);
        if broken > 0 {
            (format!("✗ {broken}/{judged}"), Mark::Bad)
        } else if silent > 0 {
            (format!("! {silent}/{}", silent + judged), Mark::Bad)
        } else if known > 0 {
            (format!("~ {known}/{judged}"), Mark::Known)
        } else if judged > 0 {
            (format!("✓ {judged}"), Mark::Good)
        } else {
            ("–".to_owned(), Mark::None)
        }
    }
}

/// The columns: the laws in their order, then those only the rows know.
pub fn columns<'a>(rows: &[Row<'a>]) -> Vec<&'a str> {
    let mut columns: Vec<&str> = LAWS.iter().map(|law| law.id.as_str()).collect();
    for law in rows.iter().flat_map(|row| row.laws.keys()) {
        if !columns.contains(law) {
            columns.push(law);
        }
    }
    columns
}

const fn is_not_asked(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Unsupported | Verdict::Refused)
}
