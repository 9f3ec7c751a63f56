//! The CORS algorithms of the [Fetch Standard](https://fetch.spec.whatwg.org/) as a pure, sans-I/O state machine.
//!
//! The model plays the browser. Give [`Fetch::start`] a [`Request`]; it says which HTTP request to send; hand it the
//! [`Response`]; it asks for the next request or ends with an [`Outcome`] that names the step of the standard that
//! decided. It does no I/O, reads no clock, keeps no global state and never panics.
//!
//! The modules follow the standard's sections, pinned at whatwg/fetch commit
//! `586cd2a44c2a865b37c166dc0740f3fb8bb220d6` (2026-07-02):
//!
//! | section | module |
//! |---|---|
//! | HTTP: methods | [`methods`] |
//! | HTTP: headers | [`header_list`], [`header_value`], [`request_headers`], [`response_headers`], [`range`], [`mime_type`] |
//! | HTTP: requests, responses | [`request`], [`url_list`], [`response`] |
//! | Port blocking | [`port_blocking`] |
//! | `Origin` header | [`origin_header`]; the concept of an origin is in [`origin`] |
//! | CORS protocol: header syntax | [`abnf`] |
//! | `Cross-Origin-Resource-Policy` header | [`cross_origin_resource_policy`] |
//! | Fetching | [`fetching`], the state machine; what it sends is in [`http_request`] |
//! | Main fetch, scheme fetch, HTTP fetch, HTTP-redirect fetch, HTTP-network-or-cache fetch | `main_fetch`, `scheme_fetch`, `http_fetch`, [`http_redirect_fetch`], `http_network_or_cache_fetch` |
//! | CORS-preflight fetch, its cache | [`cors_preflight_fetch`], [`preflight_cache`] |
//! | CORS check, TAO check | [`cors_check`], [`tao_check`] |
//! | Fetch methods, and other APIs that fetch | [`initiator`] |
//! | Referrer Policy, Infra | [`referrer_policy`], [`infra`] |
//!
//! How a fetch ends is in [`outcome`] and [`reason`], the record of its steps in [`trace`]. The server's side is in
//! [`policy`], what an operator means to allow, by [`route`] where paths differ, and [`reference`](mod@reference), the smallest correct server for it.
//!
//! What is decided on every request is there a second time, without allocating, in [`fast`].

pub mod abnf;
pub mod cors_check;
pub mod cors_preflight_fetch;
pub mod cross_origin_resource_policy;
pub mod fast;
pub mod fetching;
pub mod header_list;
pub mod header_value;
mod http_fetch;
mod http_network_or_cache_fetch;
pub mod http_redirect_fetch;
pub mod http_request;
pub mod infra;
pub mod initiator;
mod main_fetch;
pub mod methods;
pub mod mime_type;
pub mod origin;
pub mod origin_header;
pub mod outcome;
pub mod policy;
pub mod port_blocking;
pub mod preflight_cache;
pub mod range;
pub mod reason;
pub mod reference;
pub mod referrer_policy;
pub mod request;
pub mod request_headers;
pub mod response;
pub mod response_headers;
pub mod route;
mod scheme_fetch;
pub mod tao_check;
pub mod trace;
pub mod url_list;

pub use fetching::{Fetch, Next};
pub use header_list::{Header, HeaderList};
pub use http_request::{HttpRequest, HttpRequestKind};
pub use origin::Origin;
pub use outcome::{NetworkError, Outcome};
pub use policy::Policy;
pub use preflight_cache::PreflightCache;
pub use reason::Reason;
pub use request::Request;
pub use response::{Response, ResponseType};
pub use trace::{Step, Trace};
