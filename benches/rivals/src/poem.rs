//! poem's `Cors`.

use ::poem::http::StatusCode;
use ::poem::{Body, Endpoint, EndpointExt, Request, Response};
use corspec_model::Policy;
use poem_adapter::{SOFTWARE, cors};

use crate::{APPLICATION_BODY, APPLICATION_HEADERS, NotServed, Served, adapted, whole};

pub(crate) fn build(policy: Option<&Policy>) -> Result<Served, NotServed> {
    let application = ::poem::endpoint::make_sync(|_| {
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
