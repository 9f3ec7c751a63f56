//! `corspec fuzz times`: how long each animal of the zoo takes to be found.

use std::fmt::Write;
use std::time::Duration;

use super::{duration, runtime};
use crate::cli::stream::print;
use crate::cli::{Exit, Failure, interrupted};
use crate::fuzzing::times::{OUT_OF_REACH, Took, time_to_find};
use crate::zoo::{self, Animal};

/// Measure how long each animal of the zoo takes to be found by the requirement it breaks, from nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  corspec fuzz times")]
pub struct Args {
    /// Animals; all when none is named
    names: Vec<String>,
    /// How many seeds, from 1 on; the median counts
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Time for each
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    time: Duration,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] when there is no animal of a name.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let all: Vec<&'static Animal> = zoo::animals().collect();
    if let Some(unknown) = args.names.iter().find(|name| !all.iter().any(|animal| animal.name == **name)) {
        return Err(Failure::usage(format_args!(
            "there is no animal `{unknown}`; `corspec zoo` lists them all"
        )));
    }
    let chosen = all.into_iter().filter(|animal| {
        let named = args.names.is_empty() || args.names.iter().any(|name| animal.name == name);
        named && !OUT_OF_REACH.iter().any(|(name, _)| animal.name == *name)
    });
    let chosen: Vec<&'static Animal> = chosen.collect();
    runtime()?.block_on(async {
        tokio::select! {
            exit = measure(&chosen, args) => exit,
            () = interrupted() => Ok(Exit::Interrupted),
        }
    })
}

async fn measure(animals: &[&'static Animal], args: &Args) -> Result<Exit, Failure> {
    print("| animal | breaks | median ms | median runs | found |\n|---|---|---:|---:|---:|\n", None)?;
    let mut missed = 0;
    for &animal in animals {
        let mut took = Vec::new();
        for seed in 1..=args.seeds {
            took.push(time_to_find(animal, seed, Some(args.time), None).await.map_err(Failure::broken)?);
        }
        missed += usize::from(took.iter().any(Option::is_none));
        print(&row(animal, &mut took), None)?;
    }
    let found = animals.len() - missed;
    print(&format!("\n{found} animals of {} found with every seed\n", animals.len()), None)?;
    Ok(if missed == 0 { Exit::Clean } else { Exit::Findings })
}

/// One animal; what was not found counts as slower than all that was.
fn row(animal: &Animal, took: &mut [Option<Took>]) -> String {
    took.sort_by_key(|took| took.map_or(Duration::MAX, |took| took.time));
    let median = took.get(took.len() / 2).copied().flatten();
    let (time, runs) = match median {
        Some(Took { time, runs }) => (format!("{:.1}", 1000.0 * time.as_secs_f64()), runs.to_string()),
        None => ("–".to_owned(), "–".to_owned()),
    };
    let mut text = String::new();
    let breaks = animal.breaks.unwrap_or_default();
    let found = took.iter().flatten().count();
    // Writing to a string does not fail.
    let _ = writeln!(text, "| {} | {breaks} | {time} | {runs} | {found} of {} |", animal.name, took.len());
    text
}
