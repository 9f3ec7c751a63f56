//! The official schema of SARIF. It is not ours, so it is not kept here: `.ci/run` gets it and names it in `SARIF_SCHEMA`.

use serde_json::Value;

/// Asserts that the official schema accepts a document, and that it refuses one without the message of its first result;
/// where no schema is named, says so.
pub(crate) fn assert_passes_the_official_schema(sarif: Value) {
    let Some(path) = std::env::var_os("SARIF_SCHEMA") else {
        eprintln!("SARIF_SCHEMA names no schema: not validated");
        return;
    };
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    // As published, the pattern for the languages of a tool is no regular expression: a bracket is never opened. We name
    // no language.
    for holder in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{holder}/properties/language"));
        language.and_then(Value::as_object_mut).unwrap().remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&sarif).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut broken = sarif;
    broken["runs"][0]["results"][0].as_object_mut().unwrap().remove("message");
    assert!(!validator.is_valid(&broken), "the schema asks for nothing");
}
