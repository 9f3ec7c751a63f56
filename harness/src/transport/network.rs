//! HTTP/1.1 with keep-alive, or HTTP/2 with many requests on one connection; over TLS or not.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderValue;
use http::header::{CONNECTION, HOST};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::rustls::ClientConfig;
use url::{Position, Url};

use super::connect::{Connector, Stream};
use super::http1;
use super::{
    Answer, Body, Limits, MAX_HEAD, REQUEST_BODY, Transport, TransportError, Version, WireRequest, innermost,
    raw, read, source, to_http,
};

/// A server reached over HTTP.
pub struct Http {
    connections: RwLock<Connections>,
    connector: Connector,
    /// Scheme and authority.
    origin: String,
    host: HeaderValue,
    version: Version,
    limits: Limits,
    /// What requests with a body carry, when it is not the usual.
    body: Option<Bytes>,
    /// Whether HTTP/1.1 is read as browsers read it.
    as_browsers: bool,
}

#[derive(Clone)]
struct Connections {
    spoken: Spoken,
    kept_alive: bool,
}

#[derive(Clone)]
enum Spoken {
    /// One exchange at a time on each connection.
    Http1(Arc<http1::Connections>),
    /// Many exchanges at once on one.
    Http2(Box<Client<Connector, Body>>),
}

impl Connections {
    fn new(connector: Connector, version: Version, kept_alive: bool) -> Self {
        let spoken = match version {
            Version::Http1 => Spoken::Http1(Arc::new(http1::Connections::new(connector))),
            Version::Http2 => {
                let mut builder = Client::builder(TokioExecutor::new());
                builder
                    .http2_only(true)
                    .http2_max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
                    .timer(TokioTimer::new());
                if !kept_alive {
                    builder.pool_max_idle_per_host(0);
                }
                Spoken::Http2(Box::new(builder.build(connector)))
            }
        };
        Self { spoken, kept_alive }
    }
}

impl Http {
    /// The server of `base`, over TLS by these settings when there are some. Where they offer both versions of HTTP and
    /// `version` is HTTP/1.1, the server chooses.
    ///
    /// # Errors
    /// [`TransportError::Connect`] when `base` names no server.
    pub fn new(
        base: &Url,
        version: Version,
        tls: Option<Arc<ClientConfig>>,
        limits: Limits,
    ) -> Result<Self, TransportError> {
        let connector = Connector::new(base, version, tls, limits)?;
        let host = HeaderValue::from_str(&base[Position::BeforeHost..Position::AfterPort])
            .map_err(|error| TransportError::Connect(format!("`{base}` names no server: {error}")))?;
        Ok(Self {
            host,
            connections: RwLock::new(Connections::new(connector.clone(), version, true)),
            connector,
            origin: format!("{}://{}", base.scheme(), base.authority()),
            version,
            limits,
            body: None,
            as_browsers: false,
        })
    }

    /// Connects to `address` whatever the URL says.
    ///
    /// # Errors
    /// [`TransportError::Connect`] when there is no such address.
    pub fn at(self, address: SocketAddr) -> Result<Self, TransportError> {
        let connector = self.connector.clone().at(address)?;
        let connections = RwLock::new(Connections::new(connector.clone(), self.version, true));
        Ok(Self { connector, connections, ..self })
    }

    /// Sends this body with requests that have one.
    #[must_use]
    pub fn sending(self, body: Bytes) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Takes responses of HTTP/1.1 as browsers do, control characters in values among them, which hyper takes for no
    /// HTTP. Each request then has a connection of its own.
    #[must_use]
    pub fn as_browsers(self) -> Self {
        Self { as_browsers: true, ..self }
    }

    /// None when the server chose HTTP/2.
    async fn exchange_as_browsers(&self, request: &WireRequest) -> Option<Result<Answer, TransportError>> {
        if !self.as_browsers || self.spoken_version() == Version::Http2 {
            return None;
        }
        let stream = match self.connect().await {
            Ok(stream) if stream.http2 => {
                let mut connections = self.connections.write().unwrap_or_else(PoisonError::into_inner);
                *connections = Connections::new(self.connector.clone(), Version::Http2, true);
                return None;
            }
            Ok(stream) => stream,
            Err(error) => return Some(Err(error)),
        };
        let usual = Bytes::from_static(REQUEST_BODY);
        let body = if request.body { self.body.as_ref().unwrap_or(&usual) } else { &Bytes::new() };
        let authority = self.host.as_bytes();
        Some(raw::exchange_as_browsers(stream, request, authority, body, self.limits).await)
    }

    async fn connect(&self) -> Result<Stream, TransportError> {
        tokio::time::timeout(self.limits.timeout, self.connector.connect())
            .await
            .unwrap_or(Err(TransportError::Timeout(self.limits.timeout)))
    }

