//! `corspec fuzz`: campaigns against one implementation.
//!
//! | part | module |
//! |---|---|
//! | which implementation is meant | `target` |
//! | `corspec fuzz promote` | [`promote`] |
//! | `corspec fuzz times` | [`times`] |

pub mod promote;
mod target;
pub mod times;

use std::collections::HashSet;
use std::fmt::Write;
use std::io::{IsTerminal, stderr};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Subcommand;
use corspec_vectors::embedded;
use indicatif::{ProgressBar, ProgressStyle};

use self::target::Target;
use super::stream::{EventStream, Results, print};
use super::{Exit, Failure, Interrupts};
use crate::event::{Event, ResultEvent};
use crate::fuzzing::campaign::{Campaign, Settings};
use crate::fuzzing::finding::{self, Found, Known};
use crate::fuzzing::state::{self, State};
use crate::known_failing::KnownFailing;
use crate::report::collected::Collected;
use crate::report::pretty::{self, BAD, FAINT, STRONG};
use crate::run::{self, Options};
use crate::transport::Limits;
use crate::verdict::Verdict;

/// Look for new failures of one implementation: generated policies and probes, judged by the ordinary laws.
///
/// Inputs that reach a new step of the model, a new form of answer or a new verdict are kept and changed again. A failure is
/// asked for alone, made as small as it gets and written as a vector file; failures on the target's list of known ones are
/// passed by. It goes on until Ctrl-C, `--time` or `--runs`, and the next time where it ended.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    target: target::TargetArgs,

    /// What random choices begin with: the same seed and --runs make the same campaign from an empty state
    #[arg(long)]
    seed: Option<u64>,
    /// Vectors to execute, those of earlier runs of the campaign too
    #[arg(long, value_name = "N")]
    runs: Option<u64>,
    /// Time to spend: seconds, or 90s, 10m, 2h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,
    /// Folder with inputs and findings; by default target/corspec-fuzz/NAME
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Execute these vector files, for instance earlier findings, and nothing else
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "runs", "time", "state"])]
    replay: Vec<PathBuf>,
    /// TOML list of known failures, in place of the target's own: what they break, at the same step, is no finding
    #[arg(long, value_name = "FILE", conflicts_with = "no_known_failing")]
    known_failing: Option<PathBuf>,
    /// Use no list of known failures
    #[arg(long)]
    no_known_failing: bool,
    #[command(flatten)]
    results: Results,
    /// Time one exchange may take
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    timeout: Duration,
}

