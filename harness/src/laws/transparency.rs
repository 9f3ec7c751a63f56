//! Transparency: what the application answers arrives, with CORS headers added and nothing else changed.
//!
//! What the application answers is known: it is asked here, without a middleware before it.

use corspec_model::abnf::ALLOW_ORIGIN;
use corspec_model::{HttpRequestKind, Response};
use corspec_vectors::server::WireRequest as WireDocument;

use super::sharing::is_refused_by_server;
use super::{Case, list_items, wire_request};
use crate::application;
use crate::browser::{Exchange, Fetched, Prepared};
use crate::implementation::Knob;
use crate::meaning;
use crate::transport::{Answer, TransportError, WireRequest, to_http};
use crate::verdict::{Finding, Judgement};

const LAW: &str = "transparency";

/// Sends one request made by hand and compares with what the application says.
///
/// # Errors
/// [`TransportError`] when nobody answers.
pub async fn judge(case: &Case<'_>, document: &WireDocument) -> Result<Vec<Judgement>, TransportError> {
    if !case.endpoint.fixed_application {
        return Ok(vec![case.unsupported(LAW, Knob::Application)]);
    }
    let request = wire_request(document);
    let Answer { response, body } = case.endpoint.transport.send(request.clone()).await?;
    let exchange = Exchange { kind: None, request, response, body };
    let breach = compare(&exchange).await?;
    Ok(vec![judgement(case, breach, "not cross-origin, so nothing is to be changed", vec![exchange], None)])
}

/// Judges the responses of a fetch that the policy allows, or that is not cross-origin.
///
/// # Errors
/// [`TransportError`] when the request is none that the application can be asked.
pub async fn of_fetch(
    case: &Case<'_>,
    prepared: &Prepared,
    fetched: &Fetched,
) -> Result<Option<Judgement>, TransportError> {
    if !case.endpoint.fixed_application || meaning::permits(case.policy, &prepared.request).is_err() {
        return Ok(None);
    }
    // Whatever the status: script sees it. That it does not is what its author notices first.
    let mut breach = (case.vector.law == LAW && fetched.outcome.result.is_err()).then(|| {
        ("transparency/shared", "an allowed origin cannot read the application's answer".to_owned())
    });
    let mut decides = None;
    let of_the_application = fetched.exchanges.iter().enumerate().filter(|(_, exchange)| {
        exchange.kind == Some(HttpRequestKind::Request) && !is_refused_by_server(case, exchange)
    });
    for (place, exchange) in of_the_application {
        if breach.is_some() {
            break;
        }
        breach = compare(exchange).await?;
        decides = breach.as_ref().map(|_| place);
    }
    Ok(Some(judgement(case, breach, "allow", fetched.exchanges.clone(), decides)))
}

type Breach = (&'static str, String);

fn judgement(
    case: &Case<'_>,
    breach: Option<Breach>,
    means: &str,
    exchanges: Vec<Exchange>,
    decides: Option<usize>,
) -> Judgement {
    match breach {
        None => case.pass(LAW),
        Some((requirement, what)) => case.breach(
            requirement,
            Finding {
                what,
                policy_means: means.to_owned(),
                browser: "shows what arrives".to_owned(),
                step: None,
                exchanges,
                decides,
            },
        ),
    }
}

/// The first thing in which the response is not the application's.
async fn compare(exchange: &Exchange) -> Result<Option<Breach>, TransportError> {
    let Exchange { request, response, body, .. } = exchange;
    // An OPTIONS that never reaches the application is a matter of classification.
    if *request.method == *b"OPTIONS" && !response.headers.contains(application::MARKER) {
        return Ok(None);
    }
    // Nor is a message that the server refused for itself, for its length or its form.
    let cross_origin = request.headers.contains("Origin");
    if cross_origin
        && !response.headers.contains(application::MARKER)
        && matches!(response.status, 400 | 413 | 414 | 431)
    {
        return Ok(None);
    }
    let said = application_says(request).await?;
    // Any server may answer for a range of what the application said.
    if response.status == 206 && said.response.status == 200 && request.headers.contains("Range") {
        return Ok(None);
    }
    if response.status != said.response.status {
        let (status, own) = (response.status, said.response.status);
        return Ok(Some(("transparency/status", format!("the application says {own}, {status} arrives"))));
    }
    if *request.method != *b"HEAD" && *body != said.body {
        return Ok(Some(("transparency/body", "another body arrives than the application's".to_owned())));
    }
    let missing: Vec<String> = said
        .response
        .headers
        .iter()
        .filter(|header| !header.name.eq_ignore_ascii_case(b"vary") && !is_framing(&header.name))
        // Without a body there is nothing to have a type (RFC 9110, sections 15.3.5 and 15.4.5).
        .filter(|header| {
            !(matches!(response.status, 204 | 304) && header.name.eq_ignore_ascii_case(b"content-type"))
        })
        // The middleware may know better than the application who is allowed.
        .filter(|header| !header.name.eq_ignore_ascii_case(ALLOW_ORIGIN.as_bytes()))
        .filter(|header| {
            !response
                .headers
                .lines(&String::from_utf8_lossy(&header.name))
                .any(|value| *value == *header.value)
        })
        .map(|header| header.name.escape_ascii().to_string())
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Ok(Some(("transparency/headers", format!("the application's {missing} does not arrive"))));
    }
    let varies = list_items(&response.headers, "Vary");
    let lost: Vec<String> = list_items(&said.response.headers, "Vary")
        .into_iter()
        .filter(|name| !varies.contains(name) && !varies.iter().any(|name| name == "*"))
        .collect();
    if !lost.is_empty() {
        let lost = lost.join(", ");
        return Ok(Some(("transparency/vary", format!("Vary no longer names the application's {lost}"))));
    }
    Ok(None)
}

/// Set anew by whoever writes the message (RFC 9110, section 7.6.1).
fn is_framing(name: &[u8]) -> bool {
    ["content-length", "transfer-encoding", "connection"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}

/// What the application says to a request when nothing is before it.
async fn application_says(request: &WireRequest) -> Result<Answer, TransportError> {
    use http_body_util::BodyExt;

    let request = to_http(request, "http://application.test")?;
    let broken = |error: crate::transport::ServiceError| TransportError::Broken(error.to_string());
    let (head, body) = application::answer(request).await.map_err(broken)?.into_parts();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let body = body.collect().await.map_err(broken)?.to_bytes();
    Ok(Answer { response: Response::new(head.status.as_u16(), headers), body })
}
