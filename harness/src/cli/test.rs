//! `corspec test`: server vectors and laws against implementations.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use corspec_vectors::embedded;
use corspec_vectors::meta::Level;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerVector;
use indicatif::ProgressBar;

use super::adapter::find::{Directory, by_command};
use super::stream::{EventStream, Results, Selection, progress_bar};
use super::{Exit, Failure, interrupted, read, runtime};
use crate::event::Event;
use crate::implementation::adapter::Manifest;
use crate::implementation::{self, Embedded, Implementation, InProcess, OverHttp, RunningServer};
use crate::known_failing::{self, KnownFailing};
use crate::report::is_failure;
use crate::report::pretty::Pretty;
use crate::retarget::retarget;
use crate::run::{self, Options};
use crate::transport::Limits;
use crate::verdict::Verdict;

/// Run the server vectors and laws against implementations.
///
/// Without a name every embedded implementation is tested, each with its list of known failures.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Embedded implementations and adapters to test; every embedded one when none is named
    names: Vec<String>,

    /// Test the software behind the adapter that this command starts
    #[arg(long, value_name = "CMD", conflicts_with_all = ["names", "url"])]
    adapter: Option<String>,
    /// Test the software behind every adapter that has a folder
    #[arg(long, conflicts_with_all = ["names", "url", "adapter"])]
    all_adapters: bool,
    #[command(flatten)]
    directory: Directory,
    /// Test the server that runs at this URL; needs --policy. Requests of every method are sent to it
    #[arg(long, requires = "policy", conflicts_with = "names")]
    url: Option<String>,
    /// JSON file with the policy the server at --url is meant to have
    #[arg(long, requires = "url", value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How embedded implementations are reached
    #[arg(long, value_enum, default_value_t = TransportArg::InProcess, conflicts_with = "url")]
    transport: TransportArg,

    #[command(flatten)]
    selection: Selection,
    /// Only results of these levels
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LEVEL")]
    level: Vec<LevelArg>,

    /// TOML list of known failures, for the one implementation tested; in place of the embedded list. Entries that match
    /// nothing are noticed when all vectors are run
    #[arg(long, value_name = "FILE", conflicts_with = "no_known_failing")]
    known_failing: Option<PathBuf>,
    /// Write the failures of the one implementation tested, known ones too, as such a list; replaces the file
    #[arg(long, value_name = "FILE")]
    write_known_failing: Option<PathBuf>,
    /// Use no list of known failures
    #[arg(long)]
    no_known_failing: bool,

    #[command(flatten)]
    results: Results,
    /// Show an example of each finding, also of known ones
    #[arg(short, long)]
    verbose: bool,

    /// Vectors under way at once
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// Seconds one exchange may take
    #[arg(long, default_value_t = 5.0, value_parser = seconds)]
    timeout: f64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TransportArg {
    /// Called as a `tower::Service`
    InProcess,
    /// Served on loopback and asked over HTTP/1.1
    Http,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LevelArg {
    Security,
    Must,
    Should,
    Interop,
    Check,
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::Security => Self::Security,
            LevelArg::Must => Self::Must,
            LevelArg::Should => Self::Should,
            LevelArg::Interop => Self::Interop,
            LevelArg::Check => Self::Check,
        }
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 3600.0 => Ok(seconds),
        _ => Err("seconds above 0 and up to 3600 are needed".to_owned()),
    }
}

/// The embedded implementation of this name.
///
/// # Errors
/// [`Failure`] naming those there are.
pub fn embedded_named(name: &str) -> Result<Box<dyn Embedded>, Failure> {
    let mut all = implementation::embedded();
    let known: Vec<String> = all.iter().map(|embedded| embedded.info().name).collect();
    match known.iter().position(|known| known == name) {
        Some(index) => Ok(all.swap_remove(index)),
        None => Err(Failure::usage(format_args!(
            "there is no embedded implementation `{name}`; there are {}, and no adapter of that name: \
             see `corspec adapter list`",
            known.join(", ")
        ))),
    }
}

