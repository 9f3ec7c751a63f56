//! Soundness: what a browser shares, or lets through its preflight, the policy allows.
//! Completeness: what the policy allows, a browser shares.

use std::borrow::Cow;

use corspec_model::policy::Forbidden;
use corspec_model::request::Request;
use corspec_model::request_headers::{
    cors_unsafe_request_header_names, is_no_cors_safelisted_request_header_name,
};
use corspec_model::{HttpRequestKind, Outcome};

use corspec_vectors::server::ServerVector;

use super::Case;
use crate::application;
use crate::browser::{Exchange, Fetched, Prepared};
use crate::meaning;
use crate::verdict::{Finding, Judgement, Verdict};

/// Judges the law that applies: soundness when the policy forbids the request, completeness when it allows it. Where a
/// vector is about transparency, that law says what an allowed request must get; and one that asks for access to private
/// networks may be refused.
pub fn judge(case: &Case<'_>, prepared: &Prepared, fetched: &Fetched) -> Option<Judgement> {
    let permitted = meaning::permits(case.policy, &answered_request(case, prepared, fetched));
    let finding = |what: String| Finding {
        what,
        policy_means: policy_means(&permitted, &prepared.request),
        browser: browser_does(&fetched.outcome),
        step: Some(fetched.outcome.step.as_str().to_owned()),
        exchanges: fetched.exchanges.clone(),
        decides: None,
    };
    // Where a vector is about routing, the policy of the path is what is judged.
    let routing = case.vector.law == "routing";
    Some(match &permitted {
        Ok(()) if case.vector.law == "transparency" || asks_for_private_network(case.vector) => return None,
        Err(forbidden) => {
            let (requirement, whom) = match forbidden {
                Forbidden::Origin => ("soundness/origin", "an origin the policy does not allow"),
                Forbidden::Credentials => {
                    ("soundness/credentials", "a request with credentials, which the policy does not allow")
                }
                Forbidden::Method if allowed_in_another_case(case, &prepared.request) => {
                    ("soundness/method-case", "a method the policy allows in another case only")
                }
                Forbidden::Method => ("soundness/method", "a method the policy does not allow"),
                Forbidden::Header(_) if only_names_of_forms(case, &prepared.request) => {
                    ("soundness/form-header", "a request header the policy does not allow")
                }
                Forbidden::Header(_) => ("soundness/header", "a request header the policy does not allow"),
            };
            let requirement = if routing { "routing/granted" } else { requirement };
            // Methods and headers are the preflight's to stop; and where the response is not shared, the request has been
            // made all the same.
            let is_shared = fetched.outcome.is_shared();
            let let_through = fetched.passed_preflight();
            let by_preflight = matches!(forbidden, Forbidden::Method | Forbidden::Header(_)) || !is_shared;
            if is_shared || let_through {
                let mut finding = finding(if is_shared {
                    format!("the response is shared with {whom}")
                } else {
                    format!("the preflight lets through {whom}")
                });
                if let_through && by_preflight {
                    finding.step = Some(PREFLIGHT_PASSES.to_owned());
                    finding.decides = Some(0);
                }
                case.breach(requirement, finding)
            } else {
                case.pass(if routing { "routing" } else { "soundness" })
            }
        }
        Ok(()) => {
            let law = if routing { "routing" } else { "completeness" };
            match fetched.outcome.result {
                Ok(_) => case.pass(law),
                Err(_) if method_not_served(case, fetched) => {
                    case.not_judged(law, Verdict::Unsupported, "the resource does not serve the method")
                }
                Err(reason) => {
                    let what =
                        format!("a request the policy allows is blocked: {}", reason.explanation().what);
                    let requirement = if routing { "routing/blocked" } else { "completeness/shared" };
                    case.breach(requirement, finding(what))
                }
            }
        }
    })
}

/// Where a browser sees that a preflight lets the request through.
const PREFLIGHT_PASSES: &str = "cors-preflight-fetch/7";

/// The request whose response is shared: where policies differ by path, that of the last redirect.
fn answered_request<'a>(case: &Case<'_>, prepared: &'a Prepared, fetched: &Fetched) -> Cow<'a, Request> {
    let redirected = fetched.exchanges.iter().rev().find(|exchange| {
        exchange.kind == Some(HttpRequestKind::Request) && !exchange.response.has_redirect_status()
    });
    let url = redirected.and_then(|exchange| case.endpoint.base.join(&exchange.request.target).ok());
    match url {
        Some(url) if !case.policy.routes.is_empty() && fetched.redirected() => {
            let mut request = prepared.request.clone();
            request.push_url(url.into());
            Cow::Owned(request)
        }
        _ => Cow::Borrowed(&prepared.request),
    }
}

