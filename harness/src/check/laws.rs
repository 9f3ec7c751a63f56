//! The laws that need no policy, or only the one the answers add up to: judged by [`crate::laws`] on what was recorded.

use std::collections::BTreeSet;
use std::sync::Arc;

use corspec_model::abnf::ALLOW_ORIGIN;
use corspec_model::policy::{AllowList, OriginPattern};
use corspec_vectors::bytes::from_header_list;
use corspec_vectors::meta::Reach;
use corspec_vectors::server::{ServerRequest, Stability, WireRequest as WireDocument};

use super::evidence::{Evidence, is_granted};
use super::infer::Accepted;
use super::judge::{Found, Judge};
use super::origins::{Family, STRANGER};
use super::plan::{HEADERS, METHODS};
use super::recording::Recording;
use crate::browser::Fetched;
use crate::laws::{Case, caching, robustness, sharing, stability, syntax};
use crate::transport::{Answer, WireRequest};
use crate::verdict::{Judgement, Verdict};

/// The entry of the catalogue for a requirement that is judged here.
const ENTRIES: [(&str, &str); 16] = [
    ("syntax/allow-origin-once", "several-origins"),
    ("syntax/allow-origin-value", "malformed-origin"),
    ("syntax/allow-credentials-once", "several-credentials"),
    ("syntax/allow-credentials-value", "malformed-credentials"),
    ("syntax/lists", "malformed-list"),
    ("syntax/literals", "placeholder"),
    ("syntax/max-age", "malformed-max-age"),
    ("syntax/wildcard-with-credentials", "star-with-credentials"),
    ("soundness/private-network", "private-network"),
    ("caching/blocked", "cache-blocks"),
    ("caching/granted", "cache-grants"),
    ("stability/form", "split-headers"),
    ("robustness/injection", "response-splitting"),
    ("robustness/grant", "origin-from-elsewhere"),
    ("robustness/size", "amplification"),
    ("robustness/server-error", "server-error"),
];

/// What a judgement found, if it is a breach.
fn entry(judgement: Judgement, reach: Reach) -> Option<Found> {
    let requirement = judgement.requirement.filter(|_| judgement.verdict == Verdict::Fail)?;
    let (_, id) = ENTRIES.iter().find(|(known, _)| *known == requirement)?;
    Some(Found { requirement: Some(requirement), reach, ..Found::new(id, judgement.finding?) })
}

/// Everything the laws say.
pub(super) async fn found(judge: &Judge<'_>, again: &[(WireRequest, Answer)]) -> Vec<Found> {
    let mut found = of_responses(judge).await;
    found.extend(of_caches(judge).await);
    found.extend(of_two_lines(judge).await);
    found.extend(of_odd_requests(judge).await);
    found.extend(asked_again(judge, again).await);
    found
}

/// Every request that pages make.
fn of_pages(judge: &Judge<'_>) -> Vec<ServerRequest> {
    let requests = &judge.evidence.requests;
    let speaker = &judge.inferred.speaker;
    let mut all: Vec<ServerRequest> =
        ["self", speaker, STRANGER, "null"].map(|origin| requests.get(origin)).into();
    all.extend(["self", speaker, STRANGER, "null"].map(|origin| requests.missing(origin)));
    let accepted = judge.inferred.origins.accepted.iter();
    all.extend(accepted.map(|accepted| requests.get(&accepted.candidate.origin)));
    all.extend(METHODS.map(|method| requests.with(speaker, method, &[])));
    all.extend(HEADERS.map(|header| requests.with(speaker, "GET", &[header])));
    all.extend(requests.preflight_origins().iter().map(|other| requests.with(&other.origin, "PUT", &[])));
    all.push(requests.private_network(speaker));
    all
}

