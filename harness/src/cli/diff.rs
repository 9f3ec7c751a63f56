//! `corspec diff`: what changed between two runs.

use std::path::PathBuf;

use clap::ValueEnum;

use super::report::collect;
use super::stream::print;
use super::{Exit, Failure};
use crate::report::collected::Collected;
use crate::report::{diff, diff_text};

/// Name what got better, worse, appeared and vanished between two runs, by implementation, law and vector.
///
/// The exit code is 1 when something got worse, else 0. Versions of an implementation are compared with each other; lists
/// of known failures make nothing better or worse.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Event file of the run before; `-` is standard input
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// Event file of the run after
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = FormatArg::Pretty)]
    format: FormatArg,
    /// Where to write it; replaces the file. By default standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  corspec diff before.jsonl after.jsonl";

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArg {
    /// For a terminal
    Pretty,
    /// For a pull request
    Markdown,
    /// Every change, for programs
    Json,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] naming the file and the line that cannot be used.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let (mut old, mut new) = (Collected::default(), Collected::default());
    collect(&args.old, &mut old)?;
    collect(&args.new, &mut new)?;
    let diff = diff::diff(&old, &new);
    let text = match args.format {
        FormatArg::Pretty => diff_text::pretty(&diff),
        FormatArg::Markdown => diff_text::markdown(&diff),
        FormatArg::Json => serde_json::to_string_pretty(&diff).map_err(Failure::broken)? + "\n",
    };
    print(&text, args.output.as_deref())?;
    Ok(if diff.worse.is_empty() { Exit::Clean } else { Exit::Findings })
}
