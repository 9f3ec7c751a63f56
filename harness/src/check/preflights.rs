//! What preflights say, alone and beside the responses.

use corspec_model::HttpRequestKind;
use corspec_model::abnf::{ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, EXPOSE_HEADERS};
use corspec_vectors::server::ServerRequest;

use super::evidence::is_granted;
use super::infer::listed;
use super::judge::{Found, Judge};
use super::plan::{HEADERS, METHODS, Requests, UNKNOWN_METHOD};
use crate::browser::{Exchange, Fetched};
use crate::laws::{self, sharing};
use crate::verdict::Verdict;

/// Headers whose values let somebody act in the user's name.
const SECRETS: [&str; 7] = [
    "authorization",
    "set-cookie",
    "x-csrf-token",
    "x-xsrf-token",
    "x-auth-token",
    "x-api-key",
    "x-session-id",
];
/// Seconds a browser remembers a preflight for at most.
const A_DAY: u64 = 86_400;

/// Everything about preflights.
pub(super) async fn found(judge: &Judge<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let policy = &judge.inferred.policy;
    let speaker = &judge.inferred.speaker;
    let requests = &judge.evidence.requests;
    let unknown_method = requests.with(speaker, UNKNOWN_METHOD, &[]);
    if policy.methods.is_any() {
        found.extend(told(judge, "any-method", "a method nobody has is allowed", &unknown_method).await);
    } else {
        let folded = requests.with(speaker, "patch", &[]);
        if judge.evidence.grants(&folded, judge.inferred.credentials).await
            && policy.allows_method(b"PATCH")
            && !policy.allows_method(b"patch")
        {
            found.extend(told(judge, "method-case", "`patch` is allowed as `PATCH` is", &folded).await);
        }
    }
    if let Some(unknown) = HEADERS.last().filter(|_| policy.request_headers.is_any()) {
        let request = requests.with(speaker, "GET", &[*unknown]);
        found.extend(told(judge, "any-header", "a header nobody has is allowed", &request).await);
    }
    found.extend(contradictions(judge).await);
    found.extend(refused_together(judge).await);
    found.extend(credentials_in_preflights_only(judge).await);
    for request in preflights(judge) {
        found.extend(of_one(judge, &request).await);
    }
    found.extend(of_response(judge).await);
    found.extend(plain_options(judge));
    if policy.max_age.is_some_and(|seconds| seconds > A_DAY) {
        let longest = METHODS.map(|method| requests.with(speaker, method, &[]));
        for request in longest {
            if judge.evidence.remembered(&request, judge.inferred.credentials).await == policy.max_age {
                let what =
                    format!("the preflight is to be remembered for {} seconds", policy.max_age.unwrap_or(0));
                found.extend(told(judge, "long-max-age", &what, &request).await);
                break;
            }
        }
    }
    found
}

/// The preflights asked in the speaker's name.
fn preflights(judge: &Judge<'_>) -> Vec<ServerRequest> {
    let (requests, speaker) = (&judge.evidence.requests, &judge.inferred.speaker);
    let methods = METHODS.map(|method| requests.with(speaker, method, &[]));
    methods.into_iter().chain(HEADERS.map(|header| requests.with(speaker, "GET", &[header]))).collect()
}

async fn told(judge: &Judge<'_>, id: &'static str, what: &str, request: &ServerRequest) -> Option<Found> {
    let fetched = judge.evidence.fetched(request, judge.inferred.credentials).await?;
    Some(Found::new(id, judge.shown_by(what, &fetched)))
}

/// A header that is refused alone and allowed in company, or under a longer name.
async fn contradictions(judge: &Judge<'_>) -> Vec<Found> {
    let Some(&allowed) = judge.inferred.headers.first() else { return Vec::new() };
    let (requests, speaker) = (&judge.evidence.requests, &judge.inferred.speaker);
    let in_company = requests.one_allowed_one_not(speaker, &judge.inferred.headers);
    let mut found = Vec::new();
    for request in in_company.into_iter().chain([requests.longer_name(speaker, allowed)]) {
        let vector = judge.vector("soundness", Some(request.clone()));
        let credentials = judge.inferred.credentials;
        let Some(prepared) = judge.evidence.prepared(&request, credentials) else { continue };
        let Some(fetched) = judge.evidence.fetched(&request, credentials).await else { continue };
        let Some(judgement) = sharing::judge(&judge.case(&vector), &prepared, &fetched) else { continue };
        if let (Verdict::Fail, Some("soundness/header"), Some(finding)) =
            (judgement.verdict, judgement.requirement, judgement.finding)
        {
            let requirement = Some("soundness/header");
            found.push(Found { requirement, ..Found::new("contradictory-headers", finding) });
        }
    }
    found
}

