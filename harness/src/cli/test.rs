//! `corspec test`: server vectors and laws against implementations.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use corspec_vectors::embedded;
use corspec_vectors::meta::Level;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerVector;

use super::adapter::find::{Directory, by_command};
use super::output::{Ended, Output};
use super::stream::{Results, Selection};
use super::{Exit, Failure, Interrupts, read, runtime, suggest};
use crate::event::Event;
use crate::implementation::adapter::Manifest;
use crate::implementation::{self, Embedded, Implementation, InProcess, OverHttp, RunningServer};
use crate::known_failing::{self, KnownFailing};
use crate::retarget::retarget;
use crate::run::{self, Options};
use crate::shard::Shard;
use crate::tls::Trust;
use crate::transport::{Limits, Version};
use crate::zoo;

/// Run the server vectors and laws against implementations.
///
/// Without a name every embedded implementation is tested, each with its list of known failures.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
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
    #[command(flatten)]
    reaching: Reaching,
    /// How embedded implementations are reached
    #[arg(long, value_enum, default_value_t = TransportArg::InProcess, conflicts_with = "url")]
    transport: TransportArg,

    #[command(flatten)]
    selection: Selection,
    /// Only the I-th of N parts of the vectors, to share a run among machines; `corspec report` puts them together
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Only results of these levels
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LEVEL")]
    level: Vec<LevelArg>,

    /// TOML list of known failures, for the one implementation tested; in place of the embedded list. Entries that match
    /// nothing are noticed when all vectors are run
    #[arg(long, value_name = "FILE", conflicts_with = "no_known_failing")]
    known_failing: Option<PathBuf>,
    /// Write the failures of the one implementation tested, known ones too, as such a list; replaces the file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fail_fast", "max_fail"])]
    write_known_failing: Option<PathBuf>,
    /// Use no list of known failures
    #[arg(long)]
    no_known_failing: bool,

    #[command(flatten)]
    results: Results,
    /// Show an example of each finding, also of known ones
    #[arg(short, long)]
    verbose: bool,

    /// End the run at the first failure
    #[arg(long, conflicts_with = "max_fail")]
    fail_fast: bool,
    /// End the run when there are this many failures; known ones do not count
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_fail: Option<u32>,
    /// Vectors under way at once
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// Seconds one exchange may take
    #[arg(long, default_value_t = 5.0, value_parser = seconds)]
    timeout: f64,
}

const EXAMPLES: &str = "Examples:
  corspec test                                      the embedded implementations
  corspec test tower-http --include 'server-caching/*' --level security,must
  corspec test --url http://127.0.0.1:8080/ --policy policy.json
  corspec test --adapter 'node my-adapter.mjs'
  corspec test warp --no-known-failing --write-known-failing known.toml
  corspec test --format junit > junit.xml";

/// How a running server is reached.
#[derive(Debug, clap::Args)]
pub(super) struct Reaching {
    /// Ask the server over HTTP/2: by prior knowledge without TLS, agreed on with ALPN over TLS
    #[arg(long)]
    http2: bool,
    /// PEM file with the certificates of the authorities to trust in place of the system's
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    cacert: Option<PathBuf>,
    /// Accept any certificate of the server
    #[arg(long)]
    insecure: bool,
}

impl Reaching {
    /// Refuses what is said here where no server at a URL is asked.
    ///
    /// # Errors
    /// [`Failure`] naming the options.
    pub(super) fn only_with_url(&self) -> Result<(), Failure> {
        if self.http2 || self.cacert.is_some() || self.insecure {
            return Err(Failure::usage("--http2, --cacert and --insecure are for a server at --url"));
        }
        Ok(())
    }

    /// The server at `url`.
    ///
    /// # Errors
    /// [`Failure`] naming what is wrong with the URL or the certificates.
    pub(super) fn server(&self, url: &str) -> Result<RunningServer, Failure> {
        let server = RunningServer::new(url).map_err(Failure::usage)?.over(self.version());
        match self.trust()? {
            Trust::System => Ok(server),
            trust => server.trusting(trust).map_err(Failure::usage),
        }
    }

    /// The version of HTTP to speak.
    pub(super) const fn version(&self) -> Version {
        if self.http2 { Version::Http2 } else { Version::Http1 }
    }

