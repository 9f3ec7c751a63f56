//! The application behind every implementation: fixed routes, so that what a middleware adds, hides or swallows can be
//! told apart from what the application said.
//!
//! | route | answer |
//! |---|---|
//! | `/plain` | 200 with [`HEADERS`]; 304 to `If-None-Match: "v1"`, 206 to `Range: bytes=0-1` |
//! | `/status/N` | status N |
//! | `/redirect` | 302 to `/plain` |
//! | `/vary` | as `/plain`, with a `Vary` of its own |
//! | `/cors` | as `/plain`, with an `Access-Control-Allow-Origin` of its own |
//! | `/stream` | 200, a body in three pieces of unknown length |
//! | `/echo` | 200, the method and the request's body |
//! | `/area/…` | as `/plain`, whatever follows |
//! | else | 404 |
//!
//! Any method is served, and every answer has [`HEADERS`]. Routes are found by the [resolved path](resolved_path). An
//! answer of the application carries `X-App`; one without it came from the middleware. The adapters of other languages
//! have the same application; `adapters/README.md` is its contract.

use std::borrow::Cow;
use std::sync::LazyLock;

use bytes::Bytes;
use corspec_model::HeaderList;
use corspec_model::route::resolved_path;
use futures_util::stream;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};

use crate::transport::{Body, ServiceError, WireRequest};

/// The header that tells that the application answered.
pub const MARKER: &str = "x-app";

/// The header lines of every answer.
pub const HEADERS: [(&str, &str); 7] = [
    ("content-type", "text/plain"),
    ("cache-control", "max-age=60"),
    ("etag", "\"v1\""),
    ("set-cookie", "session=1"),
    (MARKER, "corspec"),
    ("x-request-id", "42"),
    ("x-secret", "s"),
];

/// Whether an answer of the application can have a header of this name, in lower case.
pub fn sends(name: &str) -> bool {
    HEADERS.iter().any(|(common, _)| *common == name) || ["content-range", "location", "vary"].contains(&name)
}

/// The body of `/plain`.
const PLAIN: &[u8] = b"plain\n";
/// The body of `/stream`.
const PIECES: [&str; 3] = ["one\n", "two\n", "three\n"];

/// What the application says to a request.
pub struct Said {
    /// The status.
    pub status: StatusCode,
    /// The header line it has besides the [common ones](HEADERS).
    pub own: Option<(&'static str, &'static str)>,
    /// The whole body.
    pub body: Bytes,
}

impl Said {
    /// Its header lines.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        HEADERS.into_iter().chain(self.own)
    }

    /// Its header lines as a list, in the order of [`lines`](Self::lines).
    pub fn headers(&self) -> HeaderList {
        static COMMON: LazyLock<HeaderList> = LazyLock::new(|| HEADERS.into_iter().collect());
        let mut headers = COMMON.clone();
        if let Some((name, value)) = self.own {
            headers.append(name, value);
        }
        headers
    }
}

/// What the application says to a request for `path`, as it is written in a URL; `header` gives the value of a header's
/// first line.
fn says<'a>(method: &[u8], path: &str, header: impl Fn(&str) -> Option<&'a [u8]>, body: &[u8]) -> Said {
    let path = match path {
        "/plain" => Cow::Borrowed(path.as_bytes()),
        path => Cow::Owned(resolved_path(path)),
    };
    match &*path {
        b"/stream" => Said { status: StatusCode::OK, own: None, body: PIECES.concat().into() },
        b"/echo" => Said { status: StatusCode::OK, own: None, body: [method, b" ", body].concat().into() },
        b"/plain" if header("if-none-match") == Some(b"\"v1\"") => {
            Said { status: StatusCode::NOT_MODIFIED, own: None, body: Bytes::new() }
        }
        b"/plain" if header("range") == Some(b"bytes=0-1") => Said {
            status: StatusCode::PARTIAL_CONTENT,
            own: Some(("content-range", "bytes 0-1/6")),
            body: Bytes::from_static(&PLAIN[..2]),
        },
        path => {
            let (status, own) = route(path);
            let body = if status == StatusCode::OK { PLAIN } else { b"" };
            Said { status, own, body: Bytes::from_static(body) }
        }
    }
}

