//! The command line.
//!
//! | command | module |
//! |---|---|
//! | `corspec`, `corspec test` | [`test`](mod@test) |
//! | `corspec check` | [`check`] |
//! | `corspec up` | [`up`] |
//! | `corspec adapter` | [`adapter`] |
//! | `corspec client` | [`client`] |
//! | `corspec fuzz` | [`fuzz`] |
//! | `corspec eval` | [`eval`] |
//! | `corspec explain` | [`explain`] |
//! | `corspec fetch` | [`fetch`] |
//! | `corspec report` | [`report`] |
//! | `corspec serve` | [`serve`] |
//! | `corspec diff` | [`diff`] |
//! | `corspec laws` | [`laws`] |
//! | `corspec zoo` | [`zoo`] |
//! | `corspec museum` | [`museum`] |
//! | `corspec vectors` | [`vectors`] |
//! | `corspec completions`, `corspec man` | [`manual`] |

pub mod adapter;
pub mod check;
pub mod client;
pub mod diff;
pub mod eval;
pub mod explain;
pub mod fetch;
pub mod fuzz;
pub mod laws;
pub mod manual;
pub mod museum;
mod output;
pub mod report;
pub mod request;
pub mod serve;
mod stream;
mod suggest;
pub mod test;
pub mod up;
pub mod vectors;
pub mod zoo;

use std::fmt;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// How the program ends. The numbers are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything asked for was done and nothing was found.
    Clean,
    /// 1: something was found.
    Findings,
    /// 2: the command line, or a file it names, cannot be used.
    Usage,
    /// 3: the harness, or an implementation's set-up, broke.
    Broken,
    /// 130: interrupted by Ctrl-C; what was done is kept.
    Interrupted,
}

impl Exit {
    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Broken => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// A message for the user and how the program ends with it.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Failure {
    /// The command line, or a file it names, cannot be used.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string() }
    }

    /// Whoever reads the output went away, so there is nobody to tell anything.
    pub const fn quiet() -> Self {
        Self { exit: Exit::Clean, message: String::new() }
    }

    /// The harness broke.
    pub fn broken(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Broken, message: message.to_string() }
    }
}

/// The conformance suite for CORS: an executable model of the Fetch Standard plays the browser, and every server is
/// judged by what that browser would do.
#[derive(Debug, Parser)]
#[command(name = "corspec", version, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    test: test::Args,
}

/// The names of the commands.
fn commands() -> Vec<String> {
    <Cli as clap::CommandFactory>::command()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect()
}

const AFTER_HELP: &str = "Without a command, `corspec` is `corspec test`.

Exit codes: 0 clean, 1 findings, 2 usage, 3 the harness or an implementation's set-up broke or nothing could be
judged, 130 interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server vectors and laws against implementations
    Test(test::Args),
    /// Audit live endpoints whose policy nobody told
    Check(check::Args),
    /// Bring an implementation up on loopback with the policy of a vector, to be asked with curl
    Up(up::Args),
    /// Set up, check and write the programs that plug software of any language in
    Adapter(adapter::Args),
    /// Run the client vectors in browsers and compare what they do with the model
    Client(client::Args),
    /// Look for new failures of one implementation: generated vectors, judged by the ordinary laws
    Fuzz(fuzz::Args),
    /// Run the model as a filter: client vectors in, what a browser does out, JSON lines both
    Eval(eval::Args),
    /// Explain why a browser blocks or shares a response, and what would allow it
    Explain(explain::Args),
    /// Fetch over the network as a browser would, and say what script sees and why
    Fetch(fetch::Args),
    /// Write a report of event files: of a run, of its shards, or of several runs together
    Report(report::Args),
    /// Serve a page on this machine: explain a fetch step by step, browse vectors and laws, open reports
    Serve(serve::Args),
    /// Name what got better, worse, appeared and vanished between two runs
    Diff(diff::Args),
    /// List what every implementation must satisfy, or explain one law
    Laws(laws::Args),
    /// Run the suite against its own seeded bugs
    Zoo(zoo::Args),
    /// Run the suite against documented bugs in versions that can still be installed
    Museum(museum::Args),
    /// List, show, check or regenerate the vectors
    Vectors(vectors::Args),
    /// Write what a shell needs to complete this program's command lines
    Completions(manual::CompletionsArgs),
    /// Write a manual page for each command
    Man(manual::ManArgs),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        None => test::run(&cli.test),
        Some(Command::Test(args)) => test::run(&args),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Up(args)) => up::run(&args),
        Some(Command::Adapter(args)) => adapter::run(&args),
        Some(Command::Client(args)) => client::run(&args),
        Some(Command::Fuzz(args)) => fuzz::run(&args),
        Some(Command::Eval(args)) => eval::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Fetch(args)) => fetch::run(&args),
        Some(Command::Report(args)) => report::run(&args),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Diff(args)) => diff::run(&args),
        Some(Command::Laws(args)) => laws::run(&args),
        Some(Command::Zoo(args)) => zoo::run(&args),
        Some(Command::Museum(args)) => museum::run(&args),
        Some(Command::Vectors(args)) => vectors::run(&args),
        Some(Command::Completions(args)) => manual::completions(&args),
        Some(Command::Man(args)) => manual::man(&args),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if !failure.message.is_empty() {
                anstream::eprintln!("corspec: {}", without_control(&failure.message));
            }
            failure.exit.into()
        }
    }
}

/// A message with its control characters shown as escapes: what it quotes may come from a file or a server.
fn without_control(message: &str) -> String {
    let mut shown = String::with_capacity(message.len());
    for c in message.chars() {
        if c.is_control() && c != '\n' {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The command line as `clap` has it.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Reads a file the user named.
fn read(path: &std::path::Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format_args!("{}: {error}; name a text file that can be read", path.display()))
    })
}

/// Columns of the terminal, as far as there is one.
fn terminal_width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns
        .or_else(|| terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| columns.into()))
        .unwrap_or(80)
}

/// Waits for Ctrl-C, or for the polite signal to end.
async fn interrupted() {
    match Interrupts::listen() {
        Ok(interrupts) => interrupts.first().await,
        // Then the signal ends the program, as it does by default.
        Err(_) => std::future::pending().await,
    }
}

/// Ctrl-C and the polite signal to end, from the moment this is made on.
struct Interrupts([tokio::signal::unix::Signal; 2]);

impl Interrupts {
    /// Listens; from here on the signals end nothing by themselves. Only inside a runtime.
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]))
    }

    /// Waits for the first of them.
    async fn first(self) {
        let [mut interrupt, mut terminate] = self.0;
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    }
}

/// The runtime for commands that talk to servers.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::broken)
}
