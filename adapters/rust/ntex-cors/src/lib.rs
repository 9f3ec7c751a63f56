//! ntex-cors, used as its documentation shows.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;

use common::application::{self, Body};
use common::{NotServed, Policy, Software};
use futures_util::stream;
use ntex::http::StatusCode;
use ntex::util::Bytes;
use ntex::web::{self, App, HttpRequest, HttpResponse};
use ntex_cors::Cors;

/// What it is and can express.
pub const SOFTWARE: Software = Software {
    name: "ntex-cors",
    package: "ntex-cors",
    homepage: "https://github.com/ntex-rs/ntex-extras",
    knobs: &[
        "origins.any",
        "origins.any-with-credentials",
        "origins.list",
        "origins.null",
        "credentials",
        "methods.list",
        "request_headers.list",
        "request_headers.any",
        "request_headers.any-with-credentials",
        "expose.list",
        "max_age",
        "max_age.zero",
        "max_age.absent",
        "application",
    ],
};

/// The middleware for a policy. Without a list it allows all origins and request-headers.
pub fn cors(policy: &Policy) -> Cors {
    let mut cors = Cors::new();
    for origin in policy.origins.items() {
        cors = cors.allowed_origin(origin);
    }
    cors = cors.allowed_methods(policy.methods());
    if !policy.request_headers.is_any() {
        // A name of the safelist, as there is no other way to an empty list.
        cors = cors.allowed_header("accept");
        cors = cors.allowed_headers(policy.request_headers.items().iter().map(String::as_str));
    }
    cors = cors.expose_headers(policy.expose.items().iter().map(String::as_str));
    if policy.credentials {
        cors = cors.supports_credentials();
    }
    match policy.max_age.and_then(|seconds| usize::try_from(seconds).ok()) {
        Some(seconds) => cors.max_age(seconds),
        None => cors,
    }
}

async fn application(request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).map(|value| value.as_bytes());
    let answer = application::answer(
        request.method().as_str(),
        request.uri().path(),
        header("if-none-match"),
        header("range"),
        &body,
    );
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap_or_default());
    for (name, value) in answer.headers {
        response.header(name, value);
    }
    match answer.body {
        Body::Whole(body) => response.body(body),
        Body::Pieces(pieces) => response.streaming(stream::iter(
            pieces.map(|piece| Ok::<_, std::io::Error>(Bytes::from_static(piece.as_bytes()))),
        )),
    }
}

/// Serves a policy on loopback, on a thread of its own.
pub fn serve(policy: Policy) -> Result<SocketAddr, NotServed> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(NotServed::failed)?;
    let address = listener.local_addr().map_err(NotServed::failed)?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        ntex::rt::System::new("policy", ntex::rt::DefaultRuntime).block_on(async move {
            let app = async move || {
                App::new().middleware(cors(&policy).finish()).default_service(web::to(application))
            };
            let server = web::server(app).workers(1).disable_signals().listen(listener);
            let started = server.map(|server| server.run());
            let _ = sender.send(started.as_ref().map(|_| ()).map_err(ToString::to_string));
            if let Ok(server) = started {
                let _ = server.await;
            }
        });
    });
    match receiver.recv() {
        Ok(Ok(())) => Ok(address),
        Ok(Err(error)) => Err(NotServed::failed(error)),
        Err(error) => Err(NotServed::failed(error)),
    }
}