/// Syntax, and access to private networks.
async fn of_responses(judge: &Judge<'_>) -> Vec<Found> {
    let vector = judge.vector("soundness", None);
    let case = judge.case(&vector);
    let mut found = Vec::new();
    let not_a_method = judge.evidence.requests.not_a_method(&judge.inferred.speaker);
    let of_pages = of_pages(judge).into_iter().map(|request| (request, Reach::Browser));
    // What no browser asks for may be echoed unseen.
    for (request, reach) in of_pages.chain([(not_a_method, Reach::None)]) {
        let Some(fetched) = judge.evidence.fetched(&request, true).await else { continue };
        let on_the_wire = judge.evidence.on_the_wire(&fetched.exchanges);
        let fetched = Fetched { exchanges: on_the_wire, ..fetched };
        found.extend(entry(syntax::judge(&case, &fetched), reach));
        found.extend(
            sharing::private_network(&case, &fetched).and_then(|judged| entry(judged, Reach::Browser)),
        );
    }
    found
}

/// Every ordered pair of requests with different origins, on the page asked for and on one that is not there.
async fn of_caches(judge: &Judge<'_>) -> Vec<Found> {
    let requests = &judge.evidence.requests;
    let vector = judge.vector("caching", None);
    let case = judge.case(&vector);
    let mut origins = vec!["self".to_owned(), judge.inferred.speaker.clone(), STRANGER.to_owned()];
    let others = judge.inferred.origins.accepted.iter().map(|Accepted { candidate, .. }| candidate);
    let other = others
        .filter(|other| other.reach() == Reach::Browser && other.family != Family::Unserialized)
        .find(|other| !origins.contains(&other.origin));
    origins.extend(other.map(|other| other.origin.clone()));
    let pages: [fn(&super::plan::Requests, &str) -> ServerRequest; 2] =
        [super::plan::Requests::get, super::plan::Requests::missing];
    let mut found = Vec::new();
    for page in pages {
        for first in &origins {
            for second in origins.iter().filter(|second| *second != first) {
                let prepared = |origin: &str| {
                    judge.evidence.prepared(&page(requests, origin), judge.inferred.credentials)
                };
                let (Some(first), Some(second)) = (prepared(first), prepared(second)) else { continue };
                let judged = caching::judge(&case, &first, &second).await.unwrap_or_default();
                found.extend(judged.into_iter().filter_map(|judgement| entry(judgement, Reach::Browser)));
            }
        }
    }
    found
}

/// Requested headers in one line, in two, and with a space.
async fn of_two_lines(judge: &Judge<'_>) -> Vec<Found> {
    let &[first, second, ..] = &*judge.inferred.headers else { return Vec::new() };
    let [together, in_lines, with_space] =
        judge.evidence.requests.two_headers(&judge.inferred.speaker, [first, second]);
    if [&together, &in_lines, &with_space].iter().any(|request| judge.evidence.answer(request).is_none()) {
        return Vec::new();
    }
    let probe = Stability {
        request: together,
        variants: vec![in_lines, with_space],
        wire_forms: Vec::new(),
        after: Vec::new(),
        alongside: Vec::new(),
        again: 0,
        permuted: false,
    };
    let vector = judge.vector("stability", None);
    let judged = stability::judge(&judge.case(&vector), &probe).await;
    let judgements = judged.ok().and_then(Result::ok).unwrap_or_default();
    // A browser writes one line without spaces, the gateway before the server may not.
    judgements.into_iter().filter_map(|judgement| entry(judgement, Reach::Browser)).collect()
}