/// Judges whether a response grants access to private networks, where one does or is asked to.
pub fn private_network(case: &Case<'_>, fetched: &Fetched) -> Option<Judgement> {
    let granting = fetched.exchanges.iter().find(|exchange| {
        exchange.response.headers.lines(ALLOW_PRIVATE_NETWORK).any(|value| value == b"true")
    });
    let Some(granting) = granting else {
        let asked = fetched
            .exchanges
            .iter()
            .any(|exchange| exchange.request.headers.contains(REQUEST_PRIVATE_NETWORK));
        return asked.then(|| case.pass("soundness"));
    };
    let finding = Finding {
        what: "access from public to private networks is granted, which no policy asks for".to_owned(),
        policy_means: "says nothing of private networks".to_owned(),
        browser: "lets public pages reach a private address, if it still knows the header".to_owned(),
        step: None,
        exchanges: vec![granting.clone()],
        decides: None,
    };
    Some(case.breach("soundness/private-network", finding))
}

/// Whether the request of a vector asks for access to private networks, which makes it one of soundness.
pub fn asks_for_private_network(vector: &ServerVector) -> bool {
    vector.request.as_ref().is_some_and(|request| {
        let asked = REQUEST_PRIVATE_NETWORK.as_bytes();
        request.on_wire.iter().any(|(name, _)| name.0.eq_ignore_ascii_case(asked))
    })
}

/// No longer in the standard: Private Network Access was withdrawn in favour of a permission prompt.
const ALLOW_PRIVATE_NETWORK: &str = "Access-Control-Allow-Private-Network";
const REQUEST_PRIVATE_NETWORK: &str = "Access-Control-Request-Private-Network";

/// Whether the policy allows the request's method in another case. Methods are case-sensitive; few servers know `patch`.
fn allowed_in_another_case(case: &Case<'_>, request: &Request) -> bool {
    let policy = case.policy.at(request.current_url().url().path());
    policy.methods.items().iter().any(|listed| listed.as_bytes().eq_ignore_ascii_case(&request.method))
}

/// Whether all that is forbidden are header names a form can send. Software that always allows them, whatever their
/// value, says so in its documentation: that is a strictness it lacks, not a hole.
fn only_names_of_forms(case: &Case<'_>, request: &Request) -> bool {
    let policy = case.policy.at(request.current_url().url().path());
    cors_unsafe_request_header_names(&request.headers)
        .iter()
        .filter(|name| !policy.allows_request_header(name))
        .all(|name| is_no_cors_safelisted_request_header_name(name))
}

/// Whether the method itself was refused, which is not a matter of CORS: by an unknown resource, or by a server that
/// does not know a method of its own accord.
fn method_not_served(case: &Case<'_>, fetched: &Fetched) -> bool {
    fetched.last(HttpRequestKind::Request).is_some_and(|exchange| is_refused_by_server(case, exchange))
}

/// As [`method_not_served`], of one exchange; a message too long for the server is no matter of CORS either.
pub(super) fn is_refused_by_server(case: &Case<'_>, exchange: &Exchange) -> bool {
    let usual: [&[u8]; 7] = [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS"];
    let Exchange { request, response, .. } = exchange;
    if !case.endpoint.fixed_application {
        return matches!(response.status, 400 | 405 | 501);
    }
    if response.headers.contains(application::MARKER) {
        return false;
    }
    let unknown = !usual.contains(&&*request.method) && matches!(response.status, 400 | 404 | 405 | 501);
    let long = request.headers.iter().count() > MANY_LINES && matches!(response.status, 400 | 413 | 431);
    unknown || long
}

/// More header lines than much software takes.
const MANY_LINES: usize = 64;

/// What the policy means for the request, in words.
pub fn policy_means(permitted: &Result<(), Forbidden>, request: &Request) -> String {
    match permitted {
        Ok(()) => "allow".to_owned(),
        Err(Forbidden::Origin) => {
            format!("deny: the policy does not allow the origin {}", request.serialize_origin())
        }
        Err(Forbidden::Method) => {
            format!("deny: the policy does not allow the method {}", request.method.escape_ascii())
        }
        Err(forbidden) => format!("deny: {forbidden}"),
    }
}

/// What the browser does with the outcome, in words.
pub fn browser_does(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(response) => {
            format!("gives script a {} response, status {}", response.response_type.as_str(), response.status)
        }
        Err(reason) => format!("blocks it: {} ({reason})", reason.explanation().what),
    }
}
