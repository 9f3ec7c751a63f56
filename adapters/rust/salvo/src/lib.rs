//! salvo's `Cors`, used as its documentation shows: as a hoop of the `Service`.

use std::net::SocketAddr;

use common::application::{self, Body as Answered};
use common::{NotServed, Origin, Policy, Software, parsed};
use futures_util::stream;
use salvo::conn::tcp::TcpAcceptor;
use salvo::cors::{AllowHeaders, AllowMethods, AllowOrigin, Any, Cors};
use salvo::http::{HeaderName, HeaderValue, Method, ResBody, StatusCode};
use salvo::prelude::{Request, Response, Router, Server, Service, handler};

/// What it is and can express.
pub const SOFTWARE: Software = Software {
    name: "salvo",
    package: "salvo-cors",
    homepage: "https://github.com/salvo-rs/salvo",
    lacks: &["expose.any-with-credentials"],
};

/// The middleware for a policy. `Any` sends `*`, which counts for nothing with credentials, where the request is mirrored.
pub fn cors(policy: &Policy) -> Result<Cors, NotServed> {
    let mut cors = Cors::new().allow_credentials(policy.credentials).allow_origin(origins(policy)?);
    cors = if policy.methods.is_any() && policy.credentials {
        cors.allow_methods(AllowMethods::mirror_request())
    } else if policy.methods.is_any() {
        cors.allow_methods(Any)
    } else {
        cors.allow_methods(policy.methods().map(parsed).collect::<Result<Vec<Method>, _>>()?)
    };
    cors = if policy.request_headers.is_any() && policy.credentials {
        cors.allow_headers(AllowHeaders::mirror_request())
    } else if policy.request_headers.is_any() {
        cors.allow_headers(Any)
    } else {
        cors.allow_headers(names(policy.request_headers.items())?)
    };
    cors = if policy.expose.is_any() {
        cors.expose_headers(Any)
    } else {
        cors.expose_headers(names(policy.expose.items())?)
    };
    if let Some(seconds) = policy.max_age {
        cors = cors.max_age(seconds);
    }
    Ok(cors)
}

fn origins(policy: &Policy) -> Result<AllowOrigin, NotServed> {
    if policy.origins.is_any() {
        return Ok(if policy.credentials { AllowOrigin::mirror_request() } else { Any.into() });
    }
    if policy.origins().any(|origin| matches!(origin, Origin::Subdomains { .. })) {
        let policy = policy.clone();
        return Ok(AllowOrigin::dynamic(move |origin, _, _| {
            origin.filter(|origin| origin.to_str().is_ok_and(|origin| policy.lists(origin))).cloned()
        }));
    }
    let origins = policy.origins.items().iter().map(|origin| parsed(origin));
    let values: Vec<HeaderValue> = origins.collect::<Result<_, _>>()?;
    Ok(match <[HeaderValue; 1]>::try_from(values) {
        Ok([only]) => AllowOrigin::exact(only),
        Err(values) => AllowOrigin::list(values),
    })
}

fn names(names: &[String]) -> Result<Vec<HeaderName>, NotServed> {
    names.iter().map(|name| parsed(name)).collect()
}

/// The application of every adapter.
#[handler]
pub async fn respond(request: &mut Request, response: &mut Response) {
    let body = request.payload().await.cloned().unwrap_or_default();
    let header = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    let answer = application::answer(request.method().as_str(), request.uri().path(), header, &body);
    response.status_code(StatusCode::from_u16(answer.status).unwrap_or_default());
    for (name, value) in answer.headers {
        response.headers_mut().append(name, HeaderValue::from_static(value));
    }
    match answer.body {
        // A body that is there, if empty: salvo writes error pages where there is none.
        Answered::Whole(body) => {
            response.body(ResBody::Once(body.into()));
        }
        Answered::Pieces(pieces) => {
            response.stream(stream::iter(pieces.map(|piece| Ok::<_, std::io::Error>(piece))));
        }
    }
}

/// Serves a policy on loopback.
pub async fn serve(policy: Policy) -> Result<SocketAddr, NotServed> {
    // Not OPTIONS: its documentation has preflights match no route, and lets those that match one go on to it.
    let router = Router::with_path("{**path}").filter_fn(|request, _| request.method() != Method::OPTIONS);
    let router = router.goal(respond);
    let service = Service::new(router).hoop(cors(&policy)?.into_handler());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(NotServed::failed)?;
    let address = listener.local_addr().map_err(NotServed::failed)?;
    let acceptor = TcpAcceptor::try_from(listener).map_err(NotServed::failed)?;
    tokio::spawn(async move { Server::new(acceptor).serve(service).await });
    Ok(address)
}
