//! Serves a `tower::Service` on a loopback port, so that an embedded implementation is reached over real HTTP/1.1 or
//! HTTP/2, with TLS or without.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use url::Url;

use super::{Body, Service, ServiceError, Version};
use crate::tls::Authority;

/// Header lines a request may have: vectors send more than the usual 100, and the limit is not what is tested.
const MAX_HEADERS: usize = 4096;
/// The same for HTTP/2, which counts bytes.
const MAX_HEADER_LIST: u32 = 1 << 20;

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

/// Serves `service` at `address`; port 0 is any free one. With an authority, over TLS with a certificate it signs.
///
/// # Errors
/// When the port cannot be had, or no certificate.
pub async fn serve(
    service: Service,
    address: SocketAddr,
    version: Version,
    authority: Option<&Authority>,
) -> std::io::Result<Server> {
    accept(TcpListener::bind(address).await?, service, version, authority)
}

/// Serves `service` to whoever connects to a listener; with an authority, over TLS.
///
/// # Errors
/// When the listener has no address, or no certificate can be had.
pub fn accept(
    listener: TcpListener,
    service: Service,
    version: Version,
    authority: Option<&Authority>,
) -> std::io::Result<Server> {
    let address = listener.local_addr()?;
    let tls = match authority {
        None => None,
        Some(authority) => {
            let settings =
                authority.settings_for(&address.ip().to_string()).map_err(std::io::Error::other)?;
            let mut settings = (*settings).clone();
            settings.alpn_protocols = vec![version.alpn().to_vec()];
            Some(TlsAcceptor::from(Arc::new(settings)))
        }
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let base = Url::parse(&format!("{scheme}://{address}/")).map_err(std::io::Error::other)?;
    let accepting = tokio::spawn(async move {
        // A failed accept concerns one connection; the others go on.
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let service = service.clone();
            match tls.clone() {
                None => drop(tokio::spawn(serve_connection(stream, service, version))),
                Some(tls) => drop(tokio::spawn(async move {
                    // A handshake that fails is the client's business.
                    if let Ok(stream) = tls.accept(stream).await {
                        serve_connection(stream, service, version).await;
                    }
                })),
            }
        }
    });
    Ok(Server { base, accepting })
}

/// Serves `service` over one connection until it ends; one that breaks is the client's business.
pub(super) async fn serve_connection<S>(stream: S, service: Service, version: Version)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(service.clone(), request));
    let stream = TokioIo::new(stream);
    let _ = match version {
        Version::Http1 => {
            http1::Builder::new().max_headers(MAX_HEADERS).serve_connection(stream, service).await
        }
        Version::Http2 => {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder.max_header_list_size(MAX_HEADER_LIST).serve_connection(stream, service).await
        }
    };
}

async fn answer(
    service: Service,
    request: http::Request<Incoming>,
) -> Result<http::Response<Body>, ServiceError> {
    // The server leaves out the body of an answer to HEAD; hyper does so in HTTP/1.1 only.
    let bodiless = request.method() == http::Method::HEAD && request.version() == http::Version::HTTP_2;
    let response =
        service.oneshot(request.map(|body| body.map_err(ServiceError::new).boxed_unsync())).await?;
    if !bodiless {
        return Ok(response);
    }
    Ok(response.map(|_| Empty::new().map_err(|never| match never {}).boxed_unsync()))
}
