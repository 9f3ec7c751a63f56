//! [Header values](https://fetch.spec.whatwg.org/#header-value): normalizing and splitting them.

use crate::infra::{collect, is_http_tab_or_space, is_http_whitespace, isomorphic_decode, trim};

/// Whether `bytes` is a [header value](https://fetch.spec.whatwg.org/#header-value): no NUL, CR or LF, and no tab
/// or space at either end.
pub fn is_header_value(bytes: &[u8]) -> bool {
    trim(bytes, is_http_tab_or_space).len() == bytes.len()
        && !bytes.iter().any(|byte| matches!(byte, 0 | b'\n' | b'\r'))
}

/// [Normalize](https://fetch.spec.whatwg.org/#concept-header-value-normalize): removes HTTP whitespace bytes from
/// both ends.
pub fn normalize(potential_value: &[u8]) -> &[u8] {
    trim(potential_value, is_http_whitespace)
}

/// [Get, decode, and split](https://fetch.spec.whatwg.org/#header-value-get-decode-and-split) a header value: the
/// parts between commas that stand outside quoted strings, without surrounding tab or space.
pub fn get_decode_and_split(value: &[u8]) -> Vec<String> {
    // 1. Bytes stand for code points until a part is finished.
    let input = value;
    // 2.–4.
    let mut position = 0;
    let mut values = Vec::new();
    let mut temporary_value = Vec::new();
    // 5. While true:
    loop {
        // 5.1. Take everything up to a quote or a comma.
        temporary_value.extend_from_slice(collect(input, &mut position, |byte| !matches!(byte, b'"' | b',')));
        // 5.2. At a quote:
        if input.get(position) == Some(&b'"') {
            // 5.2.1. Take the quoted string, quotes included.
            temporary_value.extend_from_slice(&collect_an_http_quoted_string(input, &mut position, false));
            // 5.2.2. More input: go on with this part.
            if position < input.len() {
                continue;
            }
        }
        // 5.3.–5.5. The part is finished.
        values.push(isomorphic_decode(trim(&temporary_value, is_http_tab_or_space)));
        temporary_value.clear();
        // 5.6. End of input: done.
        if position >= input.len() {
            return values;
        }
        // 5.7.–5.8. Skip the comma.
        position += 1;
    }
}

/// [Collect an HTTP quoted string](https://fetch.spec.whatwg.org/#collect-an-http-quoted-string) that starts at
/// `position`, which must be at a `"`; moves `position` past it.
///
/// With `extract_value` the result is the content without quotes and escapes, else the bytes as they stand. When
/// there is no quote at `position` the result is empty and `position` stays.
pub fn collect_an_http_quoted_string(input: &[u8], position: &mut usize, extract_value: bool) -> Vec<u8> {
    // 1.–2.
    let position_start = *position;
    let mut value = Vec::new();
    // 3. Assert: at a quote.
    if input.get(*position) != Some(&b'"') {
        return value;
    }
    // 4.
    *position += 1;
    // 5. While true:
    loop {
        // 5.1. Take everything up to a quote or a backslash.
        value.extend_from_slice(collect(input, position, |byte| !matches!(byte, b'"' | b'\\')));
        // 5.2.–5.3. Stop at the end of input.
        let Some(&quote_or_backslash) = input.get(*position) else { break };
        // 5.4.
        *position += 1;
        if quote_or_backslash == b'\\' {
            // 5.5. A backslash stands for the byte after it, or for itself at the end of input.
            let Some(&escaped) = input.get(*position) else {
                value.push(b'\\');
                break;
            };
            value.push(escaped);
            *position += 1;
        } else {
            // 5.6. The closing quote.
            break;
        }
    }
    // 6.–7.
    if extract_value { value } else { input[position_start..*position].to_vec() }
}
