//! ntex-cors.

use ::ntex::service::{Pipeline, Service};
use ::ntex::web::{self, App, Error, HttpResponse, WebResponse, test};
use corspec_model::Policy;
use ntex_cors_adapter::{SOFTWARE, application as adapter_application, cors};

use crate::{APPLICATION_BODY, APPLICATION_HEADERS, NotServed, Response, Served, adapted};

async fn application() -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for (name, value) in APPLICATION_HEADERS {
        response.header(name, value);
    }
    response.body(APPLICATION_BODY)
}

/// Before the application of the adapter.
pub(crate) fn judged(policy: &Policy) -> Result<Served, NotServed> {
    let policy = adapted::policy(&SOFTWARE, policy)?;
    let app = App::new().middleware(cors(&policy).finish()).default_service(web::to(adapter_application));
    // Nothing of it needs a runtime, and there may be one already.
    Ok(served(futures_executor::block_on(test::init_service(app))))
}

pub(crate) fn build(policy: Option<&Policy>) -> Result<Served, NotServed> {
    let runtime = adapted::runtime()?;
    Ok(match policy {
        None => {
            let app = App::new().default_service(web::to(application));
            served(runtime.block_on(test::init_service(app)))
        }
        Some(policy) => {
            let policy = adapted::policy(&SOFTWARE, policy)?;
            let app = App::new().middleware(cors(&policy).finish()).default_service(web::to(application));
            served(runtime.block_on(test::init_service(app)))
        }
    })
}

/// Its bodies are of a type of its own, its headers too.
fn served<S>(app: Pipeline<S>) -> Served
where
    S: Service<::ntex::http::Request, Response = WebResponse, Error = Error> + 'static,
{
    Served::new(move |request| {
        let (head, body) = request.into_parts();
        let mut ntex = test::TestRequest::default().method(head.method).uri(&head.uri.to_string());
        for (name, value) in &head.headers {
            ntex = ntex.header(name, value.as_bytes());
        }
        let request = ntex.set_payload(::ntex::util::Bytes::copy_from_slice(&body)).to_request();
        futures_executor::block_on(async {
            match app.call(request).await {
                Ok(answer) => {
                    let (status, headers) = (answer.status(), answer.headers().clone());
                    from_parts(status, &headers, &test::read_body(answer).await)
                }
                Err(error) => {
                    let answer = error.as_response_error().status_code();
                    from_parts(answer, &Default::default(), &[])
                }
            }
        })
    })
}

fn from_parts(status: http::StatusCode, headers: &::ntex::http::HeaderMap, body: &[u8]) -> Response {
    let mut response = Response::new(bytes::Bytes::copy_from_slice(body));
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) {
            response.headers_mut().append(name.clone(), value);
        }
    }
    response
}
