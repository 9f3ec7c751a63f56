//! Server vectors made of bytes.
//!
//! Whatever the bytes, what comes out makes sense: [`policy`] reads a policy, [`probe`] a probe of it. The alphabets are
//! small, so that equality and near misses happen, and every choice takes a byte or none, so that a change of one byte
//! changes one thing. Missing bytes choose the simplest.
//!
//! Legal variety is left out on purpose: what a conforming server may answer in more than one way is no probe. The level of
//! a vector is that of the hand-typed ones of its kind.
//!
//! | part | module |
//! |---|---|
//! | the alphabets | `words` |
//! | policies, with routes | `policies` |
//! | origins: allowed, near misses, strangers | `origins` |
//! | paths, near misses of those with policies of their own | `paths` |
//! | client requests | `requests` |
//! | probes no page makes: by hand and byte by byte | `wire` |
//! | what must not change a verdict | `twists` |

mod origins;
mod paths;
mod policies;
mod requests;
mod twists;
mod wire;
mod words;

use arbitrary::{Result, Unstructured};
use corspec_model::Policy;
use corspec_model::origin_header::is_origin_or_null;
use corspec_vectors::meta::{Level, Meta, Reach};
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::{PolicyVerdict, Remember, ServerExpected, ServerRequest, ServerVector};

use crate::laws::sharing::asks_for_private_network;
use crate::{meaning, retarget};

pub use policies::policy;

/// The id of a vector that was not yet found to show anything.
pub const ID: &str = "fuzz/probe";

/// A policy and a probe of it; `None` when the bytes make a probe that says nothing.
///
/// # Errors
/// Never for want of bytes; only what [`arbitrary`] itself refuses.
pub fn vector(u: &mut Unstructured<'_>) -> Result<Option<ServerVector>> {
    let document = policy(u)?;
    let Ok(policy) = document.to_policy() else { return Ok(None) };
    probe(u, &document, &policy)
}

/// A probe of a policy; `None` when the bytes make one that says nothing: a request the API throws at, or one that a
/// conforming server may answer either way.
///
/// # Errors
/// As [`vector`].
pub fn probe(
    u: &mut Unstructured<'_>,
    document: &PolicyDocument,
    policy: &Policy,
) -> Result<Option<ServerVector>> {
    let meta = Meta {
        id: ID.to_owned(),
        title: "generated".to_owned(),
        level: Level::Must,
        citations: vec!["cors-protocol".to_owned()],
        source: "corspec fuzz".to_owned(),
        importance: None,
        reach: Reach::Browser,
        twin: None,
        accept: Vec::new(),
        note: None,
    };
    let draft = ServerVector::without_probe(meta, String::new(), document.clone());
    // These laws look at the policy of the whole site.
    let routed = !policy.routes.is_empty();
    let made = match u.int_in_range(0..=31)? {
        16..=18 if !routed => remember(u, policy, draft)?,
        19..=21 if !routed => replay(u, policy, draft)?,
        22..=23 if !routed => Some(wire::classification(u, policy, draft)?),
        24 if !routed => Some(wire::transparency(u, draft)?),
        25..=26 if !routed => Some(wire::robustness(u, policy, draft)?),
        27 if !routed => Some(wire::bytes(u, policy, draft)?),
        28..=31 => twists::stability(u, policy, draft)?,
        _ => request(u, policy, draft)?,
    };
    Ok(made.and_then(with_expectation))
}

/// A vector with its expectation, as `corspec vectors generate` derives it.
fn with_expectation(mut vector: ServerVector) -> Option<ServerVector> {
    vector.expected = Some(meaning::expected(&vector).ok()?);
    Some(vector)
}

/// A client request.
fn request(u: &mut Unstructured<'_>, policy: &Policy, draft: ServerVector) -> Result<Option<ServerVector>> {
    let request = requests::any(u, policy)?;
    if requests::is_authorized_by_star(&request, policy) {
        return Ok(None);
    }
    let special = (request.path != requests::PLAIN || requests::is_conditional(&request))
        // A server need not know every method, and what it says then is its own.
        && requests::has_usual_method(&request);
    let of_the_application = special && u.arbitrary::<bool>()?;
    Ok(about(policy, request, of_the_application, draft))
}

