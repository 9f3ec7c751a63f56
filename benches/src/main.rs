//! Measures, counts, records and compares. `corspec-benches --help` lists how.

use std::process::ExitCode;
#[cfg(feature = "harness")]
use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};
use corspec_benches::record::{Figure, Record, file_of_this_machine, folder, rustc};
#[cfg(feature = "harness")]
use corspec_benches::{adapters, harness};
use corspec_benches::{case, cases, instructions, time};

/// The allocator `corspec` has. Not beside rivals, which are timed with the one their users have.
#[cfg(all(feature = "harness", not(any(feature = "rivals", feature = "allocations"))))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Problem = Box<dyn std::error::Error>;

/// What corspec and its rivals cost
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the cases
    List {
        /// Only cases whose id contains this
        #[arg(default_value = "")]
        filter: String,
    },
    /// Time the cases; the contenders of a comparison take turns
    Time {
        /// Only cases whose id contains this
        #[arg(default_value = "")]
        filter: String,
        /// Turns of each contender
        #[arg(long, default_value_t = 21)]
        rounds: usize,
        /// Write the results into the record of this machine
        #[arg(long)]
        record: bool,
    },
    /// Count instructions with valgrind
    Instructions {
        /// Compare with the committed record and fail where something takes 5 % more
        #[arg(long)]
        check: bool,
        /// Write the record anew
        #[arg(long)]
        record: bool,
    },
    /// Count allocations and the bytes allocated
    #[cfg(feature = "allocations")]
    Allocations {
        /// Only cases whose id contains this
        #[arg(default_value = "")]
        filter: String,
        /// Write the results into the record of this machine
        #[arg(long)]
        record: bool,
    },
    #[cfg(feature = "harness")]
    /// Measure the harness: over the wire beside `wrk`, and vectors a second in process
    Harness {
        /// Write the results into the record of this machine
        #[arg(long)]
        record: bool,
        /// Connections
        #[arg(long, default_value_t = 64)]
        connections: usize,
        /// Seconds of each measurement over the wire
        #[arg(long, default_value_t = 2)]
        seconds: u64,
        /// How often each is measured
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
    #[cfg(feature = "harness")]
    /// Measure what adapters cost over the wire, each with the same requests
    Adapters {
        /// Only these; every one that is installed, and the embedded ones, when there are none
        names: Vec<String>,
        /// Folder of the adapters
        #[arg(long, default_value = "adapters")]
        adapter_dir: PathBuf,
        /// Seconds of each request
        #[arg(long, default_value_t = 1)]
        seconds: u64,
        /// Write the results into the record of this machine
        #[arg(long)]
        record: bool,
    },
    /// Run a case twice: what valgrind is given
    #[command(hide = true)]
    Counted { id: String },
    /// Judge server vectors once: what a profiler is given
    #[cfg(feature = "harness")]
    #[command(hide = true)]
    Judge {
        vectors: usize,
        /// Leave those of robustness out
        #[arg(long)]
        without_robustness: bool,
        #[arg(long, default_value_t = 1)]
        cores: usize,
    },
    /// Serve the reference responder: what `harness` is pointed at
    #[cfg(feature = "harness")]
    #[command(hide = true)]
    Serve,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Action) -> Result<(), Problem> {
    match command {
        Action::List { filter } => {
            for case in cases::all(&filter) {
                println!("{}", case.id());
            }
            Ok(())
        }
        Action::Time { filter, rounds, record } => {
            let mut cases = case::those_that_agree(cases::all(&filter));
            finish(time::measure(&mut cases, rounds), record)
        }
        Action::Instructions { check, record } => count(check, record),
        #[cfg(feature = "allocations")]
        Action::Allocations { filter, record } => {
            finish(corspec_benches::allocations::measure(&mut cases::all(&filter)), record)
        }
        #[cfg(feature = "harness")]
        Action::Harness { record, connections, seconds, rounds } => {
            let mut figures = harness::vectors_in_process(rounds)?;
            match harness::beside_wrk(connections, Duration::from_secs(seconds), rounds) {
                Ok(more) => figures.extend(more),
                Err(error) => eprintln!("{error}"),
            }
            finish(figures, record)
        }
        #[cfg(feature = "harness")]
        Action::Adapters { names, adapter_dir, seconds, record } => {
            finish(adapters::measure(&adapter_dir, &names, Duration::from_secs(seconds))?, record)
        }
        Action::Counted { id } => Ok(instructions::run_counted(&id)?),
        #[cfg(feature = "harness")]
        Action::Judge { vectors, without_robustness, cores } => {
            harness::judge_once(vectors, without_robustness, cores)
        }
        #[cfg(feature = "harness")]
        Action::Serve => harness::serve(),
    }
}

/// Prints the figures, and keeps them when asked to.
fn finish(figures: Vec<Figure>, record: bool) -> Result<(), Problem> {
    for figure in &figures {
        let Figure { median, low, high, unit, .. } = figure;
        println!("{:<64} {median:>12} {unit:<10} ({low} to {high})", figure.id());
    }
    if record {
        Record::new(figures).write(&file_of_this_machine())?;
    }
    Ok(())
}

/// More instructions than this, as a share of the record, are a failure.
const TOLERATED: f64 = 1.05;

fn count(check: bool, record: bool) -> Result<(), Problem> {
    if !instructions::can_count() {
        eprintln!("valgrind is not installed: no instructions are counted");
        return Ok(());
    }
    let file = folder().join("instructions.json");
    let known = Record::read(&file).ok();
    if check {
        let Some(known) = &known else {
            return Err("there is no record of instructions: `--record` writes it".into());
        };
        if known.rustc != rustc() {
            eprintln!(
                "the record was made with {}: this compiler is another, and nothing is compared",
                known.rustc
            );
            return Ok(());
        }
    }
    let mut figures = Vec::new();
    let mut worse = Vec::new();
    for case in instructions::counted_cases() {
        let figure = instructions::count(&case)?;
        let before =
            known.iter().flat_map(|record| &record.figures).find(|before| before.id() == figure.id());
        let change = before.map_or(String::new(), |before| {
            format!("{:+.1} %", (figure.median / before.median - 1.0) * 100.0)
        });
        println!("{:<64} {:>10} {change}", figure.id(), figure.median);
        if before.is_some_and(|before| figure.median > before.median * TOLERATED) {
            worse.push(figure.id());
        }
        figures.push(figure);
    }
    if record {
        Record::new(figures).write(&file)?;
    }
    if check && !worse.is_empty() {
        return Err(format!(
            "5 % more instructions than recorded: {}\nIf that is meant, write the record anew: corspec-benches instructions --record",
            worse.join(", ")
        )
        .into());
    }
    Ok(())
}
