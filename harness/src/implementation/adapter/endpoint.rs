//! Requests to one policy of an adapter, which may crash or hang under them.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::supervisor::{Serving, Supervisor, on_its_own};
use crate::transport::{Answer, Http, Transport, TransportError, WireRequest};

/// Reaches the server of one policy, wherever it is now.
pub(super) struct Supervised {
    supervisor: Arc<Supervisor>,
    serving: Arc<Serving>,
}

impl Supervised {
    pub(super) const fn new(supervisor: Arc<Supervisor>, serving: Arc<Serving>) -> Self {
        Self { supervisor, serving }
    }

    /// Sends. Requests that were under way when the process ended are repeated one at a time: the one under which it
    /// ends again gets the blame.
    async fn send_supervised<T: Send + 'static>(
        &self,
        send: impl Fn(Arc<Http>) -> BoxFuture<'static, Result<T, TransportError>> + Send + Sync + 'static,
    ) -> Result<T, TransportError> {
        let place = self.serving.place();
        let error = match send(place.http).await {
            Err(error) if is_trouble(&error) => error,
            result => return result,
        };
        let (supervisor, serving) = (Arc::clone(&self.supervisor), Arc::clone(&self.serving));
        let again = async move {
            match supervisor.replaced(place.generation).await {
                Ok(true) => {}
                Ok(false) => return Err(error),
                Err(why) => return Err(TransportError::Connect(why)),
            }
            let _alone = supervisor.repeating.lock().await;
            let place = serving.place();
            let result = send(place.http).await;
            if result.as_ref().is_err_and(is_trouble) {
                // Those that come after it need a process.
                let _ = supervisor.replaced(place.generation).await;
            }
            result
        };
        on_its_own(again).await.unwrap_or_else(|broken| Err(TransportError::Broken(broken)))
    }
}

/// Whether the process may have ended, or hang.
const fn is_trouble(error: &TransportError) -> bool {
    matches!(error, TransportError::Connect(_) | TransportError::Broken(_) | TransportError::Timeout(_))
}

impl Transport for Supervised {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(self.send_supervised(move |http| {
            let request = request.clone();
            Box::pin(async move { http.send(request).await })
        }))
    }

    fn send_bytes(
        &self,
        bytes: Vec<u8>,
        responses: usize,
    ) -> BoxFuture<'_, Result<Vec<Answer>, TransportError>> {
        Box::pin(self.send_supervised(move |http| {
            let bytes = bytes.clone();
            Box::pin(async move { http.send_bytes(bytes, responses).await })
        }))
    }
}
