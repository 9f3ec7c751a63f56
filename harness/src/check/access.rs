//! Who is let in that nobody meant, judged by the law of soundness under the inferred policy, and who is let in though it
//! is meant.

use corspec_model::Origin;
use corspec_model::policy::OriginPattern;
use corspec_vectors::meta::Reach;

use super::catalogue::Severity;
use super::evidence::named_origin;
use super::infer::Accepted;
use super::judge::{Found, Judge};
use super::origins::{Candidate, Family, STRANGER};
use crate::laws::sharing;
use crate::verdict::Verdict;

/// Everything about origins.
pub(super) async fn found(judge: &Judge<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for accepted in &judge.inferred.origins.accepted {
        found.extend(of_one(judge, accepted).await);
    }
    found.extend(subdomains(judge).await);
    found.extend(named_refused(judge).await);
    found.extend(told_to_everybody(judge).await);
    for candidate in judge.evidence.requests.preflight_origins() {
        let request = judge.evidence.requests.with(&candidate.origin, "PUT", &[]);
        found.extend(beyond(judge, "preflight-more-open", &candidate, request).await);
    }
    for candidate in super::origins::first(&[]) {
        let request = judge.evidence.requests.missing(&candidate.origin);
        found.extend(beyond(judge, "errors-more-open", &candidate, request).await);
    }
    found
}

/// What it means that this origin is let in.
async fn of_one(judge: &Judge<'_>, accepted: &Accepted) -> Option<Found> {
    let Accepted { candidate, credentials, by_star } = accepted;
    let credentials = *credentials;
    let id = id_of(judge, candidate)?;
    let request = judge.evidence.requests.get(&candidate.origin);
    let fetched = judge.evidence.fetched(&request, credentials).await?;
    let with = if credentials { "with" } else { "without" };
    let how = if *by_star { "by `*`" } else { "by name" };
    let what = format!("`Origin: {}` is let in {how}, {with} credentials", candidate.origin);
    // Soundness tells where the policy that the other answers add up to forbids it.
    let vector = judge.vector("soundness", Some(request.clone()));
    let prepared = judge.evidence.prepared(&request, credentials)?;
    let judgement = sharing::judge(&judge.case(&vector), &prepared, &fetched);
    let requirement = judgement.and_then(|judgement| judgement.requirement);
    Some(Found {
        credentials,
        reach: candidate.reach(),
        at_most: at_most(candidate),
        origin: Some(candidate.origin.clone()),
        requirement,
        ..Found::new(id, judge.shown_by(what, &fetched))
    })
}

/// Nobody but the owner of the trusted host can have a page at a careless match below its own domain, and nobody at all
/// under a top-level domain there is none of.
fn at_most(candidate: &Candidate) -> Severity {
    let careless = matches!(
        candidate.family,
        Family::Prefix | Family::SpecialCharacter | Family::Suffix | Family::Dot | Family::Substring
    );
    if careless && (candidate.is_same_owner() || candidate.has_no_such_suffix()) {
        Severity::Low
    } else {
        Severity::High
    }
}

