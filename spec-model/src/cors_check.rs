//! [CORS check](https://fetch.spec.whatwg.org/#cors-check).

use crate::abnf::{ALLOW_CREDENTIALS, ALLOW_ORIGIN};
use crate::header_list::HeaderList;
use crate::origin_header::is_serialized_origin;
use crate::outcome::NetworkError;
use crate::reason::Reason;
use crate::request::{CredentialsMode, Request};
use crate::response::Response;
use crate::trace::{Step, Trace, step};

/// Performs a [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check) for a request and a response. Success
/// gives the step that said so.
///
/// # Errors
/// A [`NetworkError`] with the reason and the step of the failure.
pub fn cors_check(
    request: &Request,
    response: &Response,
    trace: &mut impl Trace,
) -> Result<Step, NetworkError> {
    check(request.byte_serialize_origin(), request.credentials_mode, &response.headers, trace)
}

/// The CORS check on its inputs alone: the byte-serialized request origin, the credentials mode and the response's
/// header list.
///
/// # Errors
/// As [`cors_check`].
pub fn check(
    serialized_origin: &[u8],
    credentials_mode: CredentialsMode,
    headers: &HeaderList,
    trace: &mut impl Trace,
) -> Result<Step, NetworkError> {
    let include = credentials_mode == CredentialsMode::Include;

    // 1. Get `Access-Control-Allow-Origin`.
    let origin = headers.get(ALLOW_ORIGIN);
    // 2. Not there: failure. (The standard's null is not the value `null`.)
    trace.record(step("cors-check/2"), origin.is_none());
    let Some(origin) = origin else {
        return Err(NetworkError { reason: Reason::MissingAllowOrigin, step: step("cors-check/2") });
    };
    // 3. Without credentials `*` is enough.
    if trace.test(step("cors-check/3"), !include && *origin == *b"*") {
        return Ok(step("cors-check/3"));
    }
    // 4. Any byte of difference from the request's origin: failure.
    if trace.test(step("cors-check/4"), serialized_origin != &*origin) {
        return Err(NetworkError { reason: why_not(&origin, include), step: step("cors-check/4") });
    }
    // 5. Without credentials that was all.
    if trace.test(step("cors-check/5"), !include) {
        return Ok(step("cors-check/5"));
    }
    // 6. Get `Access-Control-Allow-Credentials`.
    let credentials = headers.get(ALLOW_CREDENTIALS);
    // 7. Exactly `true`: success.
    if trace.test(step("cors-check/7"), credentials.as_deref() == Some(b"true")) {
        return Ok(step("cors-check/7"));
    }
    // 8. Failure.
    trace.run(step("cors-check/8"));
    Err(NetworkError { reason: Reason::InvalidAllowCredentials, step: step("cors-check/8") })
}

/// Why `origin` did not match at step 4, in the words engines use. The standard has one failure here.
pub(crate) fn why_not(origin: &[u8], include: bool) -> Reason {
    if origin == b"*" && include {
        Reason::WildcardOriginNotAllowed
    } else if origin.iter().any(|byte| matches!(byte, b',' | b' ')) {
        Reason::MultipleAllowOriginValues
    } else if origin == b"null" || is_serialized_origin(origin) {
        Reason::AllowOriginMismatch
    } else {
        Reason::InvalidAllowOriginValue
    }
}
