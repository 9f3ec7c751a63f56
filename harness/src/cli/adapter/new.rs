//! `corspec adapter new`: writes an adapter to start from.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::cli::{Exit, Failure};
use crate::implementation::adapter::manifest;

/// Write an adapter to start from: a server of the language's own, with a marked place for the software under test.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Language it is written in
    #[arg(long, value_enum)]
    language: Language,
    /// Folder to write; its name becomes that of the adapter
    #[arg(default_value = "adapters/my-cors")]
    dir: PathBuf,
}

const EXAMPLES: &str = "Examples:
  corspec adapter new --language go adapters/my-cors";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    #[value(name = "javascript")]
    JavaScript,
    Python,
    Go,
    Java,
    Ruby,
}

/// A file's name and text, in which `my-cors` stands for the name of the adapter.
type File = (&'static str, &'static str);

impl Language {
    const fn files(self) -> &'static [File] {
        match self {
            Self::Rust => &[
                ("adapter.toml", include_str!("../../../starters/rust/adapter.toml")),
                ("Cargo.toml", include_str!("../../../starters/rust/Cargo.toml.txt")),
                ("src/main.rs", include_str!("../../../starters/rust/main.rs.txt")),
            ],
            Self::JavaScript => &[
                ("adapter.toml", include_str!("../../../starters/javascript/adapter.toml")),
                ("adapter.mjs", include_str!("../../../starters/javascript/adapter.mjs")),
            ],
            Self::Python => &[
                ("adapter.toml", include_str!("../../../starters/python/adapter.toml")),
                ("adapter.py", include_str!("../../../starters/python/adapter.py")),
            ],
            Self::Go => &[
                ("adapter.toml", include_str!("../../../starters/go/adapter.toml")),
                ("go.mod", include_str!("../../../starters/go/go.mod.txt")),
                ("main.go", include_str!("../../../starters/go/main.go")),
            ],
            Self::Java => &[
                ("adapter.toml", include_str!("../../../starters/java/adapter.toml")),
                ("Adapter.java", include_str!("../../../starters/java/Adapter.java")),
            ],
            Self::Ruby => &[
                ("adapter.toml", include_str!("../../../starters/ruby/adapter.toml")),
                ("adapter.rb", include_str!("../../../starters/ruby/adapter.rb")),
            ],
        }
    }
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let shown = args.dir.display();
    let unusable = |what: &dyn std::fmt::Display| Failure::usage(format_args!("{shown}: {what}"));
    let name = args
        .dir
        .file_name()
        .and_then(|name| name.to_str())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)))
        .ok_or_else(|| unusable(&"an adapter's name has letters, digits, `-`, `_` and `.`"))?;
    if args.dir.join(manifest::FILE).exists() {
        return Err(unusable(&"there is an adapter already"));
    }
    for (file, text) in args.language.files() {
        write(&args.dir.join(file), &text.replace("my-cors", name))
            .map_err(|error| unusable(&format_args!("{file}: {error}")))?;
    }
    let parent = args.dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let option = match parent {
        Some(parent) if parent != Path::new("adapters") => format!(" --adapter-dir {}", parent.display()),
        Some(_) => String::new(),
        None => " --adapter-dir .".to_owned(),
    };
    anstream::println!(
        "{shown} is written. Next:\n\
         \n  corspec adapter install {name}{option}\n  corspec adapter smoke {name}{option}\n\
         \nthen put the software under test in the place marked `Your software` and run\n\
         \n  corspec test {name}{option}"
    );
    Ok(Exit::Clean)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}
