//! Knobs: what a policy can ask for and an implementation may be unable to express.

use std::fmt;

use corspec_model::Policy;
use corspec_model::policy::{AllowList, OriginPattern};
use serde::de::IntoDeserializer;
use serde::de::value;
use serde::{Deserialize, Serialize};

/// One thing a policy can ask for that an implementation may be unable to express.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum Knob {
    /// Any origin.
    #[serde(rename = "origins.any")]
    OriginsAny,
    /// Any origin, also with credentials.
    #[serde(rename = "origins.any-with-credentials")]
    OriginsAnyWithCredentials,
    /// More than one entry among the origins.
    #[serde(rename = "origins.list")]
    OriginsList,
    /// No origin at all.
    #[serde(rename = "origins.none")]
    OriginsNone,
    /// `null` among the origins.
    #[serde(rename = "origins.null")]
    OriginsNull,
    /// `https://*.example.com` among the origins.
    #[serde(rename = "origins.subdomains")]
    OriginsSubdomains,
    /// Credentials.
    #[serde(rename = "credentials")]
    Credentials,
    /// Methods by name.
    #[serde(rename = "methods.list")]
    MethodsList,
    /// Any method.
    #[serde(rename = "methods.any")]
    MethodsAny,
    /// Any method, also with credentials.
    #[serde(rename = "methods.any-with-credentials")]
    MethodsAnyWithCredentials,
    /// Request-headers by name.
    #[serde(rename = "request_headers.list")]
    RequestHeadersList,
    /// Any request-header.
    #[serde(rename = "request_headers.any")]
    RequestHeadersAny,
    /// Any request-header, also with credentials.
    #[serde(rename = "request_headers.any-with-credentials")]
    RequestHeadersAnyWithCredentials,
    /// Response-headers exposed by name.
    #[serde(rename = "expose.list")]
    ExposeList,
    /// Every response-header exposed.
    #[serde(rename = "expose.any")]
    ExposeAny,
    /// Every response-header exposed, also with credentials.
    #[serde(rename = "expose.any-with-credentials")]
    ExposeAnyWithCredentials,
    /// Seconds a preflight is remembered, other than 0.
    #[serde(rename = "max_age")]
    MaxAge,
    /// A preflight that is not remembered: 0 seconds.
    #[serde(rename = "max_age.zero")]
    MaxAgeZero,
    /// No `Access-Control-Max-Age`.
    #[serde(rename = "max_age.absent")]
    MaxAgeAbsent,
    /// Paths with policies of their own.
    #[serde(rename = "routes")]
    Routes,
    /// The routes of the fixed application.
    #[serde(rename = "application")]
    Application,
}

