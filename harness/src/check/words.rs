//! A policy in words.

use corspec_model::Policy;
use corspec_model::policy::{AllowList, OriginPattern};

/// The policy as somebody would say it: `any subdomain of example.com over https, credentials, PUT and DELETE, cached 10
/// min`.
pub fn in_words(policy: &Policy) -> String {
    let origins = match &policy.origins {
        AllowList::Any => "any origin".to_owned(),
        AllowList::Only(patterns) if patterns.is_empty() => return "no other origin is let in".to_owned(),
        AllowList::Only(patterns) => joined(patterns.iter().map(origin).collect()),
    };
    let mut parts = vec![origins];
    parts.push(if policy.credentials { "credentials" } else { "no credentials" }.to_owned());
    parts.extend(list(&policy.methods, "any method", joined));
    parts.extend(list(&policy.request_headers, "any request header", |names| {
        format!("with {}", joined(names))
    }));
    parts.extend(list(&policy.expose, "every response header readable", |names| {
        format!("{} readable", joined(names))
    }));
    parts.extend(policy.max_age.map(|seconds| format!("cached {}", duration(seconds))));
    parts.join(", ")
}

fn origin(pattern: &OriginPattern) -> String {
    match pattern {
        OriginPattern::Exact(origin) => origin.to_string(),
        OriginPattern::Null => "null".to_owned(),
        OriginPattern::Subdomains { scheme, suffix } => format!(
            "any subdomain of {} over {}",
            suffix.trim_start_matches('.'),
            scheme.trim_end_matches("://")
        ),
    }
}

fn list(list: &AllowList<Box<str>>, any: &str, some: impl Fn(Vec<String>) -> String) -> Option<String> {
    match list {
        AllowList::Any => Some(any.to_owned()),
        AllowList::Only(names) if names.is_empty() => None,
        AllowList::Only(names) => Some(some(names.iter().map(ToString::to_string).collect())),
    }
}

/// `a, b and c`.
fn joined(mut names: Vec<String>) -> String {
    match names.pop() {
        None => String::new(),
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0 => "not at all".to_owned(),
        s if s % 86400 == 0 => format!("{} d", s / 86400),
        s if s % 3600 == 0 => format!("{} h", s / 3600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

#[cfg(test)]
mod tests {
    use corspec_vectors::policy::PolicyDocument;

    use super::*;

    fn words(policy: &str) -> String {
        in_words(&serde_json::from_str::<PolicyDocument>(policy).unwrap().to_policy().unwrap())
    }

    #[test]
    fn policies_are_said_as_people_say_them() {
        assert_eq!(
            words(
                r#"{"origins": ["https://*.example.com"], "credentials": true, "methods": ["PUT", "DELETE"], "max_age": 600}"#
            ),
            "any subdomain of example.com over https, credentials, PUT and DELETE, cached 10 min"
        );
        assert_eq!(
            words(r#"{"origins": "*", "expose": "*"}"#),
            "any origin, no credentials, every response header readable"
        );
        assert_eq!(
            words(
                r#"{"origins": ["https://a.example", "null"], "request_headers": ["x-a", "x-b", "x-c"], "max_age": 0}"#
            ),
            "https://a.example and null, no credentials, with x-a, x-b and x-c, cached not at all"
        );
        assert_eq!(words(r#"{"origins": [], "max_age": 7}"#), "no other origin is let in");
    }
}
