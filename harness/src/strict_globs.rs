//! Globs over vector ids that must each match something: what the strict lists are made of.

use globset::{Glob, GlobMatcher};

/// Some globs, and which of them have matched.
#[derive(Debug, Default)]
pub struct StrictGlobs(Vec<(GlobMatcher, bool)>);

/// Why globs cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadGlobs {
    /// There are none.
    #[error("`vectors` is empty")]
    Empty,
    /// One is no glob.
    #[error("{0}")]
    Glob(#[from] globset::Error),
}

impl StrictGlobs {
    /// Reads globs.
    ///
    /// # Errors
    /// [`BadGlobs`] when there are none or one makes no sense.
    pub fn parse(globs: &[String]) -> Result<Self, BadGlobs> {
        if globs.is_empty() {
            return Err(BadGlobs::Empty);
        }
        let globs = globs.iter().map(|glob| Ok((Glob::new(glob)?.compile_matcher(), false)));
        Ok(Self(globs.collect::<Result<_, globset::Error>>()?))
    }

    /// Whether a glob matches `id`, and takes note of those that do when it is `counted`.
    pub fn note(&mut self, id: &str, counted: bool) -> bool {
        let mut any = false;
        for (glob, matched) in &mut self.0 {
            if glob.is_match(id) {
                any = true;
                *matched |= counted;
            }
        }
        any
    }

    /// Whether a glob matches `id`.
    pub fn is_match(&self, id: &str) -> bool {
        self.0.iter().any(|(glob, _)| glob.is_match(id))
    }

    /// The globs for which nothing was [noted](Self::note).
    pub fn unmatched(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, matched)| !matched).map(|(glob, _)| glob.glob().glob())
    }
}
