//! `corspec laws`: what every implementation must satisfy, and why.

use corspec_vectors::embedded::LAWS;
use corspec_vectors::law::{Law, Requirement};

use super::{Exit, Failure, suggest};
use crate::report::pretty::{FAINT, STRONG};
use crate::zoo;

/// List the laws and what each asks for; with a name, explain one.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A law, such as `soundness`, or one of its requirements, such as `soundness/origin`
    name: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  corspec laws
  corspec laws soundness/origin";

/// Runs the command.
///
/// # Errors
/// [`Failure`] when there is no law or requirement of this name.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let mut laws: Vec<Law> = LAWS.clone();
    if let Some(name) = &args.name {
        laws.retain(|law| name.split('/').next() == Some(&law.id));
        if name.contains('/') {
            for law in &mut laws {
                law.requirements.retain(|requirement| requirement.id == *name);
            }
            laws.retain(|law| !law.requirements.is_empty());
        }
        if laws.is_empty() {
            let known: Vec<&str> = LAWS.iter().map(|law| &*law.id).collect();
            let requirements = LAWS.iter().flat_map(|law| &law.requirements);
            let names = requirements.map(|requirement| &*requirement.id).chain(known.iter().copied());
            let near = suggest::nearest(name, names);
            return Err(Failure::usage(format_args!(
                "there is no law or requirement `{name}`{near}; the laws are {}",
                known.join(", ")
            )));
        }
    }
    if args.json {
        let text = serde_json::to_string_pretty(&laws).map_err(Failure::broken)?;
        anstream::println!("{text}");
        return Ok(Exit::Clean);
    }
    for law in &laws {
        anstream::println!("{STRONG}{}{STRONG:#}  {}", law.id, law.statement);
        if args.name.is_some() {
            anstream::println!("    {}", law.why);
        }
        for requirement in &law.requirements {
            anstream::println!(
                "  {:32} {FAINT}{:9}{FAINT:#} {}",
                requirement.id,
                requirement.level.as_str(),
                requirement.statement
            );
            if args.name.is_some() {
                explain(requirement);
            }
        }
    }
    if args.name.is_none() {
        anstream::println!("\n{FAINT}corspec laws NAME says why, and which real software broke it.{FAINT:#}");
    }
    Ok(Exit::Clean)
}

fn explain(requirement: &Requirement) {
    anstream::println!("    {}", requirement.why);
    let anchors: Vec<String> = requirement
        .citations
        .iter()
        .map(|citation| {
            let anchor = citation.split('/').next().unwrap_or(citation);
            format!("{citation} (https://fetch.spec.whatwg.org/#{anchor})")
        })
        .collect();
    anstream::println!("    {FAINT}standard{FAINT:#}  {}", anchors.join(", "));
    if let Some(weakness) = &requirement.weakness {
        anstream::println!("    {FAINT}bug class{FAINT:#} {weakness}");
    }
    let broken_by: Vec<String> = zoo::animals()
        .filter(|animal| animal.breaks == Some(&requirement.id))
        .map(|animal| format!("{} ({})", animal.name, animal.source))
        .collect();
    anstream::println!("    {FAINT}broken by{FAINT:#} {}\n", broken_by.join("; "));
}
