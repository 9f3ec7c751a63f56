//! Reads event streams back.

use std::io::BufRead;

use super::collected::Collected;
use crate::event::{Event, FORMAT};

/// Why a file of events cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It cannot be read at all.
    #[error("{file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// What happened.
        error: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{file}:{line}: {problem}")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it, and what to do.
        problem: String,
    },
}

/// Reads the events of `input`, named `file` in messages, into `collected`.
///
/// A stream that was cut off is accepted and [told](Collected::missing): without a last line, or with one that stops in the middle.
/// A file may hold several streams, one after another. Blank lines are passed over.
///
/// # Errors
/// [`Unreadable`] naming the line that is no event, the stream that does not begin with `start`, or the format that is
/// newer than this program.
pub fn read(file: &str, mut input: impl BufRead, collected: &mut Collected) -> Result<(), Unreadable> {
    let mut bytes = Vec::new();
    let mut line = 0;
    // Whether a stream is open, and whether there was one.
    let (mut started, mut any) = (false, false);
    loop {
        bytes.clear();
        line += 1;
        let length = input
            .read_until(b'\n', &mut bytes)
            .map_err(|error| Unreadable::Io { file: file.to_owned(), error })?;
        if length == 0 {
            break;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let bad = |problem: String| Unreadable::Line { file: file.to_owned(), line, problem };
        let event: Event = match serde_json::from_slice(&bytes) {
            Ok(event) => event,
            // What a program that was killed leaves behind.
            Err(error) if error.is_eof() && !bytes.ends_with(b"\n") => break,
            Err(error) => return Err(bad(not_an_event(&error))),
        };
        match &event {
            Event::Start { format, .. } if *format > FORMAT => {
                return Err(bad(format!(
                    "the events have format {format}, this corspec reads up to {FORMAT}: use the corspec that wrote them"
                )));
            }
            Event::Start { .. } => (started, any) = (true, true),
            _ if !started => {
                return Err(bad(
                    "events begin with `start`: is this the file `corspec test` wrote?".to_owned()
                ));
            }
            _ => {}
        }
        collected.note_from(file, &event);
        // What follows is another stream.
        started &= !matches!(event, Event::End { .. });
    }
    if !any {
        collected.begin(file, None);
    }
    Ok(())
}

/// serde's words, with the column only: the line it counts is the one we name.
fn not_an_event(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    format!("column {}: not an event of corspec: {text}", error.column())
}