/// Requests no page makes, and origins that are none.
async fn of_odd_requests(judge: &Judge<'_>) -> Vec<Found> {
    let requests = &judge.evidence.requests;
    let vector = judge.vector("robustness", None);
    // The server's own pages may be named; they need no permission.
    let mut policy = judge.inferred.policy.clone();
    if let (AllowList::Only(origins), Ok(own)) =
        (&mut policy.origins, OriginPattern::parse(&requests.own_origin()))
    {
        origins.push(own);
    }
    let case = Case { policy: &policy, ..judge.case(&vector) };
    let said_to_all = judge.evidence.answer(&requests.get("self")).map(|answer| allow_origin(&answer));
    let ordinary = [requests.get("self"), requests.get(&judge.inferred.speaker)];
    let works = ordinary
        .iter()
        .all(|request| judge.evidence.answer(request).is_some_and(|answer| answer.response.status < 500));
    let by_hand = requests.by_hand(&judge.inferred.speaker).into_iter().map(|(_, document)| document);
    let candidates = judge.inferred.origins.candidates.iter();
    let odd = candidates.filter(|candidate| candidate.family == Family::Unserialized);
    let no_origins = odd.filter_map(|odd| requests.wire(&requests.get(&odd.origin)).ok()?).map(by_wire);
    // Of these only failing counts here: what they may be told is another matter.
    let no_preflights =
        requests.no_preflights(&judge.inferred.speaker).into_iter().map(|(_, document)| document);
    let odd = by_hand.chain(no_origins).map(|document| (document, true));
    let mut found = Vec::new();
    for (document, may_grant) in odd.chain(no_preflights.map(|document| (document, false))) {
        let Some(answer) = judge.evidence.answer_by_hand(&document) else { continue };
        let for_all = said_to_all == Some(allow_origin(&answer));
        let judged = robustness::judge_request(&case, &document).await.unwrap_or_default();
        let has_origin = document.headers.iter().any(|(name, _)| name.0.eq_ignore_ascii_case(b"origin"));
        found.extend(judged.into_iter().filter_map(|judgement| {
            match judgement.requirement {
                // Who is let in by Origin is told by the origin.
                Some("robustness/grant") if has_origin || for_all => None,
                Some("robustness/server-error") if !works => None,
                requirement if !may_grant && requirement != Some("robustness/server-error") => None,
                _ => entry(judgement, Reach::Browser),
            }
        }));
    }
    found
}

fn allow_origin(answer: &Answer) -> Option<Vec<u8>> {
    answer.response.headers.get(ALLOW_ORIGIN).map(|value| value.to_vec())
}

fn by_wire(request: WireRequest) -> WireDocument {
    WireDocument {
        method: corspec_vectors::bytes::ByteString(request.method.to_vec()),
        path: request.target,
        headers: from_header_list(&request.headers),
        repeated: None,
        body: false,
    }
}

/// What was asked twice: the same request with the same origin must get the same verdict.
async fn asked_again(judge: &Judge<'_>, again: &[(WireRequest, Answer)]) -> Vec<Found> {
    let mut found = Vec::new();
    let origins: BTreeSet<&str> = [STRANGER, &*judge.inferred.speaker].into();
    for (wire, answer) in again {
        let recording = Arc::new(Recording::default());
        recording.add(wire.clone(), Ok(answer.clone()));
        let evidence = Evidence::new(&judge.evidence.endpoint.base, &recording);
        let asked = |origin: &&&str| {
            judge
                .evidence
                .requests
                .wire(&judge.evidence.requests.get(origin))
                .ok()
                .flatten()
                .is_some_and(|request| request.headers == wire.headers)
        };
        let Some(&origin) = origins.iter().find(asked) else { continue };
        let request = judge.evidence.requests.get(origin);
        let credentials = judge.inferred.credentials;
        let now = evidence.fetched(&request, credentials).await;
        let before = judge.evidence.fetched(&request, credentials).await;
        let (Some(now), Some(before)) = (now, before) else { continue };
        // Who is turned away after so many odd requests meets a guard, not another rule of CORS.
        let first_status = judge.evidence.answer(&request).map(|answer| answer.response.status);
        let turned_away = answer.response.status >= 400 && first_status != Some(answer.response.status);
        if is_granted(&now) == is_granted(&before) || turned_away {
            continue;
        }
        let (id, requirement, what) = if origin == STRANGER && is_granted(&now) {
            ("state", "stability/state", "a stranger is let in after an origin that is")
        } else {
            (
                "unstable",
                "stability/repetition",
                "the same request gets another verdict when it is asked again",
            )
        };
        let mut finding = judge.shown_by(what, &now);
        finding.exchanges = before.exchanges.into_iter().chain(now.exchanges).collect();
        found.push(Found {
            credentials,
            origin: Some(origin.to_owned()),
            requirement: Some(requirement),
            ..Found::new(id, finding)
        });
    }
    found
}