impl Knob {
    /// The name in results and in the adapter protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OriginsAny => "origins.any",
            Self::OriginsAnyWithCredentials => "origins.any-with-credentials",
            Self::OriginsList => "origins.list",
            Self::OriginsNone => "origins.none",
            Self::OriginsNull => "origins.null",
            Self::OriginsSubdomains => "origins.subdomains",
            Self::Credentials => "credentials",
            Self::MethodsList => "methods.list",
            Self::MethodsAny => "methods.any",
            Self::MethodsAnyWithCredentials => "methods.any-with-credentials",
            Self::RequestHeadersList => "request_headers.list",
            Self::RequestHeadersAny => "request_headers.any",
            Self::RequestHeadersAnyWithCredentials => "request_headers.any-with-credentials",
            Self::ExposeList => "expose.list",
            Self::ExposeAny => "expose.any",
            Self::ExposeAnyWithCredentials => "expose.any-with-credentials",
            Self::MaxAge => "max_age",
            Self::MaxAgeZero => "max_age.zero",
            Self::MaxAgeAbsent => "max_age.absent",
            Self::Routes => "routes",
            Self::Application => "application",
        }
    }

    /// The knob of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::deserialize(IntoDeserializer::<value::Error>::into_deserializer(name)).ok()
    }

    /// The knobs a policy needs, without repetition. `application` is none of them: laws need it, not policies; nor is
    /// `origins.none`, which is for software that takes an empty list for anybody and says so when it is asked.
    pub fn needed_by(policy: &Policy) -> Vec<Self> {
        let mut needed = Vec::new();
        match &policy.origins {
            AllowList::Any if policy.credentials => needed.push(Self::OriginsAnyWithCredentials),
            AllowList::Any => needed.push(Self::OriginsAny),
            AllowList::Only(patterns) => {
                if patterns.len() > 1 {
                    needed.push(Self::OriginsList);
                }
                if patterns.contains(&OriginPattern::Null) {
                    needed.push(Self::OriginsNull);
                }
                if patterns.iter().any(|pattern| matches!(pattern, OriginPattern::Subdomains { .. })) {
                    needed.push(Self::OriginsSubdomains);
                }
            }
        }
        if policy.credentials {
            needed.push(Self::Credentials);
        }
        let lists = [
            (&policy.methods, [Self::MethodsList, Self::MethodsAny, Self::MethodsAnyWithCredentials]),
            (
                &policy.request_headers,
                [Self::RequestHeadersList, Self::RequestHeadersAny, Self::RequestHeadersAnyWithCredentials],
            ),
            (&policy.expose, [Self::ExposeList, Self::ExposeAny, Self::ExposeAnyWithCredentials]),
        ];
        for (list, [by_name, any, any_with_credentials]) in lists {
            match list {
                AllowList::Any if policy.credentials => needed.push(any_with_credentials),
                AllowList::Any => needed.push(any),
                AllowList::Only(items) if !items.is_empty() => needed.push(by_name),
                AllowList::Only(_) => {}
            }
        }
        needed.push(match policy.max_age {
            None => Self::MaxAgeAbsent,
            Some(0) => Self::MaxAgeZero,
            Some(_) => Self::MaxAge,
        });
        if !policy.routes.is_empty() {
            needed.push(Self::Routes);
            for knob in policy.routes.iter().flat_map(|route| Self::needed_by(&route.policy)) {
                if !needed.contains(&knob) {
                    needed.push(knob);
                }
            }
        }
        needed
    }
}

impl fmt::Display for Knob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use corspec_vectors::policy::PolicyDocument;

    use super::*;

    fn needed(policy: &str) -> String {
        let document: PolicyDocument = serde_json::from_str(policy).unwrap();
        let knobs = Knob::needed_by(&document.to_policy().unwrap());
        knobs.iter().map(|knob| knob.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_policy_needs_what_it_asks_for() {
        assert_eq!(needed(r#"{"origins": ["https://a.example"]}"#), "max_age.absent");
        assert_eq!(
            needed(r#"{"origins": ["null", "https://*.a.example"], "methods": ["PUT"], "max_age": 0}"#),
            "origins.list origins.null origins.subdomains methods.list max_age.zero"
        );
        assert_eq!(
            needed(r#"{"origins": ["null"], "request_headers": ["x-a"], "expose": ["x-b"], "max_age": 600}"#),
            "origins.null request_headers.list expose.list max_age"
        );
        assert_eq!(
            needed(r#"{"origins": "*", "methods": "*", "request_headers": "*", "expose": "*"}"#),
            "origins.any methods.any request_headers.any expose.any max_age.absent"
        );
        assert_eq!(
            needed(
                r#"{"origins": "*", "credentials": true, "methods": "*", "request_headers": "*", "expose": "*"}"#
            ),
            "origins.any-with-credentials credentials methods.any-with-credentials \
             request_headers.any-with-credentials expose.any-with-credentials max_age.absent"
        );
    }

    #[test]
    fn a_knob_is_shown_as_it_is_written() {
        for knob in [Knob::OriginsAnyWithCredentials, Knob::MaxAgeZero, Knob::Application] {
            assert_eq!(serde_json::to_value(knob).unwrap(), knob.as_str());
        }
    }
}
