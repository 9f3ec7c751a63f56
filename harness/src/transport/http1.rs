//! HTTP/1.1 with keep-alive and many requests in flight.

use corspec_model::Response;
use futures_util::future::BoxFuture;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use url::Url;

use super::{Body, Limits, Transport, TransportError, WireRequest, read, to_http};

/// A server reached over HTTP/1.1.
pub struct Http1 {
    client: Client<HttpConnector, Body>,
    authority: String,
    limits: Limits,
}

impl Http1 {
    /// The server of `base`, an `http:` URL.
    pub fn new(base: &Url, limits: Limits) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(limits.timeout));
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            authority: base.authority().to_owned(),
            limits,
        }
    }
}

impl Transport for Http1 {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let request = to_http(&request, &self.authority)?;
            let exchange = async {
                let response = self.client.request(request).await.map_err(|error| {
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
