//! Drives the model with scripted responses: client vectors and `corspec eval`.

use std::time::Duration;

use crate::DocumentError;
use crate::bytes::to_header_list;
use crate::client::{
    EvaluatedFetch, OptionalTrace, OutcomeDocument, RequestKind, ScriptedFetch, ScriptedResponse,
    SentRequest, trace_document,
};
use corspec_model::{Fetch, Next, PreflightCache, Response};

/// Runs the fetches of a client vector one after the other against one preflight cache.
///
/// # Errors
/// [`DocumentError`] when the script makes no sense or runs out of responses; it names the fetch.
pub fn run(fetches: &[ScriptedFetch], keep_trace: bool) -> Result<Vec<EvaluatedFetch>, DocumentError> {
    let mut cache = PreflightCache::new();
    let mut evaluated = Vec::with_capacity(fetches.len());
    for (index, fetch) in fetches.iter().enumerate() {
        let result = run_one(fetch, &mut cache, keep_trace)
            .map_err(|error| DocumentError::new(&format!("fetches[{index}]"), error))?;
        evaluated.push(result);
    }
    Ok(evaluated)
}

fn run_one(
    fetch: &ScriptedFetch,
    cache: &mut PreflightCache,
    keep_trace: bool,
) -> Result<EvaluatedFetch, DocumentError> {
    let now = Duration::try_from_secs_f64(fetch.at).map_err(|error| DocumentError::new("at", error))?;
    let request = match fetch.request.prepare().map_err(|error| DocumentError::new("request", error))? {
        Ok(request) => request,
        Err(thrown) => {
            let outcome = OutcomeDocument::Error {
                outcome_type: crate::client::ErrorWord::Error,
                reason: thrown.reason.as_str().to_owned(),
                step: thrown.step.as_str().to_owned(),
            };
            let step = thrown.step.as_str().to_owned();
            return Ok(EvaluatedFetch { sent: Vec::new(), outcome, step, trace: keep_trace.then(Vec::new) });
        }
    };
    let mut responses = fetch.responses.iter();
    let mut sent = Vec::new();
    let (mut fetch, mut next) = Fetch::start(request, cache, now, OptionalTrace(keep_trace.then(Vec::new)));
    let outcome = loop {
        match next {
            Next::Done(outcome) => break outcome,
            Next::Send(request) => {
                let kind = request.kind.into();
                sent.push(SentRequest::from(&request));
                let Some(response) = next_response(&mut responses, kind) else {
                    return Err(DocumentError::new(
                        "responses",
                        format_args!(
                            "none left for request {}, {} {}",
                            sent.len(),
                            request.method.escape_ascii(),
                            request.url
                        ),
                    ));
                };
                if response.status > 999 {
                    return Err(DocumentError::new(
                        "responses",
                        format_args!("status {} is above 999", response.status),
                    ));
                }
                next = if response.network_error {
                    fetch.fail(cache, now)
                } else {
                    fetch.receive(
                        Response::new(response.status, to_header_list(&response.headers)),
                        cache,
                        now,
                    )
                };
            }
        }
    };
    Ok(EvaluatedFetch {
        sent,
        outcome: OutcomeDocument::from(&outcome),
        step: outcome.step.as_str().to_owned(),
        trace: fetch.trace().0.as_deref().map(trace_document),
    })
}

/// The next response that answers a request of this kind; those for the other kind and interim ones are passed over.
pub fn next_response<'a>(
    responses: &mut impl Iterator<Item = &'a ScriptedResponse>,
    kind: RequestKind,
) -> Option<&'a ScriptedResponse> {
    responses.find(|response| response.is_for(kind) && !(100..=199).contains(&response.status))
}
