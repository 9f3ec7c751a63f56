//! Animals that misread preflights: their methods, their headers, what is one at all.

use corspec_model::Policy;
use corspec_model::policy::AllowList;

use super::animal::{Animal, Answered, Asked, Bug, CORRECT, answering, believing, reading};

const REQUEST_METHOD: &str = "Access-Control-Request-Method";
const REQUEST_HEADERS: &str = "Access-Control-Request-Headers";
const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";

/// Replaces a header of an answer to a preflight that grants something.
fn on_grant(asked: &Asked, answered: &mut Answered, name: &str, value: &str) {
    if asked.is_preflight() && answered.grants() && answered.get(name).is_some() {
        answered.set(name, value);
    }
}

/// The policy with nothing beyond it allowed when `refuses`.
fn refusing(policy: &Policy, asked: &Asked, refuses: fn(&Policy, &Asked) -> bool) -> Policy {
    let policy = policy.clone();
    if asked.is_preflight() && refuses(&policy, asked) {
        Policy { origins: AllowList::NONE, ..policy }
    } else {
        policy
    }
}

fn is_safelisted(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST")
}

/// The animals.
pub const ANIMALS: &[Animal] = &[
    believing(
        "method-case-folded",
        "soundness/method-case",
        "a method is allowed in any case",
        "rs/cors 41a5eef",
        |policy, asked, _| {
            let policy = policy.clone();
            let method = asked.get(REQUEST_METHOD);
            if policy.methods.items().iter().any(|listed| listed.eq_ignore_ascii_case(&method)) {
                Policy { methods: AllowList::Any, ..policy }
            } else {
                policy
            }
        },
    ),
    believing(
        "method-reflected",
        "soundness/method",
        "the requested method is echoed unseen",
        "go-safeweb #372",
        |policy, _, _| Policy { methods: AllowList::Any, ..policy.clone() },
    ),
    believing(
        "methods-by-prefix",
        "soundness/method",
        "a method that starts like a listed one is allowed",
        "comparisons in the joined list, as noobaa #9776 makes them for headers",
        |policy, asked, _| {
            let policy = policy.clone();
            let method = asked.get(REQUEST_METHOD);
            if policy
                .methods
                .items()
                .iter()
                .any(|listed| method.starts_with(&**listed) || listed.starts_with(&*method))
            {
                Policy { methods: AllowList::Any, ..policy }
            } else {
                policy
            }
        },
    ),
    believing(
        "usual-methods-for-all",
        "soundness/method",
        "the usual methods are always allowed",
        "expressjs/cors default: GET,HEAD,PUT,PATCH,POST,DELETE",
        |policy, asked, _| {
            let policy = policy.clone();
            if matches!(&*asked.get(REQUEST_METHOD), "PUT" | "PATCH" | "DELETE") {
                Policy { methods: AllowList::Any, ..policy }
            } else {
                policy
            }
        },
    ),
    believing(
        "headers-reflected",
        "soundness/header",
        "the requested headers are echoed unseen",
        "expressjs/cors default",
        |policy, _, _| Policy { request_headers: AllowList::Any, ..policy.clone() },
    ),
    believing(
        "headers-by-prefix",
        "soundness/header",
        "a header whose name starts with a listed one is allowed",
        "comparisons in the joined list, noobaa #9776",
        |policy, asked, _| {
            let policy = policy.clone();
            let asked_for = asked.get(REQUEST_HEADERS).to_lowercase();
            let starts = |listed: &str| {
                asked_for
                    .split(',')
                    .any(|name| name.starts_with(&listed.to_lowercase()) && name.len() > listed.len())
            };
            if policy.request_headers.items().iter().any(|listed| starts(listed)) {
                Policy { request_headers: AllowList::Any, ..policy }
            } else {
                policy
            }
        },
    ),
    believing(
        "one-header-is-enough",
        "soundness/header",
        "all requested headers are allowed when one of them is",
        "checks with any() for all()",
        |policy, asked, _| {
            let policy = policy.clone();
            let asked_for = asked.get(REQUEST_HEADERS).to_lowercase();
            if asked_for.split(',').any(|name| policy.allows_request_header(name.trim().as_bytes())) {
                Policy { request_headers: AllowList::Any, ..policy }
            } else {
                policy
            }
        },
    ),
    believing(
        "authorization-for-all",
        "soundness/header",
        "Authorization is always allowed",
        "fixed lists: x-www, go-zero, robyn",
        |policy, _, _| {
            let mut policy = policy.clone();
            if let AllowList::Only(names) = &mut policy.request_headers {
                names.push("authorization".into());
            }
            policy
        },
    ),
    believing(
        "json-for-all",
        "soundness/form-header",
        "Content-Type is always allowed, whatever its value",
        "starlette: SAFELISTED_HEADERS",
        |policy, _, _| {
            let mut policy = policy.clone();
            if let AllowList::Only(names) = &mut policy.request_headers {
                names.push("content-type".into());
            }
            policy
        },
    ),
    believing(
        "methods-need-listing",
        "completeness/shared",
        "GET, HEAD and POST are refused unless they are listed",
        "rs/cors: a method outside AllowedMethods gets no CORS",
        |policy, asked, _| {
            refusing(policy, asked, |policy, asked| {
                is_safelisted(&asked.get(REQUEST_METHOD)) && !policy.methods.is_any()
            })
        },
    ),
    answering(
        "preflight-needs-login",
        "completeness/shared",
        "a preflight without a cookie gets 401",
        "aspnet/CORS #45; quarkus #3685",
        |_, asked, answered| {
            if asked.is_preflight() {
                answered.response.status = 401;
            }
        },
    ),
    answering(
        "preflight-not-routed",
        "completeness/shared",
        "a preflight gets 405",
        "hapi: OPTIONS without a route; Kong #4245",
        |_, asked, answered| {
            if asked.is_preflight() {
                answered.response.status = 405;
            }
        },
    ),
    answering(
        "preflight-redirected",
        "completeness/shared",
        "a preflight is redirected",
        "redirects to https or to a trailing slash before CORS",
        |_, asked, answered| {
            if asked.is_preflight() {
                answered.response.status = 307;
                answered.set("Location", "/plain/");
            }
        },
    ),
    answering(
        "preflight-without-origin-header",
        "completeness/shared",
        "the answer to a preflight names methods and headers, but no origin",
        "nginx recipes with add_header inside if",
        |_, asked, answered| {
            if asked.is_preflight() {
                answered.delete("Access-Control-Allow-Origin");
            }
        },
    ),
    answering(
        "methods-left-out",
        "completeness/shared",
        "the answer to a preflight names no methods",
        "falcon #2325: a grant without methods",
        |_, asked, answered| {
            if asked.is_preflight() {
                answered.delete(ALLOW_METHODS);
            }
        },
    ),
    answering(
        "methods-none",
        "completeness/shared",
        "the answer to a preflight says `Access-Control-Allow-Methods: None`",
        "falcon #2325",
        |_, asked, answered| {
            on_grant(asked, answered, ALLOW_METHODS, "None");
        },
    ),
    answering(
        "methods-upper-case",
        "completeness/shared",
        "methods are allowed in upper case only",
        "flask-cors: the requested method is upper-cased",
        |_, asked, answered| {
            let upper = answered.get(ALLOW_METHODS).unwrap_or_default().to_uppercase();
            on_grant(asked, answered, ALLOW_METHODS, &upper);
        },
    ),
    answering(
        "star-methods-with-credentials",
        "completeness/shared",
        "`*` is sent for methods where credentials make it a literal",
        "h3 PR #1456",
        |policy, asked, answered| {
            if policy.methods.is_any() && policy.credentials {
                on_grant(asked, answered, ALLOW_METHODS, "*");
            }
        },
    ),
    answering(
        "star-headers-with-credentials",
        "completeness/shared",
        "`*` is sent for headers where credentials make it a literal",
        "jetty #15096",
        |policy, asked, answered| {
            if policy.request_headers.is_any() && policy.credentials {
                on_grant(asked, answered, ALLOW_HEADERS, "*");
            }
        },
    ),
    answering(
        "headers-undefined",
        "completeness/shared",
        "the answer to a preflight says `Access-Control-Allow-Headers: undefined`",
        "@elysiajs/cors: the literal undefined",
        |_, asked, answered| {
            on_grant(asked, answered, ALLOW_HEADERS, "undefined");
        },
    ),
    answering(
        "default-headers-only",
        "completeness/shared",
        "only Content-Type is allowed, whatever else is listed",
        "quarkus #16208",
        |_, asked, answered| {
            on_grant(asked, answered, ALLOW_HEADERS, "content-type");
        },
    ),
    believing(
        "headers-case-sensitive",
        "completeness/shared",
        "header names are compared with their case, which browsers lower",
        "quart-cors 458afde; hapi #2866",
        |policy, asked, _| {
            let mut policy = policy.clone();
            if let AllowList::Only(names) = &mut policy.request_headers {
                let asked_for = asked.get(REQUEST_HEADERS);
                names.retain(|listed| asked_for.split(',').any(|name| name.trim() == &**listed));
            }
            policy
        },
    ),
    believing(
        "headers-as-one-string",
        "completeness/shared",
        "the list of requested headers is compared as one string",
        "noobaa #9776",
        |policy, asked, _| {
            refusing(policy, asked, |policy, asked| {
                !policy.request_headers.is_any() && asked.get(REQUEST_HEADERS).contains(',')
            })
        },
    ),
    reading(
        "first-line-of-headers",
        "stability/form",
        "only the first line of requested headers is read",
        "tower-http: AllowHeaders::mirror_request",
        |asked| {
            let first = asked.headers.lines(REQUEST_HEADERS).next().map(<[u8]>::to_vec);
            if let Some(first) = first {
                asked.headers.delete(REQUEST_HEADERS);
                asked.headers.append(REQUEST_HEADERS, first);
            }
        },
    ),
    believing(
        "space-is-part-of-name",
        "stability/form",
        "a space after a comma is taken for a part of the name",
        "warp PR #792",
        |policy, asked, _| {
            refusing(policy, asked, |policy, asked| {
                !policy.request_headers.is_any() && asked.get(REQUEST_HEADERS).contains(", ")
            })
        },
    ),
    believing(
        "lines-refused",
        "stability/form",
        "requested headers in several lines are refused",
        "rs/cors #184",
        |policy, asked, _| {
            refusing(policy, asked, |_, asked| asked.headers.lines(REQUEST_HEADERS).count() > 1)
        },
    ),
    reading(
        "all-options-swallowed",
        "classification/swallowed",
        "every OPTIONS is answered as a preflight",
        "tower-http #497; echo #2534",
        |asked| {
            if asked.method == b"OPTIONS" {
                if !asked.headers.contains("Origin") {
                    asked.headers.append("Origin", "https://nobody.example");
                }
                if !asked.headers.contains(REQUEST_METHOD) {
                    asked.headers.append(REQUEST_METHOD, "GET");
                }
            }
        },
    ),
    reading(
        "no-requested-method-needed",
        "classification/swallowed",
        "OPTIONS with Origin is a preflight",
        "actix-extras #225; fiber PR #2938",
        |asked| {
            if asked.method == b"OPTIONS"
                && asked.headers.contains("Origin")
                && !asked.headers.contains(REQUEST_METHOD)
            {
                asked.headers.append(REQUEST_METHOD, "GET");
            }
        },
    ),
    reading(
        "any-method-preflights",
        "classification/swallowed",
        "a GET with a requested method is a preflight",
        "anchors of scanners: P-detect",
        |asked| {
            if asked.headers.contains("Origin") && asked.headers.contains(REQUEST_METHOD) {
                asked.method = b"OPTIONS".to_vec();
            }
        },
    ),
    Animal {
        name: "refused-preflight-passed-on",
        does: "a preflight from an origin that is not allowed runs the application's own code",
        source: "@koa/cors; jetty #7894; restify-cors-middleware",
        breaks: Some("classification/refused-preflight"),
        bug: Bug {
            passes_preflights: |policy, asked| !policy.allows_origin(asked.origin().as_bytes()),
            ..CORRECT
        },
    },
    Animal {
        name: "preflight-passed-on",
        does: "a preflight runs the application's own code",
        source: "hono PR #792",
        breaks: Some("classification/preflight"),
        bug: Bug { passes_preflights: |_, _| true, ..CORRECT },
    },
    answering(
        "private-network-granted",
        "soundness/private-network",
        "access to private networks is granted to whoever asks",
        "CVE-2024-6221 (flask-cors)",
        |_, asked, answered| {
            if asked.headers.contains("Access-Control-Request-Private-Network") {
                answered.set("Access-Control-Allow-Private-Network", "true");
            }
        },
    ),
    answering(
        "private-network-always",
        "soundness/private-network",
        "access to private networks is granted unasked",
        "gateways with a fixed header",
        |_, asked, answered| {
            if asked.is_preflight() {
                answered.set("Access-Control-Allow-Private-Network", "true");
            }
        },
    ),
];
