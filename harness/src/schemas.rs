//! The JSON Schemas of what the harness speaks: the event stream, what changed, explanations, the adapter protocol.
//! Those of the vectors are in [`corspec_vectors::schema`].

use corspec_vectors::schema::{schema_for, to_text};

use crate::event::Event;
use crate::explanation::Explanation;
use crate::implementation::adapter::protocol::{AdapterError, Hello, Request, ServeAnswer, Stopped};
use crate::report::diff::Diff;

/// The text of each schema with the name of its file in `harness/schemas/`.
pub fn all() -> Vec<(&'static str, String)> {
    let schemas = [
        ("diff.schema.json", schema_for::<Diff>()),
        ("events.schema.json", schema_for::<Event>()),
        ("adapter-request.schema.json", schema_for::<Request>()),
        ("adapter-hello.schema.json", schema_for::<Hello>()),
        ("adapter-serve.schema.json", schema_for::<ServeAnswer>()),
        ("adapter-stop.schema.json", schema_for::<Stopped>()),
        ("adapter-error.schema.json", schema_for::<AdapterError>()),
    ];
    let mut texts: Vec<_> = schemas.iter().map(|(name, schema)| (*name, to_text(schema))).collect();
    texts.push(("explanation.schema.json", explanation()));
    texts
}

/// The schema of an explanation.
pub fn explanation() -> String {
    to_text(&schema_for::<Explanation>())
}
