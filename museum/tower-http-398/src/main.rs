//! tower-http's `CorsLayer` on axum, used as its documentation shows: `Router::layer`.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri};
use common::application::{self, Body as Answered};
use common::{List, NotServed, Policy, Software, parsed};
use futures_util::stream;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, Any, CorsLayer};

const SOFTWARE: Software = Software {
    name: "tower-http",
    package: "tower-http",
    homepage: "https://github.com/tower-rs/tower-http",
    lacks: &["origins.subdomains", "methods.any", "methods.any-with-credentials", "expose.any", "expose.any-with-credentials"],
};

/// The layer for a policy. `Any` sends `*`, which counts for nothing with credentials.
fn layer(policy: &Policy) -> Result<CorsLayer, NotServed> {
    let origins = match (policy.origins.is_any(), policy.credentials) {
        (true, true) => AllowOrigin::mirror_request(),
        (true, false) => AllowOrigin::any(),
        _ => AllowOrigin::list(all::<HeaderValue>(&policy.origins)?),
    };
    let methods = policy.methods().map(parsed);
    let mut layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(AllowMethods::list(methods.collect::<Result<Vec<Method>, _>>()?))
        .allow_credentials(policy.credentials)
        .expose_headers(all::<HeaderName>(&policy.expose)?);
    layer = match (policy.request_headers.is_any(), policy.credentials) {
        (true, true) => layer.allow_headers(AllowHeaders::mirror_request()),
        (true, false) => layer.allow_headers(Any),
        _ => layer.allow_headers(all::<HeaderName>(&policy.request_headers)?),
    };
    Ok(match policy.max_age {
        Some(seconds) => layer.max_age(Duration::from_secs(seconds)),
        None => layer,
    })
}

fn all<T: std::str::FromStr<Err: std::fmt::Display>>(list: &List) -> Result<Vec<T>, NotServed> {
    list.items().iter().map(|item| parsed(item)).collect()
}

async fn respond(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let header = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let answer =
        application::answer(method.as_str(), uri.path(), header, &body);
    let mut response = Response::new(match answer.body {
        Answered::Whole(body) => Body::from(body),
        Answered::Pieces(pieces) => {
            Body::from_stream(stream::iter(pieces.map(|piece| Ok::<_, std::io::Error>(piece))))
        }
    });
    *response.status_mut() = answer.status.try_into().unwrap_or_default();
    for (name, value) in answer.headers {
        response.headers_mut().append(name, HeaderValue::from_static(value));
    }
    response
}

async fn serve(policy: Policy) -> Result<SocketAddr, NotServed> {
    let app = Router::new().fallback(respond).layer(layer(&policy)?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(NotServed::failed)?;
    let address = listener.local_addr().map_err(NotServed::failed)?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

fn main() {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => common::run(&SOFTWARE, |policy| runtime.block_on(serve(policy))),
        Err(error) => eprintln!("{error}"),
    }
}
