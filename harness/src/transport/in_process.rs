//! Calls a `tower::Service` in this process.

use futures_util::future::BoxFuture;
use tower::ServiceExt;

use super::{
    Answer, Limits, Service, Transport, TransportError, Version, WireRequest, loopback, raw, read, to_http,
};

/// The name the server has; nothing is resolved.
pub const AUTHORITY: &str = "server.test";
/// Its scheme and name.
const ORIGIN: &str = "http://server.test";

/// A service called directly.
pub struct InProcess {
    service: Service,
    limits: Limits,
}

impl InProcess {
    /// Calls `service`.
    pub fn new(service: Service, limits: Limits) -> Self {
        Self { service, limits }
    }
}

impl Transport for InProcess {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<Answer, TransportError>> {
        let service = self.service.clone();
        let limits = self.limits;
        Box::pin(async move {
            let request = to_http(&request, ORIGIN)?;
            // A task of its own, so that a panic in the implementation, or in the body it gave, is an answer too.
            let exchange = tokio::spawn(async move {
                let response = service
                    .oneshot(request)
                    .await
                    .map_err(|error| TransportError::Broken(error.to_string()))?;
                read(response, limits).await
            });
            let abort = exchange.abort_handle();
            match tokio::time::timeout(limits.timeout, exchange).await {
                Ok(answer) => answer.unwrap_or_else(|panic| {
                    Err(TransportError::Broken(format!("the implementation panicked: {panic}")))
                }),
                Err(_) => {
                    abort.abort();
                    Err(TransportError::Timeout(limits.timeout))
                }
            }
        })
    }

    fn send_bytes(
        &self,
        bytes: Vec<u8>,
        responses: usize,
    ) -> BoxFuture<'_, Result<Vec<Answer>, TransportError>> {
        Box::pin(async move {
            // The HTTP server of this process at the other end of a pipe.
            let (client, server) = tokio::io::duplex(1 << 16);
            let serving =
                tokio::spawn(loopback::serve_connection(server, self.service.clone(), Version::Http1));
            let answers = raw::exchange(client, &bytes, responses, self.limits).await;
            serving.abort();
            answers
        })
    }
}
