//! Calls a `tower::Service` in this process.

use futures_util::future::BoxFuture;
use tower::ServiceExt;

use super::{
    Answer, Limits, Service, Transport, TransportError, Version, WireRequest, loopback, raw, read, to_http,
};

/// The name the server has; nothing is resolved.
pub const AUTHORITY: &str = "server.test";

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
            let request = to_http(&request, &format!("http://{AUTHORITY}"))?;
            // A task of its own, so that a panic in the implementation is an answer too.
            let call = tokio::spawn(service.oneshot(request));
            let abort = call.abort_handle();
            let exchange = async {
                let response = call
                    .await
                    .map_err(|panic| TransportError::Broken(format!("the implementation panicked: {panic}")))?
                    .map_err(|error| TransportError::Broken(error.to_string()))?;
                read(response, limits).await
            };
            tokio::time::timeout(limits.timeout, exchange).await.unwrap_or_else(|_| {
                abort.abort();
                Err(TransportError::Timeout(limits.timeout))
            })
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
