//! Connections of HTTP/1.1 that are kept alive: taken by one exchange at a time, put back when it has ended.

use std::sync::{Mutex, PoisonError};

use http::{Method, Uri};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;

use super::connect::Connector;
use super::{Body, MAX_HEAD, MAX_HEADERS, TransportError};

/// The connections to one server that wait for an exchange.
pub(super) struct Connections {
    connector: Connector,
    idle: Mutex<Vec<SendRequest<Body>>>,
}

impl Connections {
    /// None yet.
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, idle: Mutex::default() }
    }

    /// A connection that takes a request: one that is kept alive, or a new one.
    ///
    /// # Errors
    /// [`TransportError::Connect`] when none can be made.
    pub(super) async fn take(&self) -> Result<SendRequest<Body>, TransportError> {
        while let Some(mut connection) = self.last_idle() {
            // Not when the server has closed it since.
            if connection.ready().await.is_ok() {
                return Ok(connection);
            }
        }
        let stream = TokioIo::new(self.connector.connect().await?);
        let handshake = Builder::new()
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD)
            // As browsers do, and as RFC 9112, section 5.2, wants of a user agent.
            .allow_obsolete_multiline_headers_in_responses(true)
            .handshake(stream);
        let (connection, io) = handshake.await.map_err(|error| TransportError::Broken(error.to_string()))?;
        // What breaks here is told to the exchange under way.
        tokio::spawn(async { drop(io.await) });
        Ok(connection)
    }

    /// Keeps a connection whose exchange has ended.
    pub(super) fn put_back(&self, connection: SendRequest<Body>) {
        if !connection.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }

    /// The last that was put back: the others may time out.
    fn last_idle(&self) -> Option<SendRequest<Body>> {
        // Nothing panics while the lock is held.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// Gives a request whose URI is whole the form it has in a request line.
pub(super) fn written_for_a_server(request: &mut http::Request<Body>) {
    let uri = request.uri();
    let form = if request.method() == Method::CONNECT {
        uri.authority().cloned().map(Uri::from)
    } else {
        uri.path_and_query().cloned().map(Uri::from)
    };
    *request.uri_mut() = form.unwrap_or_default();
}
