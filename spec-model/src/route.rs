//! Paths with policies of their own.

use crate::policy::Policy;

/// A policy for some paths of a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// Which paths: exactly this one, or with `/*` at its end everything below it. Case-sensitive.
    pub path: Box<str>,
    /// What holds there; its own routes do not count.
    pub policy: Policy,
}

impl Route {
    /// How specific the route is for a [resolved path](resolved_path); `None` when it is for other paths.
    ///
    /// An exact path is more specific than everything below one, and a longer one than a shorter one.
    fn specificity(&self, resolved: &[u8]) -> Option<(bool, usize)> {
        match self.path.strip_suffix('*').filter(|folder| folder.ends_with('/')) {
            Some(folder) => resolved.starts_with(folder.as_bytes()).then_some((false, folder.len())),
            None => (resolved == self.path.as_bytes()).then_some((true, self.path.len())),
        }
    }
}

/// The policy of the most specific route for a path as it is written in a URL; `policy` itself when there is none.
pub fn policy_for_path<'a>(policy: &'a Policy, path: &str) -> &'a Policy {
    if policy.routes.is_empty() {
        return policy;
    }
    let resolved = resolved_path(path);
    policy
        .routes
        .iter()
        .filter_map(|route| Some((route.specificity(&resolved)?, route)))
        .max_by_key(|(specificity, _)| *specificity)
        .map_or(policy, |(_, route)| &route.policy)
}

/// What a path names: percent-decoded, without `.` and `..` segments (RFC 3986, sections 2.3 and 5.2.4).
///
/// `%2F` stays: an encoded slash does not separate segments. `+` is a plus sign.
pub fn resolved_path(path: &str) -> Vec<u8> {
    let mut segments: Vec<Vec<u8>> = Vec::new();
    let mut parts = path.split('/').skip(usize::from(path.starts_with('/'))).peekable();
    while let Some(part) = parts.next() {
        let segment = percent_decode(part);
        let last = parts.peek().is_none();
        match &*segment {
            b"." | b".." => {
                if *segment == *b".." {
                    segments.pop();
                }
                if last {
                    segments.push(Vec::new());
                }
            }
            _ => segments.push(segment),
        }
    }
    let mut resolved = Vec::with_capacity(path.len());
    for segment in segments {
        resolved.push(b'/');
        resolved.extend_from_slice(&segment);
    }
    resolved
}

fn percent_decode(segment: &str) -> Vec<u8> {
    let mut rest = segment.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    while let Some((&byte, after)) = rest.split_first() {
        let octet = (byte == b'%')
            .then(|| after.get(..2))
            .flatten()
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match octet {
            Some(octet) if octet != b'/' => {
                decoded.push(octet);
                rest = &after[2..];
            }
            _ => {
                decoded.push(byte);
                rest = after;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_resolved_to_what_it_names() {
        for (path, resolved) in [
            ("/a/b", "/a/b"),
            ("/", "/"),
            ("/a/", "/a/"),
            ("/a/../b", "/b"),
            ("/a/%2e%2E/b", "/b"),
            ("/../b", "/b"),
            ("/a/.", "/a/"),
            ("/a/b/..", "/a/"),
            ("/%61/b", "/a/b"),
            ("/a%2Fb", "/a%2Fb"),
            ("/a+b", "/a+b"),
            ("/a%zz", "/a%zz"),
            ("/a%", "/a%"),
            ("/a//b", "/a//b"),
        ] {
            assert_eq!(String::from_utf8(resolved_path(path)).unwrap(), resolved, "{path}");
        }
    }

    #[test]
    fn the_most_specific_route_counts() {
        let route = |path: &str, max_age| Route {
            path: path.into(),
            policy: Policy { max_age: Some(max_age), ..Policy::default() },
        };
        let policy = Policy {
            routes: vec![route("/a/*", 1), route("/a/b/*", 2), route("/a/b/c", 3), route("/a/*/c", 4)],
            ..Policy::default()
        };
        for (path, max_age) in [
            ("/a/x", Some(1)),
            ("/a/", Some(1)),
            ("/a", None),
            ("/A/x", None),
            ("/ab", None),
            ("/a/b/x", Some(2)),
            ("/a/b/c", Some(3)),
            ("/a/b/c/", Some(2)),
            ("/a/../x", None),
            ("/x/%2e%2e/a/x", Some(1)),
            ("/a/*/c", Some(4)),
        ] {
            assert_eq!(policy_for_path(&policy, path).max_age, max_age, "{path}");
        }
    }
}
