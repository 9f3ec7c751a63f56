//! Which adapter is meant: one with a folder, or one given by its command line.

use std::path::PathBuf;

use crate::cli::{Failure, suggest};
use crate::implementation::Adapter;
use crate::implementation::adapter::{Manifest, Program, manifest};

/// Where adapters are.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Directory {
    /// Folder with a folder for each adapter
    #[arg(long, value_name = "DIR", default_value = USUAL, global = true)]
    adapter_dir: PathBuf,
}

const USUAL: &str = "adapters";

impl Directory {
    /// Whether there is an adapter of this name.
    pub(in crate::cli) fn has(&self, name: &str) -> bool {
        is_name(name) && self.adapter_dir.join(name).join(manifest::FILE).is_file()
    }

    /// The manifest of the adapter of this name.
    pub(in crate::cli) fn named(&self, name: &str) -> Result<Manifest, Failure> {
        if self.has(name) {
            return Manifest::read(&self.adapter_dir.join(name)).map_err(Failure::usage);
        }
        let known = self.names();
        let near = suggest::nearest(name, known.iter().map(String::as_str));
        Err(Failure::usage(format_args!(
            "there is no adapter `{name}`{near}: no {} in {}; see `corspec adapter list`",
            manifest::FILE,
            self.adapter_dir.join(name).display()
        )))
    }

    /// The names of all adapters; none when the folder cannot be read.
    pub(in crate::cli) fn names(&self) -> Vec<String> {
        let manifests = Manifest::all(&self.adapter_dir).unwrap_or_default();
        manifests.into_iter().map(|manifest| manifest.name).collect()
    }

    /// Every adapter.
    pub(in crate::cli) fn all(&self) -> Result<Vec<Manifest>, Failure> {
        let manifests = Manifest::all(&self.adapter_dir).map_err(Failure::usage)?;
        if manifests.is_empty() {
            return Err(Failure::usage(format_args!(
                "there are no adapters in {}: name their folder with --adapter-dir",
                self.adapter_dir.display()
            )));
        }
        Ok(manifests)
    }

    /// The adapter with this manifest, to be tested.
    pub(in crate::cli) fn adapter(&self, manifest: &Manifest) -> Adapter {
        let mut up_arguments = manifest.name.clone();
        if self.adapter_dir.as_os_str() != USUAL {
            up_arguments = format!("--adapter-dir {} {up_arguments}", quoted(&self.adapter_dir.display()));
        }
        Adapter::of(manifest, up_arguments)
    }
}

/// The adapter that a command line starts, in the current folder.
pub(in crate::cli) fn by_command(command: &str) -> Result<Adapter, Failure> {
    Ok(Adapter::new(program(command)?, format!("--adapter {}", quoted(&command))))
}

/// The program of a command line, split into words as a shell does.
pub(super) fn program(command: &str) -> Result<Program, Failure> {
    let argv = shlex::split(command)
        .filter(|argv| !argv.is_empty())
        .ok_or_else(|| Failure::usage(format_args!("`{command}` is no command: a quote is left open")))?;
    let folder = std::env::current_dir().map_err(Failure::broken)?;
    Ok(Program { name: command.to_owned(), argv, folder, hint: String::new() })
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && !name.starts_with('.')
}

fn quoted(text: &dyn std::fmt::Display) -> String {
    let text = text.to_string();
    shlex::try_quote(&text).map_or_else(|_| text.clone(), std::borrow::Cow::into_owned)
}
