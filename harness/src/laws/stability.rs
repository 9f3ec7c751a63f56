//! Stability: what is no part of a request or of the policy does not change a verdict.

use std::time::Duration;

use corspec_model::policy::AllowList;
use corspec_model::{Policy, PreflightCache};
use corspec_vectors::DocumentError;
use corspec_vectors::server::{ServerRequest, Stability, WireForm};
use futures_util::future::join_all;

use super::Case;
use super::exposure::added_later;
use super::sharing::browser_does;
use crate::browser::{self, Exchange, Fetched, Prepared};
use crate::implementation::Endpoint;
use crate::meaning;
use crate::transport::{TransportError, WireRequest};
use crate::verdict::{Finding, Judgement};

const LAW: &str = "stability";

/// How often a request is asked while others are under way.
const ROUNDS: usize = 8;

/// What a page gets: whether it is let through, and what it can read.
#[derive(PartialEq, Eq)]
struct Seen {
    shared: bool,
    readable: Vec<Vec<u8>>,
}

impl Seen {
    fn of(fetched: &Fetched) -> Self {
        let mut readable = Vec::new();
        if let Ok(response) = &fetched.outcome.result {
            let names = response.headers.iter().filter(|name| !added_later(name));
            readable.extend(names.map(|name| name.to_vec()));
            readable.sort();
            readable.dedup();
        }
        Self { shared: fetched.outcome.result.is_ok(), readable }
    }
}

/// Asks alone first, then with the twist.
///
/// # Errors
/// [`DocumentError`] when the vector makes no sense.
pub async fn judge(
    case: &Case<'_>,
    probe: &Stability,
) -> Result<Result<Vec<Judgement>, TransportError>, DocumentError> {
    let prepare = |requests: &[ServerRequest]| -> Result<Vec<Prepared>, DocumentError> {
        requests.iter().map(|request| browser::prepare(request, &case.endpoint.base)).collect()
    };
    let request = browser::prepare(&probe.request, &case.endpoint.base)?;
    let variants = prepare(&probe.variants)?;
    let after = prepare(&probe.after)?;
    let alongside = prepare(&probe.alongside)?;
    let twisted = async {
        let alone = fetch(case.endpoint, &request, None).await?;
        let twist = Twist { case, request: &request, alone: &alone };
        let changed = if let Some(changed) = twist.forms(&variants).await? {
            Some(changed)
        } else if let Some(changed) = twist.wire_forms(&probe.wire_forms).await? {
            Some(changed)
        } else if let Some(changed) = twist.state(&after, &alongside).await? {
            Some(changed)
        } else if let Some(changed) = twist.again(probe.again).await? {
            Some(changed)
        } else if probe.permuted {
            twist.permuted(&probe.request).await?
        } else {
            None
        };
        Ok(vec![match changed {
            None => case.pass(LAW),
            Some((requirement, what, with)) => {
                let permitted = meaning::permits(case.policy, &request.request);
                let finding = Finding {
                    what,
                    policy_means: super::sharing::policy_means(&permitted, &request.request),
                    browser: format!(
                        "alone: {}; so: {}",
                        browser_does(&alone.outcome),
                        browser_does(&with.outcome)
                    ),
                    step: Some(with.outcome.step.as_str().to_owned()),
                    exchanges: alone.exchanges.iter().chain(&with.exchanges).cloned().collect(),
                    decides: None,
                };
                case.breach(requirement, finding)
            }
        }])
    };
    Ok(twisted.await)
}

type Changed = (&'static str, String, Fetched);

struct Twist<'a> {
    case: &'a Case<'a>,
    request: &'a Prepared,
    alone: &'a Fetched,
}