/// One implementation to test with what it is tested with.
struct Subject {
    implementation: Box<dyn Implementation>,
    vectors: Vec<ServerVector>,
    known: KnownFailing,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] when the command line or a file it names cannot be used, or the event stream cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let options = options(args)?;
    let runtime = runtime()?;
    let mut subjects = subjects(args)?;
    let chosen: usize =
        subjects.iter().flat_map(|subject| &subject.vectors).filter(|v| options.chooses(&v.meta.id)).count();
    if chosen == 0 {
        return Err(Failure::usage("no vector is chosen: --include and --exclude leave none"));
    }
    let mut output = Output::new(args, chosen)?;
    output.event(&Event::start())?;
    let stopped = runtime.block_on(async {
        let stopped = tokio::select! {
            result = run_all(&mut subjects, &options, &mut output) => result.map(|()| false),
            () = interrupted() => Ok(true),
        };
        for subject in &subjects {
            output.crashes(&subject.implementation.end().await);
        }
        stopped
    })?;
    // Half a run would write half a list.
    if let Some(path) = args.write_known_failing.as_deref().filter(|_| !stopped) {
        let failures = output.failures.iter().map(|[law, vector, what]| (&**law, &**vector, &**what));
        let text = known_failing::to_text(failures).map_err(Failure::broken)?;
        if let Err(error) = std::fs::write(path, text) {
            output.finish(stopped, args.verbose)?;
            return Err(Failure::usage(format_args!("{}: {error}", path.display())));
        }
    }
    output.finish(stopped, args.verbose)
}

async fn run_all(subjects: &mut [Subject], options: &Options, output: &mut Output) -> Result<(), Failure> {
    let everything =
        options.include.is_none() && options.exclude.is_none() && options.levels.len() == Level::ALL.len();
    for Subject { implementation, vectors, known } in subjects {
        implementation.start().await;
        let info = implementation.info();
        let name = info.name.clone();
        output.event(&Event::Implementation(info))?;
        let mut unwritten = Ok(());
        run::run(&**implementation, vectors, options, known, |result| {
            if unwritten.is_ok() {
                unwritten = output.event(&Event::Result(Box::new(result)));
            }
        })
        .await
        .map_err(Failure::broken)?;
        unwritten?;
        output.crashes(&implementation.end().await);
        // A part of the vectors cannot tell which entries match nothing.
        if everything {
            for problem in known.problems(jiff::Zoned::now().date()) {
                let problem = problem.to_string();
                output.event(&Event::KnownFailingProblem { implementation: name.clone(), problem })?;
            }
        }
    }
    Ok(())
}

fn options(args: &Args) -> Result<Options, Failure> {
    let levels = if args.level.is_empty() {
        Level::ALL.to_vec()
    } else {
        args.level.iter().map(|&level| level.into()).collect()
    };
    let (include, exclude) = args.selection.globs()?;
    Ok(Options {
        include,
        exclude,
        levels,
        jobs: args.jobs.into(),
        limits: Limits { timeout: Duration::from_secs_f64(args.timeout), ..Limits::default() },
    })
}

fn subjects(args: &Args) -> Result<Vec<Subject>, Failure> {
    let vectors = embedded::server_vectors();
    let own_list = |path: &Path| {
        KnownFailing::parse(&read(path)?)
            .map_err(|problem| Failure::usage(format_args!("{}: {problem}", path.display())))
    };
    if let (Some(url), Some(path)) = (&args.url, &args.policy) {
        let bad = |error: &dyn std::fmt::Display| Failure::usage(format_args!("{}: {error}", path.display()));
        let document: PolicyDocument = serde_json::from_str(&read(path)?).map_err(|error| bad(&error))?;
        let policy = document.to_policy().map_err(|error| bad(&error))?;
        let server = RunningServer::new(url).map_err(Failure::usage)?;
        let vectors = retarget(&vectors, &document, &policy, server.path());
        let known = args.known_failing.as_deref().map(own_list).transpose()?.unwrap_or_default();
        return Ok(vec![Subject { implementation: Box::new(server), vectors, known }]);
    }
    let chosen = chosen(args)?;
    if (args.known_failing.is_some() || args.write_known_failing.is_some()) && chosen.len() != 1 {
        return Err(Failure::usage("a list of known failures is for one implementation: name it"));
    }
    chosen
        .into_iter()
        .map(|(implementation, list)| {
            let known = match (&args.known_failing, list) {
                (Some(path), _) => own_list(path)?,
                (None, _) if args.no_known_failing => KnownFailing::default(),
                (None, OwnList::Embedded(list)) => KnownFailing::parse(list).map_err(Failure::broken)?,
                (None, OwnList::File(path)) => own_list(&path)?,
                (None, OwnList::None) => KnownFailing::default(),
            };
            Ok(Subject { implementation, vectors: vectors.clone(), known })
        })
        .collect()
}

