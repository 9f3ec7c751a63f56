//! Syntax: every CORS header sent parses by its grammar, and single-valued ones are sent once.

use corspec_model::abnf::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, EXPOSE_HEADERS, MAX_AGE,
    extract_header_list_values,
};

use corspec_model::Policy;
use corspec_model::policy::AllowList;

use super::{Case, list_items, requirement_named};
use crate::browser::{Exchange, Fetched};
use crate::verdict::{Finding, Judgement};

/// What programs write for a value that is not there, in lower case.
const LITERALS: [&str; 6] = ["undefined", "none", "null", "nil", "nan", "false"];

/// Judges every response of a fetch; the first breach is reported, the most binding one first.
pub fn judge(case: &Case<'_>, fetched: &Fetched) -> Judgement {
    let mut breaches: Vec<_> =
        fetched.exchanges.iter().flat_map(|exchange| breaches(case.policy, exchange)).collect();
    breaches.sort_by_key(|breach| requirement_named(breach.requirement).map(|requirement| requirement.level));
    match breaches.into_iter().next() {
        None => case.pass("syntax"),
        Some(breach) => {
            let finding = Finding {
                what: breach.what,
                policy_means: "not about this request: a CORS header has a grammar".to_owned(),
                browser: breach.browser,
                step: Some("http-new-header-syntax".to_owned()),
                exchanges: vec![breach.exchange],
                decides: None,
            };
            case.breach(breach.requirement, finding)
        }
    }
}

struct Breach {
    requirement: &'static str,
    what: String,
    browser: String,
    exchange: Exchange,
}

fn breaches(policy: &Policy, exchange: &Exchange) -> Vec<Breach> {
    let headers = &exchange.response.headers;
    let mut found = Vec::new();
    let mut breach = |requirement, what: String, browser: &str| {
        found.push(Breach { requirement, what, browser: browser.to_owned(), exchange: exchange.clone() });
    };

    // The grammar knows fewer hosts than the URL Standard (`_`, a trailing dot): an echo of the request is fine.
    let echoed =
        headers.get(ALLOW_ORIGIN).is_some_and(|value| exchange.request.headers.get("Origin") == Some(value));
    if headers.lines(ALLOW_ORIGIN).nth(1).is_some() {
        breach(
            "syntax/allow-origin-once",
            format!("{ALLOW_ORIGIN} is sent more than once"),
            "blocks it: no origin equals two values",
        );
    } else if !echoed && extract_header_list_values(ALLOW_ORIGIN, headers).is_err() {
        breach(
            "syntax/allow-origin-value",
            format!("{ALLOW_ORIGIN} is neither `*`, `null` nor an origin"),
            "blocks it",
        );
    }
    if headers.lines(ALLOW_CREDENTIALS).nth(1).is_some() {
        breach(
            "syntax/allow-credentials-once",
            format!("{ALLOW_CREDENTIALS} is sent more than once"),
            "blocks requests with credentials",
        );
    } else if extract_header_list_values(ALLOW_CREDENTIALS, headers).is_err() {
        breach(
            "syntax/allow-credentials-value",
            format!("{ALLOW_CREDENTIALS} has another value than `true`"),
            "takes any other value as if the header were absent",
        );
    }
    for name in [ALLOW_METHODS, ALLOW_HEADERS, EXPOSE_HEADERS] {
        if extract_header_list_values(name, headers).is_err() {
            let browser = if name == EXPOSE_HEADERS {
                "exposes nothing"
            } else {
                "blocks the request the preflight is for"
            };
            breach("syntax/lists", format!("{name} is not a list of tokens"), browser);
        } else if let Some(literal) = literal(policy, exchange, name) {
            let what = format!("{name} holds `{literal}`, which nobody named");
            breach("syntax/literals", what, "takes it for a name");
        }
    }
    if extract_header_list_values(MAX_AGE, headers).is_err() {
        breach(
            "syntax/max-age",
            format!("{MAX_AGE} is not one number of seconds"),
            "remembers the preflight for 5 seconds",
        );
    }
    if !echoed
        && headers.get(ALLOW_ORIGIN).as_deref() == Some(b"*")
        && headers.get(ALLOW_CREDENTIALS).as_deref() == Some(b"true")
    {
        breach(
            "syntax/wildcard-with-credentials",
            format!("{ALLOW_ORIGIN}: * is sent with {ALLOW_CREDENTIALS}: true"),
            "blocks every request with credentials",
        );
    }
    found
}

/// The literal in a list header that neither the policy nor the request holds.
fn literal(policy: &Policy, exchange: &Exchange, header: &str) -> Option<String> {
    let (of_policy, of_request) = match header {
        ALLOW_METHODS => (&policy.methods, "Access-Control-Request-Method"),
        ALLOW_HEADERS => (&policy.request_headers, "Access-Control-Request-Headers"),
        _ => (&policy.expose, ""),
    };
    let meant = |name: &str| {
        matches!(of_policy, AllowList::Only(names) if names.iter().any(|known| known.eq_ignore_ascii_case(name)))
            || list_items(&exchange.request.headers, of_request).iter().any(|asked| asked == name)
    };
    let items = list_items(&exchange.response.headers, header);
    items.into_iter().find(|item| LITERALS.contains(&&**item) && !meant(item))
}
