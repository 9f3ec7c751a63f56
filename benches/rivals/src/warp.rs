//! `warp::cors()`.

use std::cell::RefCell;

use ::warp::Filter;
use corspec::implementation::Warp;
use corspec_model::Policy;
use http_body_util::Full;
use tower::Service;

use crate::{APPLICATION_BODY, APPLICATION_HEADERS, NotServed, Served, whole};

pub(crate) fn build(policy: Option<&Policy>) -> Result<Served, NotServed> {
    // Fallible, as `cors()` makes it.
    let application = ::warp::any().and_then(async || {
        let mut response = http::Response::builder();
        for (name, value) in APPLICATION_HEADERS {
            response = response.header(name, value);
        }
        Ok::<_, ::warp::Rejection>(response.body(APPLICATION_BODY))
    });
    Ok(match policy {
        None => served(application),
        Some(policy) => served(application.with(Warp::filter(policy)?)),
    })
}

fn served<F>(filter: F) -> Served
where
    F: Filter<Error = ::warp::Rejection> + Clone + 'static,
    F::Extract: ::warp::Reply,
{
    let service = RefCell::new(::warp::service(filter));
    Served::new(move |request| {
        let mut service = service.borrow_mut();
        futures_executor::block_on(async {
            match service.call(request.map(Full::new)).await {
                Ok(response) => whole(response).await,
                Err(never) => match never {},
            }
        })
    })
}
