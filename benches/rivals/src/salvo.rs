//! salvo's `Cors`, as a hoop of the `Service`.

use ::salvo::http::{HeaderValue, ResBody};
use ::salvo::prelude::{Handler, Request, Response, Router, Service, handler};
use corspec_model::Policy;
use http_body_util::BodyExt;
use salvo_adapter::{SOFTWARE, cors};

use crate::{APPLICATION_BODY, APPLICATION_HEADERS, NotServed, Served, adapted};

#[handler]
async fn respond(response: &mut Response) {
    for (name, value) in APPLICATION_HEADERS {
        response.headers_mut().append(name, HeaderValue::from_static(value));
    }
    response.body(APPLICATION_BODY);
}

/// Before the application of the adapter.
pub(crate) fn judged(policy: &Policy) -> Result<Served, NotServed> {
    before(salvo_adapter::respond, Some(policy))
}

pub(crate) fn build(policy: Option<&Policy>) -> Result<Served, NotServed> {
    before(respond, policy)
}

fn before(application: impl Handler, policy: Option<&Policy>) -> Result<Served, NotServed> {
    // Not OPTIONS, as in the adapter.
    let router = Router::with_path("{**path}")
        .filter_fn(|request: &mut Request, _| request.method() != http::Method::OPTIONS)
        .goal(application);
    let mut service = Service::new(router);
    if let Some(policy) = policy {
        let policy = adapted::policy(&SOFTWARE, policy)?;
        service = service.hoop(cors(&policy).map_err(adapted::not_served)?.into_handler());
    }
    Ok(Served::new(move |request| {
        let body = ::salvo::http::ReqBody::Once(request.body().clone());
        let request = Request::from_hyper(request.map(|_| body), http::uri::Scheme::HTTP);
        futures_executor::block_on(async {
            let mut response = service.handle(request).await;
            let body = match response.take_body() {
                ResBody::Once(bytes) => bytes,
                body => body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default(),
            };
            let mut answer = http::Response::new(body);
            *answer.status_mut() = response.status_code.unwrap_or_default();
            *answer.headers_mut() = std::mem::take(response.headers_mut());
            answer
        })
    }))
}