/// The entry of the catalogue for an origin that is let in; none when nothing is to be said of it.
fn id_of(judge: &Judge<'_>, candidate: &Candidate) -> Option<&'static str> {
    let origins = &judge.inferred.origins;
    let explained = judge.inferred.policy.allows_origin(candidate.origin.as_bytes());
    Some(match candidate.family {
        // Where everybody is let in, `null` and the rest are no news.
        Family::Stranger => "any-origin",
        _ if origins.anybody => return None,
        Family::Null => "null-origin",
        Family::Named | Family::PlainHttp => of_named(judge, &candidate.origin)?,
        Family::Localhost => "localhost",
        Family::PublicHosting => "public-hosting",
        Family::OtherScheme => "other-scheme",
        Family::Unserialized => "not-an-origin",
        Family::Relative | Family::Subdomain if is_below_a_wildcard(judge, &candidate.origin) => return None,
        Family::Relative | Family::Subdomain => "related-origin",
        // A name that resembles another may be covered by a pattern of subdomains, or by a wider carelessness.
        _ if explained || is_an_instance(judge, candidate) => return None,
        Family::Port => "any-port",
        Family::Prefix => "prefix-match",
        Family::SpecialCharacter => "special-character",
        Family::Suffix => "suffix-match",
        Family::Dot => "dot-matches-anything",
        // A part of a part is nobody's origin; a part may be one that is listed.
        Family::Substring if candidate.name.ends_with("-again") => return None,
        Family::Substring if candidate.shorter().is_none_or(|part| !origins.has(&part.origin, false)) => {
            "related-origin"
        }
        Family::Substring => "substring-match",
    })
}

/// Whether a wider carelessness, which is told, explains the near miss: where anything may come after a host a special
/// character may, and where anything may come before a domain a letter in place of a dot may.
fn is_an_instance(judge: &Judge<'_>, candidate: &Candidate) -> bool {
    let wider = |family: Family, covers: &dyn Fn(&Candidate) -> bool| {
        let mut accepted = judge.inferred.origins.accepted.iter().map(|accepted| &accepted.candidate);
        accepted.any(|other| other.family == family && covers(other))
    };
    match candidate.family {
        Family::SpecialCharacter => wider(Family::Prefix, &|other| other.resembles == candidate.resembles),
        Family::Dot => wider(Family::Suffix, &|other| {
            let domain = other.name.strip_prefix("before-domain:");
            domain.is_some_and(|domain| candidate.origin.ends_with(domain))
        }),
        _ => false,
    }
}

/// An origin somebody named is meant; what is left is whether that is wise.
fn of_named(judge: &Judge<'_>, origin: &str) -> Option<&'static str> {
    let Ok(Origin::Tuple(tuple)) = Origin::parse(origin) else { return None };
    let local = matches!(tuple.host(), "localhost" | "127.0.0.1" | "[::1]");
    let secure = judge.evidence.endpoint.base.scheme() == "https";
    match tuple.scheme() {
        _ if local => Some("localhost"),
        "http" if secure => Some("plain-http"),
        _ => None,
    }
}

fn is_below_a_wildcard(judge: &Judge<'_>, origin: &str) -> bool {
    judge.inferred.policy.origins.items().iter().any(|pattern| {
        matches!(pattern, OriginPattern::Subdomains { .. }) && pattern.matches(origin.as_bytes())
    })
}

/// The patterns of subdomains that were inferred.
async fn subdomains(judge: &Judge<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for pattern in judge.inferred.policy.origins.items() {
        let OriginPattern::Subdomains { .. } = pattern else { continue };
        let example = judge.inferred.origins.accepted.iter().find(|accepted| {
            accepted.candidate.family == Family::Subdomain
                && pattern.matches(accepted.candidate.origin.as_bytes())
        });
        let Some(Accepted { candidate, credentials, .. }) = example else { continue };
        let request = judge.evidence.requests.get(&candidate.origin);
        let Some(fetched) = judge.evidence.fetched(&request, *credentials).await else { continue };
        let what = format!("subdomains nobody named are let in: {pattern}");
        found.push(Found {
            credentials: *credentials,
            origin: Some(pattern.to_string()),
            ..Found::new("subdomains", judge.shown_by(what, &fetched))
        });
    }
    found
}

/// Origins the user named that are not let in.
async fn named_refused(judge: &Judge<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for origin in judge.named() {
        let request = judge.evidence.requests.get(origin);
        let Some(fetched) = judge.evidence.fetched(&request, false).await else { continue };
        if !judge.inferred.origins.has(origin, false) {
            let what = format!("`Origin: {origin}` is not let in");
            found.push(Found {
                origin: Some(origin.clone()),
                requirement: Some("completeness/shared"),
                ..Found::new("named-refused", judge.shown_by(what, &fetched))
            });
        }
    }
    found
}

/// The origin that is named to a stranger, unless the user named it too.
async fn told_to_everybody(judge: &Judge<'_>) -> Option<Found> {
    let request = judge.evidence.requests.get(STRANGER);
    let fetched = judge.evidence.fetched(&request, false).await?;
    let origin = named_origin(&judge.evidence.answer(&request)?.response)?;
    let own = judge.evidence.endpoint.base.origin().ascii_serialization();
    if [STRANGER, &own].contains(&&*origin) || judge.named().contains(&origin) {
        return None;
    }
    let what = format!("`Origin: {STRANGER}` is told that `{origin}` is let in");
    Some(Found { origin: Some(origin), ..Found::new("told-to-everybody", judge.shown_by(what, &fetched)) })
}

/// Whether a request gets further than the policy that the other answers add up to allows.
async fn beyond(
    judge: &Judge<'_>,
    id: &'static str,
    candidate: &Candidate,
    request: corspec_vectors::server::ServerRequest,
) -> Option<Found> {
    // A refused stranger is what other answers are compared with.
    judge.evidence.answer(&judge.evidence.requests.get(STRANGER))?;
    let vector = judge.vector("soundness", Some(request.clone()));
    for credentials in [true, false] {
        let fetched = judge.evidence.fetched(&request, credentials).await?;
        if !super::evidence::is_granted(&fetched) {
            continue;
        }
        let prepared = judge.evidence.prepared(&request, credentials)?;
        let judgement = sharing::judge(&judge.case(&vector), &prepared, &fetched)?;
        // Other methods, and credentials where none are seen, are judged elsewhere.
        let about_origin = judgement.requirement == Some("soundness/origin");
        if judgement.verdict != Verdict::Fail || !about_origin {
            return None;
        }
        return Some(Found {
            credentials,
            reach: if candidate.origin == "null" { Reach::Browser } else { candidate.reach() },
            at_most: at_most(candidate),
            origin: Some(candidate.origin.clone()),
            requirement: judgement.requirement,
            finding: judgement.finding?,
            ..Found::new(id, crate::verdict::Finding::default())
        });
    }
    None
}
