//! What a policy means for the probe of a server vector: the `expected` that `corspec vectors generate` writes.

use corspec_model::Policy;
use corspec_model::abnf::REQUEST_METHOD;
use corspec_model::cors_preflight_fetch::DEFAULT_MAX_AGE;
use corspec_model::policy::Forbidden;
use corspec_model::request::Request;
use corspec_model::{Fetch, HttpRequestKind, Next, PreflightCache};
use corspec_vectors::DocumentError;
use corspec_vectors::bytes::to_header_list;
use corspec_vectors::meta::Level;
use corspec_vectors::server::{
    AnsweredBy, PolicyVerdict, Probe, ServerExpected, ServerVector, WireRequest, Within,
};
use url::Url;

use crate::application;
use crate::browser::prepare;

/// Any base will do: the meaning does not depend on where the server is.
const BASE: &str = "http://server.test/";

/// The expectation of a vector.
///
/// # Errors
/// [`DocumentError`] when the vector makes no sense.
pub fn expected(vector: &ServerVector) -> Result<ServerExpected, DocumentError> {
    let policy = vector.policy.to_policy().map_err(|error| DocumentError::new("policy", error))?;
    let base = Url::parse(BASE).map_err(|error| DocumentError::new("base", error))?;
    Ok(match vector.probe()? {
        Probe::Request(document) => {
            let request = prepare(document, &base)?.request;
            let verdict = verdict(&policy, &request);
            let readable = (vector.law == "exposure" && verdict == PolicyVerdict::Allow).then(|| {
                readable(
                    policy.at(request.current_url().url().path()),
                    application::HEADERS.iter().map(|(name, _)| *name),
                )
            });
            ServerExpected::Request { verdict, preflight: needs_preflight(&request), readable }
        }
        Probe::Replay([first, second]) => ServerExpected::Replay {
            verdicts: [
                verdict(&policy, &prepare(first, &base)?.request),
                verdict(&policy, &prepare(second, &base)?.request),
            ],
        },
        Probe::Remember(_) => ServerExpected::Remember { max_age: policy.max_age.unwrap_or(DEFAULT_MAX_AGE) },
        Probe::Wire(_) | Probe::Raw(_) if matches!(&*vector.law, "robustness" | "routing") => {
            ServerExpected::Robust { grants: Within::Policy }
        }
        Probe::Raw(_) => return Err(DocumentError::new("law", "exact bytes are about robustness")),
        Probe::Wire(request) => ServerExpected::Wire { answered_by: answered_by(request) },
        Probe::Stability(probe) if probe.twists() == 1 => {
            ServerExpected::Stable { always: verdict(&policy, &prepare(&probe.request, &base)?.request) }
        }
        Probe::Stability(_) => return Err(DocumentError::new("stability", "exactly one twist is needed")),
    })
}

/// Writes what is derived into a vector: its expectation, and for one of the covering array the law it is about and how
/// binding that is.
///
/// # Errors
/// [`DocumentError`] when the vector makes no sense.
pub fn derive(vector: &mut ServerVector) -> Result<(), DocumentError> {
    let expected = expected(vector)?;
    if let ServerExpected::Request { verdict, .. } = &expected
        && vector.meta.id.starts_with("gen-")
    {
        let (law, level) = law_of(*verdict);
        law.clone_into(&mut vector.law);
        vector.meta.level = level;
    }
    vector.expected = Some(expected);
    Ok(())
}

/// The law a request is about, and how binding it is when a browser can send the request.
pub const fn law_of(verdict: PolicyVerdict) -> (&'static str, Level) {
    match verdict {
        PolicyVerdict::Allow => ("completeness", Level::Must),
        PolicyVerdict::Deny => ("soundness", Level::Security),
    }
}

/// What the policy says of a request; one that is not cross-origin is allowed by every policy.
pub fn verdict(policy: &Policy, request: &Request) -> PolicyVerdict {
    match permits(policy, request) {
        Ok(()) => PolicyVerdict::Allow,
        Err(_) => PolicyVerdict::Deny,
    }
}

/// As [`verdict`], with what the policy forbids.
///
/// # Errors
/// What is forbidden.
pub fn permits(policy: &Policy, request: &Request) -> Result<(), Forbidden> {
    if request.origin.is_same_origin_with(request.current_url().origin()) {
        return Ok(());
    }
    policy.permits(request)
}

/// Whether a browser with an empty cache sends a preflight first.
fn needs_preflight(request: &Request) -> bool {
    let (_, next) = Fetch::start(request.clone(), &mut PreflightCache::new(), std::time::Duration::ZERO, ());
    matches!(next, Next::Send(request) if request.kind == HttpRequestKind::Preflight)
}

/// The names among `names` that script may read under the policy, sorted.
pub fn readable<'a>(policy: &Policy, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut readable: Vec<String> =
        names.filter(|name| may_read(policy, name)).map(str::to_lowercase).collect();
    readable.sort();
    readable.dedup();
    readable
}

/// Whether script may read a response-header of this name under the policy.
pub fn may_read(policy: &Policy, name: &str) -> bool {
    let exposed: &[&[u8]] = if policy.exposes(name.as_bytes()) { &[name.as_bytes()] } else { &[] };
    corspec_model::response_headers::is_cors_safelisted_response_header_name(name.as_bytes(), exposed)
}

/// Only OPTIONS with `Origin` and `Access-Control-Request-Method` is a preflight, which the middleware answers.
fn answered_by(request: &WireRequest) -> AnsweredBy {
    let headers = to_header_list(&request.headers);
    if request.method.0 == b"OPTIONS" && headers.contains("Origin") && headers.contains(REQUEST_METHOD) {
        AnsweredBy::Middleware
    } else {
        AnsweredBy::Application
    }
}
