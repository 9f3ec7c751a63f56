//! Request-headers by class ([Headers](https://fetch.spec.whatwg.org/#terminology-headers)): what an author may send
//! without a preflight, what no author may send.

use crate::header_list::{HeaderList, convert_header_names_to_a_sorted_lowercase_set};
use crate::header_value;
use crate::infra::{isomorphic_encode, matches_one_of};
use crate::methods::is_forbidden_method;
use crate::{mime_type, range};

/// Longest value of a CORS-safelisted request-header, in bytes.
pub const SAFELISTED_VALUE_LIMIT: usize = 128;
/// Largest sum of the values of the safelisted request-headers of one request, in bytes.
pub const SAFELISTED_TOTAL_LIMIT: usize = 1024;

/// [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header): whether the
/// header may go cross-origin without a preflight.
pub fn is_cors_safelisted_request_header(name: &[u8], value: &[u8]) -> bool {
    // 1. Too long: false.
    if value.len() > SAFELISTED_VALUE_LIMIT {
        return false;
    }
    // 2. Switch on the lower-cased name.
    if name.eq_ignore_ascii_case(b"accept") {
        if value.iter().any(|&byte| is_cors_unsafe_request_header_byte(byte)) {
            return false;
        }
    } else if matches_one_of(name, &["accept-language", "content-language"]) {
        if !value.iter().all(|&byte| is_language_byte(byte)) {
            return false;
        }
    } else if name.eq_ignore_ascii_case(b"content-type") {
        // content-type 1. An unsafe byte: false.
        if value.iter().any(|&byte| is_cors_unsafe_request_header_byte(byte)) {
            return false;
        }
        // content-type 2.–3. Parse the value; failure: false.
        let Some(essence) = mime_type::essence(value) else { return false };
        // content-type 4. Only the types a form can send.
        if !essence.is_one_of(&["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]) {
            return false;
        }
    } else if name.eq_ignore_ascii_case(b"range") {
        // range 1.–2. A single range, without whitespace.
        let Some(range_value) = range::parse_a_single_range_header_value(value, false) else { return false };
        // range 3. A suffix range (`bytes=-500`) is not safelisted.
        if range_value.start.is_none() {
            return false;
        }
    } else {
        return false;
    }
    // 3.
    true
}

/// [CORS-unsafe request-header byte](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte).
pub const fn is_cors_unsafe_request_header_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t')
        || matches!(
            byte,
            b'"' | b'(' | b')' | b':' | b'<' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'{' | b'}' | 0x7F
        )
}

/// The bytes `Accept-Language` and `Content-Language` may hold to be safelisted.
const fn is_language_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'*' | b',' | b'-' | b'.' | b';' | b'=')
}

/// [CORS-unsafe request-header names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names): the names
/// that need the server's consent, lower-cased, sorted, each once.
pub fn cors_unsafe_request_header_names(headers: &HeaderList) -> Vec<Box<[u8]>> {
    // 1.–3.
    let mut unsafe_names = Vec::new();
    let mut potentially_unsafe_names = Vec::new();
    let mut safelist_value_size = 0_usize;
    // 4. Sort the headers into the two lists.
    for header in headers {
        if is_cors_safelisted_request_header(&header.name, &header.value) {
            potentially_unsafe_names.push(&*header.name);
            safelist_value_size += header.value.len();
        } else {
            unsafe_names.push(&*header.name);
        }
    }
    // 5. Too much in all: the safelisted ones are unsafe too.
    if safelist_value_size > SAFELISTED_TOTAL_LIMIT {
        unsafe_names.append(&mut potentially_unsafe_names);
    }
    // 6.
    convert_header_names_to_a_sorted_lowercase_set(unsafe_names)
}

/// [CORS non-wildcard request-header name](https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name):
/// `Authorization`, which `*` never covers.
pub fn is_cors_non_wildcard_request_header_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Authorization")
}

/// [Privileged no-CORS request-header
/// name](https://fetch.spec.whatwg.org/#privileged-no-cors-request-header-name): `Range`.
pub fn is_privileged_no_cors_request_header_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Range")
}

/// [No-CORS-safelisted request-header
/// name](https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header-name).
pub fn is_no_cors_safelisted_request_header_name(name: &[u8]) -> bool {
    matches_one_of(name, &["Accept", "Accept-Language", "Content-Language", "Content-Type"])
}

/// [No-CORS-safelisted request-header](https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header).
pub fn is_no_cors_safelisted_request_header(name: &[u8], value: &[u8]) -> bool {
    // 1.–2.
    is_no_cors_safelisted_request_header_name(name) && is_cors_safelisted_request_header(name, value)
}

/// The names of step 1 of [forbidden request-header](is_forbidden_request_header), whatever their value.
pub const FORBIDDEN_NAMES: [&str; 21] = [
    "Accept-Charset",
    "Accept-Encoding",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
    "Connection",
    "Content-Length",
    "Cookie",
    "Cookie2",
    "Date",
    "DNT",
    "Expect",
    "Host",
    "Keep-Alive",
    "Origin",
    "Referer",
    "Set-Cookie",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Via",
];

/// [Forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header): one no author may set.
pub fn is_forbidden_request_header(name: &[u8], value: &[u8]) -> bool {
    // 1. A name on the list.
    if matches_one_of(name, &FORBIDDEN_NAMES) {
        return true;
    }
    // 2. A reserved prefix.
    if starts_with_ignore_case(name, b"proxy-") || starts_with_ignore_case(name, b"sec-") {
        return true;
    }
    // 3. A method override that names a forbidden method.
    if matches_one_of(name, &["X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"]) {
        let parsed_values = header_value::get_decode_and_split(value);
        if parsed_values
            .iter()
            .any(|method| isomorphic_encode(method).is_some_and(|method| is_forbidden_method(&method)))
        {
            return true;
        }
    }
    // 4.
    false
}

/// [Request-body-header name](https://fetch.spec.whatwg.org/#request-body-header-name): headers that go when a
/// redirect drops the body.
pub const REQUEST_BODY_HEADER_NAMES: [&str; 4] =
    ["Content-Encoding", "Content-Language", "Content-Location", "Content-Type"];

fn starts_with_ignore_case(name: &[u8], prefix: &[u8]) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
