//! Legal variants: responders that differ from the reference and are right. None may be called wrong.

use corspec_model::Policy;
use corspec_model::policy::AllowList;

use super::animal::{Animal, Answered, Asked, Bug, CORRECT, Memory};

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";
const REQUEST_HEADERS: &str = "Access-Control-Request-Headers";

const fn variant(
    name: &'static str,
    does: &'static str,
    source: &'static str,
    answers: fn(&Policy, &Asked, &mut Answered),
) -> Animal {
    Animal { name, does, source, breaks: None, bug: Bug { answers, ..CORRECT } }
}

const fn believing(
    name: &'static str,
    does: &'static str,
    source: &'static str,
    believes: fn(&Policy, &Asked, &Memory) -> Policy,
) -> Animal {
    Animal { name, does, source, breaks: None, bug: Bug { believes, ..CORRECT } }
}

/// Every method or name of a list, after some others.
fn all(list: &AllowList<Box<str>>, before: &[&str]) -> String {
    let listed = list.items().iter().map(|item| &**item);
    before.iter().copied().chain(listed).collect::<Vec<_>>().join(", ")
}

/// Whether the policy lets the request's origin in.
fn is_allowed(policy: &Policy, asked: &Asked) -> bool {
    policy.allows_origin(asked.origin().as_bytes())
}

/// An answer of the middleware's own, without a word of CORS.
fn refuse(answered: &mut Answered, status: u16) {
    answered.delete_cors();
    answered.response.status = status;
    answered.body = b"refused".to_vec();
}

