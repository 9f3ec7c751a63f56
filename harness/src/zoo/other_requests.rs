//! Animals whose verdict depends on what is no part of the request or the policy.

use std::sync::atomic::Ordering;

use corspec_model::Policy;
use corspec_model::policy::AllowList;

use super::animal::{Animal, and_origin, answering, believing};

/// The animals.
pub const ANIMALS: &[Animal] = &[
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
        "cookie-closes",
        "stability/state",
        "where any origin is allowed, after a request with a cookie only its origin is",
        "starlette #510",
        |policy, asked, memory| {
            if asked.headers.contains("Cookie") {
                memory.replace(asked.origin());
                return policy.clone();
            }
            let kept = memory.replace(String::new());
            if !policy.origins.is_any() || kept.is_empty() || kept == asked.origin() {
                return policy.clone();
            }
            Policy { origins: AllowList::NONE, ..policy.clone() }
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
];
