//! `CorsLayer` of tower-http, the middleware of axum and tonic, used as its documentation shows.

use std::time::Duration;

use ::tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, Any, CorsLayer, ExposeHeaders};
use corspec_model::Policy;
use corspec_model::policy::{AllowList, OriginPattern};
use http::{HeaderName, HeaderValue, Method};
use tower::{Layer, service_fn};

use super::{Embedded, Info, Knob, NotServed};
use crate::application;
use crate::transport::{Body, Service};

/// tower-http's `CorsLayer`.
pub struct TowerHttp;

impl Embedded for TowerHttp {
    fn info(&self) -> Info {
        Info {
            name: "tower-http".into(),
            version: env!("TOWER_HTTP_VERSION").into(),
            language: "Rust".into(),
            homepage: "https://github.com/tower-rs/tower-http".into(),
        }
    }

    fn known_failing(&self) -> &'static str {
        include_str!("../../../vectors/known-failing/tower-http.toml")
    }

    fn service(&self, policy: &Policy) -> Result<Service, NotServed> {
        if !policy.routes.is_empty() {
            return Err(NotServed::Unsupported(vec![Knob::Routes]));
        }
        let application = service_fn(|request: http::Request<Body>| application::answer(request));
        Ok(Service::new(Self::layer(policy)?.layer(application)))
    }
}

impl TowerHttp {
    /// The layer for a policy. `Any` sends `*`, which counts for nothing with credentials, where the documentation
    /// points to `mirror_request`.
    ///
    /// # Errors
    /// [`NotServed`] when it cannot express the policy or refuses it.
    pub fn layer(policy: &Policy) -> Result<CorsLayer, NotServed> {
        let origins = match &policy.origins {
            AllowList::Any if policy.credentials => AllowOrigin::mirror_request(),
            AllowList::Any => AllowOrigin::any(),
            AllowList::Only(patterns) => {
                let mut values = Vec::new();
                for pattern in patterns {
                    if matches!(pattern, OriginPattern::Subdomains { .. }) {
                        return Err(NotServed::Unsupported(vec![Knob::OriginsSubdomains]));
                    }
                    values.push(parse::<HeaderValue>(&pattern.to_string())?);
                }
                // One origin is sent to everybody; several are looked up.
                match <[HeaderValue; 1]>::try_from(values) {
                    Ok([only]) => AllowOrigin::exact(only),
                    Err(values) => AllowOrigin::list(values),
                }
            }
        };
        let safelisted = [Method::GET, Method::HEAD, Method::POST];
        let methods = match &policy.methods {
            AllowList::Any if policy.credentials => AllowMethods::mirror_request(),
            AllowList::Any => AllowMethods::any(),
            AllowList::Only(methods) => {
                let listed: Vec<Method> =
                    methods.iter().map(|method| parse(method)).collect::<Result<_, _>>()?;
                AllowMethods::list(safelisted.into_iter().chain(listed))
            }
        };
        let headers = match &policy.request_headers {
            AllowList::Any if policy.credentials => AllowHeaders::mirror_request(),
            AllowList::Any => AllowHeaders::any(),
            AllowList::Only(names) => AllowHeaders::list(header_names(names)?),
        };
        let mut layer = CorsLayer::new().allow_origin(origins).allow_methods(methods).allow_headers(headers);
        layer = match &policy.expose {
            AllowList::Any if policy.credentials => {
                return Err(NotServed::Unsupported(vec![Knob::ExposeAnyWithCredentials]));
            }
            AllowList::Any => layer.expose_headers(Any),
            AllowList::Only(names) => layer.expose_headers(ExposeHeaders::list(header_names(names)?)),
        };
        if policy.credentials {
            layer = layer.allow_credentials(true);
        }
        if let Some(seconds) = policy.max_age {
            layer = layer.max_age(Duration::from_secs(seconds));
        }
        Ok(layer)
    }
}

fn header_names(names: &[Box<str>]) -> Result<Vec<HeaderName>, NotServed> {
    names.iter().map(|name| parse(name)).collect()
}

/// Reads a value with the parser of the `http` crate; what it refuses, the middleware refuses.
fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, NotServed> {
    text.parse().map_err(|error: T::Err| NotServed::Refused(format!("`{text}`: {error}")))
}
