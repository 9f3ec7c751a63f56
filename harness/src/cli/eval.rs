//! `corspec eval`: the model as a filter.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;

use corspec_vectors::client::{EvalInput, EvalOutput};
use corspec_vectors::run;

use super::{Exit, Failure};

/// Run the model as a filter.
///
/// Reads one client vector a line and writes one answer a line, in the same order. A line that makes no sense is
/// answered with `{"id": …, "error": …}` and the run goes on. The format is in `vectors/README.md`, its JSON Schemas
/// in `vectors/schemas/eval-input.schema.json` and `eval-output.schema.json`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// File to read; standard input when absent or `-`
    file: Option<PathBuf>,
    /// Add every step of the standard that was taken, and whether its condition held
    #[arg(long)]
    trace: bool,
}

const EXAMPLES: &str = "Examples:
  echo '{\"id\":\"a\",\"fetches\":[{\"request\":{\"origin\":\"https://a.example\",\"url\":\"https://b.example/\"},\"responses\":[{\"status\":200}]}]}' | corspec eval
  corspec eval scenarios.jsonl --trace > answers.jsonl";

/// Runs the command.
///
/// # Errors
/// [`Failure`] when the input cannot be read or the output not written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let input: Box<dyn BufRead> = match args.file.as_deref() {
        Some(path) if path.as_os_str() != "-" => {
            let file = File::open(path)
                .map_err(|error| Failure::usage(format_args!("{}: {error}", path.display())))?;
            Box::new(BufReader::with_capacity(1 << 16, file))
        }
        _ => Box::new(io::stdin().lock()),
    };
    match filter(input, BufWriter::with_capacity(1 << 16, io::stdout().lock()), args.trace) {
        Ok(()) => Ok(Exit::Clean),
        // The reader of our output went away; it has what it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Clean),
        Err(error) => Err(Failure::broken(error)),
    }
}

/// Answers each line of `input` with a line of `output`. Blank lines are passed over.
///
/// # Errors
/// When reading or writing fails.
pub fn filter(mut input: impl BufRead, mut output: impl Write, keep_trace: bool) -> io::Result<()> {
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        number += 1;
        if input.read_until(b'\n', &mut line)? == 0 {
            return output.flush();
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        serde_json::to_writer(&mut output, &answer(&line, number, keep_trace))?;
        output.write_all(b"\n")?;
    }
}

fn answer(line: &[u8], number: u64, keep_trace: bool) -> EvalOutput {
    let EvalInput { id, fetches } = match serde_json::from_slice(line) {
        Ok(input) => input,
        Err(error) => {
            let id = serde_json::from_slice::<serde_json::Value>(line)
                .ok()
                .and_then(|value| value.get("id")?.as_str().map(str::to_owned));
            // The position serde names counts lines within this one line.
            let problem = error.to_string();
            let problem = problem.split(" at line ").next().unwrap_or(&problem);
            return EvalOutput::Failed {
                id,
                error: format!("line {number}, column {}: {problem}", error.column()),
            };
        }
    };
    match run::client::run(&fetches, keep_trace) {
        Ok(fetches) => EvalOutput::Evaluated { id, fetches },
        Err(error) => EvalOutput::Failed { id: Some(id), error: format!("line {number}: {error}") },
    }
}
