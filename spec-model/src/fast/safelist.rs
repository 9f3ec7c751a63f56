//! The safelist of request-headers by tables.

use crate::HeaderList;
use crate::infra::{is_http_whitespace, trim};
use crate::request_headers::{
    SAFELISTED_TOTAL_LIMIT, SAFELISTED_VALUE_LIMIT, is_cors_safelisted_request_header,
};

/// Whether `Content-Type` with this value is a [CORS-safelisted
/// request-header](is_cors_safelisted_request_header).
pub fn is_safelisted_content_type(value: &[u8]) -> bool {
    const TYPES: [&[u8]; 3] = [b"application/x-www-form-urlencoded", b"multipart/form-data", b"text/plain"];
    if value.len() > SAFELISTED_VALUE_LIMIT {
        return false;
    }
    let trimmed = trim(value, is_http_whitespace);
    // The type decides, so the common refusal (`application/json`) is the quick one.
    let Some(rest) = TYPES.iter().find_map(|essence| {
        let (start, rest) = trimmed.split_at_checked(essence.len())?;
        start.eq_ignore_ascii_case(essence).then_some(rest)
    }) else {
        return false;
    };
    // Nothing but whitespace stands between the type and its parameters.
    let ended = match rest.iter().find(|&&byte| !is_http_whitespace(byte)) {
        None => true,
        Some(&byte) => byte == b';',
    };
    ended && !has_unsafe_byte(value)
}

/// Whether a value has a [CORS-unsafe request-header
/// byte](crate::request_headers::is_cors_unsafe_request_header_byte). Sixteen bytes at once: the
/// compiler makes vector instructions of comparisons without branches.
fn has_unsafe_byte(value: &[u8]) -> bool {
    let (whole, rest) = value.as_chunks::<16>();
    let mut last = [b' '; 16];
    last[..rest.len()].copy_from_slice(rest);
    whole.iter().chain([&last]).any(|chunk| chunk.iter().fold(false, |any, &byte| any | is_unsafe(byte)))
}

/// [`is_cors_unsafe_request_header_byte`](crate::request_headers::is_cors_unsafe_request_header_byte) without a branch.
#[inline]
const fn is_unsafe(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\t')
        | (byte == b'"')
        | (byte == b'(')
        | (byte == b')')
        | (byte == b':')
        | (byte == b'<')
        | (byte >= b'>') & (byte <= b'@')
        | (byte >= b'[') & (byte <= b']')
        | (byte == b'{')
        | (byte == b'}')
        | (byte == 0x7f)
}

/// As [`is_cors_safelisted_request_header`].
pub fn is_safelisted(name: &[u8], value: &[u8]) -> bool {
    // A name of the safelist has one of these lengths.
    match name.len() {
        12 if name.eq_ignore_ascii_case(b"content-type") => is_safelisted_content_type(value),
        5 | 6 | 15 | 16 => is_cors_safelisted_request_header(name, value),
        _ => false,
    }
}

/// The names of [CORS-unsafe request-header
/// names](crate::request_headers::cors_unsafe_request_header_names), as they are written, in the order of the headers,
/// repeated ones repeated.
pub fn unsafe_names(headers: &HeaderList) -> impl Iterator<Item = &[u8]> + Clone {
    let safelisted = headers.iter().filter(|header| is_safelisted(&header.name, &header.value));
    let too_much = safelisted.map(|header| header.value.len()).sum::<usize>() > SAFELISTED_TOTAL_LIMIT;
    headers
        .iter()
        .filter(move |header| too_much || !is_safelisted(&header.name, &header.value))
        .map(|header| &*header.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request_headers::is_cors_unsafe_request_header_byte;

    #[test]
    fn every_byte_is_unsafe_exactly_when_the_standard_says_so() {
        for byte in 0..=u8::MAX {
            assert_eq!(is_unsafe(byte), is_cors_unsafe_request_header_byte(byte), "{byte:#04x}");
            for length in 1..40 {
                let mut value = vec![b'a'; length];
                value[length - 1] = byte;
                assert_eq!(has_unsafe_byte(&value), is_unsafe(byte), "{byte:#04x} at {length}");
            }
        }
    }
}
