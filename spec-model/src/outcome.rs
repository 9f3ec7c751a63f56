//! How a fetch ends.

use crate::reason::Reason;
use crate::response::FilteredResponse;
use crate::trace::Step;

/// The end of a fetch: what script sees, and the step of the standard that decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// A response script gets, or a network error.
    pub result: Result<FilteredResponse, Reason>,
    /// The step that decided. For a shared response, the step of the CORS check that said so.
    pub step: Step,
    /// The [timing allow passed flag](https://fetch.spec.whatwg.org/#concept-response-timing-allow-passed).
    pub timing_allow_passed: bool,
}

impl Outcome {
    /// Whether script got a CORS response: it can read the body and the exposed headers.
    pub fn is_shared(&self) -> bool {
        matches!(&self.result, Ok(response) if response.response_type == crate::response::ResponseType::Cors)
    }
}

/// A [network error](https://fetch.spec.whatwg.org/#concept-network-error) with its reason and the step that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkError {
    /// Why.
    pub reason: Reason,
    /// Where in the standard.
    pub step: Step,
}
