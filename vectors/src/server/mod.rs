//! Server vectors: a policy, and a probe of a server that has it.

mod stability;
mod wire;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::DocumentError;
use crate::bytes::{ByteString, HeaderLines};
use crate::meta::Meta;
use crate::policy::PolicyDocument;
use crate::request::RequestOptions;

pub use stability::{Stability, WireForm};
pub use wire::{RawRequest, Repeated, WireRequest};

/// A server vector.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ServerVector {
    /// What it is about.
    #[serde(flatten)]
    pub meta: Meta,
    /// The id of the law it is about.
    pub law: String,
    /// The policy the server has.
    pub policy: PolicyDocument,
    /// A client request: the model plays the browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<ServerRequest>,
    /// Two client requests: the response to the first is stored and may be used for the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Box<[ServerRequest; 2]>>,
    /// A client request whose preflight must be remembered for the policy's max-age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remember: Option<Remember>,
    /// One request, made by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<WireRequest>,
    /// Exact bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawRequest>,
    /// A client request, and what must not change its verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stability: Option<Box<Stability>>,
    /// What the policy means for the probe, written by `corspec vectors generate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<ServerExpected>,
}

impl ServerVector {
    /// A vector of `law` under `policy` that asks nothing yet: the probe and what is expected are to be filled in.
    pub fn without_probe(meta: Meta, law: String, policy: PolicyDocument) -> Self {
        Self {
            meta,
            law,
            policy,
            request: None,
            replay: None,
            remember: None,
            wire: None,
            raw: None,
            stability: None,
            expected: None,
        }
    }
}

/// The probe of a server vector.
#[derive(Clone, Copy, Debug)]
pub enum Probe<'a> {
    /// See [`ServerVector::request`].
    Request(&'a ServerRequest),
    /// See [`ServerVector::replay`].
    Replay(&'a [ServerRequest; 2]),
    /// See [`ServerVector::remember`].
    Remember(&'a ServerRequest),
    /// See [`ServerVector::wire`].
    Wire(&'a WireRequest),
    /// See [`ServerVector::raw`].
    Raw(&'a RawRequest),
    /// See [`ServerVector::stability`].
    Stability(&'a Stability),
}

impl ServerVector {
    /// The one probe the vector has.
    ///
    /// # Errors
    /// [`DocumentError`] when there is none or more than one.
    pub fn probe(&self) -> Result<Probe<'_>, DocumentError> {
        let mut probes = [
            self.request.as_ref().map(Probe::Request),
            self.replay.as_deref().map(Probe::Replay),
            self.remember.as_ref().map(|remember| Probe::Remember(&remember.request)),
            self.wire.as_ref().map(Probe::Wire),
            self.raw.as_ref().map(Probe::Raw),
            self.stability.as_deref().map(Probe::Stability),
        ]
        .into_iter()
        .flatten();
        match (probes.next(), probes.next()) {
            (Some(probe), None) => Ok(probe),
            _ => Err(DocumentError::new(
                "request",
                "exactly one of request, replay, remember, wire, raw and stability is needed",
            )),
        }
    }
}

/// A client request to the server under test.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ServerRequest {
    /// Serialized origin of the page, `"self"` for the server's own, or bytes no browser sends.
    pub origin: ByteString,
    /// A route of the application behind the middleware.
    pub path: String,
    /// The rest of the request.
    #[serde(flatten)]
    pub options: RequestOptions,
    /// Whether a cookie goes along when credentials are included.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cookie: bool,
    /// Lines that replace those of the same name in the preflight, as an intermediary might.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_wire: HeaderLines,
}

/// See [`ServerVector::remember`].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remember {
    /// The request; it must need a preflight.
    pub request: ServerRequest,
}

/// What the policy means for a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ServerExpected {
    /// For `request`.
    Request {
        /// What the policy says.
        verdict: PolicyVerdict,
        /// Whether a browser with an empty cache sends a preflight first.
        preflight: bool,
        /// When allowed: the application's headers script may read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        readable: Option<Vec<String>>,
    },
    /// For `replay`: what the policy says of each request.
    Replay {
        /// In order.
        verdicts: [PolicyVerdict; 2],
    },
    /// For `remember`.
    Remember {
        /// Seconds for which no second preflight may be needed.
        max_age: u64,
    },
    /// For `wire`.
    Wire {
        /// Who answers.
        answered_by: AnsweredBy,
    },
    /// For `stability`: what the policy says of the request, whatever the twist.
    Stable {
        /// What the policy says.
        always: PolicyVerdict,
    },
    /// For `wire` and `raw` that are about robustness.
    Robust {
        /// What may be granted.
        grants: Within,
    },
}

/// What a policy says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "plain words")]
pub enum PolicyVerdict {
    Allow,
    Deny,
}

/// What a malformed request may be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Within {
    /// Nothing the policy does not allow.
    #[serde(rename = "within the policy")]
    Policy,
}

/// Who answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AnsweredBy {
    /// The application: its own response arrives.
    Application,
    /// The CORS middleware, without asking the application.
    Middleware,
}
