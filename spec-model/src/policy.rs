//! What an operator means to allow, and what that means for one request.

use std::fmt;

use crate::methods::is_cors_safelisted_method;
use crate::origin::{NotAnOrigin, Origin};
use crate::request::{CredentialsMode, Request};
use crate::request_headers::cors_unsafe_request_header_names;
use crate::route::{Route, policy_for_path};

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
    /// Paths where another policy holds instead.
    pub routes: Vec<Route>,
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
            routes: Vec::new(),
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
            Some((scheme, host)) if !host.contains('*') => {
                Origin::parse(&format!("{scheme}://{host}"))?;
                // An address has no subdomains: `https://*.127.0.0.1` would mean nobody.
                Origin::parse(&format!("{scheme}://a.{host}"))?;
                Ok(Self::Subdomains {
                    scheme: format!("{scheme}://").into(),
                    suffix: format!(".{host}").into(),
                })
            }
            // The URL parser takes `*` in a host: whoever writes it elsewhere hopes for a wildcard there is none for.
            _ if pattern.contains('*') => Err(NotAnOrigin),
            _ => {
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
    /// What holds at a path as it is written in a URL.
    pub fn at(&self, path: &str) -> &Self {
        policy_for_path(self, path)
    }

    /// Whether the policy that holds at the request's URL allows a cross-origin request.
    ///
    /// # Errors
    /// What it [forbids](Forbidden) about the request, the first of origin, credentials, method and headers.
    pub fn permits(&self, request: &Request) -> Result<(), Forbidden> {
        self.at(request.current_url().url().path()).permits_here(request)
    }

    fn permits_here(&self, request: &Request) -> Result<(), Forbidden> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> AllowList<Box<str>> {
        AllowList::Only(names.iter().map(|&name| name.into()).collect())
    }

    fn policy() -> Policy {
        Policy {
            origins: AllowList::Only(vec![OriginPattern::parse("https://app.example").unwrap()]),
            credentials: false,
            methods: names(&["PUT"]),
            request_headers: names(&["X-Token"]),
            expose: names(&["ETag"]),
            ..Policy::default()
        }
    }

    fn request(origin: &str) -> Request {
        Request::new(Origin::parse(origin).unwrap(), url::Url::parse("https://api.example/").unwrap())
    }

    #[test]
    fn a_list_allows_its_items_and_any_allows_all() {
        assert!(AllowList::<u8>::Any.is_any());
        assert!(!AllowList::<u8>::NONE.is_any());
        assert!(AllowList::<u8>::Any.allows(|_| false));
        assert!(AllowList::Only(vec![1, 2]).allows(|&item| item == 2));
        assert!(!AllowList::Only(vec![1, 2]).allows(|&item| item == 3));
        assert_eq!(AllowList::Only(vec![1, 2]).items(), [1, 2]);
        assert!(AllowList::<u8>::Any.items().is_empty());
    }

    #[test]
    fn methods_are_case_sensitive_and_safelisted_ones_always_allowed() {
        for method in ["GET", "HEAD", "POST", "PUT"] {
            assert!(policy().allows_method(method.as_bytes()), "{method}");
        }
        for method in ["put", "DELETE", "get", ""] {
            assert!(!policy().allows_method(method.as_bytes()), "{method}");
        }
    }

    #[test]
    fn header_names_are_taken_in_any_case() {
        assert!(policy().allows_request_header(b"x-token"));
        assert!(!policy().allows_request_header(b"x-tokens"));
        assert!(policy().exposes(b"etag"));
        assert!(!policy().exposes(b"x-token"));
        assert!(!policy().allows_request_header(b"etag"));
    }

    #[test]
    fn the_first_thing_forbidden_is_named() {
        let forbidden = |change: fn(&mut Request), origin| {
            let mut request = request(origin);
            change(&mut request);
            policy().permits(&request)
        };
        let app = "https://app.example";
        assert_eq!(forbidden(|_| {}, app), Ok(()));
        assert_eq!(forbidden(|r| r.method = b"PUT"[..].into(), app), Ok(()));
        assert_eq!(forbidden(|r| r.headers.append("x-token", "1"), app), Ok(()));
        assert_eq!(forbidden(|r| r.headers.append("Accept", "*/*"), app), Ok(()));
        assert_eq!(forbidden(|_| {}, "https://app.example:8443"), Err(Forbidden::Origin));
        assert_eq!(
            forbidden(|r| r.credentials_mode = CredentialsMode::Include, app),
            Err(Forbidden::Credentials)
        );
        assert_eq!(forbidden(|r| r.method = b"DELETE"[..].into(), app), Err(Forbidden::Method));
        let header = Forbidden::Header(b"x-other"[..].into());
        assert_eq!(forbidden(|r| r.headers.append("X-Other", "1"), app), Err(header));
    }

    #[test]
    fn patterns_match_what_they_say() {
        let matches =
            |pattern, origin: &str| OriginPattern::parse(pattern).unwrap().matches(origin.as_bytes());
        assert!(matches("https://*.a.example", "https://b.a.example"));
        assert!(matches("https://*.a.example", "https://c.b.a.example"));
        assert!(matches("https://*.a.example:8443", "https://b.a.example:8443"));
        assert!(matches("null", "null"));
        for (pattern, origin) in [
            ("https://*.a.example", "https://a.example"),
            ("https://*.a.example", "https://.a.example"),
            ("https://*.a.example", "https://c..b.a.example"),
            ("https://*.a.example", "http://b.a.example"),
            ("https://*.a.example", "https://b.a.example:8443"),
            ("https://*.a.example", "https://ba.example"),
            ("https://*.a.example", "https://x y.a.example"),
            ("https://*.a.example", "https://evil.example/.a.example"),
            ("https://a.example", "https://a.example:443"),
            ("https://a.example", "null"),
            ("null", "https://null"),
        ] {
            assert!(!matches(pattern, origin), "{pattern} {origin}");
        }
        for wrong in [
            "",
            "*",
            "a.example",
            "https://a.example/",
            "https://*.",
            "https://*.a.example/",
            "https://*",
            "https://a.*.example",
            "https://*.a.*",
            "https://a.example:*",
        ] {
            assert!(OriginPattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn patterns_and_reasons_are_written_as_people_read_them() {
        for pattern in ["https://a.example", "null", "https://*.a.example:8443"] {
            assert_eq!(OriginPattern::parse(pattern).unwrap().to_string(), pattern);
        }
        let header = Forbidden::Header(b"x\xff"[..].into());
        assert_eq!(header.to_string(), r"the policy does not allow the request header `x\xff`");
        assert_eq!(Forbidden::Origin.to_string(), "the policy does not allow the origin");
    }

    #[test]
    fn the_default_policy_allows_nothing() {
        assert_eq!(Policy::default().permits(&request("https://app.example")), Err(Forbidden::Origin));
        assert!(!Policy::default().exposes(b"etag"));
    }
}
