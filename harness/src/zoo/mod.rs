//! The zoo: how the suite proves itself.
//!
//! Each animal is the reference responder with one bug of real software in it; the suite must catch every one, by the
//! requirement it breaks. Each legal variant differs from the reference and is right; the suite must call none wrong.
//! To add one, write it into the file of its kind.
//!
//! | kind | module |
//! |---|---|
//! | one origin taken for another | [`origins`] |
//! | methods, headers, what is a preflight | [`preflights`] |
//! | credentials, exposure, max-age, syntax | [`responses`] |
//! | Vary and caches | [`caches`] |
//! | what the application says | [`application`] |
//! | requests no browser sends | [`odd_requests`] |
//! | what was asked before, and how it was written | [`other_requests`] |
//! | policies by path | [`paths`] |
//! | legal variants | [`legal`] |
//!
//! What an animal is made of is in [`animal`].

pub mod animal;
pub mod application;
pub mod caches;
pub mod legal;
pub mod odd_requests;
pub mod origins;
pub mod other_requests;
pub mod paths;
pub mod preflights;
pub mod responses;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use corspec_vectors::DocumentError;
use corspec_vectors::meta::Level;
use corspec_vectors::server::ServerVector;

use crate::event::ResultEvent;
use crate::implementation::InProcess;
use crate::known_failing::KnownFailing;
use crate::run::{self, Options};
use crate::verdict::Verdict;

pub use animal::Animal;

/// Every animal.
pub fn animals() -> impl Iterator<Item = &'static Animal> {
    [
        origins::ANIMALS,
        preflights::ANIMALS,
        responses::ANIMALS,
        caches::ANIMALS,
        application::ANIMALS,
        odd_requests::ANIMALS,
        other_requests::ANIMALS,
        paths::ANIMALS,
    ]
    .into_iter()
    .flatten()
}

/// Every legal variant.
pub fn legal_variants() -> impl Iterator<Item = &'static Animal> {
    legal::VARIANTS.iter()
}

/// What the suite says of one animal.
#[derive(Debug, Default)]
pub struct Examined {
    /// Requirements found broken, those that are mere facts left out.
    pub broken: BTreeSet<String>,
    /// Laws found broken.
    pub laws: BTreeSet<String>,
    /// How many results say so.
    pub findings: usize,
    /// Vectors that find the requirement the animal breaks broken; where none does, those that find any other broken.
    pub caught: BTreeSet<String>,
    /// The finding a user reads first: one of the requirement the animal breaks, if there is one.
    pub example: Option<ResultEvent>,
    /// Whether it ever ended without an answer.
    pub silent: bool,
}

impl Examined {
    /// Whether the animal is caught by the requirement it breaks; for a legal variant, whether nothing is said of it.
    pub fn is_right(&self, animal: &Animal) -> bool {
        match animal.breaks {
            Some(requirement) => self.broken.contains(requirement),
            None => self.broken.is_empty() && !self.silent,
        }
    }
}

/// Runs the suite against an animal, in this process.
///
/// # Errors
/// [`DocumentError`] when a vector makes no sense.
pub async fn examine(
    animal: &'static Animal,
    vectors: &[ServerVector],
    options: &Options,
) -> Result<Examined, DocumentError> {
    let mut examined = Examined::default();
    let implementation = InProcess(Box::new(*animal));
    run::run(&implementation, vectors, options, &mut KnownFailing::default(), |result| {
        examined.silent |= matches!(result.verdict, Verdict::Crash | Verdict::Hang | Verdict::SetupError);
        if result.verdict != Verdict::Fail || result.level == Level::Check {
            return ControlFlow::Continue(());
        }
        examined.findings += 1;
        examined.laws.insert(result.law.clone());
        let requirement = result.requirement.clone().unwrap_or_default();
        let is_its_own = animal.breaks == Some(&requirement);
        let is_caught = animal.breaks.is_some_and(|breaks| examined.broken.contains(breaks));
        if is_its_own && !is_caught {
            examined.caught.clear();
            examined.example = None;
        }
        if is_its_own || !is_caught {
            examined.caught.insert(result.vector.clone());
            examined.example.get_or_insert(result);
        }
        examined.broken.insert(requirement);
        ControlFlow::Continue(())
    })
    .await?;
    Ok(examined)
}
