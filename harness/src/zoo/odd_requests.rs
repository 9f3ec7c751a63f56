//! Animals that trip over requests no browser sends.

use std::hint::black_box;

use super::animal::{Animal, Bug, CORRECT, and_origin, answering, believing};

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const REQUEST_HEADERS: &str = "Access-Control-Request-Headers";

/// The animals.
pub const ANIMALS: &[Animal] = &[
    answering(
        "fails-on-odd-origins",
        "robustness/server-error",
        "an Origin that is none gets 500",
        "rocket_cors; netty PR #7865",
        |_, asked, answered| {
            let origin = asked.origin();
            if !origin.is_empty() && origin != "null" && corspec_model::Origin::parse(&origin).is_err() {
                answered.response.status = 500;
            }
        },
    ),
    answering(
        "fails-on-options",
        "robustness/server-error",
        "OPTIONS with Origin that is no preflight gets 500",
        "quart-cors 9676a6a",
        |_, asked, answered| {
            if asked.method == b"OPTIONS" && asked.headers.contains("Origin") && !asked.is_preflight() {
                answered.response.status = 500;
                answered.response.headers = corspec_model::HeaderList::new();
            }
        },
    ),
    believing(
        "first-of-a-list",
        "robustness/grant",
        "an Origin with several values is echoed when the first is allowed",
        "Jetty: Origin is split on spaces",
        |policy, asked, _| {
            let origin = asked.origin();
            let first = origin.split([' ', ',']).next().unwrap_or_default();
            if policy.allows_origin(first.as_bytes()) {
                and_origin(policy, origin.clone())
            } else {
                policy.clone()
            }
        },
    ),
    believing(
        "path-after-origin",
        "robustness/grant",
        "an Origin with a path is allowed and echoed",
        "django-cors-headers; gradio #13594",
        |policy, asked, _| {
            let origin = asked.origin();
            if policy.allows_origin(origin.trim_end_matches('/').as_bytes()) {
                and_origin(policy, origin)
            } else {
                policy.clone()
            }
        },
    ),
    believing(
        "userinfo-is-host",
        "robustness/grant",
        "what comes before an at sign is taken for the host",
        "anchors of scanners: O-substring",
        |policy, asked, _| {
            let origin = asked.origin();
            let host = origin.split('@').next().unwrap_or_default();
            if policy.allows_origin(host.as_bytes()) {
                and_origin(policy, origin.clone())
            } else {
                policy.clone()
            }
        },
    ),
    answering(
        "host-decides",
        "robustness/grant",
        "an origin that names the request's Host is allowed",
        "gradio #13594; CVE-2024-47165",
        |_, asked, answered| {
            let host = asked.get("Host");
            if !host.is_empty() && asked.origin() == format!("https://{host}") {
                answered.set(ALLOW_ORIGIN, &asked.origin());
            }
        },
    ),
    answering(
        "local-host-decides",
        "robustness/grant",
        "whoever asks for localhost is allowed",
        "CVE-2024-47165 (gradio)",
        |_, asked, answered| {
            if asked.get("Host") == "localhost" {
                answered.set(ALLOW_ORIGIN, &asked.origin());
            }
        },
    ),
    answering(
        "referer-decides",
        "robustness/grant",
        "without Origin, Referer is echoed",
        "hono PR #532",
        |_, asked, answered| {
            let referer = asked.get("Referer");
            if asked.origin().is_empty() && !referer.is_empty() {
                answered.set(ALLOW_ORIGIN, referer.trim_end_matches('/'));
            }
        },
    ),
    answering(
        "any-header-named-origin",
        "robustness/grant",
        "any header with origin in its name is read as Origin",
        "cors_plug #27",
        |_, asked, answered| {
            let other = asked.headers.iter().find(|header| {
                let name = String::from_utf8_lossy(&header.name).to_lowercase();
                name != "origin" && name.contains("origin")
            });
            if let Some(other) = other {
                let value = other.value.escape_ascii().to_string();
                answered.set(ALLOW_ORIGIN, &value);
            }
        },
    ),
    answering(
        "response-split",
        "robustness/injection",
        "encoded line ends in requested headers become line ends",
        "CORS scanners: CR/LF injection",
        |_, asked, answered| {
            if asked.get(REQUEST_HEADERS).contains("%0d%0a") {
                answered.append("X-Injected", "1");
            }
        },
    ),
    answering(
        "echo-of-echoes",
        "robustness/size",
        "requested headers are echoed ten times over",
        "rs/cors #170: 121 MB for one request",
        |_, asked, answered| {
            let asked_for = asked.get(REQUEST_HEADERS);
            if asked.is_preflight() && asked_for.len() > 1024 {
                for _ in 0..10 {
                    answered.append("X-Requested", &asked_for);
                }
            }
        },
    ),
    answering(
        "quadratic-spaces",
        "robustness/time",
        "spaces between requested headers are looked at once for each before them",
        "CVE-2026-69207 (hono)",
        |_, asked, _| {
            let asked_for = asked.get(REQUEST_HEADERS);
            let blank = |byte: u8| byte == b' ' || byte == b'\t';
            // Thrice, as slow as a script: an optimized loop over a few kilobytes is over too soon to be noticed.
            for start in (0..asked_for.len()).cycle().take(3 * asked_for.len()) {
                let run = asked_for.as_bytes()[start..].iter().take_while(|&&byte| blank(byte));
                black_box(run.fold(0_usize, |sum, &byte| black_box(sum + usize::from(byte))));
            }
        },
    ),
    Animal {
        name: "dies-of-nul",
        does: "after an Origin that is no text no request is answered",
        source: "CVE-2023-35943 (Envoy): a crash",
        breaks: Some("robustness/alive"),
        bug: Bug {
            dies: |asked, memory| {
                if asked.headers.get("Origin").is_some_and(|origin| !origin.is_ascii()) {
                    memory.replace("dead".to_owned());
                    return false;
                }
                memory.is("dead")
            },
            ..CORRECT
        },
    },
];