    async fn exchange(
        &self,
        request: &WireRequest,
        connections: &Connections,
    ) -> Result<Answer, TransportError> {
        let body = self.body.as_ref().filter(|_| request.body);
        let mut request = to_http(request, &self.origin)?;
        if let Some(body) = body {
            *request.body_mut() = Full::new(body.clone()).map_err(|never| match never {}).boxed_unsync();
        }
        let exchange = async {
            match &connections.spoken {
                Spoken::Http1(idle) => {
                    http1::written_for_a_server(&mut request);
                    request.headers_mut().entry(HOST).or_insert_with(|| self.host.clone());
                    if !connections.kept_alive {
                        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                    }
                    let mut connection = idle.take().await?;
                    let response = connection.send_request(request).await;
                    let response = response.map_err(|error| what_went_wrong(&error))?;
                    let answer = read(response, self.limits).await?;
                    if connections.kept_alive {
                        idle.put_back(connection);
                    }
                    Ok(answer)
                }
                Spoken::Http2(client) => {
                    *request.version_mut() = http::Version::HTTP_2;
                    let response = client.request(request).await;
                    let response = response.map_err(|error| {
                        let what = what_went_wrong(&error);
                        match what {
                            TransportError::Broken(cause) if error.is_connect() => {
                                TransportError::Connect(cause)
                            }
                            what => what,
                        }
                    })?;
                    read(response, self.limits).await
                }
            }
        };
        tokio::time::timeout(self.limits.timeout, exchange)
            .await
            .unwrap_or(Err(TransportError::Timeout(self.limits.timeout)))
    }

    /// Whether the server takes the first bytes of HTTP/2 for a request of HTTP/1, and says so.
    async fn speaks_http1_only(&self) -> bool {
        if self.version != Version::Http2 {
            return false;
        }
        let asked = async {
            let mut stream = self.connector.connect().await.ok()?;
            stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.ok()?;
            let mut start = [0; 5];
            stream.read_exact(&mut start).await.ok()?;
            Some(start == *b"HTTP/")
        };
        tokio::time::timeout(self.limits.timeout, asked).await.ok().flatten().unwrap_or(false)
    }

    fn connections(&self) -> Connections {
        // Nothing panics while the lock is held.
        self.connections.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn connections_of_their_own(&self) -> Connections {
        Connections::new(self.connector.clone(), self.spoken_version(), false)
    }

    /// The version of the connections: HTTP/2 also where the server chose it.
    fn spoken_version(&self) -> Version {
        match self.connections().spoken {
            Spoken::Http1(_) => Version::Http1,
            Spoken::Http2(_) => Version::Http2,
        }
    }

    /// Keeps no connection alive from here on, and closes those that are.
    fn stop_keeping_alive(&self) {
        let own = self.connections_of_their_own();
        let mut connections = self.connections.write().unwrap_or_else(PoisonError::into_inner);
        if connections.kept_alive {
            *connections = own;
        }
    }
}

impl Transport for Http {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            if let Some(exchanged) = self.exchange_as_browsers(&request).await {
                return exchanged;
            }
            let connections = self.connections();
            let kept_alive = connections.kept_alive;
            let first = self.exchange(&request, &connections).await;
            drop(connections);
            match first {
                // A server with one thread waits on an idle connection while we wait on another. It is no hang if the
                // server answers when it is asked over a connection of its own.
                Err(TransportError::Timeout(_)) if kept_alive => {
                    self.stop_keeping_alive();
                    self.exchange(&request, &self.connections()).await
                }
                // A server may close a connection it kept alive just when the next request is on its way (RFC 9112,
                // section 9.5), and what is left on one from before may be no response. Neither is a crash if the
                // server answers over a connection of its own. If then nobody listens any more, it was.
                Err(TransportError::Broken(how)) if kept_alive => {
                    match self.exchange(&request, &self.connections_of_their_own()).await {
                        Err(TransportError::Connect(_)) => Err(TransportError::Broken(how)),
                        Err(TransportError::Broken(_)) if self.speaks_http1_only().await => {
                            Err(TransportError::Connect(
                                "the server answers HTTP/2 with HTTP/1: ask it without --http2".to_owned(),
                            ))
                        }
                        again => again,
                    }
                }
                result => result,
            }
        })
    }

    fn send_bytes(
        &self,
        bytes: Vec<u8>,
        responses: usize,
    ) -> BoxFuture<'_, Result<Vec<Answer>, TransportError>> {
        Box::pin(async move {
            if self.version != Version::Http1 {
                return Err(TransportError::NotApplicable(
                    "exact bytes are a matter of HTTP/1.1, and this server is asked over HTTP/2".to_owned(),
                ));
            }
            raw::exchange(self.connect().await?, &bytes, responses, self.limits).await
        })
    }
}

fn what_went_wrong(error: &(dyn Error + 'static)) -> TransportError {
    if let Some(error) = source::<TransportError>(error) {
        return error.clone();
    }
    let cause = innermost(error);
    if let Some(error) = source::<hyper::Error>(error) {
        if error.is_parse_too_large() {
            return TransportError::HeadTooLarge;
        }
        if error.is_parse_version_h2() {
            return TransportError::Broken(format!("{cause}: ask it with --http2"));
        }
    }
    TransportError::Broken(cause)
}

/// What hyper says, in words only, when it stops reading what has no end behind the head.
const NO_END: [&str; 3] =
    ["chunk extensions over limit", "chunk trailers bytes over limit", "chunk trailers count overflow"];

/// What broke while a body was read.
pub(super) fn body_error(error: &(dyn Error + 'static)) -> TransportError {
    let cause = innermost(error);
    if NO_END.contains(&&*cause) { TransportError::HeadTooLarge } else { TransportError::Broken(cause) }
}
