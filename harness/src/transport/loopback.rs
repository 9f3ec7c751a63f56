//! Serves a `tower::Service` on a loopback port, so that an embedded implementation is reached over real HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt;
use url::Url;

use super::{Body, Service, ServiceError};

/// Header lines a request may have: vectors send more than the usual 100, and the limit is not what is tested.
const MAX_HEADERS: usize = 4096;

/// A server that stops when this is dropped.
pub struct Server {
    /// Where it listens.
    pub base: Url,
    accepting: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves `service` at `address`; port 0 is any free one.
///
/// # Errors
/// When the port cannot be had.
pub async fn serve(service: Service, address: SocketAddr) -> std::io::Result<Server> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let base = Url::parse(&format!("http://{address}/")).map_err(std::io::Error::other)?;
    let accepting = tokio::spawn(async move {
        // A failed accept concerns one connection; the others go on.
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            tokio::spawn(serve_connection(stream, service.clone()));
        }
    });
    Ok(Server { base, accepting })
}

/// Serves `service` over one connection until it ends; one that breaks is the client's business.
pub(super) async fn serve_connection<S>(stream: S, service: Service)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| service.clone().oneshot(boxed(request)));
    let _ =
        http1::Builder::new().max_headers(MAX_HEADERS).serve_connection(TokioIo::new(stream), service).await;
}

fn boxed(request: http::Request<Incoming>) -> http::Request<Body> {
    request.map(|body| body.map_err(ServiceError::new).boxed_unsync())
}
