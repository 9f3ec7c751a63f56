//! Server vectors for a server whose one policy is given.
//!
//! Two kinds of probes are asked of that policy. Near misses (in `near_misses.rs`) are made from each of its own origins. The
//! other embedded vectors (methods, headers, credentials, exposure, caching, max-age) keep their idea: an origin that
//! stood for a configured one becomes the corresponding configured origin, and listed methods and headers become those
//! of the policy. What the policy means for each is derived anew, so a probe can change sides but is never judged by the
//! policy it was written for; one whose idea is lost on the way is left out.

pub(crate) mod near_misses;

use std::collections::HashMap;

use corspec_model::Policy;
use corspec_model::methods::is_cors_safelisted_method;
use corspec_model::origin_header::is_origin_or_null;
use corspec_model::policy::OriginPattern;
use corspec_model::request_headers::is_forbidden_request_header;
use corspec_vectors::bytes::ByteString;
use corspec_vectors::meta::{Level, Reach};
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::{PolicyVerdict, ServerExpected, ServerRequest, ServerVector};

use crate::meaning;

/// The route of the fixed application that stands for the URL under test.
const ROUTE: &str = "/plain";

/// The probes for `policy`, at `path` of the URL under test.
pub fn retarget(
    vectors: &[ServerVector],
    document: &PolicyDocument,
    policy: &Policy,
    path: &str,
) -> Vec<ServerVector> {
    let mut retargeted: Vec<ServerVector> = vectors
        .iter()
        .filter_map(|vector| {
            let from = vector.policy.to_policy().ok()?;
            one(vector, &Mapping { from: &from, to: policy, path }, document)
        })
        .collect();
    if let Some(pattern) = vectors.iter().find(|vector| vector.request.is_some()) {
        retargeted.extend(near_misses::vectors(pattern, document, policy, path));
    }
    without_repetition(retargeted)
}

/// Of vectors that ask the same, the most binding one.
fn without_repetition(vectors: Vec<ServerVector>) -> Vec<ServerVector> {
    let mut kept: Vec<ServerVector> = Vec::new();
    let mut by_probe: HashMap<String, usize> = HashMap::new();
    for vector in vectors {
        let probe = (
            &vector.request,
            vector.replay.as_deref(),
            &vector.remember,
            &vector.wire,
            &vector.raw,
            &vector.stability,
            &vector.law,
        );
        let Ok(probe) = corspec_vectors::canonical::line(&probe) else { continue };
        match by_probe.get(&probe) {
            Some(&index) if vector.meta.level < kept[index].meta.level => kept[index] = vector,
            Some(_) => {}
            None => {
                by_probe.insert(probe, kept.len());
                kept.push(vector);
            }
        }
    }
    kept
}

fn one(vector: &ServerVector, mapping: &Mapping<'_>, document: &PolicyDocument) -> Option<ServerVector> {
    let before = meaning::expected(vector).ok()?;
    let routed = !vector.policy.routes.is_empty();
    let mut vector = vector.clone();
    vector.policy = document.clone();
    vector.meta.twin = None;
    if let Some(request) = &mut vector.request {
        mapping.apply(request)?;
    }
    for request in vector.replay.iter_mut().flat_map(|pair| pair.iter_mut()) {
        mapping.apply(request)?;
    }
    if vector.replay.as_ref().is_some_and(|pair| pair[0].origin == pair[1].origin) {
        return None;
    }
    if let Some(remember) = &mut vector.remember {
        // Nothing was said of max-age, or nothing of this would be remembered.
        mapping.to.max_age?;
        mapping.apply(&mut remember.request)?;
        let asked =
            ServerVector { request: Some(remember.request.clone()), remember: None, ..vector.clone() };
        if !matches!(
            meaning::expected(&asked).ok()?,
            ServerExpected::Request { verdict: PolicyVerdict::Allow, preflight: true, .. }
        ) {
            return None;
        }
    }
    for request in vector.stability.iter_mut().flat_map(|probe| probe.requests_mut()) {
        mapping.apply(request)?;
    }
    // The order of a configuration we do not write cannot be changed, and what the application says is not known.
    if vector.stability.as_ref().is_some_and(|probe| probe.permuted) || vector.law == "transparency" || routed
    {
        return None;
    }
    if let Some(wire) = &mut vector.wire {
        mapping.path.clone_into(&mut wire.path);
    }
    let expected = meaning::expected(&vector).ok()?;
    if let (ServerExpected::Request { verdict, .. }, ServerExpected::Request { verdict: was, .. }) =
        (&expected, &before)
        && verdict != was
    {
        set_law(&mut vector, *verdict);
        let request = vector.request.as_ref()?;
        // Its title and its level were about the other side, and a form nobody sends says nothing on this one.
        if !request.on_wire.is_empty()
            || (*verdict == PolicyVerdict::Allow && !is_origin_or_null(&request.origin.0))
        {
            return None;
        }
        vector.meta.title = format!("the probe of {}", vector.meta.id);
    }
    vector.expected = Some(expected);
    Some(vector)
}

