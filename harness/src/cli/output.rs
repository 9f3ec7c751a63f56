//! What `corspec test` writes: the events of a run, its report, and the exit code they make.

use corspec_vectors::meta::Level;
use indicatif::ProgressBar;

use super::stream::{EventStream, Results, progress_bar};
use super::{Exit, Failure};
use crate::event::Event;
use crate::report::collected::Collected;
use crate::report::is_failure;
use crate::verdict::Verdict;

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Everything was run.
    Whole,
    /// As many failures as are allowed were found.
    Enough,
    /// Somebody stopped it.
    Interrupted,
}

/// Where events go: the stream, and the report made of them.
pub(super) struct Output {
    stream: EventStream,
    collected: Collected,
    progress: ProgressBar,
    /// Vectors that are to be run.
    chosen: usize,
    judged: usize,
    failed: u32,
    /// How many failures end the run.
    allowed: u32,
    stale_list: bool,
    broken: bool,
    last_vector: String,
    /// Law, vector and what was found, of each failure: what a list of known failures is made of.
    pub(super) failures: Vec<[String; 3]>,
}

impl Output {
    /// For a run of `vectors` that ends at `allowed` failures.
    pub(super) fn new(results: &Results, vectors: usize, allowed: u32) -> Result<Self, Failure> {
        Ok(Self {
            stream: results.stream("corspec-results.jsonl")?,
            collected: Collected::default(),
            progress: progress_bar(vectors),
            chosen: vectors,
            judged: 0,
            failed: 0,
            allowed,
            stale_list: false,
            broken: false,
            last_vector: String::new(),
            failures: Vec::new(),
        })
    }

    /// Whether as many failures as are allowed were found.
    pub(super) fn has_enough(&self) -> bool {
        self.failed >= self.allowed
    }

    /// Notes that an adapter crashed, which some requests may have got over.
    pub(super) fn crashes(&mut self, notes: &[String]) {
        for note in notes {
            self.broken = true;
            self.progress.suspend(|| anstream::eprintln!("corspec: {note}"));
        }
    }

    /// Writes an event and takes note of it.
    pub(super) fn event(&mut self, event: &Event) -> Result<(), Failure> {
        self.stream.write(event)?;
        match event {
            Event::Implementation(info) => self.progress.set_message(info.name.clone()),
            Event::Result(result) => {
                let failed = is_failure(result) || matches!(result.verdict, Verdict::Crash | Verdict::Hang);
                self.failed = self.failed.saturating_add(failed.into());
                self.broken |= result.verdict == Verdict::SetupError;
                self.judged += usize::from(result.verdict.is_judged());
                if matches!(
                    result.verdict,
                    Verdict::Fail | Verdict::KnownFail | Verdict::Crash | Verdict::Hang
                ) && result.level != Level::Check
                {
                    let what = result.finding.as_ref().map(|finding| finding.what.clone());
                    self.failures.push([result.law.clone(), result.vector.clone(), what.unwrap_or_default()]);
                }
                if self.last_vector != result.vector {
                    self.last_vector.clone_from(&result.vector);
                    self.progress.inc(1);
                }
            }
            Event::KnownFailingProblem { .. } => self.stale_list = true,
            Event::Client(_)
            | Event::ClientResult(_)
            | Event::Animal(_)
            | Event::Exhibit(_)
            | Event::Audit(_)
            | Event::Start { .. }
            | Event::End { .. } => {}
        }
        self.collected.note(event);
        Ok(())
    }

    /// Ends the stream and prints the report.
    pub(super) fn finish(mut self, results: &Results, ended: Ended, verbose: bool) -> Result<Exit, Failure> {
        let failed = self.failed > 0 || self.stale_list;
        // A shard may be empty, a selection not.
        let nothing = self.judged == 0 && self.chosen > 0;
        let exit = match ended {
            Ended::Interrupted => Exit::Interrupted,
            Ended::Enough => Exit::Findings,
            Ended::Whole if failed && !nothing => Exit::Findings,
            Ended::Whole if self.broken || nothing => Exit::Broken,
            Ended::Whole => Exit::Clean,
        };
        self.event(&Event::End { complete: ended == Ended::Whole, exit_code: exit.code() })?;
        self.stream.flush()?;
        self.progress.finish_and_clear();
        let remark = match ended {
            Ended::Interrupted => Some("interrupted: this is what was done until then"),
            Ended::Enough => Some("ended early: there are as many failures as are allowed"),
            Ended::Whole if self.chosen == 0 => Some("no chosen vector is in this shard"),
            Ended::Whole if nothing => Some("nothing was judged"),
            Ended::Whole => None,
        };
        results.report(&self.collected, &self.stream, verbose, remark)?;
        Ok(exit)
    }
}
