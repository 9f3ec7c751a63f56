//! Soundness: what a browser shares, or lets through its preflight, the policy allows.
//! Completeness: what the policy allows, a browser shares.

use corspec_model::policy::Forbidden;
use corspec_model::request::Request;
use corspec_model::request_headers::{
    cors_unsafe_request_header_names, is_no_cors_safelisted_request_header_name,
};
use corspec_model::{HttpRequestKind, Outcome};
use corspec_vectors::meta::Level;

use super::Case;
use crate::browser::{Fetched, Prepared};
use crate::meaning;
use crate::verdict::{Finding, Judgement, Verdict};

/// Judges the law that applies: soundness when the policy forbids the request, completeness when it allows it.
pub fn judge(case: &Case<'_>, prepared: &Prepared, fetched: &Fetched) -> Judgement {
    let permitted = meaning::permits(case.policy, &prepared.request);
    let finding = |what: String| Finding {
        what,
        policy_means: policy_means(&permitted, &prepared.request),
        browser: browser_does(&fetched.outcome),
        step: Some(fetched.outcome.step.as_str().to_owned()),
        exchanges: fetched.exchanges.clone(),
    };
    match &permitted {
        Err(forbidden) => {
            let law = "soundness";
            let level = soundness_level(case, forbidden, &prepared.request);
            let what = match forbidden {
                Forbidden::Origin => "an origin the policy does not allow",
                Forbidden::Credentials => "a request with credentials, which the policy does not allow",
                Forbidden::Method => "a method the policy does not allow",
                Forbidden::Header(_) => "a request header the policy does not allow",
            };
            if fetched.outcome.is_shared() {
                Judgement::fail(law, level, finding(format!("the response is shared with {what}")))
            } else if fetched.passed_preflight() {
                Judgement::fail(law, level, finding(format!("the preflight lets through {what}")))
            } else {
                Judgement::pass(law, case.level(law))
            }
        }
        Ok(()) => {
            let law = "completeness";
            match fetched.outcome.result {
                Ok(_) => Judgement::pass(law, case.level(law)),
                Err(_) if method_not_served(case, fetched) => {
                    let method = prepared.request.method.escape_ascii();
                    let what = format!("the resource does not serve {method}");
                    Judgement::not_judged(law, case.level(law), Verdict::Unsupported, what)
                }
                Err(reason) => {
                    let what =
                        format!("a request the policy allows is blocked: {}", reason.explanation().what);
                    Judgement::fail(law, case.level(law), finding(what))
                }
            }
        }
    }
}

/// How binding a breach of soundness is. Software that always allows the header names a form can send, whatever their
/// value, says so in its documentation: that is a strictness it lacks, not a hole, as long as nothing else is forbidden.
fn soundness_level(case: &Case<'_>, forbidden: &Forbidden, request: &Request) -> Level {
    let level = case.level("soundness");
    let only_names_of_forms = matches!(forbidden, Forbidden::Header(_))
        && cors_unsafe_request_header_names(&request.headers)
            .iter()
            .filter(|name| !case.policy.allows_request_header(name))
            .all(|name| is_no_cors_safelisted_request_header_name(name));
    if only_names_of_forms { level.max(Level::Interop) } else { level }
}

/// Whether an unknown resource refused the method itself, which is not a matter of CORS.
fn method_not_served(case: &Case<'_>, fetched: &Fetched) -> bool {
    !case.endpoint.fixed_application
        && fetched
            .last(HttpRequestKind::Request)
            .is_some_and(|exchange| matches!(exchange.response.status, 400 | 405 | 501))
}

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
