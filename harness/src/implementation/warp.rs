//! `warp::cors()`, used as its documentation shows.

use ::warp::Filter;
use ::warp::filters::cors::Builder;
use ::warp::filters::path::FullPath;
use bytes::Bytes;
use corspec_model::Policy;
use corspec_model::policy::{AllowList, OriginPattern};
use http_body_util::{BodyExt, Full};
use tower::{ServiceExt, service_fn};

use super::{Embedded, Info, Knob, NotServed};
use crate::application;
use crate::transport::{Body, Service, ServiceError};

/// warp's CORS filter.
pub struct Warp;

impl Embedded for Warp {
    fn info(&self) -> Info {
        Info {
            name: "warp".into(),
            version: env!("WARP_VERSION").into(),
            language: "Rust".into(),
            homepage: "https://github.com/seanmonstar/warp".into(),
        }
    }

    fn known_failing(&self) -> &'static str {
        include_str!("../../../vectors/known-failing/warp.toml")
    }

    fn service(&self, policy: &Policy) -> Result<Service, NotServed> {
        if !policy.routes.is_empty() {
            return Err(NotServed::Unsupported(vec![Knob::Routes]));
        }
        let application = ::warp::method()
            .and(::warp::path::full())
            .and(::warp::header::headers_cloned())
            .and(::warp::body::bytes())
            .then(answer)
            .with(Self::filter(policy)?);
        let service = ::warp::service(application);
        // warp asks for a body that is `Sync`.
        Ok(Service::new(service_fn(move |request: http::Request<Body>| {
            let service = service.clone();
            async move {
                let (head, body) = request.into_parts();
                let body = Full::new(body.collect().await?.to_bytes());
                let response = match service.oneshot(http::Request::from_parts(head, body)).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                };
                Ok(response.map(|body| body.map_err(ServiceError::new).boxed_unsync()))
            }
        })))
    }
}

/// The application as a handler. Its body is read whole: warp asks for one that is `Sync`.
async fn answer(
    method: http::Method,
    path: FullPath,
    headers: http::HeaderMap,
    body: Bytes,
) -> http::Response<Vec<u8>> {
    let mut request = http::Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = http::Uri::try_from(path.as_str()).unwrap_or_default();
    *request.headers_mut() = headers;
    let answered = async {
        let (head, body) = application::answer(request).await?.into_parts();
        Ok::<_, ServiceError>(http::Response::from_parts(head, body.collect().await?.to_bytes().to_vec()))
    };
    answered.await.unwrap_or_else(|error| {
        let mut response = http::Response::new(error.to_string().into_bytes());
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        response
    })
}

impl Warp {
    /// The filter for a policy.
    ///
    /// # Errors
    /// [`NotServed`] when it cannot express the policy.
    ///
    /// # Panics
    /// As the builder does when it refuses a value.
    pub fn filter(policy: &Policy) -> Result<Builder, NotServed> {
        let mut filter = ::warp::cors().allow_credentials(policy.credentials);
        match &policy.origins {
            AllowList::Any => filter = filter.allow_any_origin(),
            // A filter that is told of no origin lets any in.
            AllowList::Only(patterns) if patterns.is_empty() => return unsupported(Knob::OriginsNone),
            AllowList::Only(patterns) => {
                for pattern in patterns {
                    filter = match pattern {
                        OriginPattern::Exact(origin) => filter.allow_origin(&**origin),
                        OriginPattern::Null => return unsupported(Knob::OriginsNull),
                        OriginPattern::Subdomains { .. } => return unsupported(Knob::OriginsSubdomains),
                    };
                }
            }
        }
        if policy.methods.is_any() {
            return unsupported(Knob::MethodsAny);
        }
        if policy.request_headers.is_any() {
            return unsupported(Knob::RequestHeadersAny);
        }
        if policy.expose.is_any() {
            // A header of that name is what `*` is to the builder; without credentials browsers read it as any.
            if policy.credentials {
                return unsupported(Knob::ExposeAnyWithCredentials);
            }
            filter = filter.expose_header("*");
        }
        filter = filter
            .allow_methods(["GET", "HEAD", "POST"])
            .allow_methods(policy.methods.items().iter().map(|method| &**method))
            .allow_headers(policy.request_headers.items().iter().map(|name| &**name))
            .expose_headers(policy.expose.items().iter().map(|name| &**name));
        if let Some(seconds) = policy.max_age {
            filter = filter.max_age(std::time::Duration::from_secs(seconds));
        }
        Ok(filter)
    }
}

fn unsupported(knob: Knob) -> Result<Builder, NotServed> {
    Err(NotServed::Unsupported(vec![knob]))
}
