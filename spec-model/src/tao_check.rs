//! [TAO check](https://fetch.spec.whatwg.org/#tao-check): may the page see the timing of this response?

use crate::header_list::HeaderList;
use crate::request::{Mode, Request, ResponseTainting};
use crate::trace::{Step, Trace, step};

/// Performs a [TAO check](https://fetch.spec.whatwg.org/#concept-tao-check): `Ok` is success, `Err` failure, each
/// with the step that decided.
///
/// # Errors
/// The step of the failure.
pub fn tao_check(request: &Request, headers: &HeaderList, trace: &mut impl Trace) -> Result<Step, Step> {
    // 1. Assert: the origin is not `client`. (It never is here.)
    // 2. An earlier response of the chain failed.
    if trace.test(step("tao-check/2"), request.timing_allow_failed) {
        return Err(step("tao-check/2"));
    }
    // 3. Get, decode, and split `Timing-Allow-Origin`.
    let values = headers.get_decode_and_split("Timing-Allow-Origin").unwrap_or_default();
    // 4. `*`: success.
    if trace.test(step("tao-check/4"), values.iter().any(|value| value == "*")) {
        return Ok(step("tao-check/4"));
    }
    // 5. The request's origin: success.
    let serialized_origin = request.serialize_origin();
    if trace.test(step("tao-check/5"), values.contains(&serialized_origin)) {
        return Ok(step("tao-check/5"));
    }
    // 6. A cross-origin navigation: failure.
    let cross_origin = !request.current_url().origin().is_same_origin_with(&request.origin);
    if trace.test(step("tao-check/6"), request.mode == Mode::Navigate && cross_origin) {
        return Err(step("tao-check/6"));
    }
    // 7. Basic tainting: success.
    if trace.test(step("tao-check/7"), request.response_tainting == ResponseTainting::Basic) {
        return Ok(step("tao-check/7"));
    }
    // 8.
    trace.run(step("tao-check/8"));
    Err(step("tao-check/8"))
}
