//! Which implementation is fuzzed.

use std::path::{Path, PathBuf};

use corspec_vectors::policy::PolicyDocument;

use crate::cli::adapter::find::{Directory, by_command};
use crate::cli::test::{OwnList, Reaching, embedded_named, own_list};
use crate::cli::{Failure, read};
use crate::fuzzing::campaign::{Given, Make};
use crate::implementation::{Implementation, InProcess, RunningServer};
use crate::known_failing::KnownFailing;

/// What is named on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct TargetArgs {
    /// An embedded implementation, an adapter, or zoo/NAME
    #[arg(required_unless_present_any = ["adapter", "url"])]
    target: Option<String>,
    /// The software behind the adapter that this command starts
    #[arg(long, value_name = "CMD", conflicts_with_all = ["target", "url"])]
    adapter: Option<String>,
    #[command(flatten)]
    directory: Directory,
    /// The server that runs at this URL; needs --policy. Requests of every method are sent to it
    #[arg(long, requires = "policy", conflicts_with = "target")]
    url: Option<String>,
    /// JSON file with the policy the server at --url is meant to have
    #[arg(long, requires = "url", value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    reaching: Reaching,
}

/// An implementation that can be made as often as needed.
pub(super) struct Target {
    /// The name on the command line.
    pub(super) name: String,
    /// Makes it.
    pub(super) make: Box<Make>,
    /// The policy and the path of a server that runs already.
    pub(super) given: Option<Given>,
    list: OwnList,
}

impl Target {
    /// The one that is named.
    pub(super) fn of(args: &TargetArgs) -> Result<Self, Failure> {
        if let (Some(url), Some(path)) = (&args.url, &args.policy) {
            return running(args.reaching.server(url)?, url, path);
        }
        args.reaching.only_with_url()?;
        if let Some(command) = args.adapter.clone() {
            by_command(&command)?;
            let name = command.clone();
            let make = move || -> Result<Box<dyn Implementation>, String> {
                Ok(Box::new(by_command(&command).map_err(|failure| failure.to_string())?))
            };
            return Ok(Self { name, make: Box::new(make), given: None, list: OwnList::None });
        }
        let name = args.target.clone().unwrap_or_default();
        if args.directory.has(&name) {
            let manifest = args.directory.named(&name)?;
            let list = manifest.known_failing.clone().map_or(OwnList::None, OwnList::File);
            let directory = args.directory.clone();
            let make = move || -> Result<Box<dyn Implementation>, String> {
                Ok(Box::new(directory.adapter(&manifest)))
            };
            return Ok(Self { name, make: Box::new(make), given: None, list });
        }
        let bare = name.strip_prefix("zoo/").unwrap_or(&name).to_owned();
        let list = OwnList::Embedded(embedded_named(&bare, &[])?.known_failing());
        let make = move || -> Result<Box<dyn Implementation>, String> {
            Ok(Box::new(InProcess(embedded_named(&bare, &[]).map_err(|failure| failure.to_string())?)))
        };
        Ok(Self { name, make: Box::new(make), given: None, list })
    }

    /// Its list of known failures, or that of a file.
    pub(super) fn known(&self, file: Option<&Path>) -> Result<KnownFailing, Failure> {
        file.map_or_else(|| self.list.read(), own_list)
    }

    /// A name for a folder.
    pub(super) fn folder(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        let folder: String = self.name.chars().map(plain).collect();
        folder.trim_matches(['-', '.']).to_owned()
    }
}

/// A server that runs already.
fn running(server: RunningServer, url: &str, path: &Path) -> Result<Target, Failure> {
    let bad = |error: &dyn std::fmt::Display| Failure::usage(format_args!("{}: {error}", path.display()));
    let document: PolicyDocument = serde_json::from_str(&read(path)?).map_err(|error| bad(&error))?;
    let policy = document.to_policy().map_err(|error| bad(&error))?;
    let given = Given { document, policy, path: server.path().to_owned() };
    let make = move || -> Result<Box<dyn Implementation>, String> { Ok(Box::new(server.clone())) };
    Ok(Target { name: url.to_owned(), make: Box::new(make), given: Some(given), list: OwnList::None })
}
