//! actix-cors, used as its documentation shows.

use std::net::SocketAddr;

use actix_cors::Cors;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use common::application::{self, Body};
use common::{NotServed, Origin, Policy, Software};
use futures_util::stream;

/// What it is and can express.
pub const SOFTWARE: Software = Software {
    name: "actix-cors",
    package: "actix-cors",
    homepage: "https://github.com/actix/actix-extras",
    lacks: &[],
};

/// The middleware for a policy.
pub fn cors(policy: &Policy) -> Cors {
    let mut cors = Cors::default();
    if policy.origins.is_any() {
        cors = cors.allow_any_origin();
    }
    for origin in policy.origins() {
        cors = match origin {
            Origin::Exact(origin) => cors.allowed_origin(&origin),
            Origin::Null => cors.allowed_origin("null"),
            subdomains => cors.allowed_origin_fn(move |origin, _| {
                origin.to_str().is_ok_and(|origin| subdomains.has_subdomain(origin))
            }),
        };
    }
    cors = if policy.methods.is_any() {
        cors.allow_any_method()
    } else {
        cors.allowed_methods(policy.methods())
    };
    cors = if policy.request_headers.is_any() {
        cors.allow_any_header()
    } else {
        cors.allowed_headers(policy.request_headers.items().iter().map(String::as_str))
    };
    cors = if policy.expose.is_any() {
        cors.expose_any_header()
    } else {
        cors.expose_headers(policy.expose.items().iter().map(String::as_str))
    };
    if policy.credentials {
        cors = cors.supports_credentials();
    }
    cors.max_age(policy.max_age.and_then(|seconds| usize::try_from(seconds).ok()))
}

/// The application of every adapter.
pub async fn application(request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).map(|value| value.as_bytes());
    let answer = application::answer(request.method().as_str(), request.uri().path(), header, &body);
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap_or_default());
    for header in answer.headers {
        response.append_header(header);
    }
    match answer.body {
        Body::Whole(body) => response.body(body),
        Body::Pieces(pieces) => response.streaming(stream::iter(
            pieces.map(|piece| Ok::<_, actix_web::Error>(web::Bytes::from_static(piece.as_bytes()))),
        )),
    }
}

/// Serves a policy on a thread of its own.
pub fn serve(policy: Policy) -> Result<SocketAddr, NotServed> {
    common::on_a_thread(move |listener, started| {
        actix_web::rt::System::new().block_on(async move {
            let app = move || App::new().wrap(cors(&policy)).default_service(web::to(application));
            match HttpServer::new(app).workers(1).disable_signals().listen(listener) {
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
