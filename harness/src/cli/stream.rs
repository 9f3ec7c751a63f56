//! What commands that run vectors share: which vectors, where events go, how progress is shown.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Exit, Failure};
use crate::event::Event;
use crate::report::collected::Collected;
use crate::report::format::Format;
use crate::report::markdown;

/// Which vectors to run.
#[derive(Debug, clap::Args)]
pub(super) struct Selection {
    /// Only vectors whose id matches this glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,
    /// No vector whose id matches this glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
}

impl Selection {
    /// The globs to include, and those to exclude; `None` where there are none.
    pub(super) fn globs(&self) -> Result<(Option<GlobSet>, Option<GlobSet>), Failure> {
        Ok((globs("include", &self.include)?, globs("exclude", &self.exclude)?))
    }
}

/// What to print, and where the event stream goes.
#[derive(Debug, clap::Args)]
pub(super) struct Results {
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Pretty)]
    format: Format,
    /// Where the event stream goes, JSON lines; replaces the file. By default corspec-results.jsonl, of clients
    /// corspec-clients.jsonl, of audits corspec-check.jsonl; with --format jsonl standard output. A name that ends as a
    /// report's does, such as audit.html, gets that report, and the events go where they go by default
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Results {
    /// The file the event stream goes to, if it goes to one.
    pub(super) fn file(&self, usual: &str) -> Option<PathBuf> {
        let usual = (self.format != Format::Jsonl).then_some(usual);
        let named = self.output.clone().filter(|_| self.report_file().is_none());
        named.or_else(|| usual.map(PathBuf::from))
    }

    /// Writes the report that the name of the output asks for, if it does.
    pub(super) fn write_report(&self, collected: &Collected, verbose: bool) -> Result<(), Failure> {
        let Some((path, format)) = self.report_file() else { return Ok(()) };
        print(&format.text(collected, verbose).map_err(Failure::broken)?, Some(path))
    }

    /// The file that gets a report, if the name of the output is that of one, and its format.
    fn report_file(&self) -> Option<(&Path, Format)> {
        let path = self.output.as_deref()?;
        Some((path, Format::of_file(path).filter(|&format| format != Format::Jsonl)?))
    }

    /// Whether people are to read what is printed, not a program.
    pub(super) fn is_pretty(&self) -> bool {
        self.format == Format::Pretty
    }

    /// The event stream: to the file the user named, else to the `usual` one, else, when it is what is printed, to
    /// standard output.
    pub(super) fn stream(&self, usual: &str) -> Result<EventStream, Failure> {
        self.try_report_file()?;
        EventStream::new(self.file(usual))
    }

    /// The same, begun with the `events` of an earlier stream, which stay in its file until they are in the new one.
    pub(super) fn stream_after(&self, usual: &str, events: &[Event]) -> Result<EventStream, Failure> {
        self.try_report_file()?;
        match self.file(usual) {
            Some(path) => EventStream::in_place_of(&path, events),
            None => EventStream::new(None)?.begun(events),
        }
    }

    /// Before the work, not after it: a file that cannot be written is told.
    fn try_report_file(&self) -> Result<(), Failure> {
        self.report_file().map_or(Ok(()), |(path, _)| print("", Some(path)))
    }

    /// Prints the report of a run that has ended, and appends it as Markdown to the summary of the CI step when there is
    /// one. `remark` is for people.
    pub(super) fn report(
        &self,
        collected: &Collected,
        stream: &EventStream,
        verbose: bool,
        remark: Option<&str>,
    ) -> Result<(), Failure> {
        step_summary(collected);
        self.write_report(collected, verbose)?;
        // Printed event by event already.
        if self.format == Format::Jsonl {
            return Ok(());
        }
        print(&self.format.text(collected, verbose).map_err(Failure::broken)?, None)?;
        if self.format == Format::Pretty {
            if let Some(remark) = remark {
                print(&format!("\n{remark}\n"), None)?;
            }
            if let Some(place) = &stream.place {
                print(&format!("\nevents: {}\n", place.display()), None)?;
            }
            if let Some((path, _)) = self.report_file() {
                print(&format!("report: {}\n", path.display()), None)?;
            }
        }
        Ok(())
    }
}

