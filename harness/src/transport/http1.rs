//! HTTP/1.1 with keep-alive and many requests in flight.

use std::sync::RwLock;

use futures_util::future::BoxFuture;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use url::Url;

use super::{Answer, Body, Limits, Transport, TransportError, WireRequest, raw, read, to_http};

/// A server reached over HTTP/1.1.
pub struct Http1 {
    client: RwLock<Connections>,
    authority: String,
    /// Host and port, for connections of our own.
    address: String,
    limits: Limits,
}

#[derive(Clone)]
struct Connections {
    client: Client<HttpConnector, Body>,
    kept_alive: bool,
}

impl Connections {
    fn new(kept_alive: bool, limits: Limits) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(limits.timeout));
        let mut builder = Client::builder(TokioExecutor::new());
        if !kept_alive {
            builder.pool_max_idle_per_host(0);
        }
        Self { client: builder.build(connector), kept_alive }
    }
}

impl Http1 {
    /// The server of `base`, an `http:` URL.
    pub fn new(base: &Url, limits: Limits) -> Self {
        Self {
            client: RwLock::new(Connections::new(true, limits)),
            authority: base.authority().to_owned(),
            address: format!(
                "{}:{}",
                base.host_str().unwrap_or_default(),
                base.port_or_known_default().unwrap_or(80)
            ),
            limits,
        }
    }

    async fn exchange(
        &self,
        request: &WireRequest,
        connections: &Connections,
    ) -> Result<Answer, TransportError> {
        let mut request = to_http(request, &self.authority)?;
        if !connections.kept_alive {
            request.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        }
        let exchange = async {
            let response = connections.client.request(request).await.map_err(|error| {
                let cause = innermost(&error);
                if error.is_connect() {
                    TransportError::Connect(cause)
                } else {
                    TransportError::Broken(cause)
                }
            })?;
            read(response, self.limits).await
        };
        tokio::time::timeout(self.limits.timeout, exchange)
            .await
            .unwrap_or(Err(TransportError::Timeout(self.limits.timeout)))
    }

    fn connections(&self) -> Connections {
        // Nothing panics while the lock is held.
        self.client.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Keeps no connection alive from here on, and closes those that are.
    fn stop_keeping_alive(&self) {
        let mut connections = self.client.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if connections.kept_alive {
            *connections = Connections::new(false, self.limits);
        }
    }
}

impl Transport for Http1 {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
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
            let connect = tokio::net::TcpStream::connect(&self.address);
            let stream = tokio::time::timeout(self.limits.timeout, connect)
                .await
                .map_err(|_| TransportError::Timeout(self.limits.timeout))?
                .map_err(|error| TransportError::Connect(error.to_string()))?;
            let _ = stream.set_nodelay(true);
            raw::exchange(stream, &bytes, responses, self.limits).await
        })
    }
}

/// The text of the error at the bottom of the chain: the one that says what happened.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
