//! The reference responder of the model: as a service, and in the model's own messages.

use std::sync::Arc;

use bytes::Bytes;
use corspec_model::reference::{Answer, respond};
use corspec_model::{HeaderList, Policy, Response};
use futures_util::future::{BoxFuture, ready};
use http_body_util::{BodyExt, Empty};
use tower::service_fn;

use super::{Embedded, Info, NotServed};
use crate::application;
use crate::transport::{
    self, Body, InProcess, Limits, Service, ServiceError, Transport, TransportError, WireRequest,
};

/// [`corspec_model::reference`]: the smallest correct server. It must satisfy every law.
pub struct Reference;

impl Embedded for Reference {
    fn info(&self) -> Info {
        Info {
            name: "reference".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            language: "Rust".into(),
            homepage: "spec-model/src/reference.rs".into(),
        }
    }

    fn service(&self, policy: &Policy) -> Result<Service, NotServed> {
        let policy = Arc::new(policy.clone());
        let service = service_fn(move |request: http::Request<Body>| {
            let policy = Arc::clone(&policy);
            async move { answer(&policy, request).await }
        });
        Ok(Service::new(service))
    }

    fn in_process(&self, policy: &Policy, limits: Limits) -> Result<Box<dyn Transport>, NotServed> {
        let service = InProcess::new(self.service(policy)?, limits);
        Ok(Box::new(Direct { policy: policy.clone(), service }))
    }
}

/// The responder and the application asked in the model's messages; exact bytes are the service's.
struct Direct {
    policy: Policy,
    service: InProcess,
}

impl Transport for Direct {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<transport::Answer, TransportError>> {
        let policy = self.policy.at(request.path());
        let answer = match respond(policy, &request.method, &request.headers) {
            Answer::Preflight(response) => transport::Answer { response, body: Bytes::new() },
            Answer::Application(additions) => {
                let said = application::says_to(&request);
                let mut headers = said.headers();
                additions.apply(&mut headers);
                let response = Response::new(said.status.as_u16(), headers);
                transport::Answer { response, body: said.body }
            }
        };
        Box::pin(ready(Ok(answer)))
    }

    fn send_bytes(
        &self,
        bytes: Vec<u8>,
        responses: usize,
    ) -> BoxFuture<'_, Result<Vec<transport::Answer>, TransportError>> {
        self.service.send_bytes(bytes, responses)
    }
}

async fn answer(policy: &Policy, request: http::Request<Body>) -> Result<http::Response<Body>, ServiceError> {
    let policy = policy.at(request.uri().path());
    Ok(match respond(policy, request.method().as_str().as_bytes(), &to_list(request.headers())) {
        Answer::Preflight(response) => {
            let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
            with_head(http::Response::new(body), &response)
        }
        Answer::Application(additions) => {
            let response = application::answer(request).await?;
            let mut headers = to_list(response.headers());
            additions.apply(&mut headers);
            let head = Response::new(response.status().as_u16(), headers);
            with_head(response, &head)
        }
    })
}

fn to_list(map: &http::HeaderMap) -> HeaderList {
    map.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

/// Replaces status and headers. What the `http` crate cannot hold is left out: the model makes none of it.
fn with_head(mut response: http::Response<Body>, head: &Response) -> http::Response<Body> {
    *response.status_mut() = http::StatusCode::from_u16(head.status).unwrap_or_default();
    response.headers_mut().clear();
    for header in &head.headers {
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::from_bytes(&header.name), http::HeaderValue::from_bytes(&header.value))
        {
            response.headers_mut().append(name, value);
        }
    }
    response
}
