//! `corspec zoo`: the suite against its own seeded bugs.

use std::path::PathBuf;

use corspec_vectors::embedded;

use super::stream::EventStream;
use super::{Exit, Failure, interrupted, runtime, suggest};
use crate::event::{AnimalEvent, Event};
use crate::report::pretty::{self, BAD, FAINT, GOOD, STRONG};
use crate::run::Options;
use crate::zoo::{self, Animal, Examined};

/// Run the suite against responders that each have one bug of real software, and against legal variants.
///
/// Every animal must be caught by the requirement it breaks, and no legal variant may be called wrong: exit code 1
/// otherwise.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Animals or legal variants to examine; all when none is named
    names: Vec<String>,
    /// Show what a user would read of each
    #[arg(short, long)]
    verbose: bool,
    /// Write what was found as events, JSON lines, which `corspec report` reads; replaces the file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  corspec zoo
  corspec zoo suffix-match";

/// Runs the command.
///
/// # Errors
/// [`Failure`] when there is no animal of a name.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let all: Vec<&'static Animal> = zoo::animals().chain(zoo::legal_variants()).collect();
    if let Some(unknown) = args.names.iter().find(|name| !all.iter().any(|animal| animal.name == **name)) {
        let near = suggest::nearest(unknown, all.iter().map(|animal| animal.name));
        return Err(Failure::usage(format_args!(
            "there is no animal `{unknown}`{near}; `corspec zoo` lists them all"
        )));
    }
    let chosen: Vec<&'static Animal> = all
        .into_iter()
        .filter(|animal| args.names.is_empty() || args.names.iter().any(|name| animal.name == name))
        .collect();
    let mut tally = Tally::default();
    let mut events = EventStream::asked_for(args.output.as_deref())?;
    let stopped = runtime()?.block_on(async {
        tokio::select! {
            done = examine_all(&chosen, args.verbose || !args.names.is_empty(), &mut tally, events.as_mut()) => done.map(|()| false),
            () = interrupted() => Ok(true),
        }
    })?;
    let Tally { caught, free, left_alone, accused } = tally;
    anstream::println!(
        "\nanimals: {caught} caught, {free} free; legal variants: {left_alone} left alone, {accused} called wrong"
    );
    let exit = match (stopped, free + accused) {
        (true, _) => Exit::Interrupted,
        (false, 0) => Exit::Clean,
        (false, _) => Exit::Findings,
    };
    if let Some(events) = &mut events {
        events.end(!stopped, exit)?;
    }
    Ok(exit)
}

#[derive(Default)]
struct Tally {
    caught: usize,
    free: usize,
    left_alone: usize,
    accused: usize,
}

async fn examine_all(
    animals: &[&'static Animal],
    verbose: bool,
    tally: &mut Tally,
    mut events: Option<&mut EventStream>,
) -> Result<(), Failure> {
    let vectors = embedded::server_vectors();
    let options = Options::default();
    for &animal in animals {
        let examined = zoo::examine(animal, &vectors, &options).await.map_err(Failure::broken)?;
        let right = examined.is_right(animal);
        *match (animal.breaks.is_some(), right) {
            (true, true) => &mut tally.caught,
            (true, false) => &mut tally.free,
            (false, true) => &mut tally.left_alone,
            (false, false) => &mut tally.accused,
        } += 1;
        if let Some(events) = &mut events {
            events.write(&Event::Animal(event(animal, &examined)))?;
        }
        tell(animal, &examined, right, verbose);
    }
    Ok(())
}

fn event(animal: &Animal, examined: &Examined) -> AnimalEvent {
    AnimalEvent {
        name: animal.name.to_owned(),
        does: animal.does.to_owned(),
        source: animal.source.to_owned(),
        breaks: animal.breaks.map(str::to_owned),
        right: examined.is_right(animal),
        broken: examined.broken.iter().cloned().collect(),
        findings: examined.findings,
        caught: examined.caught.iter().cloned().collect(),
        example: examined.example.clone().map(Box::new),
    }
}

fn tell(animal: &Animal, examined: &Examined, right: bool, verbose: bool) {
    let (mark, style) = if right { ("✓", GOOD) } else { ("✗", BAD) };
    let Animal { name, does, source, breaks, .. } = animal;
    let requirement = breaks.unwrap_or("legal");
    anstream::println!("{style}{mark}{style:#} {STRONG}{name:34}{STRONG:#} {requirement:36} {does}");
    let others: Vec<&str> =
        examined.broken.iter().map(String::as_str).filter(|other| Some(*other) != *breaks).collect();
    if verbose || !right {
        anstream::println!("    {FAINT}like {source}; {} findings{FAINT:#}", examined.findings);
        if !others.is_empty() {
            anstream::println!("    {FAINT}also {}{FAINT:#}", others.join(", "));
        }
        if let Some(example) = &examined.example {
            anstream::print!("{}", pretty::detail(example));
        }
    }
}
