//! [Parse a single range header value](https://fetch.spec.whatwg.org/#simple-range-header-value).

use std::cmp::Ordering;

use crate::infra::{collect, is_http_tab_or_space};

/// The two ends of a single byte range as they were written: runs of digits, at least one of them present.
///
/// The numbers have no upper bound, so they are kept as digits; [`compare_decimal`] orders them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SingleRange<'a> {
    /// First byte, or none for the last bytes of the resource.
    pub start: Option<&'a [u8]>,
    /// Last byte, or none for all that follows.
    pub end: Option<&'a [u8]>,
}

/// Parses `value` as one byte range; `None` is failure.
pub fn parse_a_single_range_header_value(value: &[u8], allow_whitespace: bool) -> Option<SingleRange<'_>> {
    let skip_whitespace = |position: &mut usize| {
        if allow_whitespace {
            collect(value, position, is_http_tab_or_space);
        }
    };
    let digits = |position: &mut usize| {
        Some(collect(value, position, |byte| byte.is_ascii_digit())).filter(|digits| !digits.is_empty())
    };

    // 1.–2. Must start with `bytes`. (Data is value, isomorphic decoded; here the bytes themselves.)
    if !value.starts_with(b"bytes") {
        return None;
    }
    // 3. At the code point after it.
    let mut position = 5;
    // 4.
    skip_whitespace(&mut position);
    // 5.–6. `=`
    if value.get(position) != Some(&b'=') {
        return None;
    }
    position += 1;
    // 7.
    skip_whitespace(&mut position);
    // 8.–9. The start, or null.
    let start = digits(&mut position);
    // 10.
    skip_whitespace(&mut position);
    // 11.–12. `-`
    if value.get(position) != Some(&b'-') {
        return None;
    }
    position += 1;
    // 13.
    skip_whitespace(&mut position);
    // 14.–15. The end, or null.
    let end = digits(&mut position);
    // 16. Nothing may follow.
    if position < value.len() {
        return None;
    }
    match (start, end) {
        // 17. Neither end: failure.
        (None, None) => None,
        // 18. The wrong way round: failure.
        (Some(start), Some(end)) if compare_decimal(start, end) == Ordering::Greater => None,
        // 19.
        _ => Some(SingleRange { start, end }),
    }
}

/// Orders two runs of decimal digits by the numbers they write, of any length.
pub fn compare_decimal(a: &[u8], b: &[u8]) -> Ordering {
    let significant = |digits: &[u8]| digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len());
    let (a, b) = (&a[significant(a)..], &b[significant(b)..]);
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
