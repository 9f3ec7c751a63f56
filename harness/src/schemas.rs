//! Every JSON Schema of the project: those of the vectors, of the event stream and of what changed.

use corspec_vectors::schema::schema_for;
use schemars::Schema;

use crate::event::Event;
use crate::report::diff::Diff;

/// Each schema with the name of its file in `vectors/schemas/`.
pub fn all() -> Vec<(&'static str, Schema)> {
    let mut schemas = corspec_vectors::schema::all();
    schemas.push(("diff.schema.json", schema_for::<Diff>()));
    schemas.push(("events.schema.json", schema_for::<Event>()));
    schemas
}
