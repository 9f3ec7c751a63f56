//! What the model asks its driver to send.

use url::Url;

use crate::header_list::HeaderList;

/// An HTTP request to send, with the headers the algorithms decide. A driver adds what transport needs (`Host`,
/// `Content-Length`, a cookie when `credentials` says so).
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// Whether this is the preflight or the request itself.
    pub kind: HttpRequestKind,
    /// The method.
    pub method: Box<[u8]>,
    /// The URL; a fragment is not sent.
    pub url: Url,
    /// The header lines.
    pub headers: HeaderList,
    /// Whether cookies, HTTP authentication and client certificates go along
    /// (*includeCredentials* of HTTP-network-or-cache fetch).
    pub credentials: bool,
    /// Whether the request has a body.
    pub body: bool,
    /// Whether a new connection must be used, after a 421.
    pub new_connection: bool,
}

/// What a request on the wire is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HttpRequestKind {
    /// A [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request).
    Preflight,
    /// The request itself.
    Request,
}
