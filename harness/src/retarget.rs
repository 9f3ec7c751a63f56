//! Server vectors for a server whose one policy is given: the probes of the embedded vectors, asked of that policy.
//!
//! Each probe keeps its idea. An origin that stood for a configured one becomes the corresponding configured origin;
//! in a near miss the host it resembles is replaced; listed methods and headers become those of the policy. What the
//! policy means for the result is derived anew, so a probe can change sides, but is never judged wrongly.

use std::collections::HashSet;

use corspec_model::Policy;
use corspec_model::policy::OriginPattern;
use corspec_vectors::bytes::ByteString;
use corspec_vectors::meta::{Level, Reach};
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::{PolicyVerdict, ServerExpected, ServerRequest, ServerVector};

use crate::meaning;

/// The route of the fixed application that stands for the URL under test.
const ROUTE: &str = "/plain";

/// The embedded vectors, asked of `policy` at `path` (of the URL under test).
pub fn retarget(
    vectors: &[ServerVector],
    document: &PolicyDocument,
    policy: &Policy,
    path: &str,
) -> Vec<ServerVector> {
    let mut seen = HashSet::new();
    vectors
        .iter()
        .filter_map(|vector| {
            let from = vector.policy.to_policy().ok()?;
            let retargeted = one(vector, &Mapping { from: &from, to: policy, path }, document)?;
            let probe = corspec_vectors::canonical::line(&(
                &retargeted.request,
                retargeted.replay.as_deref(),
                &retargeted.remember,
                &retargeted.wire,
            ));
            seen.insert(probe.ok()?).then_some(retargeted)
        })
        .collect()
}

fn one(vector: &ServerVector, mapping: &Mapping<'_>, document: &PolicyDocument) -> Option<ServerVector> {
    let mut vector = vector.clone();
    vector.policy = document.clone();
    vector.meta.twin = None;
    if let Some(request) = &mut vector.request {
        mapping.apply(request)?;
    }
    for request in vector.replay.iter_mut().flat_map(|pair| pair.iter_mut()) {
        mapping.apply(request)?;
    }
    if let Some(remember) = &mut vector.remember {
        mapping.apply(&mut remember.request)?;
        // Only what the policy allows is remembered.
        let allowed =
            ServerVector { request: Some(remember.request.clone()), remember: None, ..vector.clone() };
        if !matches!(
            meaning::expected(&allowed).ok()?,
            ServerExpected::Request { verdict: PolicyVerdict::Allow, .. }
        ) {
            return None;
        }
    }
    if let Some(wire) = &mut vector.wire {
        mapping.path.clone_into(&mut wire.path);
    }
    let expected = meaning::expected(&vector).ok()?;
    if let ServerExpected::Request { verdict, .. } = &expected {
        let law = match verdict {
            PolicyVerdict::Deny => "soundness",
            PolicyVerdict::Allow if vector.law == "exposure" => "exposure",
            PolicyVerdict::Allow => "completeness",
        };
        if law != vector.law {
            law.clone_into(&mut vector.law);
            vector.meta.level = match (verdict, vector.meta.reach, vector.meta.level) {
                (_, _, Level::Check) => Level::Check,
                (PolicyVerdict::Deny, Reach::Browser, _) => Level::Security,
                (PolicyVerdict::Allow, Reach::Browser, _) => Level::Must,
                _ => Level::Interop,
            };
        }
        // The title names the origin, method or header of the embedded policy; the request says what is asked now.
        vector.meta.title = format!("{} (asked of the given policy)", vector.meta.title);
    }
    vector.expected = Some(expected);
    Some(vector)
}

/// From the policy a vector was written for to the policy of the server.
struct Mapping<'a> {
    from: &'a Policy,
    to: &'a Policy,
    path: &'a str,
}

impl Mapping<'_> {
    /// `None` when the probe asks for a route the server does not have.
    fn apply(&self, request: &mut ServerRequest) -> Option<()> {
        if request.path != ROUTE {
            return None;
        }
        self.path.clone_into(&mut request.path);
        if let Ok(origin) = std::str::from_utf8(&request.origin.0) {
            request.origin = ByteString::from(&*self.origin(origin));
        }
        if let Some(method) = &mut request.options.method {
            corresponding(self.from.methods.items(), self.to.methods.items(), &mut method.0);
        }
        for (name, _) in &mut request.options.headers {
            corresponding(self.from.request_headers.items(), self.to.request_headers.items(), &mut name.0);
        }
        Some(())
    }

    fn origin(&self, origin: &str) -> String {
        let (from, to) = (examples(self.from), examples(self.to));
        if to.is_empty() {
            return origin.to_owned();
        }
        if let Some(index) = from.iter().position(|example| *example == origin) {
            return to[index % to.len()].clone();
        }
        let host = |origin: &String| origin.split_once("://").map(|(_, host)| host.to_owned());
        let parent = |host: &str| host.split_once('.').map(|(_, parent)| parent.to_owned());
        let (Some(from), Some(to)) = (from.first().and_then(host), to.first().and_then(host)) else {
            return origin.to_owned();
        };
        if origin.contains(&from) {
            return origin.replace(&from, &to);
        }
        match (parent(&from), parent(&to)) {
            (Some(from), Some(to)) if from.contains('.') && to.contains('.') => origin.replace(&from, &to),
            _ => origin.to_owned(),
        }
    }
}

/// An origin for each entry of a policy that a tuple origin can match.
fn examples(policy: &Policy) -> Vec<String> {
    policy
        .origins
        .items()
        .iter()
        .filter_map(|pattern| match pattern {
            OriginPattern::Exact(origin) => Some(origin.to_string()),
            OriginPattern::Subdomains { scheme, suffix } => Some(format!("{scheme}app{suffix}")),
            OriginPattern::Null => None,
        })
        .collect()
}

/// Replaces an item of `from` by the item of `to` in the same place, if there is one.
fn corresponding(from: &[Box<str>], to: &[Box<str>], item: &mut Vec<u8>) {
    if let Some(index) = from.iter().position(|listed| listed.as_bytes().eq_ignore_ascii_case(item))
        && let Some(replacement) = to.get(index % to.len().max(1))
    {
        *item = replacement.as_bytes().to_vec();
    }
}
