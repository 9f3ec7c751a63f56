//! What [audits](crate::check) found, in each format that has more to say of them than of a test.
//!
//! | format | module |
//! |---|---|
//! | for a terminal | [`pretty`] |
//! | Markdown | [`markdown`] |
//! | SARIF | [`sarif`] |
//! | HTML | a part of the [page](super::html) |
//!
//! The others show a finding as a [case](super::case::of_audits).

pub mod markdown;
pub mod pretty;
pub mod sarif;
