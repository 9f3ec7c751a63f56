//! Origins of pages: those a policy allows, those that resemble one of them, and strangers.

use arbitrary::{Result, Unstructured};
use corspec_model::Policy;
use corspec_model::policy::OriginPattern;

use super::words;
use crate::retarget::examples;
use crate::retarget::near_misses::of_pattern;

/// Any origin.
pub(super) fn any(u: &mut Unstructured<'_>, policy: &Policy) -> Result<String> {
    match u.int_in_range(0..=15)? {
        0..=4 => allowed(u, policy),
        5..=10 => near_miss(u, policy),
        11..=12 => run_together(u, policy),
        _ => stranger(u),
    }
}

/// An allowed origin, another one or a stranger: nothing special in its form.
pub(super) fn plain(u: &mut Unstructured<'_>, policy: &Policy) -> Result<String> {
    match u.int_in_range(0..=3)? {
        0..=1 => allowed(u, policy),
        2 => Ok(u.choose(&words::ORIGINS)?.replace("*.", "a.")),
        _ => stranger(u),
    }
}

/// An origin the policy allows somewhere, if it allows any.
pub(super) fn allowed(u: &mut Unstructured<'_>, policy: &Policy) -> Result<String> {
    let mut origins = examples(policy);
    for route in &policy.routes {
        origins.extend(examples(&route.policy));
    }
    if patterns(policy).any(|pattern| *pattern == OriginPattern::Null) {
        origins.push("null".to_owned());
    }
    match origins.len() {
        0 => Ok(words::ORIGINS[0].to_owned()),
        _ => Ok(u.choose(&origins)?.clone()),
    }
}

pub(super) fn stranger(u: &mut Unstructured<'_>) -> Result<String> {
    Ok((*u.choose(&words::STRANGERS)?).to_owned())
}

/// An origin that resembles one of the policy's.
fn near_miss(u: &mut Unstructured<'_>, policy: &Policy) -> Result<String> {
    let patterns: Vec<&OriginPattern> = patterns(policy).collect();
    if patterns.is_empty() {
        return stranger(u);
    }
    let near = of_pattern(u.choose(&patterns)?);
    if near.is_empty() { stranger(u) } else { Ok(u.choose(&near)?.1.clone()) }
}

/// The start of one of the policy's origins and the end of another, each cut where a part of the host begins.
fn run_together(u: &mut Unstructured<'_>, policy: &Policy) -> Result<String> {
    let origins = examples(policy);
    if origins.is_empty() {
        return stranger(u);
    }
    let (first, second) = (u.choose(&origins)?.clone(), u.choose(&origins)?.clone());
    let first = &first[..*u.choose(&cuts(&first))?];
    let second = &second[*u.choose(&cuts(&second))?..];
    if first.contains("://") { Ok(format!("{first}{second}")) } else { stranger(u) }
}

/// Where an origin can be cut: after its scheme, before and after each dot and the port, at its end.
fn cuts(origin: &str) -> Vec<usize> {
    let host = origin.find("://").map_or(0, |scheme| scheme + 3);
    let mut cuts = vec![host];
    for (index, _) in origin.match_indices(['.', ':']).filter(|&(index, _)| index > host) {
        cuts.extend([index, index + 1]);
    }
    cuts.push(origin.len());
    cuts
}

/// Every entry of the policy and of its routes.
fn patterns(policy: &Policy) -> impl Iterator<Item = &OriginPattern> {
    let of_routes = policy.routes.iter().flat_map(|route| route.policy.origins.items());
    policy.origins.items().iter().chain(of_routes)
}
