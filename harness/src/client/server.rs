//! The scripted origin server: every host, port and scheme at once, answering with exact bytes.
//!
//! A browser reaches it as its HTTP proxy, so the origins of a vector are the very ones on the wire: `http` URLs arrive
//! in absolute form, `https` ones through `CONNECT` and TLS with a [throw-away authority](Authority). A client without a proxy
//! may be made to connect to it whatever the name.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use corspec_model::HeaderList;
use corspec_model::abnf::REQUEST_METHOD;
use corspec_vectors::client::RequestKind;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use crate::tls::Authority;

/// Bytes a request's head may have, and its body.
const LARGEST_HEAD: usize = 1 << 20;
const LARGEST_BODY: usize = 16 << 20;
/// Header lines a request may have.
const MAX_HEADERS: usize = 4096;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The method.
    pub method: Vec<u8>,
    /// The absolute URL.
    pub url: String,
    /// The header lines, in order.
    pub headers: HeaderList,
    /// The body.
    pub body: Vec<u8>,
}

impl Arrival {
    /// What it is: script can send OPTIONS, but never `Access-Control-Request-Method`.
    pub fn kind(&self) -> RequestKind {
        if self.method == b"OPTIONS" && self.headers.contains(REQUEST_METHOD) {
            RequestKind::Preflight
        } else {
            RequestKind::Request
        }
    }

    fn host(&self) -> String {
        String::from_utf8_lossy(&self.headers.get("Host").unwrap_or_default()).into_owned()
    }
}

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Send these bytes and keep the connection.
    Bytes(Vec<u8>),
    /// Reset the connection.
    Reset,
}

impl Reply {
    /// A complete HTTP response with `body`.
    pub fn new(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        use std::fmt::Write;

        let mut head = format!("HTTP/1.1 {status} corspec\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            // Writing to a string cannot fail.
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend_from_slice(body);
        Self::Bytes(bytes)
    }
}

/// Who answers.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    fn handle(&self, arrival: Arrival) -> BoxFuture<'_, Reply>;
}

/// A server that stops when this is dropped.
pub struct Server {
    /// Where it listens, as a proxy.
    pub address: SocketAddr,
    /// Who signs for its hosts.
    pub authority: Arc<Authority>,
    accepting: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves on a free loopback port.
///
/// # Errors
/// When no port can be had or no certificate made.
pub async fn serve(handler: Arc<dyn Handler>) -> io::Result<Server> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let authority = Arc::new(Authority::new().map_err(io::Error::other)?);
    let for_connections = Arc::clone(&authority);
    let accepting = tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // A failed accept concerns one connection; the others go on.
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let handler = Arc::clone(&handler);
            let authority = Arc::clone(&for_connections);
            // A connection that breaks is the client's business.
            tokio::spawn(async move { proxy(stream, &*handler, &authority).await });
        }
    });
    Ok(Server { address, authority, accepting })
}

/// What a TLS connection begins with.
const TLS_HANDSHAKE: u8 = 0x16;

/// One connection of a client: to its proxy, or to the server itself when all names lead to it.
async fn proxy(stream: TcpStream, handler: &dyn Handler, authority: &Authority) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut first = [0];
    if stream.peek(&mut first).await? == 1 && first[0] == TLS_HANDSHAKE {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let host = start.client_hello().server_name().unwrap_or("127.0.0.1").to_owned();
        let stream = start.into_stream(authority.settings_for(&host).map_err(io::Error::other)?).await?;
        return origin(Connection { stream, buffer: Vec::new() }, None, handler).await;
    }
    let mut connection = Connection { stream, buffer: Vec::new() };
    loop {
        let Some(mut arrival) = connection.read().await? else { return Ok(()) };
        if arrival.method == b"CONNECT" {
            connection.stream.write_all(b"HTTP/1.1 200 corspec\r\n\r\n").await?;
            let host = arrival.url.rsplit_once(':').map_or(&*arrival.url, |(host, _)| host);
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let settings = authority.settings_for(host).map_err(io::Error::other)?;
            let stream = TlsAcceptor::from(settings).accept(connection.stream).await?;
            let port = arrival.url.strip_suffix(":443").unwrap_or(&arrival.url);
            return origin(
                Connection { stream, buffer: Vec::new() },
                Some(&format!("https://{port}")),
                handler,
            )
            .await;
        }
        if arrival.url.starts_with('/') {
            arrival.url.insert_str(0, &format!("http://{}", arrival.host()));
        }
        match handler.handle(arrival).await {
            Reply::Bytes(bytes) => connection.stream.write_all(&bytes).await?,
            Reply::Reset => return reset(&connection.stream),
        }
    }
}

/// One connection of a client to an `https` origin; without a name, `Host` says which.
async fn origin(
    mut connection: Connection<TlsStream<TcpStream>>,
    origin: Option<&str>,
    handler: &dyn Handler,
) -> io::Result<()> {
    loop {
        let Some(mut arrival) = connection.read().await? else { return Ok(()) };
        let origin = origin.map_or_else(|| format!("https://{}", arrival.host()), str::to_owned);
        arrival.url.insert_str(0, &origin);
        match handler.handle(arrival).await {
            Reply::Bytes(bytes) => {
                connection.stream.write_all(&bytes).await?;
                connection.stream.flush().await?;
            }
            Reply::Reset => return reset(connection.stream.get_ref().0),
        }
    }
}

/// Makes the close of this connection a reset, which no client takes for the end of a response.
fn reset(stream: &TcpStream) -> io::Result<()> {
    stream.set_zero_linger()
}

struct Connection<S> {
    stream: S,
    buffer: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// The next request; its `url` is the request target as it was sent. `None` at the end of the connection.
    async fn read(&mut self) -> io::Result<Option<Arrival>> {
        let (mut arrival, head) = loop {
            if let Some(read) = parse(&self.buffer)? {
                break read;
            }
            if self.buffer.len() > LARGEST_HEAD {
                return Err(io::Error::other("the request's head is too large"));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        };
        self.buffer.drain(..head);
        let length = arrival.headers.get("Content-Length").unwrap_or_default();
        let length = std::str::from_utf8(&length).ok().and_then(|length| length.parse().ok()).unwrap_or(0);
        if length > LARGEST_BODY || arrival.headers.contains("Transfer-Encoding") {
            return Err(io::Error::other("the request's body is too large, or has no length"));
        }
        while self.buffer.len() < length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
        arrival.body = self.buffer.drain(..length).collect();
        Ok(Some(arrival))
    }
}

/// A request's head and its length, when it is complete.
fn parse(bytes: &[u8]) -> io::Result<Option<(Arrival, usize)>> {
    let mut few = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut few);
    let mut many = Vec::new();
    let mut status = request.parse(bytes);
    if status == Err(httparse::Error::TooManyHeaders) {
        many.resize(MAX_HEADERS, httparse::EMPTY_HEADER);
        request = httparse::Request::new(&mut many);
        status = request.parse(bytes);
    }
    let httparse::Status::Complete(length) = status.map_err(io::Error::other)? else {
        return Ok(None);
    };
    let arrival = Arrival {
        method: request.method.unwrap_or_default().as_bytes().to_vec(),
        url: request.path.unwrap_or_default().to_owned(),
        headers: request.headers.iter().map(|header| (header.name, header.value)).collect(),
        body: Vec::new(),
    };
    Ok(Some((arrival, length)))
}