/// The law and the level that follow from what the policy says of a request.
pub(crate) fn set_law(vector: &mut ServerVector, verdict: PolicyVerdict) {
    let (law, level) = meaning::law_of(verdict);
    law.clone_into(&mut vector.law);
    if vector.meta.level != Level::Check {
        vector.meta.level = if vector.meta.reach == Reach::Browser { level } else { Level::Interop };
    }
}

/// From the policy a vector was written for to the policy of the server.
struct Mapping<'a> {
    from: &'a Policy,
    to: &'a Policy,
    path: &'a str,
}

impl Mapping<'_> {
    /// `None` when the probe asks for a route the server does not have, or for an origin that only means something
    /// under the policy it was written for.
    fn apply(&self, request: &mut ServerRequest) -> Option<()> {
        if request.path != ROUTE {
            return None;
        }
        self.path.clone_into(&mut request.path);
        let origin = std::str::from_utf8(&request.origin.0).ok()?;
        request.origin = ByteString::from(&*self.origin(origin)?);
        if !request.on_wire.is_empty()
            && (self.from.methods != self.to.methods || self.from.request_headers != self.to.request_headers)
        {
            // The lines on the wire name methods and headers of the other policy.
            return None;
        }
        if let Some(method) = &mut request.options.method {
            let (from, to) = (unsafe_methods(self.from), unsafe_methods(self.to));
            corresponding(&from, &to, &mut method.0);
        }
        for (name, _) in &mut request.options.headers {
            let (from, to) = (settable_headers(self.from), settable_headers(self.to));
            corresponding(&from, &to, &mut name.0);
        }
        Some(())
    }

    fn origin(&self, origin: &str) -> Option<String> {
        let (from, to) = (examples(self.from), examples(self.to));
        if let Some(index) = from.iter().position(|example| *example == origin) {
            return Some(if to.is_empty() { origin.to_owned() } else { to[index % to.len()].clone() });
        }
        // The server itself, opaque origins and plain strangers are the same under every policy.
        matches!(origin, "self" | "null" | "https://attacker.test").then(|| origin.to_owned())
    }
}

/// An origin for each entry of a policy that a tuple origin can match.
pub(crate) fn examples(policy: &Policy) -> Vec<String> {
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

/// The methods of a policy that need it: `GET` and the like are allowed in any case.
fn unsafe_methods(policy: &Policy) -> Vec<&str> {
    policy
        .methods
        .items()
        .iter()
        .map(|method| &**method)
        .filter(|m| !is_cors_safelisted_method(m.as_bytes()))
        .collect()
}

/// The request-headers of a policy that an author can set.
fn settable_headers(policy: &Policy) -> Vec<&str> {
    let names = policy.request_headers.items().iter().map(|name| &**name);
    names.filter(|name| !is_forbidden_request_header(name.as_bytes(), b"")).collect()
}

/// Replaces an item of `from` by the item of `to` in the same place, if there is one.
fn corresponding(from: &[&str], to: &[&str], item: &mut Vec<u8>) {
    if let Some(index) = from.iter().position(|listed| listed.as_bytes().eq_ignore_ascii_case(item))
        && let Some(replacement) = to.get(index % to.len().max(1))
    {
        *item = replacement.as_bytes().to_vec();
    }
}
