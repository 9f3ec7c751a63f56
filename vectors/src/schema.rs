//! The JSON Schemas of the documents, generated from the types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::client::{ClientVector, EvalInput, EvalOutput};
use crate::coverage::StepFile;
use crate::index::Index;
use crate::law::LawFile;
use crate::meta::VectorFile;
use crate::model::ModelVector;
use crate::policy::PolicyDocument;
use crate::server::ServerVector;

/// Every schema of this crate with the name of its file in `schemas/`.
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![
        ("model-vectors.schema.json", schema_for::<VectorFile<ModelVector>>()),
        ("client-vectors.schema.json", schema_for::<VectorFile<ClientVector>>()),
        ("server-vectors.schema.json", schema_for::<VectorFile<ServerVector>>()),
        ("laws.schema.json", schema_for::<LawFile>()),
        ("index.schema.json", schema_for::<Index>()),
        ("steps.schema.json", schema_for::<StepFile>()),
        ("policy.schema.json", schema_for::<PolicyDocument>()),
        ("eval-input.schema.json", schema_for::<EvalInput>()),
        ("eval-output.schema.json", schema_for::<EvalOutput>()),
    ]
}

/// The schema of one type of document (JSON Schema 2020-12).
pub fn schema_for<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
}

/// A schema as it is written to its file.
pub fn to_text(schema: &Schema) -> String {
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}
