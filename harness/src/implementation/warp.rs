//! `warp::cors()`, used as its documentation shows.

use ::warp::Filter;
use ::warp::filters::cors::Builder;
use bytes::Bytes;
use corspec_model::Policy;
use corspec_model::policy::{AllowList, OriginPattern};
use http_body_util::{BodyExt, Empty};
use tower::ServiceExt;

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
        include_str!("../../known-failing/warp.toml")
    }

    fn service(&self, policy: &Policy) -> Result<Service, NotServed> {
        let application = ::warp::method()
            .and(::warp::path::full())
            .map(|method: http::Method, path: ::warp::path::FullPath| {
                let mut request = http::Request::new(());
                *request.method_mut() = method;
                *request.uri_mut() = http::Uri::try_from(path.as_str()).unwrap_or_default();
                let (head, _) = application::answer(&request).into_parts();
                http::Response::from_parts(head, "plain\n")
            })
            .with(filter(policy)?);
        let service = ::warp::service(application)
            // The application reads no body, and warp asks for one that is `Sync`.
            .map_request(|request: http::Request<Body>| request.map(|_| Empty::<Bytes>::new()))
            .map_response(|response| response.map(|body| body.map_err(ServiceError::new).boxed_unsync()))
            .map_err(|never| -> ServiceError { match never {} });
        Ok(Service::new(service))
    }
}

/// The filter for a policy.
fn filter(policy: &Policy) -> Result<Builder, NotServed> {
    let mut filter = ::warp::cors().allow_credentials(policy.credentials);
    match &policy.origins {
        AllowList::Any => filter = filter.allow_any_origin(),
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

fn unsupported(knob: Knob) -> Result<Builder, NotServed> {
    Err(NotServed::Unsupported(vec![knob]))
}
