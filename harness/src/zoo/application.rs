//! Animals that change, hide or break what the application says.

use super::animal::{Animal, answering};

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";

/// The animals.
pub const ANIMALS: &[Animal] = &[
    answering(
        "errors-without-cors",
        "transparency/shared",
        "errors of the application get no CORS headers",
        "starlette #1116; dotnet/aspnetcore #2378; warp #518",
        |_, asked, answered| {
            if answered.response.status >= 400 && !asked.is_preflight() {
                answered.delete_cors();
            }
        },
    ),
    answering(
        "server-errors-without-cors",
        "transparency/shared",
        "server errors of the application get no CORS headers",
        "aspnet/CORS #90",
        |_, _, answered| {
            if answered.response.status >= 500 {
                answered.delete_cors();
            }
        },
    ),
    answering(
        "missing-pages-without-cors",
        "transparency/shared",
        "paths nobody serves get no CORS headers",
        "aiohttp-cors; blacksheep",
        |_, _, answered| {
            if answered.response.status == 404 {
                answered.delete_cors();
            }
        },
    ),
    answering(
        "redirects-without-cors",
        "transparency/shared",
        "redirects get no CORS headers",
        "redirects made outside the middleware",
        |_, _, answered| {
            if (300..304).contains(&answered.response.status) {
                answered.delete_cors();
            }
        },
    ),
    answering(
        "not-modified-without-cors",
        "transparency/shared",
        "304 gets no CORS headers",
        "caches and static file servers",
        |_, _, answered| {
            if answered.response.status == 304 {
                answered.delete_cors();
            }
        },
    ),
    answering(
        "head-without-cors",
        "transparency/shared",
        "HEAD gets no CORS headers",
        "routers that answer HEAD themselves",
        |_, asked, answered| {
            if asked.method == b"HEAD" {
                answered.delete_cors();
            }
        },
    ),
    answering(
        "ranges-without-cors",
        "transparency/shared",
        "partial content gets no CORS headers",
        "static file servers",
        |_, _, answered| {
            if answered.response.status == 206 {
                answered.delete_cors();
            }
        },
    ),
    answering(
        "own-header-added",
        "syntax/allow-origin-once",
        "a second origin is added to the application's own",
        "aspnet/CORS #129; flask-cors #215",
        |_, asked, answered| {
            if asked.path == "/cors" && answered.grants() {
                answered.append(ALLOW_ORIGIN, "https://own.example");
            }
        },
    ),
    answering(
        "cookies-dropped",
        "transparency/headers",
        "the application's cookies are dropped from shared responses",
        "proxies that strip Set-Cookie",
        |_, _, answered| {
            if answered.grants() {
                answered.delete("Set-Cookie");
            }
        },
    ),
    answering(
        "validators-dropped",
        "transparency/headers",
        "the application's ETag is dropped",
        "middlewares that rebuild the response",
        |_, _, answered| answered.delete("ETag"),
    ),
    answering(
        "errors-become-200",
        "transparency/status",
        "errors of the application arrive as 200",
        "gateways that answer for the application",
        |_, asked, answered| {
            if answered.response.status >= 400 && !asked.origin().is_empty() {
                answered.response.status = 200;
            }
        },
    ),
    answering(
        "stream-cut",
        "transparency/body",
        "only the first piece of a stream arrives",
        "middlewares that read the first chunk",
        |_, asked, answered| {
            if asked.path == "/stream" {
                answered.body.truncate(4);
            }
        },
    ),
    answering(
        "fails-without-origin",
        "transparency/status",
        "a request without Origin gets 500",
        "strapi #14675; cors_plug #73",
        |_, asked, answered| {
            if asked.origin().is_empty() {
                answered.response.status = 500;
            }
        },
    ),
    answering(
        "empty-without-origin",
        "transparency/body",
        "a request without Origin gets an empty body",
        "filters that answer for the application",
        |_, asked, answered| {
            if asked.origin().is_empty() {
                answered.body.clear();
            }
        },
    ),
];