/// The list of known failures that an implementation comes with.
enum OwnList {
    None,
    Embedded(&'static str),
    File(PathBuf),
}

type Chosen = (Box<dyn Implementation>, OwnList);

/// The implementations that are meant, each with its list.
fn chosen(args: &Args) -> Result<Vec<Chosen>, Failure> {
    let embedded = |embedded: Box<dyn Embedded>| -> Chosen {
        let list = OwnList::Embedded(embedded.known_failing());
        match args.transport {
            TransportArg::InProcess => (Box::new(InProcess(embedded)), list),
            TransportArg::Http => (Box::new(OverHttp(embedded)), list),
        }
    };
    let with_manifest = |manifest: &Manifest| -> Chosen {
        let list = manifest.known_failing.clone().map_or(OwnList::None, OwnList::File);
        (Box::new(args.directory.adapter(manifest)), list)
    };
    if let Some(command) = &args.adapter {
        return Ok(vec![(Box::new(by_command(command)?), OwnList::None)]);
    }
    if args.all_adapters {
        return Ok(args.directory.all()?.iter().map(with_manifest).collect());
    }
    if args.names.is_empty() {
        return Ok(implementation::embedded().into_iter().map(embedded).collect());
    }
    let one = |name: &String| {
        if args.directory.has(name) {
            args.directory.named(name).map(|manifest| with_manifest(&manifest))
        } else {
            embedded_named(name).map(embedded)
        }
    };
    args.names.iter().map(one).collect()
}

/// Where events go: the stream, and the report made of them.
struct Output {
    stream: EventStream,
    pretty: Option<Pretty>,
    progress: ProgressBar,
    judged: usize,
    failed: bool,
    broken: bool,
    last_vector: String,
    /// Law, vector and what was found, of each failure: what a list of known failures is made of.
    failures: Vec<[String; 3]>,
}

impl Output {
    fn new(args: &Args, vectors: usize) -> Result<Self, Failure> {
        let pretty = args.results.is_pretty();
        let stream = args.results.stream("corspec-results.jsonl")?;
        Ok(Self {
            stream,
            pretty: pretty.then(Pretty::default),
            progress: progress_bar(vectors),
            judged: 0,
            failed: false,
            broken: false,
            last_vector: String::new(),
            failures: Vec::new(),
        })
    }

    fn event(&mut self, event: &Event) -> Result<(), Failure> {
        self.stream.write(event)?;
        match event {
            Event::Implementation(info) => self.progress.set_message(info.name.clone()),
            Event::Result(result) => {
                self.failed |= is_failure(result) || matches!(result.verdict, Verdict::Crash | Verdict::Hang);
                self.broken |= result.verdict == Verdict::SetupError;
                self.judged += usize::from(result.verdict.is_judged());
                if matches!(result.verdict, Verdict::Fail | Verdict::KnownFail)
                    && result.level != Level::Check
                {
                    let what = result.finding.as_ref().map(|finding| finding.what.clone());
                    self.failures.push([result.law.clone(), result.vector.clone(), what.unwrap_or_default()]);
                }
                if self.last_vector != result.vector {
                    self.last_vector.clone_from(&result.vector);
                    self.progress.inc(1);
                }
            }
            Event::KnownFailingProblem { .. } => self.failed = true,
            Event::Client(_) | Event::ClientResult(_) | Event::Start { .. } | Event::End { .. } => {}
        }
        if let Some(pretty) = &mut self.pretty {
            pretty.note(event);
        }
        Ok(())
    }

    /// Notes that an adapter crashed, which some requests may have got over.
    fn crashes(&mut self, notes: &[String]) {
        for note in notes {
            self.broken = true;
            self.progress.suspend(|| anstream::eprintln!("corspec: {note}"));
        }
    }

    fn finish(mut self, interrupted: bool, verbose: bool) -> Result<Exit, Failure> {
        let nothing = self.judged == 0;
        let exit = match (interrupted, self.failed && !nothing, self.broken || nothing) {
            (true, ..) => Exit::Interrupted,
            (_, true, _) => Exit::Findings,
            (_, _, true) => Exit::Broken,
            _ => Exit::Clean,
        };
        self.event(&Event::End { complete: !interrupted, exit_code: exit.code() })?;
        self.stream.flush()?;
        self.progress.finish_and_clear();
        if let Some(pretty) = &self.pretty {
            anstream::print!("{}", pretty.print(verbose));
            if interrupted {
                anstream::println!("\ninterrupted: this is what was done until then");
            } else if nothing {
                anstream::println!("\nnothing was judged");
            }
        }
        if let (Some(place), Some(_)) = (&self.stream.place, &self.pretty) {
            anstream::println!("\nevents: {}", place.display());
        }
        Ok(exit)
    }
}
