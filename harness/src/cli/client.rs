//! `corspec client`: client vectors in browsers.

use std::path::PathBuf;

use corspec_vectors::client::ClientVector;
use corspec_vectors::embedded;
use futures_util::future::join_all;
use tokio::sync::watch;

use super::stream::{EventStream, Results, Selection, progress_bar};
use super::{Exit, Failure, read, runtime};
use crate::client::engine::{Engine, StartError};
use crate::client::profile::{Explanation, Profile};
use crate::client::run::{self, ClientRun, Plan, ScenarioResult};
use crate::event::{ClientEvent, ClientResultEvent, DifferenceEvent, Event, ExplainedEvent};
use crate::report::collected::Collected;
use crate::verdict::Verdict;

/// Run the client vectors in browsers and compare what they do with the model.
///
/// Compared are what script sees, the requests on the wire, and why something was blocked. What a browser is known to do
/// otherwise than the standard is in its profile, vectors/engines/NAME.toml; a difference that is not, and an entry that
/// no longer holds, is a finding. The browsers run headless, with a new profile, and talk to loopback alone.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Clients to run them in
    #[arg(required = true, value_enum)]
    names: Vec<Engine>,

    #[command(flatten)]
    selection: Selection,
    /// The known differences of the one browser tested; in place of those that come with corspec
    #[arg(long, value_name = "FILE", conflicts_with = "no_profile")]
    profile: Option<PathBuf>,
    /// Explain no difference
    #[arg(long)]
    no_profile: bool,

    #[command(flatten)]
    results: Results,
    /// Show every difference, also those explained, and why vectors were left out
    #[arg(short, long)]
    verbose: bool,

    /// Scenarios under way at once in a page; WebKit always runs one, to tell its reasons apart
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
}

const EXAMPLES: &str = "Examples:
  corspec client chromium firefox webkit
  corspec client firefox --include 'fetch-examples/*' --verbose
  corspec client jsdom --no-profile";

/// Runs the command.
///
/// # Errors
/// [`Failure`] when the command line or a file it names cannot be used, or the event stream cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let (include, exclude) = args.selection.globs()?;
    let vectors = embedded::client_vectors();
    let plan = Plan::of(vectors.iter().filter(|vector| {
        include.as_ref().is_none_or(|globs| globs.is_match(&vector.meta.id))
            && !exclude.as_ref().is_some_and(|globs| globs.is_match(&vector.meta.id))
    }));
    if plan.runnable.is_empty() {
        return Err(Failure::usage("no vector is chosen that a page can run"));
    }
    let profiles: Vec<Profile> =
        args.names.iter().map(|&engine| profile(args, engine)).collect::<Result<_, _>>()?;
    let mut output = Output {
        stream: args.results.stream("corspec-clients.jsonl")?,
        collected: Collected::default(),
        failed: false,
        broken: false,
    };
    output.event(&Event::start(None))?;

    let progress = progress_bar(plan.runnable.len() * args.names.len());
    let (interrupted, runs) = runtime()?.block_on(async {
        let (interrupt, stop) = watch::channel(false);
        tokio::spawn(async move {
            super::interrupted().await;
            // Nobody listens any more when everything has been run.
            let _ = interrupt.send(true);
            // Kept: a closed channel would look like an interruption.
            std::future::pending::<()>().await;
        });
        let runs = args.names.iter().map(|&engine| {
            let scenarios = plan.runnable.iter().map(|(_, scenario)| scenario.clone()).collect();
            run::run(engine, scenarios, args.jobs.into(), stop.clone(), |done| progress.inc(done as u64))
        });
        let runs = join_all(runs).await;
        (*stop.borrow(), runs)
    });
    progress.finish_and_clear();
    let all = include.is_none() && exclude.is_none() && !interrupted;
    for ((engine, mut profile), run) in args.names.iter().zip(profiles).zip(runs) {
        let complete = output.client(*engine, &plan, run, &mut profile, interrupted)?;
        // A part of the vectors cannot tell which entries match nothing.
        if all && complete {
            for problem in profile.problems() {
                let (implementation, problem) = (engine.name().to_owned(), problem.to_string());
                output.event(&Event::KnownFailingProblem { implementation, problem })?;
            }
        }
    }
    let exit = match (interrupted, output.failed, output.broken) {
        (true, ..) => Exit::Interrupted,
        (_, true, _) => Exit::Findings,
        (_, _, true) => Exit::Broken,
        _ => Exit::Clean,
    };
    output.event(&Event::End { complete: !interrupted, exit_code: exit.code() })?;
    output.stream.flush()?;
    let remark = interrupted.then_some("interrupted: this is what was done until then");
    args.results.report(&output.collected, &output.stream, args.verbose, remark)?;
    Ok(exit)
}