/// What the application says to a request of the harness when nothing is before it.
pub fn says_to(request: &WireRequest) -> Said {
    let first = |name: &str| request.headers.iter().find(|header| header.is_named(name));
    let value = |name: &str| first(name).map(|header| &*header.value);
    says(&request.method, request.path(), value, request.body_bytes())
}

/// Answers a request.
///
/// # Errors
/// When the request's body, which only `/echo` reads, breaks off.
pub async fn answer<B>(request: Request<B>) -> Result<Response<Body>, ServiceError>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Display,
{
    let (head, body) = request.into_parts();
    let path = resolved_path(head.uri.path());
    let body = if path == b"/echo" {
        body.collect().await.map_err(ServiceError::new)?.to_bytes()
    } else {
        Bytes::new()
    };
    let header = |name: &str| head.headers.get(name).map(HeaderValue::as_bytes);
    let said = says(head.method.as_str().as_bytes(), head.uri.path(), header, &body);
    let body = if path == b"/stream" { in_pieces() } else { whole(said.body.clone()) };
    let mut response = Response::new(body);
    *response.status_mut() = said.status;
    for (name, value) in said.lines() {
        response.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Ok(response)
}

/// The status of a route, and the header it has besides the common ones.
fn route(path: &[u8]) -> (StatusCode, Option<(&'static str, &'static str)>) {
    match path {
        b"/plain" => (StatusCode::OK, None),
        b"/redirect" => (StatusCode::FOUND, Some(("location", "/plain"))),
        b"/vary" => (StatusCode::OK, Some(("vary", "Accept-Encoding"))),
        b"/cors" => (StatusCode::OK, Some(("access-control-allow-origin", "https://own.example"))),
        path if path.starts_with(b"/area/") => (StatusCode::OK, None),
        path => {
            let status =
                path.strip_prefix(b"/status/").and_then(|status| StatusCode::from_bytes(status).ok());
            (status.unwrap_or(StatusCode::NOT_FOUND), None)
        }
    }
}

fn whole(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

fn in_pieces() -> Body {
    StreamBody::new(stream::iter(PIECES.map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes()))))))
        .boxed_unsync()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(
        method: &str,
        path: &str,
        header: Option<(&str, &str)>,
        body: &'static str,
    ) -> (u16, Vec<String>, Bytes) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let response = answer(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let own = response
            .headers()
            .iter()
            .filter(|(name, _)| !HEADERS.iter().any(|(common, _)| name == common))
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        assert!(HEADERS.iter().all(|(name, value)| response.headers()[*name] == value), "{path}");
        (status, own, response.into_body().collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn every_route_answers_as_the_contract_says() {
        let none: &[&str] = &[];
        for (method, path, header, status, own, body) in [
            ("GET", "/plain", None, 200, none, "plain\n"),
            ("GET", "/plain", Some(("if-none-match", "\"v1\"")), 304, none, ""),
            ("GET", "/plain", Some(("range", "bytes=0-1")), 206, &["content-range: bytes 0-1/6"][..], "pl"),
            ("PUT", "/status/500", None, 500, none, ""),
            ("GET", "/status/200", None, 200, none, "plain\n"),
            ("GET", "/status/x", None, 404, none, ""),
            ("GET", "/redirect", None, 302, &["location: /plain"][..], ""),
            ("GET", "/vary", None, 200, &["vary: Accept-Encoding"][..], "plain\n"),
            ("GET", "/cors", None, 200, &["access-control-allow-origin: https://own.example"][..], "plain\n"),
            ("GET", "/stream", None, 200, none, "one\ntwo\nthree\n"),
            ("CHICKEN", "/echo", None, 200, none, "CHICKEN corspec"),
            ("GET", "/area/any/thing", None, 200, none, "plain\n"),
            ("GET", "/%70lain?x", None, 200, none, "plain\n"),
            ("GET", "/area/../plain", None, 200, none, "plain\n"),
            ("GET", "/area", None, 404, none, ""),
        ] {
            let (got_status, got_own, got_body) = ask(method, path, header, "corspec").await;
            assert_eq!((got_status, &*got_body), (status, body.as_bytes()), "{method} {path}");
            assert_eq!(got_own, own, "{method} {path}");
        }
    }
}
