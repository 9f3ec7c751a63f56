//! Probes of stability: a request, and what must not change its verdict.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ServerRequest;

/// A request and what must not change its verdict; exactly one twist is given.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stability {
    /// The request, asked alone first.
    pub request: ServerRequest,
    /// Other forms of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<ServerRequest>,
    /// Forms of its first message on the wire.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wire_forms: Vec<WireForm>,
    /// Requests asked before it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<ServerRequest>,
    /// Requests asked at the same time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alongside: Vec<ServerRequest>,
    /// How many times it is asked again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub again: u32,
    /// Whether the origins of the policy are configured in other orders.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub permuted: bool,
}

impl Stability {
    /// Every request the probe makes.
    pub fn requests(&self) -> impl Iterator<Item = &ServerRequest> {
        std::iter::once(&self.request).chain(&self.variants).chain(&self.after).chain(&self.alongside)
    }

    /// Every request the probe makes, to change it.
    pub fn requests_mut(&mut self) -> impl Iterator<Item = &mut ServerRequest> {
        std::iter::once(&mut self.request)
            .chain(&mut self.variants)
            .chain(&mut self.after)
            .chain(&mut self.alongside)
    }

    /// How many twists are given.
    pub fn twists(&self) -> usize {
        [
            !self.variants.is_empty(),
            !self.wire_forms.is_empty(),
            !self.after.is_empty(),
            !self.alongside.is_empty(),
            self.again > 0,
            self.permuted,
        ]
        .into_iter()
        .filter(|&given| given)
        .count()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Another way to write one message of HTTP/1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WireForm {
    /// Header names in upper case.
    UpperCaseNames,
    /// Header names in lower case.
    LowerCaseNames,
    /// The whole URL in the request line.
    AbsoluteForm,
    /// HTTP/1.0.
    Http10,
    /// Sent twice without waiting; both answers count.
    Pipelined,
    /// No space after the colons.
    NoSpaces,
}

impl WireForm {
    /// The words for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UpperCaseNames => "header names in upper case",
            Self::LowerCaseNames => "header names in lower case",
            Self::AbsoluteForm => "the whole URL in the request line",
            Self::Http10 => "HTTP/1.0",
            Self::Pipelined => "two requests without waiting",
            Self::NoSpaces => "no space after the colons of header lines",
        }
    }
}
