//! Why a browser asks first, or does not.

use corspec_model::methods::is_cors_safelisted_method;
use corspec_model::request_headers::{SAFELISTED_TOTAL_LIMIT, cors_unsafe_request_header_names};
use corspec_model::{Request, request};
use corspec_vectors::DocumentError;
use corspec_vectors::bytes::ByteString;
use corspec_vectors::client::RequestKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_same_origin;
use super::recorded::RecordedFetch;

/// Whether there is a preflight, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Preflight {
    /// Whether one is sent.
    pub sent: bool,
    /// Why, or why not: a few words each.
    pub because: Vec<String>,
}

/// Why `fetch` has a preflight, or none.
///
/// # Errors
/// [`DocumentError`] when the request of the record makes no sense.
pub fn preflight(fetch: &RecordedFetch) -> Result<Preflight, DocumentError> {
    let sent = fetch.exchanges.iter().any(|exchange| exchange.kind == RequestKind::Preflight);
    let because = match fetch.request.prepare()? {
        Err(_) => vec!["nothing is sent".to_owned()],
        Ok(_) if fetch.exchanges.is_empty() => vec!["nothing is sent".to_owned()],
        Ok(request) => because(fetch, &request, sent),
    };
    Ok(Preflight { sent, because })
}

fn because(fetch: &RecordedFetch, request: &Request, sent: bool) -> Vec<String> {
    let reasons = reasons(request);
    if sent {
        return reasons;
    }
    let here = |url: &str| is_same_origin(&fetch.request.origin, url);
    if fetch.exchanges.iter().all(|exchange| here(&exchange.request.url)) {
        vec!["the URL has the page's own origin".to_owned()]
    } else if request.mode != request::Mode::Cors {
        vec!["the request does not use CORS".to_owned()]
    } else if reasons.is_empty() {
        vec![
            "a page without script could send the same: a safelisted method and safelisted headers"
                .to_owned(),
        ]
    } else {
        vec!["an earlier preflight is remembered and allows it".to_owned()]
    }
}

/// What about the request needs the server's consent.
fn reasons(request: &Request) -> Vec<String> {
    let mut reasons = Vec::new();
    if !is_cors_safelisted_method(&request.method) {
        let method = ByteString(request.method.to_vec());
        reasons.push(format!("method {method} is not GET, HEAD or POST"));
    }
    let mut together = false;
    for name in cors_unsafe_request_header_names(&request.headers) {
        let lines: Vec<_> = request.headers.iter().filter(|header| header.is_named(&name)).collect();
        let safelisted = |name: &[u8], value: &[u8]| {
            corspec_model::request_headers::is_cors_safelisted_request_header(name, value)
        };
        if lines.iter().all(|header| safelisted(&header.name, &header.value)) {
            together = true;
            continue;
        }
        let value = lines.iter().find(|header| !safelisted(&header.name, &header.value));
        let value = value.map(|header| ByteString(header.value.to_vec()).to_string()).unwrap_or_default();
        let name = ByteString(name.to_vec());
        reasons.push(match &*name.0 {
            b"content-type" => format!("content-type `{value}` is not one a form can send"),
            b"accept" | b"accept-language" | b"content-language" | b"range" => {
                format!("this value of {name} is not safelisted")
            }
            _ => format!("header {name} is not safelisted"),
        });
    }
    if together {
        reasons
            .push(format!("the safelisted headers have more than {SAFELISTED_TOTAL_LIMIT} bytes together"));
    }
    if request.use_cors_preflight && reasons.is_empty() {
        reasons.push("an upload listener or a streamed body asks for one".to_owned());
    }
    reasons
}
