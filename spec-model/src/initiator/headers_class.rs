//! [Headers class](https://fetch.spec.whatwg.org/#headers-class): what its guards let through.

use crate::abnf::is_token;
use crate::header_list::HeaderList;
use crate::header_value::{is_header_value, normalize};
use crate::outcome::NetworkError;
use crate::reason::Reason;
use crate::request_headers::{
    is_forbidden_request_header, is_no_cors_safelisted_request_header,
    is_privileged_no_cors_request_header_name,
};

use super::throw;

/// A `Headers` object's [guard](https://fetch.spec.whatwg.org/#concept-headers-guard), those requests have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    Request,
    RequestNoCors,
}

/// [Append](https://fetch.spec.whatwg.org/#concept-headers-append) a header to a `Headers` object.
pub(super) fn append(
    list: &mut HeaderList,
    guard: Guard,
    name: &[u8],
    value: &[u8],
) -> Result<(), NetworkError> {
    // 1. Normalize value.
    let value = normalize(value);
    // 2. Validate: throws, or says the header is to be ignored.
    if !validate(name, value, guard)? {
        return Ok(());
    }
    // 3. In no-CORS mode the combined value must be safelisted.
    if guard == Guard::RequestNoCors {
        let name_str = String::from_utf8_lossy(name);
        let temporary_value = match list.get(&name_str) {
            Some(earlier) => [&*earlier, value].join(&b", "[..]),
            None => value.to_vec(),
        };
        if !is_no_cors_safelisted_request_header(name, &temporary_value) {
            return Ok(());
        }
    }
    // 4. Append.
    list.append(name, value);
    // 5. Remove privileged no-CORS request-headers.
    if guard == Guard::RequestNoCors
        && list.iter().any(|header| is_privileged_no_cors_request_header_name(&header.name))
    {
        list.delete("Range");
    }
    Ok(())
}

/// [Validate](https://fetch.spec.whatwg.org/#headers-validate) a header for a `Headers` object.
fn validate(name: &[u8], value: &[u8], guard: Guard) -> Result<bool, NetworkError> {
    // 1. Not a name or not a value: throw.
    if !is_token(name) {
        return Err(throw(Reason::InvalidHeaderName, "headers-validate/1"));
    }
    if !is_header_value(value) {
        return Err(throw(Reason::InvalidHeaderValue, "headers-validate/1"));
    }
    // 2. (Not immutable.) 3. Forbidden request-headers are ignored. 4. (Not a response.) 5.
    Ok(guard != Guard::Request || !is_forbidden_request_header(name, value))
}