/// Names the file that a CI step's summary is appended to; set by GitHub Actions and those compatible with it.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Appends the report to the summary of the CI step. A summary that cannot be written is told and is no failure.
fn step_summary(collected: &Collected) {
    let Some(path) = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return;
    };
    let append = || {
        let mut file = File::options().append(true).create(true).open(&path)?;
        file.write_all(format!("{}\n", markdown::text(collected)).as_bytes())
    };
    if let Err(error) = append() {
        anstream::eprintln!("corspec: {STEP_SUMMARY}: {}: {error}", path.display());
    }
}

/// Writes a report to a file, which it replaces, or to standard output; colours only to a terminal.
pub(super) fn print(text: &str, file: Option<&Path>) -> Result<(), Failure> {
    let written = match file {
        Some(path) => {
            let plain = anstream::adapter::strip_str(text).to_string();
            return std::fs::write(path, plain)
                .map_err(|error| Failure::usage(format_args!("{}: {error}", path.display())));
        }
        None => anstream::stdout().lock().write_all(text.as_bytes()),
    };
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::quiet(),
        _ => Failure::broken(format_args!("standard output: {error}")),
    })
}

/// Where the event stream goes.
pub(super) struct EventStream {
    writer: Box<dyn Write>,
    /// The file; `None` for standard output.
    pub(super) place: Option<PathBuf>,
}

impl EventStream {
    /// To a file, which it replaces, or to standard output.
    fn new(place: Option<PathBuf>) -> Result<Self, Failure> {
        let writer: Box<dyn Write> = match &place {
            None => Box::new(BufWriter::new(io::stdout().lock())),
            Some(path) => {
                let file = File::create(path)
                    .map_err(|error| Failure::usage(format_args!("{}: {error}", path.display())))?;
                Box::new(BufWriter::new(file))
            }
        };
        Ok(Self { writer, place })
    }

    /// To the file at `path`, whose place another file takes that has the `events` already: a program that is killed now
    /// loses none of them.
    fn in_place_of(path: &Path, events: &[Event]) -> Result<Self, Failure> {
        if path.exists() && !path.is_file() {
            return Self::new(Some(path.to_owned()))?.begun(events); // a device or a pipe stays where it is
        }
        // Not the link to a file, but the file.
        let file = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut part = file.clone().into_os_string();
        part.push(".part");
        let stream = Self::new(Some(part.clone().into()))?.begun(events)?;
        std::fs::rename(&part, &file)
            .map_err(|error| Failure::usage(format_args!("{}: {error}", path.display())))?;
        Ok(Self { place: Some(path.to_owned()), ..stream })
    }

    /// With these events written.
    fn begun(mut self, events: &[Event]) -> Result<Self, Failure> {
        for event in events {
            self.write(event)?;
        }
        self.flush()?;
        Ok(self)
    }

    /// A stream of its own, begun, in the file the user named; `None` when none was.
    pub(super) fn asked_for(named: Option<&Path>) -> Result<Option<Self>, Failure> {
        let Some(named) = named else { return Ok(None) };
        let mut stream = Self::new(Some(named.to_owned()))?;
        stream.write(&Event::start(None))?;
        Ok(Some(stream))
    }

    /// Writes the last line.
    pub(super) fn end(&mut self, complete: bool, exit: Exit) -> Result<(), Failure> {
        self.write(&Event::End { complete, exit_code: exit.code() })?;
        self.flush()
    }

    /// Writes one line.
    pub(super) fn write(&mut self, event: &Event) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.writer, event).map_err(|error| unwritable(&error.into()))?;
        self.writer.write_all(b"\n").map_err(|error| unwritable(&error))
    }

    /// Writes what is still held back.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.writer.flush().map_err(|error| unwritable(&error))
    }
}

/// A reader that goes away has what it wanted; anything else is told.
fn unwritable(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::quiet(),
        _ => Failure::broken(format_args!("the event stream: {error}")),
    }
}

fn globs(option: &str, globs: &[String]) -> Result<Option<GlobSet>, Failure> {
    let bad = |error| Failure::usage(format_args!("--{option}: {error}"));
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(Glob::new(glob).map_err(bad)?);
    }
    Ok(if globs.is_empty() { None } else { Some(set.build().map_err(bad)?) })
}

/// A bar on a terminal, nothing in a pipe.
pub(super) fn progress_bar(length: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}");
    ProgressBar::new(length as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
