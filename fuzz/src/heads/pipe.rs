//! hyper as client and as server, with the bytes at the other end of a pipe.

use std::sync::Mutex;

use bytes::Bytes;
use corspec_model::HeaderList;
use http_body_util::Empty;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::runtime::Runtime;

use super::Reading;

/// Bytes the pipe holds.
const PIPE: usize = 1 << 16;

thread_local! {
    static RUNTIME: Option<Runtime> = tokio::runtime::Builder::new_current_thread().build().ok();
}

fn wait<T>(future: impl Future<Output = Option<T>>) -> Option<T> {
    RUNTIME.with(|runtime| runtime.as_ref()?.block_on(future))
}

/// One end of a pipe at whose other end `bytes` are written and no more; the other end is kept open for reading.
async fn sending(bytes: &[u8]) -> Option<(DuplexStream, DuplexStream)> {
    let (here, mut there) = tokio::io::duplex(PIPE);
    // More than the pipe holds would wait for a reader.
    there.write_all(bytes.get(..PIPE.min(bytes.len()))?).await.ok()?;
    there.shutdown().await.ok()?;
    Some((here, there))
}

fn list(map: &hyper::HeaderMap) -> HeaderList {
    map.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

/// The response hyper's client reads.
pub fn response(bytes: &[u8]) -> Option<Reading> {
    wait(async {
        let (here, _there) = sending(bytes).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(here)).await.ok()?;
        let request = hyper::Request::new(Empty::<Bytes>::new());
        // With the sender gone, and the response, the connection ends.
        let exchange = async move {
            let response = sender.send_request(request).await.ok()?;
            Some(Reading { status: response.status().as_u16(), headers: list(response.headers()) })
        };
        let (reading, _) = tokio::join!(exchange, connection);
        reading
    })
}

/// The first request hyper's server reads.
pub fn request(bytes: &[u8]) -> Option<Reading> {
    wait(async {
        let (here, _there) = sending(bytes).await?;
        let first = Mutex::new(None);
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            if let Ok(mut first) = first.lock() {
                first.get_or_insert_with(|| Reading { status: 0, headers: list(request.headers()) });
            }
            async { Ok::<_, std::convert::Infallible>(hyper::Response::new(Empty::<Bytes>::new())) }
        });
        let _ =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(here), service).await;
        first.into_inner().ok().flatten()
    })
}