const EXAMPLES: &str = "Examples:
  corspec fuzz tower-http --time 60s
  corspec fuzz zoo/suffix-match --seed 1 --runs 5000
  corspec fuzz --adapter 'node my-adapter.mjs'
  corspec fuzz --url http://127.0.0.1:8080/ --policy policy.json --time 10m
  corspec fuzz tower-http --replay target/corspec-fuzz/tower-http/findings/*.json
  corspec fuzz promote target/corspec-fuzz/tower-http/findings/soundness-origin-0123abcd.json";

#[derive(Debug, Subcommand)]
enum Command {
    /// Check findings and add them to vectors/regressions
    Promote(promote::Args),
    /// Measure how long each animal of the zoo takes to be found, and print the table of fuzz/ZOO.md
    Times(times::Args),
}

/// A time: seconds, or a number with a unit.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a time above 0 is needed: 60, 90s, 10m, 2h".to_owned();
    let time = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?,
        Err(_) => text
            .parse::<jiff::SignedDuration>()
            .ok()
            .and_then(|time| Duration::try_from(time).ok())
            .ok_or_else(wrong)?,
    };
    if time.is_zero() { Err(wrong()) } else { Ok(time) }
}

/// A runtime of one thread, so that nothing depends on which thread is faster.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::broken)
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] when the command line or a file it names cannot be used, or the target does not start.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Some(Command::Promote(args)) => return promote::run(args),
        Some(Command::Times(args)) => return times::run(args),
        None => {}
    }
    let target = Target::of(&args.target)?;
    let runtime = runtime()?;
    if !args.replay.is_empty() {
        return runtime.block_on(replay(&target, args));
    }
    let known = if args.no_known_failing {
        KnownFailing::default()
    } else {
        target.known(args.known_failing.as_deref())?
    };
    let interrupts = {
        let _inside = runtime.enter();
        Interrupts::listen().map_err(Failure::broken)?
    };
    let folder = args.state.clone().unwrap_or_else(|| Path::new("target/corspec-fuzz").join(target.folder()));
    let state = State::open(&folder, &target.name, args.seed).map_err(Failure::usage)?;
    let seed = state.seed();
    let limits = Limits { timeout: args.timeout, ..Limits::default() };
    let mut stream = args.results.stream(&folder.join("events.jsonl").display().to_string())?;
    stream.write(&Event::start(None))?;
    let exit = runtime.block_on(async {
        let known = known_requirements(&target, known, limits).await?;
        let settings =
            Settings { seed, runs: args.runs, time: args.time, limits, given: target.given.clone(), known };
        let mut campaign = Campaign::new(&*target.make, settings, Some(state)).map_err(Failure::usage)?;
        campaign_to_its_end(&mut campaign, &folder, args, interrupts, &mut stream).await
    });
    // What does not end by itself is not waited for.
    runtime.shutdown_background();
    exit
}

/// Runs it and tells what it found.
async fn campaign_to_its_end(
    campaign: &mut Campaign<'_>,
    folder: &Path,
    args: &Args,
    interrupts: Interrupts,
    stream: &mut EventStream,
) -> Result<Exit, Failure> {
    let line = ProgressLine::new();
    let mut written = Ok(());
    let before = campaign.runs();
    let mut tell = |campaign: &Campaign<'_>, found: Option<&Found>| {
        if let Some(found) = found {
            let event = found.event(campaign.target(), &findings(folder));
            line.above(&format!(
                "{BAD}✗{BAD:#} {} {}",
                event.requirement.as_deref().unwrap_or(&event.law),
                found.what()
            ));
            written = stream.write(&Event::Result(Box::new(event))).and_then(|()| stream.flush());
        }
        line.show(campaign, before);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let ended = tokio::select! {
        ended = campaign.run(&mut tell) => Some(ended),
        () = interrupts.first() => None,
    };
    line.clear();
    let notes = campaign.end().await;
    written?;
    for note in &notes {
        anstream::eprintln!("corspec: {note}");
    }
    let exit = match &ended {
        None => Exit::Interrupted,
        Some(Err(_)) => Exit::Broken,
        Some(Ok(())) if !campaign.found().is_empty() => Exit::Findings,
        Some(Ok(())) => Exit::Clean,
    };
    let end = Event::End { complete: exit != Exit::Interrupted, exit_code: exit.code() };
    stream.write(&end)?;
    stream.flush()?;
    let mut collected = Collected::default();
    collected.note(&Event::start(None));
    collected.note(&Event::Implementation(campaign.target().info()));
    for found in campaign.found() {
        collected.note(&Event::Result(Box::new(found.event(campaign.target(), &findings(folder)))));
    }
    collected.note(&end);
    if args.results.is_pretty() {
        args.results.write_report(&collected, false)?;
        print(&summary(campaign, folder, before), None)?;
    } else {
        args.results.report(&collected, stream, false, None)?;
    }
    match ended {
        Some(Err(what)) => Err(Failure::broken(what)),
        _ => Ok(exit),
    }
}

/// Where the files of findings are.
fn findings(folder: &Path) -> PathBuf {
    folder.join(state::FINDINGS)
}

/// What was done and found, for people.
fn summary(campaign: &Campaign<'_>, folder: &Path, before: u64) -> String {
    let mut text = String::new();
    for found in campaign.found() {
        let event: ResultEvent = found.event(campaign.target(), &findings(folder));
        let level = event.level.as_str();
        let requirement = event.requirement.as_deref().unwrap_or(&event.law);
        let file = findings(folder).join(found.file_name());
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "\n{BAD}✗{BAD:#} {STRONG}{requirement}{STRONG:#} ({level}) {}\n    {FAINT}{}{FAINT:#}",
            found.what(),
            file.display()
        );
        text.push_str(&pretty::detail(&event));
    }
    let mut odd: Vec<String> = campaign
        .not_reproduced()
        .map(|(key, times)| format!("{} ({times} times)", key.requirement))
        .collect();
    odd.sort();
    if !odd.is_empty() {
        let _ = writeln!(text, "\nfailed once and not again when asked alone: {}", odd.join(", "));
    }
    let _ = writeln!(
        text,
        "\n{}; seed {}; state: {}",
        progress(campaign, before),
        campaign.seed(),
        folder.display()
    );
    text
}

/// How far it is, on one line.
fn progress(campaign: &Campaign<'_>, before: u64) -> String {
    let seconds = campaign.now().as_secs_f64().max(0.001);
    let rate = (campaign.runs() - before) as f64 / seconds;
    format!(
        "{}: {} runs, {rate:.0}/s, {} behaviours ({} pairs of steps), {} findings",
        campaign.target().info().name,
        campaign.runs(),
        campaign.behaviours().len(),
        campaign.behaviours().step_pairs(),
        campaign.found().len()
    )
}

/// The line that shows how far it is: on a terminal, nothing in a pipe.
struct ProgressLine {
    bar: ProgressBar,
    shown: std::cell::Cell<Instant>,
}

impl ProgressLine {
    const EVERY: Duration = Duration::from_millis(100);

    fn new() -> Self {
        let bar = if stderr().is_terminal() {
            let style = ProgressStyle::with_template("{spinner} {msg}");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        } else {
            ProgressBar::hidden()
        };
        Self { bar, shown: std::cell::Cell::new(Instant::now()) }
    }

    fn show(&self, campaign: &Campaign<'_>, before: u64) {
        if !self.bar.is_hidden() && self.shown.get().elapsed() >= Self::EVERY {
            self.shown.set(Instant::now());
            self.bar.set_message(progress(campaign, before));
            self.bar.tick();
        }
    }

    /// A line that stays.
    fn above(&self, text: &str) {
        if !self.bar.is_hidden() {
            self.bar.suspend(|| anstream::eprintln!("{text}"));
        }
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// What the vectors on a list of known failures break.
async fn known_requirements(
    target: &Target,
    mut known: KnownFailing,
    limits: Limits,
) -> Result<HashSet<Known>, Failure> {
    let mut broken = HashSet::new();
    let mut vectors = embedded::server_vectors();
    vectors.retain(|vector| known.names(&vector.meta.id));
    if vectors.is_empty() || target.given.is_some() {
        return Ok(broken);
    }
    let implementation = (target.make)().map_err(Failure::usage)?;
    implementation.start().await;
    let options = Options { limits, jobs: 8, ..Options::default() };
    run::run(&*implementation, &vectors, &options, &mut known, |result| {
        if result.verdict == Verdict::KnownFail {
            broken.insert(finding::known(&result));
        }
        ControlFlow::Continue(())
    })
    .await
    .map_err(Failure::broken)?;
    implementation.end().await;
    Ok(broken)
}

/// Executes the vectors of files and shows what fails.
async fn replay(target: &Target, args: &Args) -> Result<Exit, Failure> {
    let implementation = (target.make)().map_err(Failure::usage)?;
    implementation.start().await;
    let options =
        Options { limits: Limits { timeout: args.timeout, ..Limits::default() }, ..Options::default() };
    let (mut failed, mut judged) = (0, 0);
    for path in &args.replay {
        let vectors = state::read(path).map_err(Failure::usage)?;
        let mut text = String::new();
        run::run(&*implementation, &vectors, &options, &mut KnownFailing::default(), |result| {
            judged += usize::from(result.verdict.is_judged());
            if matches!(result.verdict, Verdict::Fail | Verdict::Crash | Verdict::Hang) {
                failed += 1;
                let requirement = result.requirement.as_deref().unwrap_or(&result.law);
                // Writing to a string does not fail.
                let _ = writeln!(text, "{BAD}✗{BAD:#} {STRONG}{requirement}{STRONG:#} {}", path.display());
                text.push_str(&pretty::detail(&result));
            }
            ControlFlow::Continue(())
        })
        .await
        .map_err(|error| Failure::usage(format_args!("{}: {error}", path.display())))?;
        print(&text, None)?;
    }
    implementation.end().await;
    print(&format!("{} files, {failed} failures\n", args.replay.len()), None)?;
    Ok(match (failed, judged) {
        (0, 0) => Exit::Broken,
        (0, _) => Exit::Clean,
        _ => Exit::Findings,
    })
}
