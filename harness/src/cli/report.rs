//! `corspec report`: event files to any format.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::stream::print;
use super::{Exit, Failure};
use crate::report::collected::Collected;
use crate::report::format::Format;
use crate::report::html::benches::Record;
use crate::report::html::trends::Run;
use crate::report::html::{self, Material};
use crate::report::read::{self, Unreadable};

/// Write a report of event files: of a run, of its shards, or of several runs together.
///
/// Results of an implementation in one version belong together; what a later file says of a vector replaces what an
/// earlier one said. A file that was cut off is accepted, and the report says that it is incomplete. The exit code is 0
/// whatever the events say.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Event files as `corspec test` and `corspec client` write them; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What to write. By default what the name of the output ends with, such as .html; else `pretty`
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Where to write it; replaces the file. By default standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Benchmarks to draw, a file of benches/record (`html`)
    #[arg(long, value_name = "FILE")]
    bench: Option<PathBuf>,
    /// Show an example of each finding, also of known ones (`pretty`)
    #[arg(short, long)]
    verbose: bool,
}

const EXAMPLES: &str = "Examples:
  corspec report corspec-results.jsonl --format markdown
  corspec report shard-*.jsonl --format sarif -o corspec.sarif
  corspec report -o report.html before.jsonl after.jsonl
  corspec report -o badge.svg corspec-results.jsonl";

/// Runs the command.
///
/// # Errors
/// [`Failure`] naming the file and the line that cannot be used.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let of_file = args.output.as_deref().and_then(Format::of_file);
    let format = args.format.or(of_file).unwrap_or(Format::Pretty);
    let benchmarks = args.bench.as_deref().map(record).transpose()?;
    if benchmarks.is_some() && format != Format::Html {
        return Err(Failure::usage("--bench: only the HTML report shows benchmarks: --format html"));
    }
    let mut collected = Collected::default();
    for path in &args.files {
        collect(path, &mut collected)?;
    }
    // A terminal report says so itself; who reads the others is not told by a program.
    for missing in collected.missing().into_iter().filter(|_| format != Format::Pretty) {
        anstream::eprintln!("corspec: incomplete: {missing}");
    }
    let text = match format {
        Format::Html => html::text(&Material {
            collected: &collected,
            runs: &runs(&args.files)?,
            benchmarks: benchmarks.as_ref(),
        })
        .map_err(Failure::broken)?,
        other => other.text(&collected, args.verbose).map_err(Failure::broken)?,
    };
    print(&text, args.output.as_deref())?;
    Ok(Exit::Clean)
}

fn record(path: &Path) -> Result<Record, Failure> {
    serde_json::from_str(&super::read(path)?).map_err(|error| {
        Failure::usage(format_args!("{}: not a record of benchmarks: {error}", path.display()))
    })
}

/// Each file by itself, when there are several; standard input can be read only once.
fn runs(files: &[PathBuf]) -> Result<Vec<Run>, Failure> {
    if files.len() < 2 {
        return Ok(Vec::new());
    }
    let mut runs = Vec::new();
    for path in files.iter().filter(|path| path.as_os_str() != "-") {
        let mut collected = Collected::default();
        collect(path, &mut collected)?;
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
        runs.push(Run { name: name.unwrap_or_default(), collected });
    }
    Ok(runs)
}

/// Adds the events of a file.
pub(super) fn collect(path: &Path, collected: &mut Collected) -> Result<(), Failure> {
    let name = path.display().to_string();
    let input: Box<dyn BufRead> = if name == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(path).map_err(|error| Failure::usage(format_args!("{name}: {error}")))?;
        Box::new(BufReader::with_capacity(1 << 16, file))
    };
    read::read(&name, input, collected).map_err(|error: Unreadable| Failure::usage(error))
}
