//! HTML: one file for people, without network.
//!
//! | part | module |
//! |---|---|
//! | the document, its style and script | [`page`] |
//! | implementation × law, engine × group of vectors | `matrix` |
//! | what the script shows when asked | `data`, made small by `pack` |
//! | what a finding rests on | `evidence`; its diagram is a `picture`, for a client that of the `model` |
//! | what policies implementations cannot have | `knobs` |
//! | sentences with code in them | [`prose`] |
//! | several runs | [`trends`] |
//! | benchmarks | [`benches`], drawn by `chart` |
//! | the zoo and the museum | `zoo` |
//! | endpoints that were audited | `audits` |
//!
//! Everything from results is untrusted text: maud escapes what is written here, the script writes text and no markup,
//! and the document's Content-Security-Policy lets nothing else run or load.

mod audits;
pub mod benches;
mod chart;
mod data;
mod evidence;
mod knobs;
mod matrix;
mod model;
mod pack;
pub mod page;
mod picture;
pub mod prose;
pub mod trends;
mod zoo;

use super::collected::Collected;

/// What a report is made of.
#[derive(Debug)]
pub struct Material<'a> {
    /// Everything, put together.
    pub collected: &'a Collected,
    /// The runs one by one; none when there is but one.
    pub runs: &'a [trends::Run],
    /// Measurements.
    pub benchmarks: Option<&'a benches::Record>,
}

/// The whole document.
///
/// # Errors
/// Whatever serializing JSON gives; it does not happen with events.
pub fn text(material: &Material<'_>) -> serde_json::Result<String> {
    page::document(material)
}
