//! Animals whose answers a cache hands to the wrong reader.

use super::animal::{Animal, answering};

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";

/// The animals.
pub const ANIMALS: &[Animal] = &[
    answering(
        "vary-never",
        "caching/blocked",
        "Vary is never sent",
        "aiohttp-cors #351; CVE-2017-7674 (Tomcat)",
        |_, _, answered| answered.delete("Vary"),
    ),
    answering(
        "vary-only-when-allowed",
        "caching/blocked",
        "a refused origin gets no Vary",
        "expressjs/cors #106",
        |_, _, answered| {
            if !answered.grants() {
                answered.delete("Vary");
            }
        },
    ),
    answering(
        "vary-only-with-origin",
        "caching/blocked",
        "a request without Origin gets no Vary",
        "spring-framework #22273; jetty #1927",
        |_, asked, answered| {
            if asked.origin().is_empty() {
                answered.delete("Vary");
            }
        },
    ),
    answering(
        "vary-not-on-errors",
        "caching/blocked",
        "errors get no Vary",
        "koajs/cors #31",
        |_, _, answered| {
            if answered.response.status >= 400 {
                answered.delete("Vary");
            }
        },
    ),
    answering(
        "vary-names-another-header",
        "caching/blocked",
        "Vary names the response's header instead of the request's",
        "actix-extras PR #369",
        |_, _, answered| {
            if answered.get("Vary").is_some() {
                answered.set("Vary", ALLOW_ORIGIN);
            }
        },
    ),
    answering(
        "vary-overwritten",
        "transparency/vary",
        "the application's own Vary is replaced",
        "tower-http #398; sanic-cors #62; Play #7850",
        |_, _, answered| {
            if answered.get("Vary").is_some() {
                answered.set("Vary", "Origin");
            }
        },
    ),
    answering(
        "star-without-origin",
        "caching/granted",
        "a request without Origin gets `*` although origins are listed, and no Vary",
        "h3 1: the answer to no-Origin requests; sanic-ext",
        |_, asked, answered| {
            if asked.origin().is_empty() {
                answered.set(ALLOW_ORIGIN, "*");
                answered.delete("Vary");
            }
        },
    ),
];
