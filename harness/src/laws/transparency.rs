//! Transparency: what the application answers arrives, with CORS headers added and nothing else changed.
//!
//! What the application answers is known: it is asked here, without a middleware before it.

use corspec_model::abnf::ALLOW_ORIGIN;
use corspec_model::{HeaderList, HttpRequestKind};
use corspec_vectors::server::WireRequest as WireDocument;

use super::sharing::is_refused_by_server;
use super::{Case, list_items, wire_request};
use crate::application;
use crate::browser::{Exchange, Fetched};
use crate::implementation::Knob;
use crate::transport::{Answer, TransportError};
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
    let breach = compare(&exchange);
    let means = "not cross-origin, so nothing is to be changed";
    Ok(vec![judgement(case, breach, means, std::slice::from_ref(&exchange), None)])
}

/// Judges the responses of a fetch that the policy allows, or that is not cross-origin.
pub fn of_fetch(case: &Case<'_>, fetched: &Fetched) -> Option<Judgement> {
    if !case.endpoint.fixed_application {
        return None;
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
        breach = compare(exchange);
        decides = breach.as_ref().map(|_| place);
    }
    Some(judgement(case, breach, "allow", &fetched.exchanges, decides))
}

type Breach = (&'static str, String);

fn judgement(
    case: &Case<'_>,
    breach: Option<Breach>,
    means: &str,
    exchanges: &[Exchange],
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
                exchanges: exchanges.to_vec(),
                decides,
            },
        ),
    }
}

/// The first thing in which the response is not the application's.
fn compare(exchange: &Exchange) -> Option<Breach> {
    let Exchange { request, response, body, .. } = exchange;
    // An OPTIONS that never reaches the application is a matter of classification.
    if *request.method == *b"OPTIONS" && !response.headers.contains(application::MARKER) {
        return None;
    }
    // Nor is a message that the server refused for itself, for its length or its form.
    let cross_origin = request.headers.contains("Origin");
    if cross_origin
        && !response.headers.contains(application::MARKER)
        && matches!(response.status, 400 | 413 | 414 | 431)
    {
        return None;
    }
    let said = application::says_to(request);
    // Any server may answer for a range of what the application said.
    if response.status == 206 && said.status == 200 && request.headers.contains("Range") {
        return None;
    }
    if response.status != said.status {
        let (status, own) = (response.status, said.status.as_u16());
        return Some(("transparency/status", format!("the application says {own}, {status} arrives")));
    }
    if *request.method != *b"HEAD" && *body != said.body {
        return Some(("transparency/body", "another body arrives than the application's".to_owned()));
    }
    let missing: Vec<&str> = said
        .lines()
        .filter(|(name, _)| *name != "vary" && !is_framing(name))
        // Without a body there is nothing to have a type (RFC 9110, sections 15.3.5 and 15.4.5).
        .filter(|(name, _)| !(matches!(response.status, 204 | 304) && *name == "content-type"))
        // The middleware may know better than the application who is allowed.
        .filter(|(name, _)| !name.eq_ignore_ascii_case(ALLOW_ORIGIN))
        .filter(|(name, value)| !response.headers.lines(name).any(|line| line == value.as_bytes()))
        .map(|(name, _)| name)
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Some(("transparency/headers", format!("the application's {missing} does not arrive")));
    }
    let own: HeaderList = said.own.into_iter().collect();
    let own_varies = list_items(&own, "Vary");
    if own_varies.is_empty() {
        return None;
    }
    let varies = list_items(&response.headers, "Vary");
    let lost: Vec<String> = own_varies
        .into_iter()
        .filter(|name| !varies.contains(name) && !varies.iter().any(|name| name == "*"))
        .collect();
    if !lost.is_empty() {
        let lost = lost.join(", ");
        return Some(("transparency/vary", format!("Vary no longer names the application's {lost}")));
    }
    None
}

/// Set anew by whoever writes the message (RFC 9110, section 7.6.1).
fn is_framing(name: &str) -> bool {
    ["content-length", "transfer-encoding", "connection"].contains(&name)
}
