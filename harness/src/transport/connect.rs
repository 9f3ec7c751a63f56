//! Connections to one server: TCP, and TLS over it where the URL says so.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tower::ServiceExt;
use url::{Host, Url};

use super::{Limits, TransportError, Version};
use crate::tls;

/// Connects to the server of one URL.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector,
    server: Uri,
    host: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    version: Version,
}

impl Connector {
    /// Connects to the server of `base`; with `tls` by these settings.
    pub(super) fn new(
        base: &Url,
        version: Version,
        tls: Option<Arc<ClientConfig>>,
        limits: Limits,
    ) -> Result<Self, TransportError> {
        let unusable = |error: &dyn std::fmt::Display| {
            TransportError::Connect(format!("`{base}` names no server: {error}"))
        };
        let host = base.host_str().unwrap_or_default().to_owned();
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        // Sooner than the exchange runs out of time: a server nobody can reach is none that hangs.
        tcp.set_connect_timeout(Some(limits.timeout / 2));
        let tls = match tls {
            None => None,
            Some(settings) => {
                let name = match base.host() {
                    Some(Host::Ipv4(address)) => ServerName::from(std::net::IpAddr::from(address)),
                    Some(Host::Ipv6(address)) => ServerName::from(std::net::IpAddr::from(address)),
                    _ => ServerName::try_from(host.clone()).map_err(|error| unusable(&error))?,
                };
                Some((TlsConnector::from(settings), name))
            }
        };
        let port = base.port_or_known_default().unwrap_or(80);
        let server = format!("http://{host}:{port}/").parse().map_err(|error| unusable(&error))?;
        Ok(Self { tcp, server, host, tls, version })
    }

    /// Connects to `address` whatever the URL says; certificates are still those of its host.
    pub(super) fn at(mut self, address: SocketAddr) -> Result<Self, TransportError> {
        let server = format!("http://{address}/").parse();
        self.server = server.map_err(|error| TransportError::Connect(format!("{address}: {error}")))?;
        Ok(self)
    }

    fn unreachable(&self, error: &(dyn Error + 'static)) -> TransportError {
        let reset = super::source::<io::Error>(error)
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset);
        let cause = format!("{}{}", super::innermost(error), self.hint(error));
        // Who resets a connection has accepted it.
        if reset && self.tls.is_none() {
            TransportError::Broken(cause)
        } else {
            TransportError::Connect(cause)
        }
    }

    /// What to look at when there is no connection.
    fn hint(&self, error: &(dyn Error + 'static)) -> String {
        let at = self.server.authority().map(ToString::to_string).unwrap_or_default();
        match super::source::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => format!("; is a server running at {at}?"),
            Some(io::ErrorKind::TimedOut) => format!("; can {at} be reached from here?"),
            // What the resolver says has no kind of its own.
            _ if error.to_string().contains("dns error") => "; is the name spelt right?".to_owned(),
            _ => String::new(),
        }
    }

    /// A new connection.
    ///
    /// # Errors
    /// [`TransportError::Connect`], with what to do about it.
    pub(super) async fn connect(&self) -> Result<Stream, TransportError> {
        let connected = self.tcp.clone().oneshot(self.server.clone()).await;
        let tcp = connected.map_err(|error| self.unreachable(&error))?.into_inner();
        let Some((tls, name)) = &self.tls else {
            return Ok(Stream { stream: Box::new(tcp), http2: false });
        };
        let stream = tls
            .connect(name.clone(), tcp)
            .await
            .map_err(|error| TransportError::Connect(tls::explain(&error, &self.host)))?;
        let agreed = stream.get_ref().1.alpn_protocol();
        let http2 = agreed == Some(Version::Http2.alpn());
        if self.version == Version::Http2 && !http2 {
            return Err(TransportError::Connect(format!(
                "{} does not agree to HTTP/2 (ALPN): ask it without --http2",
                self.host
            )));
        }
        Ok(Stream { stream: Box::new(stream), http2 })
    }
}

impl tower::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = TransportError;
    type Future = BoxFuture<'static, Result<TokioIo<Stream>, TransportError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect().await.map(TokioIo::new) })
    }
}

/// Bytes that are read at once. The runtime counts reads to see that a task gives way to others: with small ones a server
/// that never stops sending cannot keep the timers from running out.
const READ_AT_ONCE: usize = 4 << 10;

/// A connection, encrypted or not.
pub(super) struct Stream {
    stream: Box<dyn Duplex>,
    /// Whether HTTP/2 was agreed on.
    pub(super) http2: bool,
}

trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {
    /// The TCP connection beneath.
    fn tcp(&self) -> &TcpStream;
}

impl Duplex for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Duplex for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let connected = Connected::new();
        if self.http2 { connected.negotiated_h2() } else { connected }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Into the first part of what is free; `ReadBuf` has no safe way to do so without clearing it.
        let mut part = [0; READ_AT_ONCE];
        let length = part.len().min(buffer.remaining());
        let mut part = ReadBuf::new(&mut part[..length]);
        std::task::ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
        buffer.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        let written = unless_closed(written, bytes.len())?;
        // Acknowledge the answer as soon as its first part is there: a server that writes head and body apart otherwise
        // waits for that, 40 ms on Linux (RFC 896). It holds for one answer; without it all is but slower.
        #[cfg(target_os = "linux")]
        let _ = self.stream.tcp().set_quickack(true);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context).map(|flushed| unless_closed(flushed, ()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Lets what the server no longer takes pass for written: who refuses a request answers and closes before all of it was
/// sent (RFC 9112, section 9.6), and the answer waits to be read. Where there is none, reading tells.
fn unless_closed<T>(written: io::Result<T>, all: T) -> io::Result<T> {
    match written {
        Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => {
            Ok(all)
        }
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn what_a_server_says_before_it_has_read_everything_is_read() {
        const REFUSED: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n";
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut stream = Stream { stream: Box::new(tcp), http2: false };
        std::thread::spawn(move || {
            let (mut server, _) = listener.accept().unwrap();
            server.read_exact(&mut [0]).unwrap();
            server.write_all(REFUSED).unwrap();
        });
        // More than the system keeps for a server that does not read.
        stream.write_all(&vec![b'a'; 64 << 20]).await.unwrap();
        stream.flush().await.unwrap();
        let mut answer = [0; REFUSED.len()];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, REFUSED);
    }
}
