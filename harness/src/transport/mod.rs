//! How requests reach an implementation: in process or over HTTP.

mod connect;
mod http1;
mod in_process;
pub mod loopback;
mod network;
pub mod raw;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use corspec_model::{HeaderList, Response};
use futures_util::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;
use tower::util::BoxCloneSyncService;

pub use in_process::{AUTHORITY as IN_PROCESS_AUTHORITY, InProcess};
pub use network::Http;

/// Any error of a service or a body, as its text.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ServiceError(String);

impl ServiceError {
    /// Keeps the text of `error`.
    pub fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// The body of requests and responses.
pub type Body = UnsyncBoxBody<Bytes, ServiceError>;
/// An implementation as a service.
pub type Service = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, ServiceError>;

/// Sends requests to one server.
pub trait Transport: Send + Sync {
    /// Sends a request and reads the whole response.
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<Answer, TransportError>>;

    /// Writes exact bytes to a connection of their own and reads at most `responses` responses, fewer when the server
    /// closes first. Over HTTP/2 there are no such bytes: [`TransportError::NotApplicable`].
    fn send_bytes(
        &self,
        bytes: Vec<u8>,
        responses: usize,
    ) -> BoxFuture<'_, Result<Vec<Answer>, TransportError>>;
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status and header lines.
    pub response: Response,
    /// The body, as far as it is kept: [`Limits::kept`] bytes.
    pub body: Bytes,
}

/// Bytes the head of a response may have, and its trailers. Chromium has the same limit.
pub const MAX_HEAD: usize = 256 << 10;
/// Header lines a response may have.
pub const MAX_HEADERS: usize = 1024;

/// The version of HTTP spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2: agreed on with ALPN over TLS, by prior knowledge otherwise.
    Http2,
}

impl Version {
    /// Its ALPN protocol id.
    pub const fn alpn(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}

/// A request as it goes over the wire.
#[derive(Clone, Debug)]
pub struct WireRequest {
    /// The method.
    pub method: Box<[u8]>,
    /// Path and query.
    pub target: String,
    /// The header lines; the transport adds `Host`.
    pub headers: HeaderList,
    /// Whether it has a body: one of a few bytes.
    pub body: bool,
}

impl WireRequest {
    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or(&self.target)
    }

    /// The body, empty when it has none.
    pub(crate) fn body_bytes(&self) -> &'static [u8] {
        if self.body { REQUEST_BODY } else { b"" }
    }
}

/// What bounds an exchange.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one exchange, from the first byte sent to the last byte read.
    pub timeout: Duration,
    /// For the body of one response, in bytes; a longer one counts as one without end.
    pub body: usize,
    /// Bytes that are kept of a body. Bodies tell who answered and what was reflected; many are held at once.
    pub kept: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(5), body: 4 << 20, kept: 64 << 10 }
    }
}

/// Why no response came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nobody listens.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// The connection broke, or what came was not HTTP.
    #[error("no usable response: {0}")]
    Broken(String),
    /// The response did not end in time.
    #[error("no complete response within {0:?}")]
    Timeout(Duration),
    /// The body did not end.
    #[error("the response body is larger than {0} bytes")]
    TooLarge(usize),
    /// The head or the trailers did not end.
    #[error("the response's head or trailers have more than {} bytes or {} lines", MAX_HEAD, MAX_HEADERS)]
    HeadTooLarge,
    /// What was asked for does not exist in the version of HTTP spoken.
    #[error("{0}")]
    NotApplicable(String),
    /// The request cannot be written as HTTP by this transport.
    #[error("the request cannot be sent: {0}")]
    Unsendable(String),
}

/// The body a request has when it has one.
const REQUEST_BODY: &[u8] = b"corspec";

/// Whether the length of no body is sent, as a browser does: HTTP-network-or-cache fetch gives it to POST and PUT.
fn has_length_0(request: &WireRequest) -> bool {
    !request.body && matches!(&*request.method, b"POST" | b"PUT")
}

/// The request as the `http` crate has it; `origin` is scheme and authority.
///
/// # Errors
/// [`TransportError::Unsendable`] when the crate cannot hold it.
pub(crate) fn to_http(request: &WireRequest, origin: &str) -> Result<http::Request<Body>, TransportError> {
    use http_body_util::{BodyExt, Full};

    let unsendable = |error: &dyn std::fmt::Display| TransportError::Unsendable(error.to_string());
    let body: Body =
        Full::new(Bytes::from_static(request.body_bytes())).map_err(|never| match never {}).boxed_unsync();
    let method = http::Method::from_bytes(&request.method).map_err(|error| unsendable(&error))?;
    let mut http = http::Request::builder()
        .method(method)
        .uri(format!("{origin}{}", request.target))
        .body(body)
        .map_err(|error| unsendable(&error))?;
    if has_length_0(request) {
        http.headers_mut().insert(http::header::CONTENT_LENGTH, http::HeaderValue::from_static("0"));
    }
    for header in &request.headers {
        let name = http::HeaderName::from_bytes(&header.name).map_err(|error| unsendable(&error))?;
        let value = http::HeaderValue::from_bytes(&header.value).map_err(|error| unsendable(&error))?;
        http.headers_mut().append(name, value);
    }
    Ok(http)
}

/// A body while it is read: what is kept of it, and how long it is.
struct ReadBody {
    kept: BytesMut,
    length: usize,
    limits: Limits,
}

impl ReadBody {
    fn new(limits: Limits) -> Self {
        Self { kept: BytesMut::new(), length: 0, limits }
    }

    fn push(&mut self, data: &[u8]) -> Result<(), TransportError> {
        self.length = self.length.saturating_add(data.len());
        if self.length > self.limits.body {
            return Err(TransportError::TooLarge(self.limits.body));
        }
        let room = self.limits.kept.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&data[..data.len().min(room)]);
        Ok(())
    }

    fn finish(self) -> Bytes {
        self.kept.freeze()
    }
}

/// Reads the whole response.
async fn read<B>(response: http::Response<B>, limits: Limits) -> Result<Answer, TransportError>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::error::Error + 'static,
{
    use http_body_util::BodyExt;

    let (head, mut body) = response.into_parts();
    let mut whole = ReadBody::new(limits);
    while let Some(frame) = body.frame().await {
        // A body that is always ready, and always empty, would let nobody else have a turn.
        tokio::task::consume_budget().await;
        let frame = match frame {
            Ok(frame) => frame,
            // Who refuses a request before all of it was read closes, and the reset overtakes the rest of the answer.
            Err(_) if matches!(head.status.as_u16(), 400 | 413 | 414 | 431) => break,
            Err(error) => return Err(network::body_error(&error)),
        };
        if let Some(data) = frame.data_ref() {
            whole.push(data)?;
        }
    }
    let headers = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    Ok(Answer { response: Response::new(head.status.as_u16(), headers), body: whole.finish() })
}

/// The error of this kind in the chain.
fn source<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The text of the error at the bottom of the chain: the one that says what happened.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
