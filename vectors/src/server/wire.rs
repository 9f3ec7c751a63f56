//! Requests no page makes: one request by hand, and exact bytes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bytes::{ByteString, HeaderLines};

/// One request, made by hand.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WireRequest {
    /// The method.
    pub method: ByteString,
    /// A route of the application behind the middleware.
    pub path: String,
    /// The header lines.
    pub headers: HeaderLines,
    /// A header too long to be written out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeated>,
    /// Whether it has a body: one of a few bytes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub body: bool,
}

impl WireRequest {
    /// The header lines, the repeated ones last.
    pub fn lines(&self) -> HeaderLines {
        let mut lines = self.headers.clone();
        lines.extend(self.repeated.iter().flat_map(Repeated::lines));
        lines
    }
}

/// A header whose value is one text many times, or that has many lines.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    /// Name of the header.
    pub name: ByteString,
    /// What comes before the repeated text.
    #[serde(default, skip_serializing_if = "ByteString::is_empty")]
    pub before: ByteString,
    /// The text that is repeated.
    pub text: ByteString,
    /// What comes after it.
    #[serde(default, skip_serializing_if = "ByteString::is_empty")]
    pub after: ByteString,
    /// How many times.
    pub times: u32,
    /// Whether each time is a line of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lines: bool,
}

impl Repeated {
    /// The header lines.
    pub fn lines(&self) -> HeaderLines {
        let (times, count) = if self.lines { (1, self.times) } else { (self.times, 1) };
        let text = self.text.0.repeat(times as usize);
        let value = ByteString([&self.before.0[..], &text, &self.after.0].concat());
        vec![(self.name.clone(), value); count as usize]
    }
}

/// Exact bytes over a connection of their own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRequest {
    /// What is sent; `{host}` and `{path}` stand for those of the server under test.
    pub bytes: ByteString,
    /// How many responses may come.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub responses: usize,
}

const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_one(responses: &usize) -> bool {
    *responses == 1
}
