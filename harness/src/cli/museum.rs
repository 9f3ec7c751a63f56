//! `corspec museum`: the suite against documented bugs in versions that can still be installed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use corspec_vectors::embedded;

use super::adapter::install;
use super::stream::EventStream;
use super::{Exit, Failure, interrupted, runtime, suggest};
use crate::event::{Event, ExhibitEvent, ResultEvent};
use crate::museum::{Examined, Exhibit};
use crate::report::pretty::{BAD, FAINT, GOOD, STRONG};
use crate::run::Options;
use crate::transport::Limits;

/// Install documented bugs beside their fixes, and run the suite against both.
///
/// Each must be caught by a vector that the fixed version passes: exit code 1 otherwise.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Exhibits; all when none is named
    names: Vec<String>,
    /// Folder with a folder for each exhibit
    #[arg(long, value_name = "DIR", default_value = "museum")]
    museum_dir: PathBuf,
    /// Do not install: everything is
    #[arg(long)]
    installed: bool,
    /// Write what was found as events, JSON lines, which `corspec report` reads; replaces the file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  corspec museum --museum-dir museum";

/// Runs the command.
///
/// # Errors
/// [`Failure`] when the museum cannot be read or there is no exhibit of a name.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let mut exhibits = Exhibit::all(&args.museum_dir).map_err(Failure::usage)?;
    if let Some(unknown) =
        args.names.iter().find(|name| !exhibits.iter().any(|exhibit| exhibit.name == **name))
    {
        let directory = args.museum_dir.display();
        let near = suggest::nearest(unknown, exhibits.iter().map(|exhibit| exhibit.name.as_str()));
        return Err(Failure::usage(format_args!(
            "there is no exhibit `{unknown}` in {directory}{near}; each folder there is one"
        )));
    }
    exhibits.retain(|exhibit| args.names.is_empty() || args.names.contains(&exhibit.name));
    let mut events = EventStream::asked_for(args.output.as_deref())?;
    let exit = runtime()?.block_on(async {
        tokio::select! {
            exit = tour(&exhibits, args.installed, events.as_mut()) => exit,
            () = interrupted() => Ok(Exit::Interrupted),
        }
    })?;
    if let Some(events) = &mut events {
        events.end(exit != Exit::Interrupted, exit)?;
    }
    Ok(exit)
}

async fn tour(
    exhibits: &[Exhibit],
    installed: bool,
    mut events: Option<&mut EventStream>,
) -> Result<Exit, Failure> {
    let vectors = embedded::server_vectors();
    // Old software does not answer some requests on a runtime of today.
    let limits = Limits { timeout: Duration::from_secs(3), ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let (mut caught, mut missed, mut broken) = (0, 0, 0);
    for exhibit in exhibits {
        let examined = async {
            if !installed {
                for side in [&exhibit.document.vulnerable, &exhibit.document.fixed] {
                    let title = format!("{} {}", exhibit.name, side.version);
                    install::lines(&title, &side.setup, &exhibit.folder).await?;
                }
            }
            exhibit.examine(&vectors, &options).await
        };
        let title = format!(
            "{STRONG}{:26}{STRONG:#} {} → {}",
            exhibit.name, exhibit.document.vulnerable.version, exhibit.document.fixed.version
        );
        let examined = examined.await;
        if let Some(events) = &mut events {
            events.write(&Event::Exhibit(event(exhibit, &examined)))?;
        }
        match examined {
            Ok(examined) if examined.is_right() => {
                caught += 1;
                let by = examined.caught.keys().next().map_or("", |vector| vector);
                let count = examined.caught.len();
                anstream::println!("{GOOD}✓{GOOD:#} {title}  {FAINT}{count} vectors, {by}{FAINT:#}");
            }
            Ok(examined) => {
                missed += 1;
                let what = if examined.caught.is_empty() { "no vector sees it" } else { "the fix is blamed" };
                anstream::println!("{BAD}✗{BAD:#} {title}  {what}: {}", exhibit.document.what);
                for vector in examined.flagged.keys() {
                    anstream::println!("    {vector}");
                }
            }
            Err(what) => {
                broken += 1;
                anstream::println!("{BAD}!{BAD:#} {title}  {what}");
            }
        }
    }
    anstream::println!(
        "\n{caught} caught and their fixes not blamed, {missed} not, {broken} could not be run"
    );
    Ok(match (missed, broken) {
        (0, 0) => Exit::Clean,
        (0, _) => Exit::Broken,
        _ => Exit::Findings,
    })
}

fn event(exhibit: &Exhibit, examined: &Result<Examined, String>) -> ExhibitEvent {
    let document = &exhibit.document;
    let vectors = |choose: fn(&Examined) -> &BTreeMap<String, ResultEvent>| {
        examined.iter().flat_map(|examined| choose(examined).keys().cloned()).collect()
    };
    let example =
        examined.iter().flat_map(|examined| examined.caught.values().chain(examined.flagged.values())).next();
    ExhibitEvent {
        name: exhibit.name.clone(),
        bug: document.bug.clone(),
        what: document.what.clone(),
        source: document.source.clone(),
        vulnerable: document.vulnerable.version.clone(),
        fixed: document.fixed.version.clone(),
        right: examined.as_ref().is_ok_and(Examined::is_right),
        caught: vectors(|examined| &examined.caught),
        blamed: vectors(|examined| &examined.flagged),
        example: example.cloned().map(Box::new),
        error: examined.as_ref().err().cloned(),
    }
}
