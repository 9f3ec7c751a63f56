//! The CORS check without the value that several lines are together.

use crate::abnf::{ALLOW_CREDENTIALS, ALLOW_ORIGIN};
use crate::cors_check::why_not;
use crate::fast::list::only;
use crate::header_list::HeaderList;
use crate::outcome::NetworkError;
use crate::reason::Reason;
use crate::request::CredentialsMode;
use crate::trace::{Step, step};

/// The [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check), as
/// [`check`](crate::cors_check::check) has it.
///
/// # Errors
/// A [`NetworkError`] with the reason and the step of the failure.
pub fn check(
    serialized_origin: &[u8],
    credentials_mode: CredentialsMode,
    headers: &HeaderList,
) -> Result<Step, NetworkError> {
    let include = credentials_mode == CredentialsMode::Include;
    let error = |reason, at| NetworkError { reason, step: step(at) };
    let mut lines = headers.lines(ALLOW_ORIGIN);
    // 1.–2.
    let first = lines.next().ok_or_else(|| error(Reason::MissingAllowOrigin, "cors-check/2"))?;
    let several = lines.next().is_some();
    // 3. The comma between several lines is no part of `*`.
    if !several && !include && first == b"*" {
        return Ok(step("cors-check/3"));
    }
    // 4.
    let same = if several {
        are_together(headers.lines(ALLOW_ORIGIN), serialized_origin)
    } else {
        first == serialized_origin
    };
    if !same {
        let reason = if several { Reason::MultipleAllowOriginValues } else { why_not(first, include) };
        return Err(error(reason, "cors-check/4"));
    }
    // 5.
    if !include {
        return Ok(step("cors-check/5"));
    }
    // 6.–7. Nor is it a part of `true`.
    if only(headers.lines(ALLOW_CREDENTIALS)) == Some(b"true") {
        return Ok(step("cors-check/7"));
    }
    // 8.
    Err(error(Reason::InvalidAllowCredentials, "cors-check/8"))
}

/// Whether the lines joined by `, ` are `value`.
fn are_together<'a>(lines: impl Iterator<Item = &'a [u8]>, value: &[u8]) -> bool {
    let mut rest = Some(value);
    for (index, line) in lines.enumerate() {
        rest = rest
            .and_then(|rest| if index == 0 { Some(rest) } else { rest.strip_prefix(b", ") })
            .and_then(|rest| rest.strip_prefix(line));
    }
    rest == Some(b"")
}
