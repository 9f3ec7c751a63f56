//! The reference responder, made ready once for a policy.

use crate::HeaderList;
use crate::abnf::{REQUEST_HEADERS, REQUEST_METHOD, is_token};
use crate::fast::list::{self, only};
use crate::fast::{NameSet, Origins};
use crate::methods::is_cors_safelisted_method;
use crate::policy::{AllowList, Policy};

/// Answers requests as [`respond`](crate::reference::respond) does, without a header list: what to send is said, and
/// written by the caller into the messages it has.
#[derive(Clone, Debug)]
pub struct Responder {
    origins: Origins,
    /// Everybody gets `*`.
    wildcard: bool,
    credentials: bool,
    methods: AllowList<Box<str>>,
    request_headers: Option<NameSet>,
    expose: Option<Box<str>>,
    expose_each: bool,
    max_age: Option<Box<str>>,
}

/// The header lines of a request.
pub trait Fields {
    /// The values of the lines of this name, in any case of it.
    fn lines<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a [u8]>;
}

impl Fields for HeaderList {
    fn lines<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        HeaderList::lines(self, name)
    }
}

/// What to do with a request. `None` allows nothing: only `Vary` is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// Answer 204 with `Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers`.
    Preflight(Option<Grant<'a>>),
    /// Let the application answer, with `Vary: Origin` where [`Responder::varies_by_origin`].
    Application(Option<Share<'a>>),
}

/// What the answer to a preflight grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant<'a> {
    /// `Access-Control-Allow-Origin`
    pub allow_origin: &'a [u8],
    /// Whether to send `Access-Control-Allow-Credentials: true`.
    pub credentials: bool,
    /// `Access-Control-Allow-Methods`
    pub method: &'a [u8],
    /// Whether there are names to allow: those of the request's own lines.
    pub names: bool,
    /// `Access-Control-Max-Age`
    pub max_age: Option<&'a str>,
}

/// What to add to the application's response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share<'a> {
    /// `Access-Control-Allow-Origin`
    pub allow_origin: &'a [u8],
    /// Whether to send `Access-Control-Allow-Credentials: true`.
    pub credentials: bool,
    /// `Access-Control-Expose-Headers`
    pub expose: Option<&'a str>,
    /// Whether every header of the application is to be named there.
    pub expose_each: bool,
}

impl Responder {
    /// Makes a policy ready; routes are left to the caller, see [`Policy::at`].
    pub fn new(policy: &Policy) -> Self {
        let expose = match &policy.expose {
            AllowList::Any if policy.credentials => None,
            AllowList::Any => Some("*".into()),
            AllowList::Only(names) if names.is_empty() => None,
            AllowList::Only(names) => Some(names.join(", ").into()),
        };
        Self {
            origins: Origins::new(&policy.origins),
            wildcard: policy.origins.is_any() && !policy.credentials,
            credentials: policy.credentials,
            methods: policy.methods.clone(),
            request_headers: match &policy.request_headers {
                AllowList::Any => None,
                AllowList::Only(names) => Some(NameSet::new(names.iter().map(|name| &**name))),
            },
            expose,
            expose_each: policy.credentials && policy.expose.is_any(),
            max_age: policy.max_age.map(|seconds| seconds.to_string().into()),
        }
    }

    /// Whether an application's response depends on the request's `Origin`.
    pub fn varies_by_origin(&self) -> bool {
        !self.wildcard
    }

    /// Decides on a request with `method` and `fields`.
    pub fn respond<'a>(&'a self, method: &[u8], fields: &'a impl Fields) -> Decision<'a> {
        let origin = only(fields.lines("Origin"));
        if method == b"OPTIONS"
            && let Some(origin) = origin
            && let mut methods = fields.lines(REQUEST_METHOD)
            && let Some(requested) = methods.next()
        {
            // Several lines are no token.
            let requested = if methods.next().is_none() { requested } else { b"" };
            return Decision::Preflight(self.grant(origin, requested, fields));
        }
        Decision::Application(self.share(origin))
    }

    fn grant<'a>(&'a self, origin: &'a [u8], method: &'a [u8], fields: &'a impl Fields) -> Option<Grant<'a>> {
        if !self.origins.allows(origin) || !is_token(method) || !self.allows_method(method) {
            return None;
        }
        let mut names = false;
        let allowed = list::all(fields.lines(REQUEST_HEADERS), |name| {
            names = true;
            self.request_headers.as_ref().map_or_else(|| is_token(name), |set| set.contains(name))
        });
        allowed.then(|| Grant {
            allow_origin: self.allow_origin(origin),
            credentials: self.credentials,
            method,
            names,
            max_age: self.max_age.as_deref(),
        })
    }

    fn share<'a>(&'a self, origin: Option<&'a [u8]>) -> Option<Share<'a>> {
        let allowed = self.wildcard || origin.is_some_and(|origin| self.origins.allows(origin));
        allowed.then(|| Share {
            allow_origin: self.allow_origin(origin.unwrap_or(b"*")),
            credentials: self.credentials,
            expose: self.expose.as_deref(),
            expose_each: self.expose_each,
        })
    }

    fn allows_method(&self, method: &[u8]) -> bool {
        is_cors_safelisted_method(method) || self.methods.allows(|listed| listed.as_bytes() == method)
    }

    fn allow_origin<'a>(&self, origin: &'a [u8]) -> &'a [u8] {
        if self.wildcard { b"*" } else { origin }
    }
}
