//! The adapter protocol, version 1: JSON lines, one request on standard input, one answer on standard output.
//!
//! | request | answer |
//! |---|---|
//! | `{"op":"hello","protocol":1}` | [`Hello`] |
//! | `{"op":"serve","policy":{…}}` | [`ServeAnswer`] |
//! | `{"op":"stop"}` | [`Stopped`], then the adapter ends |
//!
//! Any of them can be answered by an [`AdapterError`]. The end of standard input is a stop too. `hello` may come again:
//! it is how a busy adapter is told from a dead one.

use corspec_vectors::policy::PolicyDocument;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::implementation::Knob;

/// The version spoken.
pub const PROTOCOL: u32 = 1;

/// What an adapter is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Who it is.
    Hello {
        /// The version of the protocol.
        protocol: u32,
    },
    /// Serve this policy, on a port of its own, for as long as the adapter lives.
    Serve {
        /// The policy.
        policy: PolicyDocument,
    },
    /// End.
    Stop {},
}

impl Request {
    /// The name of the op.
    pub const fn op(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::Serve { .. } => "serve",
            Self::Stop {} => "stop",
        }
    }
}

/// Who an adapter plugs in, and what that can express.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Short name, as on the command line.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Version of the software under test, read from what is installed.
    #[schemars(length(min = 1))]
    pub version: String,
    /// Language it is written in.
    pub language: String,
    /// Its name where packages of that language are kept.
    pub package: String,
    /// Where it lives.
    pub homepage: String,
    /// What it can express.
    pub knobs: Vec<Knob>,
}

/// What becomes of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServeAnswer {
    /// It is in force at this URL, `http://127.0.0.1:PORT/`.
    BaseUrl(String),
    /// The software has no way to express these knobs of it.
    Unsupported(Vec<Knob>),
    /// The software refuses it, with these words of its own.
    Refused(String),
    /// The adapter has an error of its own.
    Error(String),
}

/// The answer to `stop`: `{}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stopped {}

/// An error of the adapter itself, the answer to an op it does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdapterError {
    /// What is wrong.
    pub error: String,
}

/// Reads an answer: an `Ok(Err(…))` is an error of the adapter itself.
///
/// # Errors
/// What is wrong with the line, with the line.
pub fn read_answer<T: DeserializeOwned>(line: &[u8]) -> Result<Result<T, AdapterError>, String> {
    let shown = || clip(&String::from_utf8_lossy(line), 300);
    let value: serde_json::Value = serde_json::from_slice(line).map_err(|error| {
        format!("the answer is not JSON ({error}); only answers belong on standard output: `{}`", shown())
    })?;
    if let Ok(error) = serde_json::from_value(value.clone()) {
        return Ok(Err(error));
    }
    serde_json::from_value(value)
        .map(Ok)
        .map_err(|error| format!("the answer is not as the protocol has it: {error}: `{}`", shown()))
}

/// The beginning of a text, on one line.
pub(super) fn clip(text: &str, characters: usize) -> String {
    let mut clipped: String =
        text.trim().chars().take(characters).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim().chars().nth(characters).is_some() {
        clipped.push('…');
    }
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong<T: DeserializeOwned + std::fmt::Debug>(line: &str) -> String {
        read_answer::<T>(line.as_bytes()).unwrap_err()
    }

    #[test]
    fn requests_are_written_as_the_protocol_has_them() {
        let json = |request: &Request| serde_json::to_string(request).unwrap();
        assert_eq!(json(&Request::Hello { protocol: 1 }), r#"{"op":"hello","protocol":1}"#);
        assert_eq!(json(&Request::Stop {}), r#"{"op":"stop"}"#);
        let policy = serde_json::from_str(r#"{"origins":"*","credentials":true}"#).unwrap();
        assert_eq!(
            json(&Request::Serve { policy }),
            r#"{"op":"serve","policy":{"origins":"*","credentials":true}}"#
        );
    }

    #[test]
    fn each_answer_is_read() {
        let serve = |line: &str| read_answer::<ServeAnswer>(line.as_bytes()).unwrap();
        assert_eq!(
            serve(r#"{"base_url":"http://127.0.0.1:1/"}"#),
            Ok(ServeAnswer::BaseUrl("http://127.0.0.1:1/".into()))
        );
        assert_eq!(
            serve(r#"{"unsupported":["origins.null"]}"#),
            Ok(ServeAnswer::Unsupported(vec![Knob::OriginsNull]))
        );
        assert_eq!(serve(r#"{"refused":"no"}"#), Ok(ServeAnswer::Refused("no".into())));
        assert_eq!(serve(r#"{"error":"oh"}"#), Err(AdapterError { error: "oh".into() }));
        assert_eq!(read_answer::<Stopped>(b"{}").unwrap(), Ok(Stopped {}));
    }

    #[test]
    fn what_is_wrong_with_an_answer_is_named() {
        assert!(wrong::<Stopped>("listening on 8080").contains("not JSON"));
        assert!(wrong::<Stopped>("listening on 8080").contains("`listening on 8080`"));
        assert!(wrong::<ServeAnswer>(r#"{"base_ur":"x"}"#).contains("unknown variant `base_ur`"));
        assert!(wrong::<ServeAnswer>(r#"{"unsupported":["x"]}"#).contains("unknown variant `x`"));
        assert!(wrong::<ServeAnswer>(r#"{"refused":"a","error":"b"}"#).contains("not as the protocol"));
        assert!(wrong::<Stopped>(r#"{"ok":true}"#).contains("unknown field `ok`"));
        assert!(wrong::<Hello>(r#"{"name":"a"}"#).contains("missing field `version`"));
    }
}
