//! `corspec adapter`: the programs that plug software of any language in.
//!
//! | command | module |
//! |---|---|
//! | `list` | here |
//! | `install` | `install` |
//! | `smoke` | `smoke` |
//! | `new` | `new` |
//!
//! Which adapter a name or a command line means is in `find`; `corspec test` and `corspec up` ask there too.

pub(super) mod find;
pub(super) mod install;
mod new;
mod smoke;

use clap::Subcommand;

use super::{Exit, Failure};
use find::Directory;

/// Set up, check and write the programs that plug software of any language in.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    directory: Directory,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  corspec adapter list
  corspec adapter new --language python adapters/my-cors
  corspec adapter smoke my-cors";

#[derive(Debug, Subcommand)]
enum Command {
    /// List the adapters there are
    #[command(after_help = "Examples:\n  corspec adapter list --adapter-dir adapters")]
    List,
    /// Install what adapters need, as their adapter.toml says
    Install(install::Args),
    /// Check an adapter itself, without a word on CORS: the protocol, and the application behind the software
    Smoke(smoke::Args),
    /// Write an adapter to start from
    New(new::Args),
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] when there is no such adapter, or a file cannot be read or written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::List => list(&args.directory),
        Command::Install(install) => install::run(install, &args.directory),
        Command::Smoke(smoke) => smoke::run(smoke, &args.directory),
        Command::New(new) => new::run(new),
    }
}

fn list(directory: &Directory) -> Result<Exit, Failure> {
    let manifests = directory.all()?;
    let width = |of: fn(&crate::implementation::adapter::Manifest) -> &str| {
        manifests.iter().map(|manifest| of(manifest).chars().count()).max().unwrap_or(0)
    };
    let (name, language, package) = (width(|m| &m.name), width(|m| &m.language), width(|m| &m.package));
    for manifest in &manifests {
        anstream::println!(
            "{:name$}  {:language$}  {:package$}  {}",
            manifest.name,
            manifest.language,
            manifest.package,
            manifest.homepage
        );
    }
    Ok(Exit::Clean)
}
