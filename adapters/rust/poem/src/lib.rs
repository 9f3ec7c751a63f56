//! poem's `Cors`, used as its documentation shows.

use std::net::SocketAddr;

use common::application::{self, Body as Answered};
use common::{NotServed, Origin, Policy, Software, parsed};
use futures_util::stream;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode};
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::middleware::Cors;
use poem::{Body, EndpointExt, Request, Response, Server};

/// What it is and can express.
pub const SOFTWARE: Software = Software {
    name: "poem",
    package: "poem",
    homepage: "https://github.com/poem-web/poem",
    lacks: &["expose.any-with-credentials", "max_age.absent"],
};

/// The middleware for a policy. Without a list it allows all of a kind.
pub fn cors(policy: &Policy) -> Result<Cors, NotServed> {
    let mut cors = Cors::new().allow_credentials(policy.credentials);
    if !policy.origins.is_any() && policy.origins.items().is_empty() {
        cors = cors.allow_origins_fn(|_| false);
    }
    for origin in policy.origins() {
        cors = match origin {
            Origin::Exact(origin) => cors.allow_origin(parsed::<HeaderValue>(&origin)?),
            Origin::Null => cors.allow_origin("null"),
            Origin::Subdomains { scheme, suffix } => cors.allow_origin_regex(format!("{scheme}*{suffix}")),
        };
    }
    if !policy.methods.is_any() {
        for method in policy.methods() {
            cors = cors.allow_method(parsed::<Method>(method)?);
        }
    }
    if !policy.request_headers.is_any() {
        // A name of the safelist, as there is no other way to an empty list.
        cors = cors.allow_header("accept");
        for header in policy.request_headers.items() {
            cors = cors.allow_header(parsed::<HeaderName>(header)?);
        }
    }
    if policy.expose.is_any() {
        cors = cors.expose_header("*");
    }
    for header in policy.expose.items() {
        cors = cors.expose_header(parsed::<HeaderName>(header)?);
    }
    if let Some(seconds) = policy.max_age {
        cors = cors.max_age(i32::try_from(seconds).map_err(NotServed::refused)?);
    }
    Ok(cors)
}

/// The application of every adapter.
pub async fn application(mut request: Request) -> Response {
    let body = request.take_body().into_vec().await.unwrap_or_default();
    let header = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    let answer = application::answer(request.method().as_str(), request.uri().path(), header, &body);
    let mut response = Response::builder().status(StatusCode::from_u16(answer.status).unwrap_or_default());
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(match answer.body {
        Answered::Whole(body) => Body::from(body),
        Answered::Pieces(pieces) => Body::from_bytes_stream(stream::iter(
            pieces.map(|piece| Ok::<_, std::io::Error>(piece.as_bytes())),
        )),
    })
}

/// Serves a policy on loopback.
pub async fn serve(policy: Policy) -> Result<SocketAddr, NotServed> {
    let app = poem::endpoint::make(|request| async { Ok::<_, poem::Error>(application(request).await) });
    let app = app.with(cors(&policy)?);
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.map_err(NotServed::failed)?;
    let address = acceptor.local_addr().first().and_then(|address| address.as_socket_addr().copied());
    tokio::spawn(Server::new_with_acceptor(acceptor).run(app));
    address.ok_or_else(|| NotServed::failed("it has no address"))
}
