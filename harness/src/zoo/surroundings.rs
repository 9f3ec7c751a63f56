//! Animals that get on badly with what is around them: caches, the application, odd requests, other requests, paths.

use std::hint::black_box;
use std::sync::atomic::Ordering;

use corspec_model::Policy;
use corspec_model::policy::AllowList;
use corspec_model::route::resolved_path;

use super::animal::{Animal, Asked, Bug, CORRECT, and_origin, answering, believing};

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const REQUEST_HEADERS: &str = "Access-Control-Request-Headers";

const fn routing(
    name: &'static str,
    breaks: &'static str,
    does: &'static str,
    source: &'static str,
    routes: fn(&Policy, &Asked) -> Policy,
) -> Animal {
    Animal { name, does, source, breaks: Some(breaks), bug: Bug { routes, ..CORRECT } }
}

/// The policy of the longest route whose path `matches`.
fn routed(site: &Policy, matches: impl Fn(&str) -> bool) -> Policy {
    let matching = site.routes.iter().filter(|route| matches(&route.path));
    matching.max_by_key(|route| route.path.len()).map_or(site, |route| &route.policy).clone()
}

/// Whether a route's path, exact or ending in `*`, is the start of `path` or the whole of it.
fn covers(route: &str, path: &str) -> bool {
    match route.strip_suffix('*') {
        Some(folder) => path.starts_with(folder),
        None => path == route,
    }
}

fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// The animals.
pub const ANIMALS: &[Animal] = &[
    // Caches.
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
    // The application.
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
        "own-pages-denied-nothing-said",
        "transparency/body",
        "a request without Origin gets an empty body",
        "filters that answer for the application",
        |_, asked, answered| {
            if asked.origin().is_empty() {
                answered.body.clear();
            }
        },
    ),
    // Odd requests.
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
    // Other requests.
    believing(
        "last-origin-kept",
        "stability/state",
        "the origin that was allowed last is allowed again for whoever comes next",
        "a stale allow-list between requests: rs/cors #198",
        |policy, asked, memory| {
            let origin = asked.origin();
            let allowed = policy.allows_origin(origin.as_bytes());
            let last = memory.replace(if allowed { origin.clone() } else { String::new() });
            if !allowed && !last.is_empty() && !origin.is_empty() {
                and_origin(policy, origin)
            } else {
                policy.clone()
            }
        },
    ),
    believing(
        "refused-after-refusal",
        "stability/state",
        "after a stranger the next origin is refused too",
        "gorilla/handlers 50ee3c3: state shared by handlers",
        |policy, asked, memory| {
            let origin = asked.origin();
            let stranger = !origin.is_empty() && !policy.allows_origin(origin.as_bytes());
            let last = memory.replace(if stranger { "stranger".to_owned() } else { String::new() });
            if last.is_empty() {
                policy.clone()
            } else {
                Policy { origins: AllowList::NONE, ..policy.clone() }
            }
        },
    ),
    believing(
        "every-third-refused",
        "stability/repetition",
        "every third request is refused",
        "jub0bs/cors #14: shared slices changed by handlers",
        |policy, _, memory| {
            let policy = policy.clone();
            let count = memory.requests.fetch_add(1, Ordering::Relaxed);
            if count % 3 == 2 { Policy { origins: AllowList::NONE, ..policy } } else { policy }
        },
    ),
    believing(
        "last-entry-wins",
        "stability/configuration",
        "a later entry hides earlier ones of the same length",
        "jub0bs/cors #12: valid origins refused by the tree",
        |policy, asked, _| {
            let policy = policy.clone();
            let origin = asked.origin();
            let same_length =
                |listed: &&corspec_model::policy::OriginPattern| listed.to_string().len() == origin.len();
            let last = policy.origins.items().iter().rfind(same_length).map(ToString::to_string);
            if last.is_some_and(|last| last != origin) && policy.origins.items().len() > 2 {
                Policy { origins: AllowList::NONE, ..policy }
            } else {
                policy
            }
        },
    ),
    answering(
        "whole-urls-unknown",
        "stability/form",
        "a request line with the whole URL finds no rule",
        "rules matched against the request line as it is: http-garden",
        |_, asked, answered| {
            if asked.absolute_form {
                answered.delete_cors();
            }
        },
    ),
    answering(
        "http10-unknown",
        "stability/form",
        "HTTP/1.0 gets no CORS headers",
        "filters that skip old clients",
        |_, asked, answered| {
            if asked.http10 {
                answered.delete_cors();
            }
        },
    ),
    // Paths.
    routing(
        "raw-path",
        "routing/blocked",
        "rules are matched against the path with its dot segments",
        "CVE-2020-25032 (flask-cors), CVE-2019-18978 (rack-cors)",
        |site, asked| routed(site, |route| covers(route, &asked.path)),
    ),
    routing(
        "path-case-folded",
        "routing/granted",
        "rules are matched without regard to case",
        "CVE-2024-6866 (flask-cors)",
        |site, asked| {
            let path = text(&resolved_path(&asked.path)).to_lowercase();
            routed(site, |route| covers(&route.to_lowercase(), &path))
        },
    ),
    routing(
        "plus-is-a-space",
        "routing/blocked",
        "a plus sign in a path is read as a space",
        "CVE-2024-6844 (flask-cors)",
        |site, asked| {
            let path = text(&resolved_path(&asked.path)).replace('+', " ");
            routed(site, |route| covers(route, &path))
        },
    ),
    routing(
        "first-rule-wins",
        "routing/granted",
        "of several rules the first that matches holds",
        "CVE-2024-6839 (flask-cors): a less specific rule wins",
        |site, asked| {
            let path = text(&resolved_path(&asked.path));
            let first = site.routes.iter().find(|route| covers(&route.path, &path));
            first.map_or(site, |route| &route.policy).clone()
        },
    ),
    routing(
        "rule-is-a-prefix",
        "routing/granted",
        "a rule for a folder holds for every path that starts like it",
        "patterns without an anchor",
        |site, asked| {
            let path = text(&resolved_path(&asked.path));
            routed(site, |route| path.starts_with(route.trim_end_matches(['*', '/'])))
        },
    ),
    routing(
        "slash-at-the-end",
        "routing/granted",
        "a slash at the end of a path makes no difference",
        "routers that redirect or ignore it",
        |site, asked| {
            let path = text(&resolved_path(&asked.path));
            let same = site
                .routes
                .iter()
                .find(|route| route.path.trim_end_matches('/') == path.trim_end_matches('/'));
            same.map_or_else(|| site.at(&asked.path).clone(), |route| route.policy.clone())
        },
    ),
    routing(
        "dot-in-a-path",
        "routing/granted",
        "a dot in a rule stands for any character",
        "patterns taken for regular expressions",
        |site, asked| {
            let path = text(&resolved_path(&asked.path));
            let like = |route: &str| {
                route.len() == path.len() && route.bytes().zip(path.bytes()).all(|(a, b)| a == b || a == b'.')
            };
            let found = site.routes.iter().find(|route| like(&route.path));
            found.map_or_else(|| site.at(&asked.path).clone(), |route| route.policy.clone())
        },
    ),
    routing(
        "levels-merged",
        "routing/granted",
        "a route's policy is added to the site's instead of replacing it",
        "CVE-2015-9243 (hapi); gradio #10276",
        |site, asked| {
            let mut policy = site.at(&asked.path).clone();
            if let (AllowList::Only(own), AllowList::Only(all)) = (&mut policy.origins, &site.origins) {
                own.extend(all.iter().cloned());
            }
            policy
        },
    ),
    routing(
        "query-is-matched",
        "routing/granted",
        "a rule's path anywhere in the path counts",
        "patterns without an anchor at the start",
        |site, asked| {
            let path = text(&resolved_path(&asked.path));
            routed(site, |route| path.contains(route.trim_end_matches('*')))
        },
    ),
    routing(
        "preflights-by-site",
        "routing/granted",
        "a preflight is answered by the site's most open policy",
        "gateways that answer OPTIONS for all paths",
        |site, asked| {
            if asked.is_preflight() && !site.routes.is_empty() {
                let open = site
                    .routes
                    .iter()
                    .map(|route| &route.policy)
                    .find(|policy| !policy.methods.items().is_empty());
                let mut policy = open.unwrap_or(site).clone();
                policy.origins = AllowList::Any;
                return policy;
            }
            site.at(&asked.path).clone()
        },
    ),
];