/// Two headers that are allowed each and refused together.
async fn refused_together(judge: &Judge<'_>) -> Option<Found> {
    let &[first, second, ..] = &*judge.inferred.headers else { return None };
    let [together, ..] = judge.evidence.requests.two_headers(&judge.inferred.speaker, [first, second]);
    let fetched = judge.evidence.fetched(&together, judge.inferred.credentials).await?;
    if is_granted(&fetched) {
        return None;
    }
    let what = format!("{first} and {second} are allowed each and refused together");
    Some(broken(judge, "refused-together", what, &fetched))
}

/// Credentials that preflights allow and responses do not.
async fn credentials_in_preflights_only(judge: &Judge<'_>) -> Option<Found> {
    let speaker = &judge.inferred.speaker;
    if judge.inferred.credentials || !judge.inferred.origins.has(speaker, false) {
        return None;
    }
    for request in preflights(judge) {
        let fetched = judge.evidence.fetched(&request, true).await?;
        if fetched.passed_preflight() {
            let what = "requests with credentials pass their preflight and are blocked afterwards".to_owned();
            return Some(broken(judge, "credentials-in-preflights-only", what, &fetched));
        }
    }
    None
}

/// What one preflight of an origin that is let in says against itself.
async fn of_one(judge: &Judge<'_>, request: &ServerRequest) -> Option<Found> {
    let speaker = &judge.inferred.speaker;
    if !judge.inferred.origins.has(speaker, false) {
        return None;
    }
    let without = judge.evidence.fetched(request, false).await?;
    let preflight = without.last(HttpRequestKind::Preflight)?;
    let response = &preflight.response;
    let names_origin = response.headers.contains(ALLOW_ORIGIN);
    let methods = listed(&response.headers, ALLOW_METHODS);
    let method = String::from_utf8_lossy(preflight_method(preflight).as_slice()).into_owned();
    let lists_method = methods.contains(&method);
    if names_origin && lists_method && !response.has_ok_status() {
        let what = format!("the preflight for {method} is granted with status {}", response.status);
        return Some(broken(judge, "preflight-status", what, &without));
    }
    // Lists are often sent to everybody; that the method is asked for by an origin that is let in makes it odd.
    if !names_origin && lists_method && response.has_ok_status() && !asks_for_headers(preflight) {
        let what = format!("the answer to the preflight for {method} lists it and names no origin");
        return Some(broken(judge, "preflight-without-origin", what, &without));
    }
    let with = judge.evidence.fetched(request, true).await?;
    // Only an active audit has the response to the request itself.
    let itself = judge.evidence.on_the_wire(&without.exchanges).len() > 1;
    if itself && without.passed_preflight() && !without.outcome.is_shared() {
        let what = format!("the preflight for {method} is granted, the response to it is not shared");
        return Some(broken(judge, "unsafe-response-closed", what, &without));
    }
    let star = |name: &str| listed(&response.headers, name).iter().any(|item| item == "*");
    let with_credentials = judge.inferred.credentials
        && response.headers.get(ALLOW_CREDENTIALS).as_deref() == Some(b"true")
        && (star(ALLOW_METHODS) || star(ALLOW_HEADERS));
    if with_credentials && is_granted(&without) && !is_granted(&with) {
        let what = "what is allowed without credentials is blocked with them, which are allowed";
        return Some(broken(judge, "literal-star", what.to_owned(), &with));
    }
    None
}

fn broken(judge: &Judge<'_>, id: &'static str, what: String, fetched: &Fetched) -> Found {
    Found { requirement: Some("completeness/shared"), ..Found::new(id, judge.shown_by(what, fetched)) }
}

