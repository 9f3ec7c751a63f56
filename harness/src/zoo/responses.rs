//! Animals that say the wrong thing: credentials, exposure, max-age, syntax.

use super::animal::{Animal, answering};

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
const EXPOSE: &str = "Access-Control-Expose-Headers";
const MAX_AGE: &str = "Access-Control-Max-Age";

/// The animals.
pub const ANIMALS: &[Animal] = &[
    // Credentials.
    answering(
        "credentials-always",
        "soundness/credentials",
        "credentials are allowed wherever an origin is",
        "@elysiajs/cors, graphql-yoga: on by default",
        |_, _, answered| {
            if answered.grants() {
                answered.set(ALLOW_CREDENTIALS, "true");
            }
        },
    ),
    answering(
        "any-becomes-reflection",
        "soundness/credentials",
        "an open policy without credentials echoes the origin and allows credentials",
        "CVE-2018-20744 (rs/cors), CVE-2018-8014 (Tomcat)",
        |policy, asked, answered| {
            if policy.origins.is_any() && !asked.origin().is_empty() {
                answered.set(ALLOW_ORIGIN, &asked.origin());
                answered.set(ALLOW_CREDENTIALS, "true");
                answered.append("Vary", "Origin");
            }
        },
    ),
    answering(
        "star-with-credentials",
        "completeness/shared",
        "`*` is sent with credentials",
        "starlette PR #1113; koajs/cors PR #85",
        |policy, _, answered| {
            if policy.origins.is_any() && policy.credentials && answered.grants() {
                answered.set(ALLOW_ORIGIN, "*");
            }
        },
    ),
    answering(
        "star-and-credentials-by-default",
        "syntax/wildcard-with-credentials",
        "an open policy without credentials says `*` and allows credentials",
        "tower-http PR #237; micro-cors",
        |policy, _, answered| {
            if policy.origins.is_any() && answered.get(ALLOW_ORIGIN).as_deref() == Some("*") {
                answered.set(ALLOW_CREDENTIALS, "true");
            }
        },
    ),
    answering(
        "credentials-forgotten",
        "completeness/shared",
        "credentials are configured and never allowed",
        "tower-http #298",
        |_, _, answered| {
            answered.delete(ALLOW_CREDENTIALS);
        },
    ),
    answering(
        "credentials-on-preflight-only",
        "completeness/shared",
        "credentials are allowed in answers to preflights only",
        "nginx recipes",
        |_, asked, answered| {
            if !asked.is_preflight() {
                answered.delete(ALLOW_CREDENTIALS);
            }
        },
    ),
    answering(
        "credentials-capital",
        "completeness/shared",
        "`True` is sent for credentials",
        "str(True) in Python",
        |_, _, answered| {
            if answered.get(ALLOW_CREDENTIALS).is_some() {
                answered.set(ALLOW_CREDENTIALS, "True");
            }
        },
    ),
    answering(
        "credentials-false",
        "syntax/allow-credentials-value",
        "`false` is sent where credentials are not allowed",
        "quarkus #43736",
        |policy, _, answered| {
            if answered.grants() && !policy.credentials {
                answered.set(ALLOW_CREDENTIALS, "false");
            }
        },
    ),
    answering(
        "credentials-twice",
        "syntax/allow-credentials-once",
        "credentials are allowed in two lines",
        "two middlewares: rack-cors #55",
        |_, _, answered| {
            if answered.get(ALLOW_CREDENTIALS).is_some() {
                answered.append(ALLOW_CREDENTIALS, "true");
            }
        },
    ),
    // Exposure.
    answering(
        "exposes-on-preflight",
        "exposure/hidden",
        "the names to expose are sent with the preflight, not with the response",
        "h3 PR #856",
        |_, asked, answered| {
            if !asked.is_preflight() {
                answered.delete(EXPOSE);
            }
        },
    ),
    answering(
        "exposes-everything",
        "exposure/leaked",
        "every header of the application is exposed",
        "proxies that list what they see",
        |_, _, answered| {
            if answered.grants() {
                let names: Vec<String> = answered
                    .response
                    .headers
                    .iter()
                    .map(|header| header.name.escape_ascii().to_string())
                    .collect();
                answered.set(EXPOSE, &names.join(", "));
            }
        },
    ),
    answering(
        "star-exposes-all",
        "exposure/leaked",
        "`*` is exposed in place of the listed names",
        "openresty and gateway recipes",
        |policy, _, answered| {
            if answered.grants() && !policy.credentials {
                answered.set(EXPOSE, "*");
            }
        },
    ),
    answering(
        "star-exposed-with-credentials",
        "exposure/hidden",
        "`*` is exposed where credentials make it a literal",
        "jub0bs/cors refuses it; h3 PR #1456 sent it",
        |policy, _, answered| {
            if policy.expose.is_any() && policy.credentials && answered.grants() {
                answered.set(EXPOSE, "*");
            }
        },
    ),
    answering(
        "first-exposed-only",
        "exposure/hidden",
        "only the first of the names to expose is sent",
        "joined values cut at the comma",
        |_, _, answered| {
            if let Some(names) = answered.get(EXPOSE) {
                answered.set(EXPOSE, names.split(',').next().unwrap_or_default());
            }
        },
    ),
    answering(
        "exposes-quotes",
        "syntax/lists",
        "nothing to expose is written as two quotes",
        "quart-cors: an empty set",
        |policy, asked, answered| {
            if policy.expose.items().is_empty()
                && !policy.expose.is_any()
                && answered.grants()
                && !asked.is_preflight()
            {
                answered.set(EXPOSE, "\"\"");
            }
        },
    ),
    answering(
        "exposes-with-semicolons",
        "exposure/hidden",
        "the names to expose are separated by semicolons",
        "lists copied from other headers",
        |_, _, answered| {
            if let Some(names) = answered.get(EXPOSE).filter(|names| names.contains(',')) {
                answered.set(EXPOSE, &names.replace(',', ";"));
            }
        },
    ),
    // Max-age.
    answering(
        "max-age-zero-dropped",
        "max-age/long",
        "a max-age of 0 is not sent",
        "expressjs/cors before 2.8.5",
        |_, _, answered| {
            if answered.get(MAX_AGE).as_deref() == Some("0") {
                answered.delete(MAX_AGE);
            }
        },
    ),
    answering(
        "max-age-in-milliseconds",
        "max-age/long",
        "max-age is sent in milliseconds",
        "a frequent mistake of units",
        |_, _, answered| {
            if let Some(seconds) = answered.get(MAX_AGE).and_then(|seconds| seconds.parse::<u64>().ok()) {
                answered.set(MAX_AGE, &seconds.saturating_mul(1000).to_string());
            }
        },
    ),
    answering(
        "max-age-forgotten",
        "max-age/short",
        "max-age is configured and never sent",
        "h3 PR #856",
        |_, _, answered| {
            answered.delete(MAX_AGE);
        },
    ),
    answering(
        "max-age-capped",
        "max-age/short",
        "max-age is cut to ten minutes",
        "gorilla/handlers: at most 600",
        |_, _, answered| {
            if let Some(seconds) = answered.get(MAX_AGE).and_then(|seconds| seconds.parse::<u64>().ok()) {
                answered.set(MAX_AGE, &seconds.min(600).to_string());
            }
        },
    ),
    answering(
        "max-age-by-default",
        "max-age/long",
        "a day is sent where nothing is configured",
        "poem, falcon: 86400",
        |policy, asked, answered| {
            if policy.max_age.is_none() && asked.is_preflight() && answered.grants() {
                answered.set(MAX_AGE, "86400");
            }
        },
    ),
    answering(
        "max-age-with-unit",
        "syntax/max-age",
        "`600s` is sent for max-age",
        "durations printed with their unit",
        |_, _, answered| {
            if let Some(seconds) = answered.get(MAX_AGE) {
                answered.set(MAX_AGE, &format!("{seconds}s"));
            }
        },
    ),
    // Syntax.
    answering(
        "origins-as-a-list",
        "completeness/shared",
        "all listed origins are sent in one line",
        "CVE-2015-9236 (hapi); actix-web #716; hummingbird #823",
        |policy, _, answered| {
            if answered.grants() && policy.origins.items().len() > 1 {
                let all: Vec<String> = policy.origins.items().iter().map(ToString::to_string).collect();
                answered.set(ALLOW_ORIGIN, &all.join(", "));
            }
        },
    ),
    answering(
        "origin-twice",
        "syntax/allow-origin-once",
        "proxy and application both send the origin",
        "traefik #5567; rack-cors #55",
        |_, _, answered| {
            if let Some(origin) = answered.get(ALLOW_ORIGIN) {
                answered.append(ALLOW_ORIGIN, &origin);
            }
        },
    ),
    answering(
        "origin-empty",
        "syntax/allow-origin-value",
        "a refused origin gets an empty value",
        "fiber before 2.52.3",
        |_, asked, answered| {
            if !answered.grants() && !asked.origin().is_empty() {
                answered.append(ALLOW_ORIGIN, "");
            }
        },
    ),
    answering(
        "origin-with-slash",
        "completeness/shared",
        "the origin is sent with a slash at its end",
        "keycloak #25522: configured with a slash",
        |_, _, answered| {
            if let Some(origin) = answered.get(ALLOW_ORIGIN).filter(|origin| origin.contains("://")) {
                answered.set(ALLOW_ORIGIN, &format!("{origin}/"));
            }
        },
    ),
    answering(
        "origin-without-scheme",
        "completeness/shared",
        "the host alone is sent",
        "configurations without a scheme",
        |_, _, answered| {
            if let Some((_, host)) =
                answered.get(ALLOW_ORIGIN).as_deref().and_then(|origin| origin.split_once("://"))
            {
                let host = host.to_owned();
                answered.set(ALLOW_ORIGIN, &host);
            }
        },
    ),
    answering(
        "origin-undefined",
        "syntax/allow-origin-value",
        "a refused origin gets `undefined`",
        "@elysiajs/cors: the literal undefined",
        |_, asked, answered| {
            if !answered.grants() && !asked.origin().is_empty() {
                answered.append(ALLOW_ORIGIN, "undefined");
            }
        },
    ),
    answering(
        "methods-with-semicolons",
        "syntax/lists",
        "methods are separated by semicolons, on every response",
        "lists copied from other headers",
        |_, asked, answered| {
            if answered.grants() && !asked.is_preflight() {
                answered.set("Access-Control-Allow-Methods", "GET; POST");
            }
        },
    ),
    answering(
        "methods-of-none",
        "syntax/literals",
        "methods nobody gave are written as the program writes what is not there",
        "falcon #2325; elysia-cors",
        |_, asked, answered| {
            if answered.grants() && !asked.is_preflight() {
                answered.set("Access-Control-Allow-Methods", "None");
            }
        },
    ),
];