/// A vector about sharing: the law and the level follow from what the policy means.
fn about(
    policy: &Policy,
    request: ServerRequest,
    of_the_application: bool,
    draft: ServerVector,
) -> Option<ServerVector> {
    let mut vector = ServerVector { law: "soundness".to_owned(), request: Some(request), ..draft };
    let request = vector.request.as_ref()?;
    let ServerExpected::Request { verdict, preflight, .. } = meaning::expected(&vector).ok()? else {
        return None;
    };
    if verdict == PolicyVerdict::Allow && !must_be_known(request) {
        return None;
    }
    // Whose grant counts when the application has one of its own, servers see differently; strangers show nothing.
    let own_grant = request.path == words::OWN_CORS;
    if own_grant && (verdict == PolicyVerdict::Deny || asks_for_private_network(&vector)) {
        return None;
    }
    if asks_for_private_network(&vector) {
        vector.meta.reach = Reach::Legacy;
        vector.meta.level = Level::Security;
        return preflight.then_some(vector);
    }
    let usual = requests::has_usual_method(request);
    if !is_sent_by_browsers(&request.origin.0) {
        vector.meta.reach = Reach::None;
    }
    retarget::set_law(&mut vector, verdict);
    if own_grant || (verdict == PolicyVerdict::Allow && !usual) {
        vector.meta.level = vector.meta.level.max(Level::Interop);
    }
    if !policy.routes.is_empty() {
        "routing".clone_into(&mut vector.law);
    } else if (of_the_application || own_grant) && verdict == PolicyVerdict::Allow {
        "transparency".clone_into(&mut vector.law);
    }
    Some(vector)
}

/// Whether a server has to know the origin when the policy allows it: not every host the URL Standard can write, and none
/// that is no host, as `evil-127.0.0.1`.
fn must_be_known(request: &ServerRequest) -> bool {
    let parses = |origin: &str| corspec_model::Origin::parse(origin).is_ok();
    request.origin.0 == b"self"
        || (is_origin_or_null(&request.origin.0) && parses(&String::from_utf8_lossy(&request.origin.0)))
}

/// Whether a page can have the origin: one that parses, of a host that can have a name. `self` is one.
fn is_sent_by_browsers(origin: &[u8]) -> bool {
    let origin = String::from_utf8_lossy(origin);
    let has_empty_label = origin.contains("//.") || origin.contains("..");
    origin == "self" || (!has_empty_label && corspec_model::Origin::parse(&origin).is_ok())
}

/// An allowed request whose preflight is to be remembered.
fn remember(u: &mut Unstructured<'_>, policy: &Policy, draft: ServerVector) -> Result<Option<ServerVector>> {
    let request = requests::likely_allowed(u, policy)?;
    let Some(asked) = about(policy, request, false, draft.clone()) else { return Ok(None) };
    let Some(request) = asked.request.clone().filter(|request| request.on_wire.is_empty()) else {
        return Ok(None);
    };
    Ok(matches!(
        meaning::expected(&asked),
        Ok(ServerExpected::Request { verdict: PolicyVerdict::Allow, preflight: true, .. })
    )
    .then(|| ServerVector { law: "max-age".to_owned(), remember: Some(Remember { request }), ..draft }))
}

/// Two simple requests for one URL; caches do not keep preflights.
fn replay(u: &mut Unstructured<'_>, policy: &Policy, draft: ServerVector) -> Result<Option<ServerVector>> {
    let path = *u.choose(&words::CACHEABLE_PATHS)?;
    let first = requests::simple(u, policy, path, true)?;
    let mut second = requests::simple(u, policy, path, false)?;
    // One method for both, or no cache would mix them up.
    second.options.method.clone_from(&first.options.method);
    let pair = [first, second];
    Ok(pair.iter().all(must_be_known).then(|| ServerVector {
        law: "caching".to_owned(),
        replay: Some(Box::new(pair)),
        ..draft
    }))
}

/// Whether a one in `n` chance came up; without bytes it did not.
fn one_in(u: &mut Unstructured<'_>, n: u8) -> Result<bool> {
    Ok(u.int_in_range(1..=n)? == n)
}