/// The variants.
pub const VARIANTS: &[Animal] = &[
    variant("the-reference", "the reference responder itself", "corspec", |_, _, _| {}),
    variant(
        "one-origin-for-all",
        "one listed origin is sent to everybody, without Vary",
        "tower-http AllowOrigin::exact; expressjs/cors with a string",
        |policy, asked, answered| {
            if let [only] = policy.origins.items()
                && !only.to_string().contains('*')
                && !asked.is_preflight()
            {
                answered.set(ALLOW_ORIGIN, &only.to_string());
                if policy.credentials {
                    answered.set(ALLOW_CREDENTIALS, "true");
                }
                if !policy.expose.is_any() && !policy.expose.items().is_empty() {
                    answered.set("Access-Control-Expose-Headers", &all(&policy.expose, &[]));
                }
                let kept: Vec<String> = answered
                    .get("Vary")
                    .unwrap_or_default()
                    .split(", ")
                    .filter(|name| *name != "Origin")
                    .map(str::to_owned)
                    .collect();
                answered.delete("Vary");
                let kept = kept.join(", ");
                if !kept.is_empty() {
                    answered.set("Vary", &kept);
                }
            }
        },
    ),
    variant(
        "vary-on-star",
        "Vary is sent where the answer is the same for all",
        "@koa/cors, rs/cors, go-chi/cors",
        |_, _, answered| answered.append("Vary", "Origin"),
    ),
    variant("vary-star", "Vary is *", "caches told to keep nothing", |_, _, answered| {
        answered.append("Vary", "*");
    }),
    variant(
        "vary-in-three-lines",
        "Vary is in several lines and in lower case",
        "salvo-cors",
        |_, _, answered| {
            answered.append("vary", "access-control-request-method");
            answered.append("vary", "access-control-request-headers");
        },
    ),
    variant(
        "no-vary-on-preflight",
        "answers to preflights have no Vary: no cache keeps them",
        "jub0bs/cors 0.11; RFC 9110, section 9.3.7",
        |_, asked, answered| {
            if asked.is_preflight() {
                answered.delete("Vary");
            }
        },
    ),
    variant(
        "never-cached",
        "responses are not to be stored, so Vary is not needed",
        "Cache-Control: no-store in place of Vary",
        |_, _, answered| {
            answered.append("Cache-Control", "no-store");
        },
    ),
    variant(
        "preflight-200",
        "preflights are answered by 200",
        "flask-cors, tower-http, actix-cors",
        |_, asked, answered| {
            if asked.is_preflight() {
                answered.response.status = 200;
            }
        },
    ),
    variant(
        "preflight-202-with-body",
        "preflights are answered by 202 and a body",
        "anchors: any ok status",
        |_, asked, answered| {
            if asked.is_preflight() {
                answered.response.status = 202;
                answered.body = b"ok".to_vec();
            }
        },
    ),
    variant(
        "refused-preflight-403",
        "a preflight that is refused gets 403",
        "jub0bs/cors, Spring, Tomcat",
        |_, asked, answered| {
            if asked.is_preflight() && !answered.grants() {
                refuse(answered, 403);
            }
        },
    ),
    variant(
        "refused-preflight-400",
        "a preflight that is refused gets 400 and a word why",
        "starlette, litestar, actix-cors",
        |_, asked, answered| {
            if asked.is_preflight() && !answered.grants() {
                refuse(answered, 400);
            }
        },
    ),
    variant(
        "strangers-403",
        "a request from an origin that is not allowed gets 403",
        "gin-contrib/cors, warp, poem, rocket_cors",
        |policy, asked, answered| {
            if !asked.origin().is_empty() && !is_allowed(policy, asked) && !asked.is_same_origin() {
                refuse(answered, 403);
            }
        },
    ),
    variant(
        "own-pages-403-too",
        "as before, also for the server's own pages, which have to be listed",
        "warp; actix-cors with block_on_origin_mismatch",
        |policy, asked, answered| {
            if !asked.origin().is_empty() && !is_allowed(policy, asked) {
                refuse(answered, 403);
            }
        },
    ),
    variant(
        "lists-everything",
        "answers to preflights list all that is allowed",
        "jub0bs/cors, starlette, most others",
        |policy, asked, answered| {
            if asked.is_preflight() && answered.grants() {
                if !policy.methods.is_any() {
                    answered.set(ALLOW_METHODS, &all(&policy.methods, &["GET", "HEAD", "POST"]));
                }
                if !policy.request_headers.is_any() {
                    answered.set(ALLOW_HEADERS, &all(&policy.request_headers, &[]));
                }
            }
        },
    ),
    variant(
        "lists-to-anybody",
        "answers to preflights list all that is allowed, also when they are refused",
        "starlette, hono",
        |policy, asked, answered| {
            if asked.is_preflight() {
                answered.set(ALLOW_METHODS, &all(&policy.methods, &["GET", "HEAD", "POST"]));
                answered.set(ALLOW_HEADERS, &all(&policy.request_headers, &["Accept"]));
                let granted = answered.grants();
                if granted && policy.methods.is_any() {
                    answered.set(ALLOW_METHODS, &asked.get("Access-Control-Request-Method"));
                }
                if granted && policy.request_headers.is_any() {
                    answered.set(ALLOW_HEADERS, &asked.get(REQUEST_HEADERS));
                }
            }
        },
    ),
    variant(
        "lists-on-every-response",
        "methods and headers are listed on every response",
        "litestar, go-zero, django-cors-headers on OPTIONS",
        |policy, asked, answered| {
            if !asked.is_preflight() {
                answered.set(ALLOW_METHODS, &all(&policy.methods, &["GET", "HEAD", "POST"]));
                answered.set(ALLOW_HEADERS, &all(&policy.request_headers, &["Accept"]));
                answered.set("Access-Control-Max-Age", "600");
            }
        },
    ),
    variant(
        "lists-twice",
        "what is listed is listed twice, with spaces and tabs",
        "lists joined from two sources",
        |_, _, answered| {
            for name in [ALLOW_METHODS, ALLOW_HEADERS] {
                if let Some(list) = answered.get(name) {
                    answered.set(name, &format!("{list} ,\t{list},"));
                }
            }
        },
    ),
    variant("lists-in-lines", "lists are sent one item a line", "RFC 9110, section 5.3", |_, _, answered| {
        for name in [ALLOW_METHODS, ALLOW_HEADERS] {
            if let Some(list) = answered.get(name).filter(|list| list.len() < 1000) {
                answered.delete(name);
                for item in list.split(", ") {
                    answered.append(name, item);
                }
            }
        }
    }),
    variant("names-in-capitals", "header names are listed in capitals", "hapi, Tomcat", |_, _, answered| {
        if let Some(list) = answered.get(ALLOW_HEADERS) {
            answered.set(ALLOW_HEADERS, &list.to_uppercase());
        }
    }),
    variant(
        "star-where-it-counts",
        "`*` is sent for methods and headers where it means any",
        "rs/cors, jub0bs/cors",
        |policy, asked, answered| {
            if asked.is_preflight() && answered.grants() && !policy.credentials {
                if policy.methods.is_any() {
                    answered.set(ALLOW_METHODS, "*");
                }
                if policy.request_headers.is_any() {
                    answered.set(ALLOW_HEADERS, "*, Authorization");
                }
            }
        },
    ),
    variant(
        "credentials-to-strangers",
        "credentials are allowed on refusals too, which counts for nothing without an origin",
        "starlette, hono, expressjs/cors, fastify, h3, salvo",
        |policy, _, answered| {
            if policy.credentials {
                answered.set(ALLOW_CREDENTIALS, "true");
            }
        },
    ),
    variant(
        "echo-in-place-of-star",
        "an open policy echoes the origin, and says so in Vary",
        "rs/cors with AllowOriginFunc, @koa/cors",
        |policy, asked, answered| {
            if policy.origins.is_any() && !policy.credentials {
                answered.append("Vary", "Origin");
                if asked.origin().is_empty() {
                    answered.delete_cors();
                } else {
                    answered.set(ALLOW_ORIGIN, &asked.origin());
                }
            }
        },
    ),
    variant(
        "exposes-by-name",
        "an open policy names what it exposes",
        "what * needs with credentials",
        |policy, asked, answered| {
            if policy.expose.is_any() && answered.grants() && !asked.is_preflight() {
                let names: Vec<String> = answered
                    .response
                    .headers
                    .iter()
                    .map(|header| header.name.escape_ascii().to_string())
                    .collect();
                answered.set("Access-Control-Expose-Headers", &names.join(","));
            }
        },
    ),
    variant(
        "exposes-on-preflights-too",
        "the names to expose are sent with preflights too",
        "django-cors-headers, Gateway API",
        |policy, asked, answered| {
            if asked.is_preflight() && answered.grants() && !policy.expose.items().is_empty() {
                answered.set("Access-Control-Expose-Headers", &all(&policy.expose, &[]));
            }
        },
    ),
    variant(
        "exposes-safelisted",
        "safelisted names are exposed, which changes nothing",
        "common configurations",
        |policy, asked, answered| {
            if !policy.expose.is_any() && answered.grants() && !asked.is_preflight() {
                answered.set(
                    "Access-Control-Expose-Headers",
                    &all(&policy.expose, &["Content-Type", "Cache-Control"]),
                );
            }
        },
    ),
    variant("allow-header", "answers to OPTIONS say Allow too", "falcon, flask", |_, asked, answered| {
        if asked.method == b"OPTIONS" {
            answered.set("Allow", "GET, HEAD, OPTIONS, POST, PUT");
        }
    }),
    variant(
        "other-headers",
        "headers of security that have nothing to do with CORS are added",
        "helmet and the like",
        |_, _, answered| {
            answered.append("X-Content-Type-Options", "nosniff");
            answered.append("Timing-Allow-Origin", "*");
            answered.append("Referrer-Policy", "no-referrer");
        },
    ),
    variant(
        "odd-origins-400",
        "an Origin that is none gets 400",
        "rocket_cors in part; strict parsers",
        |_, asked, answered| {
            let origin = asked.origin();
            if asked.headers.lines("Origin").count() > 1
                || (!origin.is_empty() && origin != "null" && corspec_model::Origin::parse(&origin).is_err())
            {
                refuse(answered, 400);
            }
        },
    ),
    variant("long-headers-431", "long headers get 431", "limits of HTTP servers", |_, asked, answered| {
        let length: usize = asked.headers.iter().map(|header| header.value.len()).sum();
        if length > 16 << 10 || asked.headers.iter().count() > 500 {
            refuse(answered, 431);
        }
    }),
    believing(
        "sorted-headers-only",
        "only what browsers send is read: sorted, unique names in lower case",
        "rs/cors from 1.11, jub0bs/cors",
        |policy, asked, _| {
            let policy = policy.clone();
            let asked_for = asked.get(REQUEST_HEADERS);
            let names: Vec<&str> =
                asked_for.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
            let sorted = names.windows(2).all(|pair| pair[0] < pair[1]);
            if sorted && asked_for == asked_for.to_lowercase() {
                policy
            } else {
                Policy { origins: AllowList::NONE, ..policy }
            }
        },
    ),
    believing(
        "one-space-at-most",
        "more than one space around a name is refused",
        "jub0bs/cors: two bytes of white space at most",
        |policy, asked, _| {
            let policy = policy.clone();
            if asked.get(REQUEST_HEADERS).contains("  ") {
                Policy { origins: AllowList::NONE, ..policy }
            } else {
                policy
            }
        },
    ),
    believing(
        "short-origins-only",
        "an Origin longer than a host name can be is refused unread",
        "jub0bs/cors",
        |policy, asked, _| {
            let policy = policy.clone();
            if asked.origin().len() > 8 + 253 + 6 {
                Policy { origins: AllowList::NONE, ..policy }
            } else {
                policy
            }
        },
    ),
];
