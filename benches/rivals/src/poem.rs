//! poem's `Cors`.

use ::poem::http::StatusCode;
use ::poem::{Body, Endpoint, EndpointExt, Request, Response, endpoint};
use corspec_model::Policy;
use poem_adapter::{SOFTWARE, application as adapter_application, cors};

use crate::{APPLICATION_BODY, APPLICATION_HEADERS, NotServed, Served, adapted, whole};

/// Before the application of the adapter.
pub(crate) fn judged(policy: &Policy) -> Result<Served, NotServed> {
    let policy = adapted::policy(&SOFTWARE, policy)?;
    let application =
        endpoint::make(async |request| Ok::<_, ::poem::Error>(adapter_application(request).await));
    Ok(served(application.with(cors(&policy).map_err(adapted::not_served)?)))
}

pub(crate) fn build(policy: Option<&Policy>) -> Result<Served, NotServed> {
    let application = endpoint::make_sync(|_| {
        let mut response = Response::builder().status(StatusCode::OK);
        for (name, value) in APPLICATION_HEADERS {
            response = response.header(name, value);
        }
        response.body(APPLICATION_BODY)
    });
    Ok(match policy {
        None => served(application),
        Some(policy) => {
            let policy = adapted::policy(&SOFTWARE, policy)?;
            served(application.with(cors(&policy).map_err(adapted::not_served)?))
        }
    })
}

fn served(endpoint: impl Endpoint + 'static) -> Served {
    Served::new(move |request| {
        let (head, body) = request.into_parts();
        let mut poem = Request::builder().method(head.method).uri(head.uri).body(Body::from(body));
        *poem.headers_mut() = head.headers;
        futures_executor::block_on(async {
            whole(http::Response::from(endpoint.get_response(poem).await)).await
        })
    })
}
