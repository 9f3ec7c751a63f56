//! HAR files, as DevTools export them: every cross-origin entry, paired with its preflight.

use super::super::Failure;
use crate::explanation::Explanation;

/// Whether the text is a HAR file.
pub(super) fn is_har(_text: &str) -> bool {
    false
}

/// Explains every cross-origin entry.
///
/// # Errors
/// [`Failure`] naming the place where it does not parse.
pub(super) fn explain_all(_name: &str, _text: &str) -> Result<Vec<Explanation>, Failure> {
    Ok(Vec::new())
}
