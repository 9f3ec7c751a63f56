//! Routing: the policy of the resolved path holds, also for a path no browser sends.
//!
//! Browsers resolve dot segments themselves, so their requests are judged by [`sharing`](super::sharing) under this law's
//! name. Here are those made by hand.

use corspec_vectors::server::WireRequest as WireDocument;

use super::robustness::granted_beyond;
use super::{Case, wire_request};
use crate::browser::Exchange;
use crate::transport::{Answer, TransportError};
use crate::verdict::{Finding, Judgement};

const LAW: &str = "routing";

/// Sends one request made by hand and looks whom the answer lets in.
///
/// # Errors
/// [`TransportError`] when nobody answers.
pub async fn judge(case: &Case<'_>, document: &WireDocument) -> Result<Vec<Judgement>, TransportError> {
    let request = wire_request(document);
    let Answer { response, body } = case.endpoint.transport.send(request.clone()).await?;
    let Some(granted) = granted_beyond(case.policy.at(request.path()), &response) else {
        return Ok(vec![case.pass(LAW)]);
    };
    let finding = Finding {
        what: "a path is granted what only another path's policy gives".to_owned(),
        policy_means: format!("deny: at the resolved path the policy does not allow the origin {granted}"),
        browser: "resolves the path before it asks; other clients need not".to_owned(),
        step: None,
        exchanges: vec![Exchange { kind: None, request, response, body }],
        decides: None,
    };
    Ok(vec![case.breach("routing/granted", finding)])
}
