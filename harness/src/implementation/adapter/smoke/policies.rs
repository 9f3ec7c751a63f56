//! The policies an adapter is tried with.

use corspec_vectors::policy::{ListDocument, PolicyDocument, Star};

use crate::implementation::Knob;

const ORIGIN: &str = "https://app.example.com";

fn one_origin(max_age: Option<u64>) -> PolicyDocument {
    PolicyDocument {
        origins: only(ORIGIN),
        credentials: false,
        methods: ListDocument::default(),
        request_headers: ListDocument::default(),
        expose: ListDocument::default(),
        max_age,
        routes: Vec::new(),
    }
}

fn only(item: &str) -> ListDocument {
    ListDocument::Only(vec![item.to_owned()])
}

/// Policies that need little, of those that these knobs suffice for; those that need least come first. Software that
/// always allows any method or request-header has no list, not even an empty one.
pub(super) fn servable(knobs: &[Knob]) -> Vec<PolicyDocument> {
    let any = || ListDocument::Any(Star::Star);
    let mut policies = Vec::new();
    for (methods, request_headers) in [
        (ListDocument::default(), ListDocument::default()),
        (ListDocument::default(), any()),
        (any(), ListDocument::default()),
        (any(), any()),
    ] {
        for origins in [only(ORIGIN), only("https://other.example.org"), any()] {
            for max_age in [None, Some(600), Some(0)] {
                let (methods, request_headers) = (methods.clone(), request_headers.clone());
                let origins = origins.clone();
                policies.push(PolicyDocument { origins, methods, request_headers, ..one_origin(max_age) });
            }
        }
    }
    policies.retain(|policy| needed_by(policy).iter().all(|knob| knobs.contains(knob)));
    policies
}

/// A policy for each knob that a policy can need, and all the knobs it needs.
pub(super) fn one_for_each_knob() -> Vec<(PolicyDocument, Vec<Knob>)> {
    let plain = || one_origin(Some(600));
    let with_credentials = || PolicyDocument { credentials: true, ..plain() };
    let any = || ListDocument::Any(Star::Star);
    let policies = [
        PolicyDocument { origins: any(), ..plain() },
        PolicyDocument { origins: any(), ..with_credentials() },
        PolicyDocument {
            origins: ListDocument::Only(vec![ORIGIN.into(), "https://other.example.org".into()]),
            ..plain()
        },
        PolicyDocument { origins: ListDocument::default(), ..plain() },
        PolicyDocument { origins: only("null"), ..plain() },
        PolicyDocument { origins: only("https://*.example.com"), ..plain() },
        with_credentials(),
        PolicyDocument { methods: only("PUT"), ..plain() },
        PolicyDocument { methods: any(), ..plain() },
        PolicyDocument { methods: any(), ..with_credentials() },
        PolicyDocument { request_headers: only("x-token"), ..plain() },
        PolicyDocument { request_headers: any(), ..plain() },
        PolicyDocument { request_headers: any(), ..with_credentials() },
        PolicyDocument { expose: only("etag"), ..plain() },
        PolicyDocument { expose: any(), ..plain() },
        PolicyDocument { expose: any(), ..with_credentials() },
        plain(),
        one_origin(Some(0)),
        one_origin(None),
    ];
    policies.into_iter().map(|policy| (policy.clone(), needed_by(&policy))).collect()
}

fn needed_by(policy: &PolicyDocument) -> Vec<Knob> {
    policy.to_policy().map(|policy| Knob::needed_by(&policy)).unwrap_or_default()
}

/// The policy as JSON.
pub(super) fn shown(policy: &PolicyDocument) -> String {
    serde_json::to_string(policy).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_policy_for_each_knob_but_routes() {
        let tried: Vec<Knob> = one_for_each_knob().into_iter().flat_map(|(_, needed)| needed).collect();
        for knob in [
            Knob::OriginsAny,
            Knob::OriginsAnyWithCredentials,
            Knob::OriginsList,
            Knob::OriginsNull,
            Knob::OriginsSubdomains,
            Knob::Credentials,
            Knob::MethodsList,
            Knob::MethodsAny,
            Knob::MethodsAnyWithCredentials,
            Knob::RequestHeadersList,
            Knob::RequestHeadersAny,
            Knob::RequestHeadersAnyWithCredentials,
            Knob::ExposeList,
            Knob::ExposeAny,
            Knob::ExposeAnyWithCredentials,
            Knob::MaxAge,
            Knob::MaxAgeZero,
            Knob::MaxAgeAbsent,
        ] {
            assert!(tried.contains(&knob), "{knob}");
        }
    }

    #[test]
    fn every_policy_needs_a_way_to_say_how_long() {
        assert!(servable(&[Knob::OriginsAny]).is_empty());
        let policies = servable(&[Knob::MaxAge]);
        assert_eq!(policies.len(), 2);
        assert!(policies.iter().all(|policy| policy.max_age == Some(600)));
    }
}
