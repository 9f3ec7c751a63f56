//! The formats a report can have; `FORMATS.md` describes each.

use std::path::Path;

use clap::ValueEnum;

use super::collected::Collected;
use super::{badge, html, jsonl, junit, markdown, pretty, sarif, tap};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The matrix and what was found, for a terminal
    Pretty,
    /// The event stream
    Jsonl,
    /// JUnit XML, for what shows test results
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Markdown, for pull requests and summaries
    Markdown,
    /// One page for people: matrix, filters, every finding with its evidence
    Html,
    /// One line of SVG for a README
    Badge,
    /// TAP 14, the Test Anything Protocol
    Tap,
}

/// Why a report cannot be written. It does not happen with what events can hold.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// As JSON.
    #[error("the report: {0}")]
    Json(#[from] serde_json::Error),
    /// As XML.
    #[error("the report: {0}")]
    Xml(#[from] quick_junit::SerializeError),
}

impl Format {
    /// The format that a file of this name has, from what its name ends with.
    pub fn of_file(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()? {
            "html" | "htm" => Self::Html,
            "jsonl" => Self::Jsonl,
            "md" => Self::Markdown,
            "sarif" => Self::Sarif,
            "svg" => Self::Badge,
            "tap" => Self::Tap,
            "txt" => Self::Pretty,
            "xml" => Self::Junit,
            _ => return None,
        })
    }

    /// The report of what was collected; `verbose` shows more where people read it at a terminal.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn text(self, collected: &Collected, verbose: bool) -> Result<String, Unwritable> {
        Ok(match self {
            Self::Pretty => pretty::text(collected, verbose),
            Self::Jsonl => jsonl::text(collected)?,
            Self::Junit => junit::text(collected)?,
            Self::Sarif => sarif::text(collected)?,
            Self::Markdown => markdown::text(collected),
            Self::Badge => badge::text(collected),
            Self::Html => html::text(&html::Material { collected, runs: &[], benchmarks: None })?,
            Self::Tap => tap::text(collected),
        })
    }
}
