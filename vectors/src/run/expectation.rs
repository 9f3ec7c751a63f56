//! Compares what the model did with what a vector expects.

use crate::client::{
    EvaluatedFetch, ExpectedFetch, ExpectedFetches, ExpectedOutcome, ExpectedRequest, OutcomeDocument,
    SentRequest,
};
use serde_json::Value;

/// Every difference between a client vector's expectation and what the model did; empty when it holds.
pub fn differences(expected: &ExpectedFetches, actual: &[EvaluatedFetch]) -> Vec<String> {
    if expected.fetches.len() != actual.len() {
        return vec![format!("expects {} fetches, ran {}", expected.fetches.len(), actual.len())];
    }
    let mut differences = Vec::new();
    for (index, (expected, actual)) in expected.fetches.iter().zip(actual).enumerate() {
        let mut differ = |what: &str, expected: &dyn std::fmt::Debug, actual: &dyn std::fmt::Debug| {
            differences.push(format!("fetches[{index}].{what}: expected {expected:?}, got {actual:?}"));
        };
        compare_fetch(expected, actual, &mut differ);
    }
    differences
}

type Differ<'a> = dyn FnMut(&str, &dyn std::fmt::Debug, &dyn std::fmt::Debug) + 'a;

fn compare_fetch(expected: &ExpectedFetch, actual: &EvaluatedFetch, differ: &mut Differ<'_>) {
    if let Some(step) = &expected.step
        && *step != actual.step
    {
        differ("step", step, &actual.step);
    }
    if let Some(outcome) = &expected.outcome {
        compare_outcome(outcome, &actual.outcome, differ);
    }
    if let Some(sent) = &expected.sent {
        if sent.len() != actual.sent.len() {
            let methods: Vec<_> = actual.sent.iter().map(|sent| &sent.method).collect();
            differ("sent.length", &sent.len(), &methods);
            return;
        }
        for (index, (expected, actual)) in sent.iter().zip(&actual.sent).enumerate() {
            compare_request(index, expected, actual, differ);
        }
    }
}

fn compare_outcome(expected: &ExpectedOutcome, actual: &OutcomeDocument, differ: &mut Differ<'_>) {
    // Through JSON, so that each field is compared with the one of the same name, whatever the kind of outcome.
    let actual = serde_json::to_value(actual).unwrap_or_default();
    let expected = serde_json::to_value(expected).unwrap_or_default();
    for (field, expected) in expected.as_object().into_iter().flatten() {
        let actual = &actual[field];
        if expected != actual {
            differ(&format!("outcome.{field}"), expected, actual);
        }
    }
}

fn compare_request(index: usize, expected: &ExpectedRequest, actual: &SentRequest, differ: &mut Differ<'_>) {
    if let Some(method) = &expected.method
        && *method != actual.method
    {
        differ(&format!("sent[{index}].method"), method, &actual.method);
    }
    if let Some(url) = &expected.url
        && *url != actual.url
    {
        differ(&format!("sent[{index}].url"), url, &actual.url);
    }
    if let Some(credentials) = expected.credentials
        && credentials != actual.credentials
    {
        differ(&format!("sent[{index}].credentials"), &credentials, &actual.credentials);
    }
    for (name, value) in &expected.headers {
        let found: Vec<_> = actual
            .headers
            .iter()
            .filter(|(candidate, _)| candidate.0.eq_ignore_ascii_case(&name.0))
            .map(|(_, value)| value)
            .collect();
        if !found.contains(&value) {
            differ(&format!("sent[{index}] {name}"), value, &found);
        }
    }
    for name in &expected.without {
        if let Some((_, value)) =
            actual.headers.iter().find(|(candidate, _)| candidate.0.eq_ignore_ascii_case(&name.0))
        {
            differ(&format!("sent[{index}] {name}"), &"no such header", value);
        }
    }
}

/// Whether a model vector's expectation holds: of an object only the fields given are compared.
pub fn value_matches(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            expected.iter().all(|(field, value)| actual.get(field) == Some(value))
        }
        _ => expected == actual,
    }
}