    /// Whose certificates are accepted.
    ///
    /// # Errors
    /// [`Failure`] naming the file of certificates that cannot be used.
    pub(super) fn trust(&self) -> Result<Trust, Failure> {
        match &self.cacert {
            Some(path) => Trust::only(read(path)?.as_bytes())
                .map_err(|error| Failure::usage(format_args!("{}: {error}", path.display()))),
            None if self.insecure => Ok(Trust::Any),
            None => Ok(Trust::System),
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TransportArg {
    /// Called in this process: a middleware as a `tower::Service`
    InProcess,
    /// Served on loopback and asked over HTTP/1.1
    Http,
    /// Over HTTP/2, by prior knowledge
    Http2,
    /// Over HTTP/1.1 and TLS, with a throw-away certificate
    Https,
    /// Over HTTP/2 and TLS
    Https2,
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

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 3600.0 => Ok(seconds),
        _ => Err("seconds above 0 and up to 3600 are needed".to_owned()),
    }
}

/// The embedded implementation, or the animal of the [zoo], of this name. `adapters` are names that may have been meant as
/// well.
///
/// # Errors
/// [`Failure`] naming those there are.
pub fn embedded_named(name: &str, adapters: &[String]) -> Result<Box<dyn Embedded>, Failure> {
    let mut all = implementation::embedded();
    // A command that is mistyped is taken for a name.
    let commands = super::commands();
    let known: Vec<String> = all.iter().map(|embedded| embedded.info().name).collect();
    if let Some(index) = known.iter().position(|known| known == name) {
        return Ok(all.swap_remove(index));
    }
    match zoo::animals().chain(zoo::legal_variants()).find(|animal| animal.name == name) {
        Some(animal) => Ok(Box::new(*animal)),
        None => Err(Failure::usage(format_args!(
            "there is no command and no embedded implementation `{name}`{}; there are {}, and no adapter or animal of the zoo of that name: \
             see `corspec adapter list` and `corspec zoo`",
            suggest::nearest(
                name,
                known
                    .iter()
                    .chain(adapters)
                    .map(String::as_str)
                    .chain(zoo::animals().map(|animal| animal.name))
                    .chain(commands.iter().map(String::as_str))
            ),
            known.join(", ")
        ))),
    }
}

/// One implementation to test with what it is tested with.
struct Subject {
    implementation: Arc<dyn Implementation>,
    vectors: Arc<[ServerVector]>,
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
    let chosen = |subjects: &[Subject]| {
        subjects.iter().flat_map(|subject| &*subject.vectors).filter(|v| options.chooses(&v.meta.id)).count()
    };
    if chosen(&subjects) == 0 {
        return Err(Failure::usage("no vector is chosen: --include and --exclude leave none"));
    }
    // Lists of known failures are about all vectors, also where only a part of them is run.
    let outdated = outdated(&subjects)?;
    let all = args.write_known_failing.is_some().then(|| subjects.first().map(|s| s.vectors.clone()));
    if let Some(shard) = args.shard {
        for subject in &mut subjects {
            subject.vectors =
                subject.vectors.iter().filter(|vector| shard.holds(&vector.meta.id)).cloned().collect();
        }
    }
    // Before there is a stream, so that none is left without its last line.
    let interrupts = {
        let _inside = runtime.enter();
        Interrupts::listen().map_err(Failure::broken)?
    };
    let allowed = if args.fail_fast { 1 } else { args.max_fail.unwrap_or(u32::MAX) };
    let mut output = Output::new(&args.results, chosen(&subjects), allowed)?;
    output.event(&Event::start(args.shard))?;
    let ended = runtime.block_on(async {
        let ended = tokio::select! {
            result = run_all(&mut subjects, &options, args.shard.is_none(), &mut output) => result,
            () = interrupts.first() => Ok(Ended::Interrupted),
        };
        for subject in &subjects {
            output.crashes(&subject.implementation.end().await);
        }
        ended
    })?;
    // What does not end by itself, a connection or a name that is looked up, is not waited for.
    runtime.shutdown_background();
    for problem in outdated {
        output.event(&problem)?;
    }
    // Half a run would write half a list.
    if let Some(path) = args.write_known_failing.as_deref().filter(|_| ended == Ended::Whole) {
        let failures = output.failures.iter().map(|[law, vector, what]| (&**law, &**vector, &**what));
        let text = known_failing::to_text(failures, &all.flatten().unwrap_or_default());
        let text = text.map_err(Failure::broken)?;
        if let Err(error) = std::fs::write(path, text) {
            output.finish(&args.results, ended, args.verbose)?;
            return Err(Failure::usage(format_args!("{}: {error}", path.display())));
        }
    }
    output.finish(&args.results, ended, args.verbose)
}

/// What the lists of known failures say that is out of date, whichever vectors are run.
fn outdated(subjects: &[Subject]) -> Result<Vec<Event>, Failure> {
    let today = jiff::Zoned::now().date();
    let mut events = Vec::new();
    for Subject { implementation, vectors, known } in subjects {
        for problem in known.outdated(today, vectors).map_err(Failure::broken)? {
            let implementation = implementation.info().name;
            events.push(Event::KnownFailingProblem { implementation, problem: problem.to_string() });
        }
    }
    Ok(events)
}

async fn run_all(
    subjects: &mut [Subject],
    options: &Options,
    unsharded: bool,
    output: &mut Output,
) -> Result<Ended, Failure> {
    let everything = unsharded
        && options.include.is_none()
        && options.exclude.is_none()
        && options.levels.len() == Level::ALL.len();
    for Subject { implementation, vectors, known } in subjects {
        implementation.start().await;
        let info = implementation.info();
        let name = info.name.clone();
        output.event(&Event::Implementation(info))?;
        let mut written = Ok(());
        run::run_on_all_cores(implementation, vectors, options, known, |result| {
            written = output.event(&Event::Result(Box::new(result)));
            if written.is_err() || output.has_enough() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .await
        .map_err(Failure::broken)?;
        written?;
        output.crashes(&implementation.end().await);
        if output.has_enough() {
            return Ok(Ended::Enough);
        }
        // A part of the vectors cannot tell which entries match nothing.
        if everything {
            for problem in known.unmatched() {
                let problem = problem.to_string();
                output.event(&Event::KnownFailingProblem { implementation: name.clone(), problem })?;
            }
        }
    }
    Ok(Ended::Whole)
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
    if args.url.is_none() {
        args.reaching.only_with_url()?;
    }
    if let (Some(url), Some(path)) = (&args.url, &args.policy) {
        let bad = |error: &dyn std::fmt::Display| Failure::usage(format_args!("{}: {error}", path.display()));
        let document: PolicyDocument = serde_json::from_str(&read(path)?).map_err(|error| bad(&error))?;
        let policy = document.to_policy().map_err(|error| bad(&error))?;
        let server = args.reaching.server(url)?;
        let vectors = retarget(&vectors, &document, &policy, server.path());
        let known = args.known_failing.as_deref().map(own_list).transpose()?.unwrap_or_default();
        return Ok(vec![Subject { implementation: Arc::new(server), vectors: vectors.into(), known }]);
    }
    let vectors: Arc<[ServerVector]> = vectors.into();
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
                (None, list) => list.read()?,
            };
            Ok(Subject { implementation: implementation.into(), vectors: Arc::clone(&vectors), known })
        })
        .collect()
}

/// The list of known failures that an implementation comes with.
pub(super) enum OwnList {
    /// There is none.
    None,
    /// Built into the program.
    Embedded(&'static str),
    /// Beside the adapter.
    File(PathBuf),
}

impl OwnList {
    /// The list.
    pub(super) fn read(&self) -> Result<KnownFailing, Failure> {
        match self {
            Self::None => Ok(KnownFailing::default()),
            Self::Embedded(list) => KnownFailing::parse(list).map_err(Failure::broken),
            Self::File(path) => own_list(path),
        }
    }
}

/// The list of known failures in a file.
pub(super) fn own_list(path: &Path) -> Result<KnownFailing, Failure> {
    KnownFailing::parse(&read(path)?)
        .map_err(|problem| Failure::usage(format_args!("{}: {problem}", path.display())))
}

type Chosen = (Box<dyn Implementation>, OwnList);

/// The implementations that are meant, each with its list.
fn chosen(args: &Args) -> Result<Vec<Chosen>, Failure> {
    let embedded = |embedded: Box<dyn Embedded>| -> Result<Chosen, Failure> {
        let list = OwnList::Embedded(embedded.known_failing());
        Ok(match args.transport {
            TransportArg::InProcess => (Box::new(InProcess(embedded)), list),
            TransportArg::Http => (Box::new(OverHttp::new(embedded, Version::Http1)), list),
            TransportArg::Http2 => (Box::new(OverHttp::new(embedded, Version::Http2)), list),
            TransportArg::Https => {
                (Box::new(OverHttp::tls(embedded, Version::Http1).map_err(Failure::broken)?), list)
            }
            TransportArg::Https2 => {
                (Box::new(OverHttp::tls(embedded, Version::Http2).map_err(Failure::broken)?), list)
            }
        })
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
        return implementation::embedded().into_iter().map(embedded).collect();
    }
    let one = |name: &String| {
        if args.directory.has(name) {
            args.directory.named(name).map(|manifest| with_manifest(&manifest))
        } else {
            embedded_named(name, &args.directory.names()).and_then(embedded)
        }
    };
    args.names.iter().map(one).collect()
}
