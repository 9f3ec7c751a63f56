//! The reference responder of the model: the literal one and the fast one.

use bytes::Bytes;
use corspec_model::abnf::{REQUEST_HEADERS, REQUEST_METHOD};
use corspec_model::fast::{Decision, Fields, Responder};
use corspec_model::reference::{Answer, respond};
use corspec_model::{HeaderList, Policy};

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue, ORIGIN, VARY,
};

use crate::{NotServed, Request, Response, Served, application};

/// The literal one, over header lists.
pub(crate) fn literal(policy: Option<&Policy>) -> Result<Served, NotServed> {
    let Some(policy) = policy.cloned() else { return Ok(Served::new(|_| application())) };
    Ok(Served::new(move |request| {
        let method = request.method().as_str().as_bytes();
        match respond(&policy, method, &to_list(request.headers())) {
            Answer::Preflight(preflight) => {
                let mut response = Response::default();
                *response.status_mut() = http::StatusCode::NO_CONTENT;
                set_headers(&mut response, &preflight.headers);
                response
            }
            Answer::Application(additions) => {
                let mut response = application();
                let mut headers = to_list(response.headers());
                additions.apply(&mut headers);
                response.headers_mut().clear();
                set_headers(&mut response, &headers);
                response
            }
        }
    }))
}

fn to_list(map: &http::HeaderMap) -> HeaderList {
    map.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

fn set_headers(response: &mut Response, list: &HeaderList) {
    for header in list {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(&header.name), HeaderValue::from_bytes(&header.value))
        {
            response.headers_mut().append(name, value);
        }
    }
}

/// The fast one, over the maps of the `http` crate.
pub(crate) fn fast(policy: Option<&Policy>) -> Result<Served, NotServed> {
    let Some(policy) = policy else { return Ok(Served::new(|_| application())) };
    let responder = Responder::new(policy);
    Ok(Served::new(move |request| answer(&responder, &request)))
}

fn answer(responder: &Responder, request: &Request) -> Response {
    let map = Map(request);
    let (mut response, share) = match responder.respond(request.method().as_str().as_bytes(), &map) {
        Decision::Application(share) => (application(), share),
        Decision::Preflight(grant) => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = http::StatusCode::NO_CONTENT;
            let headers = response.headers_mut();
            headers.insert(VARY, PREFLIGHT_VARY);
            if let Some(grant) = grant {
                set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, grant.allow_origin);
                set(headers, ACCESS_CONTROL_ALLOW_METHODS, grant.method);
                if grant.credentials {
                    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
                }
                if grant.names {
                    // Line by line as they were asked for: now they are allowed.
                    for line in request.headers().get_all(ACCESS_CONTROL_REQUEST_HEADERS) {
                        headers.append(ACCESS_CONTROL_ALLOW_HEADERS, line.clone());
                    }
                }
                if let Some(max_age) = grant.max_age {
                    set(headers, ACCESS_CONTROL_MAX_AGE, max_age.as_bytes());
                }
            }
            return response;
        }
    };
    let headers = response.headers_mut();
    if let Some(share) = share {
        let names =
            share.expose_each.then(|| headers.keys().map(HeaderName::as_str).collect::<Vec<_>>().join(", "));
        set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, share.allow_origin);
        if share.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
        if let Some(expose) = names.as_deref().or(share.expose) {
            set(headers, ACCESS_CONTROL_EXPOSE_HEADERS, expose.as_bytes());
        }
    }
    if responder.varies_by_origin() {
        headers.append(VARY, VARY_BY_ORIGIN);
    }
    response
}

const TRUE: HeaderValue = HeaderValue::from_static("true");
const VARY_BY_ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
const PREFLIGHT_VARY: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

fn set(headers: &mut http::HeaderMap, name: HeaderName, value: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(value) {
        headers.insert(name, value);
    }
}

/// The header lines of a request, by the names the responder asks for.
struct Map<'a>(&'a Request);

impl Fields for Map<'_> {
    fn lines<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        let name = match name {
            "Origin" => ORIGIN,
            REQUEST_METHOD => ACCESS_CONTROL_REQUEST_METHOD,
            REQUEST_HEADERS => ACCESS_CONTROL_REQUEST_HEADERS,
            // It asks for no other.
            _ => return None.into_iter().flatten(),
        };
        Some(self.0.headers().get_all(name).iter().map(HeaderValue::as_bytes)).into_iter().flatten()
    }
}
