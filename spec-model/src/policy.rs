//! What an operator means to allow, and what that means for one request.

use std::fmt;

use crate::methods::is_cors_safelisted_method;
use crate::origin::{NotAnOrigin, Origin};
use crate::request::{CredentialsMode, Request};
use crate::request_headers::cors_unsafe_request_header_names;

/// A policy: which origins may do what.
///
/// `methods` and `request_headers` name what is allowed beyond the safelisted methods and request-headers, which no
/// server can forbid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// The origins allowed.
    pub origins: AllowList<OriginPattern>,
    /// Whether requests with credentials are allowed.
    pub credentials: bool,
    /// Methods beyond `GET`, `HEAD` and `POST`; case-sensitive.
    pub methods: AllowList<Box<str>>,
    /// Request-headers beyond the safelisted ones; in any case.
    pub request_headers: AllowList<Box<str>>,
    /// Response-headers script may read beyond the safelisted ones; in any case.
    pub expose: AllowList<Box<str>>,
    /// For how many seconds a preflight is remembered; `None` leaves it to the browser.
    pub max_age: Option<u64>,
}

impl Default for Policy {
    /// Allows nothing cross-origin.
    fn default() -> Self {
        Self {
            origins: AllowList::NONE,
            credentials: false,
            methods: AllowList::NONE,
            request_headers: AllowList::NONE,
            expose: AllowList::NONE,
            max_age: None,
        }
    }
}

/// Any, or those on a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AllowList<T> {
    /// `"*"`
    Any,
    /// These.
    Only(Vec<T>),
}

impl<T> AllowList<T> {
    /// The empty list.
    pub const NONE: Self = Self::Only(Vec::new());

    /// Whether everything is allowed.
    pub const fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    /// The items listed; none when anything is allowed.
    pub fn items(&self) -> &[T] {
        match self {
            Self::Any => &[],
            Self::Only(items) => items,
        }
    }

    /// Whether anything is allowed, or an item for which `matches` holds is listed.
    pub fn allows(&self, matches: impl Fn(&T) -> bool) -> bool {
        self.is_any() || self.items().iter().any(matches)
    }
}

/// One entry of a policy's `origins`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OriginPattern {
    /// Exactly this origin, written as a browser serializes it.
    Exact(Box<str>),
    /// `null`: any opaque origin.
    Null,
    /// `scheme://*.host[:port]`: every subdomain of the host, at any depth, with this scheme and port.
    Subdomains {
        /// `scheme://`
        scheme: Box<str>,
        /// `.host[:port]`
        suffix: Box<str>,
    },
}

impl OriginPattern {
    /// Reads an entry of a policy's `origins`.
    ///
    /// # Errors
    /// [`NotAnOrigin`] when it is neither `null`, a serialized origin, nor one with `*.` before its host.
    pub fn parse(pattern: &str) -> Result<Self, NotAnOrigin> {
        if pattern == "null" {
            return Ok(Self::Null);
        }
        match pattern.split_once("://*.") {
            Some((scheme, host)) => {
                Origin::parse(&format!("{scheme}://{host}"))?;
                Ok(Self::Subdomains {
                    scheme: format!("{scheme}://").into(),
                    suffix: format!(".{host}").into(),
                })
            }
            None => {
                Origin::parse(pattern)?;
                Ok(Self::Exact(pattern.into()))
            }
        }
    }

    /// Whether the byte-serialized origin is one this entry means.
    ///
    /// Only what a browser serializes is meant: `https://a b.example.com` is no subdomain of anything.
    pub fn matches(&self, serialized_origin: &[u8]) -> bool {
        match self {
            Self::Exact(origin) => origin.as_bytes() == serialized_origin,
            Self::Null => serialized_origin == b"null",
            Self::Subdomains { scheme, suffix } => serialized_origin
                .strip_prefix(scheme.as_bytes())
                .and_then(|rest| rest.strip_suffix(suffix.as_bytes()))
                .is_some_and(|labels| {
                    !labels.is_empty()
                        && !labels.split(|&byte| byte == b'.').any(<[u8]>::is_empty)
                        && std::str::from_utf8(serialized_origin)
                            .is_ok_and(|origin| Origin::parse(origin).is_ok())
                }),
        }
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(origin) => f.write_str(origin),
            Self::Null => f.write_str("null"),
            Self::Subdomains { scheme, suffix } => write!(f, "{scheme}*{suffix}"),
        }
    }
}

/// Why a policy forbids a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// The origin is not allowed.
    Origin,
    /// Credentials are included and not allowed.
    Credentials,
    /// The method is not allowed.
    Method,
    /// This request-header is not allowed.
    Header(Box<[u8]>),
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin => f.write_str("the policy does not allow the origin"),
            Self::Credentials => f.write_str("the policy does not allow credentials"),
            Self::Method => f.write_str("the policy does not allow the method"),
            Self::Header(name) => {
                write!(f, "the policy does not allow the request header `{}`", name.escape_ascii())
            }
        }
    }
}

impl Policy {
    /// Whether the policy allows a cross-origin request.
    ///
    /// # Errors
    /// What it [forbids](Forbidden) about the request, the first of origin, credentials, method and headers.
    pub fn permits(&self, request: &Request) -> Result<(), Forbidden> {
        if !self.allows_origin(request.byte_serialize_origin()) {
            return Err(Forbidden::Origin);
        }
        if request.credentials_mode == CredentialsMode::Include && !self.credentials {
            return Err(Forbidden::Credentials);
        }
        if !self.allows_method(&request.method) {
            return Err(Forbidden::Method);
        }
        match cors_unsafe_request_header_names(&request.headers)
            .into_iter()
            .find(|name| !self.allows_request_header(name))
        {
            Some(name) => Err(Forbidden::Header(name)),
            None => Ok(()),
        }
    }

    /// Whether the origin, byte-serialized, is allowed.
    pub fn allows_origin(&self, serialized_origin: &[u8]) -> bool {
        self.origins.allows(|pattern| pattern.matches(serialized_origin))
    }

    /// Whether the method is safelisted or allowed.
    pub fn allows_method(&self, method: &[u8]) -> bool {
        is_cors_safelisted_method(method) || self.methods.allows(|listed| listed.as_bytes() == method)
    }

    /// Whether a request-header that is not safelisted is allowed.
    pub fn allows_request_header(&self, name: &[u8]) -> bool {
        self.request_headers.allows(|listed| listed.as_bytes().eq_ignore_ascii_case(name))
    }

    /// Whether the policy lets script read a response-header that is not safelisted.
    pub fn exposes(&self, name: &[u8]) -> bool {
        self.expose.allows(|listed| listed.as_bytes().eq_ignore_ascii_case(name))
    }
}
