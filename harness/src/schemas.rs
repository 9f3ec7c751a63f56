//! Every JSON Schema of the project: those of the vectors and that of the event stream.

use corspec_vectors::schema::schema_for;
use schemars::Schema;

use crate::event::Event;

/// Each schema with the name of its file in `vectors/schemas/`.
pub fn all() -> Vec<(&'static str, Schema)> {
    let mut schemas = corspec_vectors::schema::all();
    schemas.push(("events.schema.json", schema_for::<Event>()));
    schemas
}
