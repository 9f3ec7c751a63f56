//! `CorsLayer` of tower-http.

use std::convert::Infallible;

use corspec::implementation::TowerHttp;
use corspec_model::Policy;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::{NotServed, Request, Response, Served, application};

pub(crate) fn build(policy: Option<&Policy>) -> Result<Served, NotServed> {
    let service = service_fn(|_: Request| std::future::ready(Ok::<_, Infallible>(application())));
    Ok(match policy {
        None => served(service),
        Some(policy) => served(TowerHttp::layer(policy)?.layer(service)),
    })
}

/// A service whose readiness is known.
pub(crate) fn served<S>(service: S) -> Served
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + 'static,
{
    Served::new(move |request| match futures_executor::block_on(service.clone().oneshot(request)) {
        Ok(response) => response,
        Err(never) => match never {},
    })
}
