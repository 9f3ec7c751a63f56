//! Policies as documents.

use corspec_model::abnf::is_token;
use corspec_model::policy::{AllowList, OriginPattern, Policy};
use corspec_model::route::{Route, resolved_path};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::DocumentError;

/// What an operator means to allow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// `"*"`, or serialized origins, `"null"`, and `scheme://*.host[:port]` for every subdomain.
    pub origins: ListDocument,
    /// Whether requests with credentials are allowed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub credentials: bool,
    /// `"*"`, or methods beyond `GET`, `HEAD` and `POST`.
    #[serde(default, skip_serializing_if = "ListDocument::is_empty")]
    pub methods: ListDocument,
    /// `"*"`, or request-headers beyond the safelisted ones.
    #[serde(default, skip_serializing_if = "ListDocument::is_empty")]
    pub request_headers: ListDocument,
    /// `"*"`, or response-headers script may read beyond the safelisted ones.
    #[serde(default, skip_serializing_if = "ListDocument::is_empty")]
    pub expose: ListDocument,
    /// Seconds a preflight is remembered; absent means the header is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// Paths where another policy holds instead; the most specific one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<RouteDocument>,
}

/// A path with a policy of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteDocument {
    /// Exactly this path, or with `/*` at its end everything below it; case-sensitive, and resolved.
    #[schemars(regex(pattern = r"^/"))]
    pub path: String,
    /// What holds there; without routes of its own.
    pub policy: PolicyDocument,
}

/// `"*"` or a list of strings.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected \"*\" or a list of strings")]
pub enum ListDocument {
    /// Any.
    Any(Star),
    /// These.
    Only(Vec<String>),
}

/// `"*"`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Star {
    /// `"*"`
    #[serde(rename = "*")]
    Star,
}

impl Default for ListDocument {
    fn default() -> Self {
        Self::Only(Vec::new())
    }
}

impl ListDocument {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Only(items) if items.is_empty())
    }

    fn to_list<T>(
        &self,
        parse: impl Fn(&str) -> Result<T, DocumentError>,
    ) -> Result<AllowList<T>, DocumentError> {
        match self {
            Self::Any(_) => Ok(AllowList::Any),
            Self::Only(items) => {
                items.iter().map(|item| parse(item)).collect::<Result<_, _>>().map(AllowList::Only)
            }
        }
    }
}

impl PolicyDocument {
    /// The policy of the model.
    ///
    /// # Errors
    /// [`DocumentError`] naming the field and the entry that is not an origin, a method or a header name.
    pub fn to_policy(&self) -> Result<Policy, DocumentError> {
        let tokens = |field: &'static str, what: &'static str| {
            move |item: &str| -> Result<Box<str>, DocumentError> {
                if is_token(item.as_bytes()) {
                    Ok(item.into())
                } else {
                    Err(DocumentError::new(field, format_args!("`{item}` is not {what}")))
                }
            }
        };
        Ok(Policy {
            origins: self.origins.to_list(|item| {
                OriginPattern::parse(item)
                    .map_err(|error| DocumentError::new("origins", format_args!("`{item}` is {error}")))
            })?,
            credentials: self.credentials,
            methods: self.methods.to_list(tokens("methods", "a method"))?,
            request_headers: self.request_headers.to_list(tokens("request_headers", "a header name"))?,
            expose: self.expose.to_list(tokens("expose", "a header name"))?,
            max_age: self.max_age,
            routes: self.routes.iter().map(RouteDocument::to_route).collect::<Result<_, _>>()?,
        })
    }
}

impl RouteDocument {
    fn to_route(&self) -> Result<Route, DocumentError> {
        let wrong = |what: &dyn std::fmt::Display| {
            DocumentError::new("routes", format_args!("`{}`: {what}", self.path))
        };
        if !self.path.starts_with('/') || resolved_path(&self.path) != self.path.as_bytes() {
            return Err(wrong(&"a path starts with `/` and is written decoded, without dot segments"));
        }
        if !self.policy.routes.is_empty() {
            return Err(wrong(&"the policy of a route has no routes of its own"));
        }
        let policy = self.policy.to_policy().map_err(|error| wrong(&error))?;
        Ok(Route { path: (*self.path).into(), policy })
    }
}

impl From<&Policy> for PolicyDocument {
    fn from(policy: &Policy) -> Self {
        fn list<T: ToString>(list: &AllowList<T>) -> ListDocument {
            match list {
                AllowList::Any => ListDocument::Any(Star::Star),
                AllowList::Only(items) => ListDocument::Only(items.iter().map(T::to_string).collect()),
            }
        }
        Self {
            origins: list(&policy.origins),
            credentials: policy.credentials,
            methods: list(&policy.methods),
            request_headers: list(&policy.request_headers),
            expose: list(&policy.expose),
            max_age: policy.max_age,
            routes: policy
                .routes
                .iter()
                .map(|route| RouteDocument {
                    path: route.path.to_string(),
                    policy: Self::from(&route.policy),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_and_its_policy_say_the_same() {
        for text in [
            r#"{"origins":"*","credentials":true,"methods":"*","request_headers":"*","expose":"*","max_age":0}"#,
            r#"{"origins":["null","https://*.a.example:8443"],"methods":["PUT"],"request_headers":["X-a"],"expose":["x"]}"#,
            r#"{"origins":[]}"#,
            r#"{"origins":"*","routes":[{"path":"/a/*","policy":{"origins":[],"max_age":1}}]}"#,
        ] {
            let document: PolicyDocument = serde_json::from_str(text).unwrap();
            let again = PolicyDocument::from(&document.to_policy().unwrap());
            assert_eq!(serde_json::to_string(&again).unwrap(), text);
        }
    }
}
