//! `corspec adapter smoke`: prints the checks of [`crate::implementation::adapter::smoke`].

use anstyle::{AnsiColor, Style};

use super::find::{self, Directory};
use crate::cli::{Exit, Failure, interrupted, runtime};
use crate::implementation::adapter::smoke::{self, Check, CheckResult};

/// Check an adapter itself.
///
/// Nothing is said about CORS. Exit code 0 when nothing is wrong, 1 otherwise.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Name of an adapter that has a folder, or the command that starts one
    #[arg(value_name = "NAME|CMD")]
    adapter: String,
}

const EXAMPLES: &str = "Examples:
  corspec adapter smoke my-cors
  corspec adapter smoke --adapter 'node my-adapter.mjs'";

pub(super) fn run(args: &Args, directory: &Directory) -> Result<Exit, Failure> {
    let manifest = if directory.has(&args.adapter) { Some(directory.named(&args.adapter)?) } else { None };
    let program = match &manifest {
        Some(manifest) => manifest.program(),
        None => find::program(&args.adapter)?,
    };
    let mut wrong = 0;
    let interrupted = runtime()?.block_on(async {
        let checks = smoke::smoke(&program, manifest.as_ref(), |check| {
            wrong += usize::from(matches!(check.result, CheckResult::Wrong { .. }));
            print(&check);
        });
        tokio::select! { () = checks => false, () = interrupted() => true }
    });
    Ok(match (interrupted, wrong) {
        (true, _) => Exit::Interrupted,
        (_, 0) => Exit::Clean,
        _ => {
            anstream::println!("\n{wrong} wrong");
            Exit::Findings
        }
    })
}

fn print(check: &Check) {
    let style = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    let (mark, color) = match &check.result {
        CheckResult::Ok => ("ok   ", AnsiColor::Green),
        CheckResult::Note(_) => ("note ", AnsiColor::Yellow),
        CheckResult::Wrong { .. } => ("wrong", AnsiColor::Red),
    };
    let style = style(color);
    anstream::println!("{style}{mark}{style:#} {}", check.what);
    match &check.result {
        CheckResult::Ok => {}
        CheckResult::Note(note) => anstream::println!("      {note}"),
        CheckResult::Wrong { problem, advice } => anstream::println!("      {problem}\n      → {advice}"),
    }
}
