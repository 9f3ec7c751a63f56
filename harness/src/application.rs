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

use bytes::Bytes;
use corspec_model::route::resolved_path;
use futures_util::stream;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_RANGE, HeaderName, IF_NONE_MATCH, LOCATION, RANGE, VARY,
};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};

use crate::transport::{Body, ServiceError};

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
    Ok(match &*path {
        b"/stream" => with_headers(StatusCode::OK, in_pieces()),
        b"/echo" => {
            let body = body.collect().await.map_err(ServiceError::new)?.to_bytes();
            with_headers(StatusCode::OK, whole([head.method.as_str().as_bytes(), b" ", &body].concat()))
        }
        path => {
            let asks =
                |name: HeaderName, value: &str| head.headers.get(name).is_some_and(|asked| asked == value);
            let (mut status, own) = route(path);
            if path == b"/plain" && asks(IF_NONE_MATCH, "\"v1\"") {
                status = StatusCode::NOT_MODIFIED;
            } else if path == b"/plain" && asks(RANGE, "bytes=0-1") {
                status = StatusCode::PARTIAL_CONTENT;
            }
            let body = match status {
                StatusCode::OK => PLAIN,
                StatusCode::PARTIAL_CONTENT if path == b"/plain" => &PLAIN[..2],
                _ => b"",
            };
            let mut response = with_headers(status, whole(body.to_vec()));
            if status == StatusCode::PARTIAL_CONTENT && path == b"/plain" {
                response.headers_mut().insert(CONTENT_RANGE, HeaderValue::from_static("bytes 0-1/6"));
            }
            if let Some((name, value)) = own {
                response.headers_mut().insert(name, HeaderValue::from_static(value));
            }
            response
        }
    })
}

/// The status of a route, and the header it has besides the common ones.
fn route(path: &[u8]) -> (StatusCode, Option<(HeaderName, &'static str)>) {
    match path {
        b"/plain" => (StatusCode::OK, None),
        b"/redirect" => (StatusCode::FOUND, Some((LOCATION, "/plain"))),
        b"/vary" => (StatusCode::OK, Some((VARY, "Accept-Encoding"))),
        b"/cors" => (StatusCode::OK, Some((ACCESS_CONTROL_ALLOW_ORIGIN, "https://own.example"))),
        path if path.starts_with(b"/area/") => (StatusCode::OK, None),
        path => {
            let status =
                path.strip_prefix(b"/status/").and_then(|status| StatusCode::from_bytes(status).ok());
            (status.unwrap_or(StatusCode::NOT_FOUND), None)
        }
    }
}

fn with_headers(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in HEADERS {
        response.headers_mut().append(name, HeaderValue::from_static(value));
    }
    response
}

fn whole(body: Vec<u8>) -> Body {
    Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed_unsync()
}

fn in_pieces() -> Body {
    let pieces = ["one\n", "two\n", "three\n"];
    StreamBody::new(stream::iter(pieces.map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes()))))))
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
