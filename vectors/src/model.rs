//! Model vectors: one algorithm of the standard, an input, its result.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bytes::{ByteString, HeaderLines};
use crate::meta::Meta;
use crate::request::{Credentials, EmbedderPolicy, Mode};

/// A model vector.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ModelVector {
    /// What it is about.
    #[serde(flatten)]
    pub meta: Meta,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Its input.
    pub input: Input,
    /// Its result; the README says in which shape. Of an object, only the fields given are compared.
    pub expected: Value,
}

/// An algorithm of the standard that can be asked by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the standard's own names")]
pub enum Algorithm {
    Get,
    GetDecodeAndSplit,
    CollectAnHttpQuotedString,
    ExtractHeaderListValues,
    NormalizeAMethod,
    CorsSafelistedMethod,
    ForbiddenMethod,
    CorsSafelistedRequestHeader,
    CorsSafelistedRequestHeaderBytes,
    NoCorsSafelistedRequestHeader,
    ForbiddenRequestHeader,
    CorsNonWildcardRequestHeaderName,
    PrivilegedNoCorsRequestHeaderName,
    ForbiddenResponseHeaderName,
    CorsSafelistedResponseHeaderName,
    CorsUnsafeRequestHeaderNames,
    ParseASingleRangeHeaderValue,
    ParseAMimeType,
    SerializeAnOrigin,
    OriginOrNull,
    RedirectTaint,
    SerializeARequestOrigin,
    CorsCheck,
    TaoCheck,
    CrossOriginResourcePolicyCheck,
    PreflightMaxAge,
}

/// The input of an algorithm: those fields it takes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the README lists which algorithm takes which field")]
pub struct Input {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<HeaderLines>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<ByteString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ByteString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<ByteString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<ByteString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<ByteString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<ByteString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<Vec<ByteString>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urls: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tainting: Option<Tainting>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedder_policy: Option<EmbedderPolicy>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub extract_value: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_whitespace: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub timing_allow_failed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub request_includes_credentials: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub for_navigation: bool,
}

/// A response tainting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the standard's own words")]
pub enum Tainting {
    Basic,
    Cors,
    Opaque,
}
