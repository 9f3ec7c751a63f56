//! The application behind every embedded middleware: fixed routes, so that what the middleware adds, hides or swallows
//! can be told apart from what the application said.
//!
//! | route | answer |
//! |---|---|
//! | `/plain` | 200 with the headers of [`HEADERS`] |
//! | `/status/N` | status N with the same headers |
//!
//! Any method is served. An answer of the application carries `X-App`; one without it came from the middleware.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};

use crate::transport::Body;

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

/// Answers a request.
pub fn answer<B>(request: &Request<B>) -> Response<Body> {
    let status = status_of(request.uri().path());
    let body = if status == StatusCode::OK { "plain\n" } else { "" };
    let mut response = Response::new(
        Full::new(Bytes::from_static(body.as_bytes())).map_err(|never| match never {}).boxed_unsync(),
    );
    *response.status_mut() = status;
    for (name, value) in HEADERS {
        response.headers_mut().append(name, http::HeaderValue::from_static(value));
    }
    response
}

/// The status a route answers with; 404 for a route that is not there.
fn status_of(path: &str) -> StatusCode {
    match path.strip_prefix("/status/") {
        Some(status) => status.parse().unwrap_or(StatusCode::NOT_FOUND),
        None if path == "/plain" => StatusCode::OK,
        None => StatusCode::NOT_FOUND,
    }
}
