//! `corspec client`: client vectors in browsers and other clients.

use corspec_vectors::embedded;

use super::{Exit, Failure, runtime};
use crate::client::engine::Engine;
use crate::client::run::{self, Plan};

/// Run the client vectors in browsers and compare what they do with the model.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Clients to run them in
    #[arg(required = true, value_enum)]
    names: Vec<Engine>,
    /// Only vectors whose id matches this glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,
    /// Scenarios under way at once in a page
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    #[arg(short, long)]
    verbose: bool,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] when a client does not start.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let vectors = embedded::client_vectors();
    let mut set = globset::GlobSetBuilder::new();
    for glob in &args.include {
        set.add(globset::Glob::new(glob).map_err(Failure::usage)?);
    }
    let set = set.build().map_err(Failure::usage)?;
    let plan = Plan::of(vectors.iter().filter(|v| args.include.is_empty() || set.is_match(&v.meta.id)));
    if args.verbose {
        for (vector, why) in &plan.left_out {
            println!("left out {}: {why}", vector.meta.id);
        }
    }
    println!("{} runnable, {} left out", plan.runnable.len(), plan.left_out.len());
    let runtime = runtime()?;
    for &engine in &args.names {
        let scenarios = plan.runnable.iter().map(|(_, scenario)| scenario.clone()).collect();
        let result = runtime
            .block_on(run::run(engine, scenarios, args.jobs.into(), |n| eprint!("\r{n}")))
            .map_err(Failure::broken)?;
        let mut equal = 0;
        let mut different = 0;
        let mut missing = 0;
        for ((vector, scenario), result) in plan.runnable.iter().zip(&result.results) {
            if result.observation.is_none() {
                missing += 1;
                println!("MISSING {}", vector.meta.id);
                continue;
            }
            let _ = scenario;
            if result.differences.is_empty() {
                equal += 1;
            } else {
                different += 1;
                for difference in &result.differences {
                    println!("{} {:?} {} [{}]", vector.meta.id, difference.aspect, difference.what, result.reasons.join("; "));
                }
            }
        }
        println!("{} {}: equal {equal}, different {different}, missing {missing}, took {:?}", engine.name(), result.version, result.took);
    }
    Ok(Exit::Clean)
}
