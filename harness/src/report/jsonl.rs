//! The events themselves, of one stream or of several put together.

use super::collected::{Collected, ListProblem};
use crate::check::AuditEvent;
use crate::event::Event;

/// One stream of all events: results that a later stream replaced are gone, shards are one run.
///
/// # Errors
/// Whatever serializing JSON gives; it does not happen with events.
pub fn text(collected: &Collected) -> serde_json::Result<String> {
    let mut lines = vec![serde_json::to_string(&Event::start(None))?];
    let mut add = |event: &Event| -> serde_json::Result<()> {
        lines.push(serde_json::to_string(event)?);
        Ok(())
    };
    for tested in &collected.implementations {
        add(&Event::Implementation(tested.info.clone()))?;
        for result in tested.results() {
            add(&Event::Result(Box::new(result.clone())))?;
        }
    }
    for tested in &collected.clients {
        add(&Event::Client(tested.info.clone()))?;
        for result in tested.results() {
            add(&Event::ClientResult(Box::new(result.clone())))?;
        }
    }
    for animal in &collected.animals {
        add(&Event::Animal(animal.clone()))?;
    }
    for exhibit in &collected.exhibits {
        add(&Event::Exhibit(exhibit.clone()))?;
    }
    for ListProblem { implementation, problem } in collected.problems.iter().cloned() {
        add(&Event::KnownFailingProblem { implementation, problem })?;
    }
    for (place, audit) in collected.audits.iter().cloned().enumerate() {
        add(&Event::Audit(Box::new(AuditEvent { place, ..audit })))?;
    }
    add(&Event::End { complete: collected.missing().is_empty(), exit_code: collected.exit_code() })?;
    lines.push(String::new());
    Ok(lines.join("\n"))
}