impl Twist<'_> {
    /// `fetched` when what a page sees of it differs from what it sees of the request asked alone.
    fn changed(&self, requirement: &'static str, what: &str, fetched: Fetched) -> Option<Changed> {
        (Seen::of(&fetched) != Seen::of(self.alone)).then(|| (requirement, what.to_owned(), fetched))
    }

    async fn forms(&self, variants: &[Prepared]) -> Result<Option<Changed>, TransportError> {
        for variant in variants {
            let fetched = fetch(self.case.endpoint, variant, None).await?;
            let what = "another form of the same request changes the verdict";
            if let Some(changed) = self.changed("stability/form", what, fetched) {
                return Ok(Some(changed));
            }
        }
        Ok(None)
    }

    async fn wire_forms(&self, forms: &[WireForm]) -> Result<Option<Changed>, TransportError> {
        // Bodies are not written.
        let Some(first) = self.alone.exchanges.first().filter(|first| !first.request.body) else {
            return Ok(None);
        };
        for &form in forms {
            let bytes = written(&first.request, form, self.case.endpoint);
            let responses = if form == WireForm::Pipelined { 2 } else { 1 };
            // A server that does not answer a form of message says nothing on the request.
            let answers = match self.case.endpoint.transport.send_bytes(bytes, responses).await {
                Ok(answers) => answers,
                Err(error @ TransportError::NotApplicable(_)) => return Err(error),
                Err(_) => continue,
            };
            for answer in answers {
                // A server may refuse a form of message; that is not a verdict on the request.
                if first.response.status < 400 && matches!(answer.response.status, 400..=599) {
                    continue;
                }
                let again = Exchange { response: answer.response, body: answer.body, ..first.clone() };
                let fetched = fetch(self.case.endpoint, self.request, Some(&again)).await?;
                let what =
                    format!("the same request changes its verdict when it is written with {}", form.as_str());
                if let Some(changed) = self.changed("stability/form", &what, fetched) {
                    return Ok(Some(changed));
                }
            }
        }
        Ok(None)
    }

    async fn state(
        &self,
        after: &[Prepared],
        alongside: &[Prepared],
    ) -> Result<Option<Changed>, TransportError> {
        let endpoint = self.case.endpoint;
        if !after.is_empty() {
            for other in after {
                fetch(endpoint, other, None).await?;
            }
            let fetched = fetch(endpoint, self.request, None).await?;
            let what = "what was asked before changes the verdict";
            if let Some(changed) = self.changed("stability/state", what, fetched) {
                return Ok(Some(changed));
            }
        }
        if !alongside.is_empty() {
            // In turns, so that whatever is shared between requests is another's when it is read.
            let all = (0..ROUNDS).flat_map(|_| std::iter::once(self.request).chain(alongside));
            let fetched = join_all(all.map(|prepared| fetch(endpoint, prepared, None))).await;
            for own in fetched.into_iter().step_by(alongside.len() + 1) {
                let what = "what is asked at the same time changes the verdict";
                if let Some(changed) = self.changed("stability/state", what, own?) {
                    return Ok(Some(changed));
                }
            }
        }
        Ok(None)
    }

    async fn again(&self, times: u32) -> Result<Option<Changed>, TransportError> {
        for _ in 0..times {
            let fetched = fetch(self.case.endpoint, self.request, None).await?;
            let what = "the same request gets another verdict when it is asked again";
            if let Some(changed) = self.changed("stability/repetition", what, fetched) {
                return Ok(Some(changed));
            }
        }
        Ok(None)
    }

    async fn permuted(&self, document: &ServerRequest) -> Result<Option<Changed>, TransportError> {
        for policy in permutations(self.case.policy) {
            // What cannot be configured now could be before: another law's business, if anybody's.
            let served = self.case.implementation.serve(&policy, self.case.limits).await;
            let Ok(endpoint) = served else { continue };
            let Ok(request) = browser::prepare(document, &endpoint.base) else { continue };
            let fetched = fetch(&endpoint, &request, None).await?;
            let what = "the order of the configured origins changes the verdict";
            if let Some(changed) = self.changed("stability/configuration", what, fetched) {
                return Ok(Some(changed));
            }
        }
        Ok(None)
    }
}

/// The policy with its origins in other orders: backwards, and turned by one.
fn permutations(policy: &Policy) -> Vec<Policy> {
    let backwards: Vec<_> = policy.origins.items().iter().rev().cloned().collect();
    let mut turned = policy.origins.items().to_vec();
    if !turned.is_empty() {
        turned.rotate_left(1);
    }
    [backwards, turned]
        .into_iter()
        .filter(|origins| *origins != policy.origins.items())
        .map(|origins| Policy { origins: AllowList::Only(origins), ..policy.clone() })
        .collect()
}

/// A request of HTTP/1.1 in one of the forms it can have.
fn written(request: &WireRequest, form: WireForm, endpoint: &Endpoint) -> Vec<u8> {
    let authority = endpoint.base.authority();
    let target = match form {
        WireForm::AbsoluteForm => format!("{}://{authority}{}", endpoint.base.scheme(), request.target),
        _ => request.target.clone(),
    };
    let version = if form == WireForm::Http10 { "HTTP/1.0" } else { "HTTP/1.1" };
    let start = [&request.method[..], b" ", target.as_bytes(), b" ", version.as_bytes(), b"\r\n"].concat();
    let mut bytes = Vec::new();
    let mut line = |name: &[u8], value: &[u8]| {
        match form {
            WireForm::UpperCaseNames => bytes.extend(name.to_ascii_uppercase()),
            WireForm::LowerCaseNames => bytes.extend(name.to_ascii_lowercase()),
            _ => bytes.extend_from_slice(name),
        }
        bytes.extend_from_slice(if form == WireForm::NoSpaces { b":" } else { b": " });
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    };
    line(b"Host", authority.as_bytes());
    for header in &request.headers {
        line(&header.name, &header.value);
    }
    // The last request asks for the connection to be closed, so that nobody waits for a server that is done.
    let close = b"Connection: close\r\n\r\n";
    if form == WireForm::Pipelined {
        return [&start[..], &bytes, b"\r\n", &start, &bytes, close].concat();
    }
    [&start[..], &bytes, close].concat()
}

async fn fetch(
    endpoint: &Endpoint,
    prepared: &Prepared,
    stored: Option<&Exchange>,
) -> Result<Fetched, TransportError> {
    browser::fetch(endpoint, prepared, &mut PreflightCache::new(), Duration::ZERO, stored).await
}
