//! `corspec fuzz promote`: from a finding to a vector of the set.

/// Check findings and add them to vectors/regressions.
#[derive(Debug, clap::Args)]
pub struct Args {}
