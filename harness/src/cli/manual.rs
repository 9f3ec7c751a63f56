//! `corspec completions` and `corspec man`: what shells and manuals say of the program, made from its own help.

use std::io::Write;
use std::path::PathBuf;

use clap_complete::Shell;

use super::{Exit, Failure, command};

/// Write what a shell needs to complete this program's command lines to standard output.
#[derive(Debug, clap::Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

const COMPLETIONS_EXAMPLES: &str = "Examples:
  corspec completions bash > ~/.local/share/bash-completion/completions/corspec
  corspec completions zsh > ~/.zfunc/_corspec
  corspec completions fish > ~/.config/fish/completions/corspec.fish";

/// Write a manual page for the program and for each of its commands.
#[derive(Debug, clap::Args)]
#[command(after_help = MAN_EXAMPLES)]
pub struct ManArgs {
    /// Folder to write them to; made when it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

const MAN_EXAMPLES: &str = "Examples:
  corspec man ~/.local/share/man/man1 && man corspec-explain";

/// Writes the completions of a shell.
///
/// # Errors
/// [`Failure`] when standard output cannot be written.
pub fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "corspec", &mut script);
    match std::io::stdout().lock().write_all(&script) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Failure::quiet()),
        Err(error) => Err(Failure::broken(error)),
        Ok(()) => Ok(Exit::Clean),
    }
}

/// Writes the manual pages.
///
/// # Errors
/// [`Failure`] naming the folder that cannot be written to.
pub fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let unwritable = |error: std::io::Error| {
        Failure::usage(format_args!("{}: {error}; name a folder you may write to", args.folder.display()))
    };
    std::fs::create_dir_all(&args.folder).map_err(unwritable)?;
    clap_mangen::generate_to(command(), &args.folder).map_err(unwritable)?;
    anstream::println!("wrote the pages to {}; read one with `man -l {0}/corspec.1`", args.folder.display());
    Ok(Exit::Clean)
}
