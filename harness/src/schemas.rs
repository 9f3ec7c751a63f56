//! Every JSON Schema of the project: those of the vectors, of the event stream, of what changed and of the adapter
//! protocol.

use corspec_vectors::schema::schema_for;
use schemars::Schema;

use crate::event::Event;
use crate::explanation::Explanation;
use crate::implementation::adapter::protocol::{AdapterError, Hello, Request, ServeAnswer, Stopped};
use crate::report::diff::Diff;

/// Each schema with the name of its file in `vectors/schemas/`.
pub fn all() -> Vec<(&'static str, Schema)> {
    let mut schemas = corspec_vectors::schema::all();
    schemas.push(("diff.schema.json", schema_for::<Diff>()));
    schemas.push(("events.schema.json", schema_for::<Event>()));
    schemas.push(("adapter-request.schema.json", schema_for::<Request>()));
    schemas.push(("adapter-hello.schema.json", schema_for::<Hello>()));
    schemas.push(("adapter-serve.schema.json", schema_for::<ServeAnswer>()));
    schemas.push(("adapter-stop.schema.json", schema_for::<Stopped>()));
    schemas.push(("adapter-error.schema.json", schema_for::<AdapterError>()));
    schemas
}

/// The schema of an explanation, as it is written to its file in `harness/schemas/`.
pub fn explanation() -> String {
    corspec_vectors::schema::to_text(&schema_for::<Explanation>())
}
