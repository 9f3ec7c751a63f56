//! actix-cors.

use actix_cors_adapter::{SOFTWARE, application as adapter_application, cors};
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{App, HttpResponse, test, web};
use corspec_model::Policy;

use crate::{APPLICATION_BODY, APPLICATION_HEADERS, NotServed, Response, Served, adapted};

async fn application() -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for header in APPLICATION_HEADERS {
        response.append_header(header);
    }
    response.body(APPLICATION_BODY)
}

/// Before the application of the adapter.
pub(crate) fn judged(policy: &Policy) -> Result<Served, NotServed> {
    let policy = adapted::policy(&SOFTWARE, policy)?;
    let app = App::new().wrap(cors(&policy)).default_service(web::to(adapter_application));
    // Nothing of it needs a runtime, and there may be one already.
    Ok(served(futures_executor::block_on(test::init_service(app))))
}

pub(crate) fn build(policy: Option<&Policy>) -> Result<Served, NotServed> {
    let runtime = adapted::runtime()?;
    let app = App::new().default_service(web::to(application));
    Ok(match policy {
        None => served(runtime.block_on(test::init_service(app))),
        Some(policy) => {
            let policy = adapted::policy(&SOFTWARE, policy)?;
            served(runtime.block_on(test::init_service(app.wrap(cors(&policy)))))
        }
    })
}

/// Its messages are those of an earlier `http`: they are made anew on the way in and out.
fn served<S, B>(app: S) -> Served
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody,
{
    Served::new(move |request| {
        let (head, body) = request.into_parts();
        let mut actix = test::TestRequest::default();
        if let Ok(method) = actix_web::http::Method::from_bytes(head.method.as_str().as_bytes()) {
            actix = actix.method(method);
        }
        actix = actix.uri(&head.uri.to_string());
        for (name, value) in &head.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name.as_ref()), HeaderValue::from_bytes(value.as_bytes()))
            {
                actix = actix.append_header((name, value));
            }
        }
        let request = actix.set_payload(body).to_request();
        futures_executor::block_on(async {
            match app.call(request).await {
                Ok(answer) => to_http(answer).await,
                Err(error) => {
                    let answer = error.error_response();
                    let (head, body) = answer.into_parts();
                    from_parts(head.status(), head.headers(), to_bytes(body).await.unwrap_or_default())
                }
            }
        })
    })
}

async fn to_http<B: MessageBody>(answer: ServiceResponse<B>) -> Response {
    let (head, body) = answer.into_parts().1.into_parts();
    from_parts(head.status(), head.headers(), to_bytes(body).await.unwrap_or_default())
}

fn from_parts(
    status: actix_web::http::StatusCode,
    headers: &actix_web::http::header::HeaderMap,
    body: bytes::Bytes,
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status.as_u16()).unwrap_or_default();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::from_bytes(name.as_ref()), http::HeaderValue::from_bytes(value.as_bytes()))
        {
            response.headers_mut().append(name, value);
        }
    }
    response
}
