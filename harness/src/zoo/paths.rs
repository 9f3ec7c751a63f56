//! Animals that take the policy of another path.

use corspec_model::Policy;
use corspec_model::policy::AllowList;
use corspec_model::route::resolved_path;

use super::animal::{Animal, Asked, Bug, CORRECT};

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