fn preflight_method(preflight: &Exchange) -> Vec<u8> {
    let asked = preflight.request.headers.get(corspec_model::abnf::REQUEST_METHOD);
    asked.map(|method| method.to_vec()).unwrap_or_default()
}

fn asks_for_headers(preflight: &Exchange) -> bool {
    preflight.request.headers.contains(corspec_model::abnf::REQUEST_HEADERS)
}

/// What the response itself exposes.
async fn of_response(judge: &Judge<'_>) -> Vec<Found> {
    let speaker = &judge.inferred.speaker;
    let request = judge.evidence.requests.get(speaker);
    let Some(fetched) = judge.evidence.fetched(&request, judge.inferred.credentials).await else {
        return Vec::new();
    };
    let Some(exchange) = fetched.last(HttpRequestKind::Request).filter(|_| is_granted(&fetched)) else {
        return Vec::new();
    };
    let exposed = listed(&exchange.response.headers, EXPOSE_HEADERS);
    let mut found = Vec::new();
    if judge.inferred.credentials && exposed.iter().any(|name| name == "*") {
        let what = "with credentials no header is exposed by `*`";
        found.push(Found::new("literal-star-exposed", judge.shown_by(what, &fetched)));
    }
    let secret = exposed.iter().find(|name| SECRETS.contains(&&*name.to_lowercase()));
    if let Some(name) = secret {
        let what = format!("{name} is exposed");
        found.push(Found::new("sensitive-header-exposed", judge.shown_by(what, &fetched)));
    }
    let missing = judge.evidence.requests.missing(speaker);
    let status = |origin: &str, request: fn(&Requests, &str) -> ServerRequest| {
        let answer = judge.evidence.answer(&request(&judge.evidence.requests, origin));
        answer.map_or(0, |answer| answer.response.status)
    };
    let (own_error, error) = (status("self", Requests::missing), status(speaker, Requests::missing));
    let own_status = status("self", Requests::get);
    if (own_error >= 400 && (200..300).contains(&error))
        || (own_status >= 500 && exchange.response.has_ok_status())
    {
        let what = format!(
            "without Origin the statuses are {own_status} and, of a page nobody has, {own_error}; with it they are {} and {error}",
            exchange.response.status
        );
        let finding = judge.shown_by(what, &fetched);
        found.push(Found {
            requirement: Some("transparency/status"),
            ..Found::new("status-by-origin", finding)
        });
    }
    // The page is there and shared, one that is not there is not.
    if let Some(missing) = judge.evidence.fetched(&missing, judge.inferred.credentials).await
        && !is_granted(&missing)
        && missing.last(HttpRequestKind::Request).is_some_and(|exchange| exchange.response.status == 404)
    {
        let what = "the answer 404 has no CORS headers for an origin that is let in elsewhere";
        let shown = judge.shown_by(what, &missing);
        found.push(Found { requirement: Some("transparency/shared"), ..Found::new("errors-closed", shown) });
    }
    found
}

/// What is no preflight, answered with what only preflights are told.
fn plain_options(judge: &Judge<'_>) -> Option<Found> {
    let speaker = &judge.inferred.speaker;
    let of_pages = judge.evidence.answer(&judge.evidence.requests.get(speaker))?;
    // Some say it on every response.
    if of_pages.response.headers.contains(ALLOW_METHODS) {
        return None;
    }
    judge.evidence.requests.no_preflights(speaker).into_iter().find_map(|(about, document)| {
        let answer = judge.evidence.answer_by_hand(&document)?;
        if !answer.response.headers.contains(ALLOW_METHODS) {
            return None;
        }
        let request = laws::wire_request(&document);
        let exchange = Exchange { kind: None, request, response: answer.response, body: answer.body };
        let finding = crate::verdict::Finding {
            what: format!("{about} is told which methods are allowed"),
            browser: "is not involved: any client can send this request".to_owned(),
            exchanges: vec![exchange],
            ..Default::default()
        };
        let requirement = Some("classification/swallowed");
        Some(Found { requirement, ..Found::new("plain-options", finding) })
    })
}
