//! `CorsLayer` of tower-http.

use std::cell::RefCell;
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

/// A service that is not cloned from request to request: a clone of the layer is one of its whole list of origins.
fn served<S>(service: S) -> Served
where
    S: Service<Request, Response = Response, Error = Infallible> + 'static,
{
    let service = RefCell::new(service);
    Served::new(move |request| {
        let mut service = service.borrow_mut();
        let answered = futures_executor::block_on(async { service.ready().await?.call(request).await });
        match answered {
            Ok(response) => response,
            Err(never) => match never {},
        }
    })
}
