//! [`Cross-Origin-Resource-Policy` header](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header): may a
//! no-CORS request use this response?
//!
//! Violation reports are left out; the verdict does not depend on them.

use crate::header_list::HeaderList;
use crate::origin::Origin;
use crate::request::EmbedderPolicy;
use crate::trace::{Step, Trace, step};

/// What the check looks at in a response.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// Origin of the response's URL.
    pub url_origin: &'a Origin,
    /// Its header list.
    pub headers: &'a HeaderList,
    /// Its [request-includes-credentials](https://fetch.spec.whatwg.org/#response-request-includes-credentials).
    pub request_includes_credentials: bool,
}

/// Performs a [cross-origin resource policy
/// check](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check): `Ok` is *allowed*, `Err` *blocked*.
///
/// # Errors
/// The step that said *blocked*.
pub fn cross_origin_resource_policy_check(
    origin: &Origin,
    embedder_policy: EmbedderPolicy,
    response: Checked<'_>,
    for_navigation: bool,
    trace: &mut impl Trace,
) -> Result<(), Step> {
    // 1.–2. The arguments.
    // 3. Whatever the embedder policy, what the response itself forbids is blocked.
    let result = internal_check(origin, EmbedderPolicy::UnsafeNone, response, for_navigation, trace);
    trace.record(step("cross-origin-resource-policy-check/3"), result.is_err());
    result?;
    // 4. Only reports.
    // 5. What the embedder policy asks for.
    let result = internal_check(origin, embedder_policy, response, for_navigation, trace);
    trace.record(step("cross-origin-resource-policy-check/5"), result.is_ok());
    // 6. Only reports. 7. Blocked.
    result
}

/// [Cross-origin resource policy internal
/// check](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check).
fn internal_check(
    origin: &Origin,
    embedder_policy: EmbedderPolicy,
    response: Checked<'_>,
    for_navigation: bool,
    trace: &mut impl Trace,
) -> Result<(), Step> {
    // 1. A navigation under `unsafe-none` is allowed.
    if trace.test(
        step("cross-origin-resource-policy-internal-check/1"),
        for_navigation && embedder_policy == EmbedderPolicy::UnsafeNone,
    ) {
        return Ok(());
    }
    // 2. Get the header.
    let policy = response.headers.get("Cross-Origin-Resource-Policy");
    // 3. Anything but the three values counts as no header.
    let mut policy = policy.as_deref().and_then(Policy::from_value);
    // 4. Without one, the embedder policy may ask for same-origin.
    if trace.test(step("cross-origin-resource-policy-internal-check/4"), policy.is_none()) {
        policy = match embedder_policy {
            EmbedderPolicy::UnsafeNone => None,
            EmbedderPolicy::Credentialless => {
                (response.request_includes_credentials || for_navigation).then_some(Policy::SameOrigin)
            }
            EmbedderPolicy::RequireCorp => Some(Policy::SameOrigin),
        };
    }
    // 5. Switch on policy.
    let (allowed, case) = match policy {
        None | Some(Policy::CrossOrigin) => {
            (true, step("cross-origin-resource-policy-internal-check/5.cross-origin"))
        }
        Some(Policy::SameOrigin) => (
            origin.is_same_origin_with(response.url_origin),
            step("cross-origin-resource-policy-internal-check/5.same-origin"),
        ),
        Some(Policy::SameSite) => (
            origin.is_schemelessly_same_site_with(response.url_origin)
                && (scheme_is_https(origin) || !scheme_is_https(response.url_origin)),
            step("cross-origin-resource-policy-internal-check/5.same-site"),
        ),
    };
    if trace.test(case, allowed) { Ok(()) } else { Err(case) }
}

fn scheme_is_https(origin: &Origin) -> bool {
    origin.as_tuple().is_some_and(|origin| origin.scheme() == "https")
}

#[derive(Clone, Copy)]
enum Policy {
    SameOrigin,
    SameSite,
    CrossOrigin,
}

impl Policy {
    /// Exactly one of the three values, in this case.
    fn from_value(value: &[u8]) -> Option<Self> {
        match value {
            b"same-origin" => Some(Self::SameOrigin),
            b"same-site" => Some(Self::SameSite),
            b"cross-origin" => Some(Self::CrossOrigin),
            _ => None,
        }
    }
}
