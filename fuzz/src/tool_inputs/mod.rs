//! Files and lines the tool is given by others: each text goes to every reader. None panics, a refusal says something, and
//! what is taken is the same after it was written and read again.
//!
//! What `corspec explain` reads is in [`explained`].

pub mod explained;

use std::fmt::Debug;

use corspec::client::profile::Profile;
use corspec::implementation::adapter::protocol::{Hello, Request, ServeAnswer, Stopped, read_answer};
use corspec::known_failing::KnownFailing;
use corspec::report::collected::Collected;
use corspec_vectors::canonical;
use corspec_vectors::client::ClientVector;
use corspec_vectors::meta::VectorFile;
use corspec_vectors::model::ModelVector;
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerVector;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Gives `data` to every reader.
pub fn check(data: &[u8]) {
    eval(data);
    vectors(data);
    policy(data);
    protocol(data);
    explained::curl(data);
    let mut collected = Collected::default();
    says_something(corspec::report::read::read("events", data, &mut collected));
    if let Ok(text) = std::str::from_utf8(data) {
        explained::recorded(text);
        says_something(KnownFailing::parse(text));
        says_something(Profile::parse(text));
    }
}

fn says_something<T, E: ToString>(result: Result<T, E>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert!(!error.to_string().trim().is_empty(), "a refusal says what is wrong");
            None
        }
    }
}

/// Each line that is not blank is answered by one line of JSON.
fn eval(data: &[u8]) {
    let mut output = Vec::new();
    let Ok(()) = corspec::cli::eval::filter(data, &mut output, true) else { panic!("memory cannot fail") };
    let asked = data.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
    let answers: Vec<&[u8]> = output.split_inclusive(|&byte| byte == b'\n').collect();
    assert_eq!(answers.len(), asked, "{}", output.escape_ascii());
    assert!(answers.iter().all(|answer| serde_json::from_slice::<serde_json::Value>(answer).is_ok()));
}

fn vectors(data: &[u8]) {
    if let Some(vector) = same_again::<ServerVector>(data) {
        says_something(corspec::meaning::expected(&vector));
    }
    if let Some(vector) = same_again::<ModelVector>(data) {
        says_something(corspec_vectors::run::model::run(&vector));
    }
    same_again::<ClientVector>(data);
    same_again::<VectorFile<ServerVector>>(data);
}

/// A policy and its document say the same, and an entry that is refused is named.
fn policy(data: &[u8]) {
    let Some(document) = same_again::<PolicyDocument>(data) else { return };
    if let Some(policy) = says_something(document.to_policy()) {
        assert_eq!(PolicyDocument::from(&policy), document);
    }
}

fn protocol(data: &[u8]) {
    same_again::<Request>(data);
    says_something(read_answer::<Hello>(data));
    says_something(read_answer::<ServeAnswer>(data));
    says_something(read_answer::<Stopped>(data));
}

/// Reads one document; what was read is written and read again.
fn same_again<T: Serialize + DeserializeOwned + Debug>(data: &[u8]) -> Option<T> {
    let document: T = says_something(serde_json::from_slice(data))?;
    let text = says_something(canonical::line(&document))?;
    let again: T = match serde_json::from_str(&text) {
        Ok(again) => again,
        Err(error) => panic!("{error}: {text}"),
    };
    assert_eq!(canonical::line(&again).ok(), Some(text));
    Some(document)
}