fn profile(args: &Args, engine: Engine) -> Result<Profile, Failure> {
    match &args.profile {
        Some(_) if args.names.len() != 1 => Err(Failure::usage("a profile is for one browser: name it")),
        Some(path) => Profile::parse(&read(path)?)
            .map_err(|problem| Failure::usage(format_args!("{}: {problem}", path.display()))),
        None if args.no_profile => Ok(Profile::default()),
        None => Profile::parse(engine.profile()).map_err(Failure::broken),
    }
}

/// Where events go: the stream, and the report made of them.
struct Output {
    stream: EventStream,
    collected: Collected,
    failed: bool,
    broken: bool,
}

impl Output {
    fn event(&mut self, event: &Event) -> Result<(), Failure> {
        self.stream.write(event)?;
        match event {
            Event::ClientResult(result) => {
                self.failed |= matches!(
                    result.verdict,
                    Verdict::Fail | Verdict::UnexpectedPass | Verdict::Hang | Verdict::Crash
                );
            }
            Event::KnownFailingProblem { .. } => self.failed = true,
            _ => {}
        }
        self.collected.note(event);
        Ok(())
    }

    /// Writes what a client did. Answers whether it has run everything.
    fn client(
        &mut self,
        engine: Engine,
        plan: &Plan<'_>,
        run: Result<ClientRun, StartError>,
        profile: &mut Profile,
        interrupted: bool,
    ) -> Result<bool, Failure> {
        let name = engine.name();
        let run = match run {
            Ok(run) => run,
            Err(error) => {
                self.broken = true;
                anstream::eprintln!("corspec: {name}: {error}");
                self.event(&Event::Client(ClientEvent {
                    name: name.to_owned(),
                    setup_error: Some(error.to_string()),
                    ..ClientEvent::default()
                }))?;
                return Ok(false);
            }
        };
        if !run.version.contains(&profile.version) {
            anstream::eprintln!(
                "corspec: {name} is {}, its profile was made with {}",
                run.version,
                profile.version
            );
        }
        self.event(&Event::Client(ClientEvent {
            name: name.to_owned(),
            version: run.version,
            seconds: run.took.as_secs_f64(),
            milliseconds_a_scenario: run.milliseconds_a_scenario,
            setup_error: None,
        }))?;
        let mut complete = true;
        for ((vector, _), result) in plan.runnable.iter().zip(run.results) {
            if let Some(why) = result.lacks {
                self.event(&not_run(name, vector, Verdict::Unsupported, why))?;
            } else if result.observation.is_some() {
                let explanation = profile.explain(&vector.meta.id, &result.differences);
                self.event(&result_event(name, vector, result, explanation))?;
            } else {
                complete = false;
                if !interrupted {
                    self.broken = true;
                    let what = "the client was given up before it was run";
                    self.event(&not_run(name, vector, Verdict::SetupError, what))?;
                }
            }
        }
        for (vector, why) in &plan.left_out {
            self.event(&not_run(name, vector, Verdict::Unsupported, why))?;
        }
        Ok(complete)
    }
}

fn blank(client: &str, vector: &ClientVector) -> ClientResultEvent {
    ClientResultEvent {
        client: client.to_owned(),
        vector: vector.meta.id.clone(),
        title: vector.meta.title.clone(),
        level: vector.meta.level,
        verdict: Verdict::Pass,
        differences: Vec::new(),
        explained: Vec::new(),
        reasons: Vec::new(),
    }
}

fn not_run(name: &str, vector: &ClientVector, verdict: Verdict, why: &str) -> Event {
    let differences = vec![DifferenceEvent { aspect: None, what: why.to_owned() }];
    let event = ClientResultEvent { verdict, differences, ..blank(name, vector) };
    Event::ClientResult(Box::new(event))
}

fn result_event(
    name: &str,
    vector: &ClientVector,
    result: ScenarioResult,
    explanation: Explanation,
) -> Event {
    let hangs = result.hangs();
    let (verdict, explained) = match explanation {
        Explanation::Equal => (Verdict::Pass, Vec::new()),
        Explanation::Explained(explained) => (Verdict::KnownFail, explained),
        Explanation::Unexplained(_) if hangs => (Verdict::Hang, Vec::new()),
        Explanation::Unexplained(_) => (Verdict::Fail, Vec::new()),
        Explanation::UnexpectedlyEqual => (Verdict::UnexpectedPass, Vec::new()),
    };
    let differences = result
        .differences
        .into_iter()
        .map(|difference| DifferenceEvent { aspect: Some(difference.aspect), what: difference.what })
        .collect();
    let explained = explained
        .into_iter()
        .map(|entry| ExplainedEvent { what: entry.what, step: entry.step, link: entry.link })
        .collect();
    let reasons = result.reasons;
    let event = ClientResultEvent { verdict, differences, explained, reasons, ..blank(name, vector) };
    Event::ClientResult(Box::new(event))
}
