//! ntex-cors, used as its documentation shows.

use std::net::SocketAddr;

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
    lacks: &[
        "origins.none",
        "origins.subdomains",
        "methods.any",
        "methods.any-with-credentials",
        "expose.any",
        "expose.any-with-credentials",
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

/// The application of every adapter.
pub async fn application(request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).map(|value| value.as_bytes());
    let answer = application::answer(request.method().as_str(), request.uri().path(), header, &body);
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

/// Serves a policy on a thread of its own.
pub fn serve(policy: Policy) -> Result<SocketAddr, NotServed> {
    common::on_a_thread(move |listener, started| {
        ntex::rt::System::new("policy", ntex::rt::DefaultRuntime).block_on(async move {
            let app = async move || {
                App::new().middleware(cors(&policy).finish()).default_service(web::to(application))
            };
            match web::server(app).workers(1).disable_signals().listen(listener) {
                Ok(server) => {
                    let server = server.run();
                    started(Ok(()));
                    let _ = server.await;
                }
                Err(error) => started(Err(error)),
            }
        });
    })
}
