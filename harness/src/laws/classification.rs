//! Classification: only OPTIONS with `Origin` and `Access-Control-Request-Method` is a preflight; a preflight never
//! reaches the application, every other request does.

use corspec_model::abnf::{ALLOW_ORIGIN, REQUEST_METHOD};
use corspec_model::{HttpRequestKind, Response};
use corspec_vectors::server::{AnsweredBy, ServerExpected, WireRequest as WireDocument};

use super::robustness::is_server_error;
use super::{Case, wire_request};
use crate::application::MARKER;
use crate::browser::{Exchange, Fetched};
use crate::implementation::Knob;
use crate::meaning;
use crate::transport::{Answer, TransportError, WireRequest};
use crate::verdict::{Finding, Judgement};

const LAW: &str = "classification";

/// Sends one raw request and looks at who answers.
///
/// # Errors
/// [`TransportError`] when nobody does.
pub async fn judge(case: &Case<'_>, document: &WireDocument) -> Result<Vec<Judgement>, TransportError> {
    if !case.endpoint.fixed_application {
        return Ok(vec![case.unsupported(LAW, Knob::Application)]);
    }
    let request = wire_request(document);
    let Answer { response, body } = case.endpoint.transport.send(request.clone()).await?;
    let by_application = response.headers.contains(MARKER);
    let meant = meaning::expected(case.vector).ok();
    let for_application =
        matches!(meant, Some(ServerExpected::Wire { answered_by: AnsweredBy::Application }));
    // Refusing an origin outright is legal, whatever the request.
    let refused = (400..500).contains(&response.status) && !grants(case, &request, &response);
    if by_application == for_application || (for_application && refused) {
        return Ok(vec![case.pass(LAW)]);
    }
    let method = &document.method;
    let (requirement, what) = if for_application && is_server_error(&response) {
        let what = format!("a request that is no preflight is answered by {}", response.status);
        ("robustness/server-error", what)
    } else if for_application {
        let what = format!("the application never sees {method} {}", what_it_lacks(&request));
        ("classification/swallowed", what)
    } else if grants(case, &request, &response) {
        ("classification/preflight", "a preflight reaches the application".to_owned())
    } else {
        ("classification/refused-preflight", "a preflight that is refused reaches the application".to_owned())
    };
    let finding = Finding {
        what,
        policy_means: if for_application {
            "not a preflight, so the application answers".to_owned()
        } else {
            "a preflight, so the middleware answers".to_owned()
        },
        browser: "is not involved: any client can send this request".to_owned(),
        step: Some("cors-preflight-request".to_owned()),
        exchanges: vec![Exchange { kind: None, request, response, body }],
        decides: None,
    };
    Ok(vec![case.breach(requirement, finding)])
}

/// Whether the policy allows the request's origin, or the response does.
fn grants(case: &Case<'_>, request: &WireRequest, response: &Response) -> bool {
    response.headers.contains(ALLOW_ORIGIN)
        || request.headers.get("Origin").is_none_or(|origin| case.policy.allows_origin(&origin))
}

/// Why a request is no preflight.
fn what_it_lacks(request: &WireRequest) -> &'static str {
    let origin = request.headers.contains("Origin");
    let method = request.headers.contains(REQUEST_METHOD);
    match (origin, method) {
        _ if *request.method != *b"OPTIONS" => "although it is not OPTIONS",
        (false, false) => "without Origin and Access-Control-Request-Method",
        (true, false) => "without Access-Control-Request-Method",
        (false, true) => "without Origin",
        (true, true) => "with both headers",
    }
}

/// Judges the preflight of a fetch, if there was one.
pub fn of_preflight(case: &Case<'_>, fetched: &Fetched) -> Option<Judgement> {
    let preflight = fetched.last(HttpRequestKind::Preflight)?;
    if !case.endpoint.fixed_application {
        return None;
    }
    if !preflight.response.headers.contains(MARKER) {
        return Some(case.pass(LAW));
    }
    // A refused one that does is stopped all the same: there is no grant in its answer.
    let refused = preflight
        .request
        .headers
        .get("Origin")
        .is_some_and(|origin| !case.policy.at(preflight.request.path()).allows_origin(&origin));
    let (requirement, what) = if refused {
        ("classification/refused-preflight", "a preflight that is refused reaches the application")
    } else {
        ("classification/preflight", "a preflight reaches the application")
    };
    let finding = Finding {
        what: what.to_owned(),
        policy_means: "a preflight, so the middleware answers".to_owned(),
        browser: "cannot tell".to_owned(),
        step: Some("cors-preflight-request".to_owned()),
        exchanges: vec![preflight.clone()],
        decides: None,
    };
    Some(case.breach(requirement, finding))
}
