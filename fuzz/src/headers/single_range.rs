//! A single range, as the safelist of `Range` reads it.

use std::cmp::Ordering;

use corspec_model::range::{SingleRange, compare_decimal, parse_a_single_range_header_value};
use corspec_model::request_headers::{SAFELISTED_VALUE_LIMIT, is_cors_safelisted_request_header};

use crate::grammar::{RANGE, RANGE_WITH_SPACE};
use crate::shapes::raw_or_spelled;

const PIECES: [&str; 14] =
    ["bytes", "=", "-", " ", "\t", "0", "1", "9", "00", "18446744073709551616", ",", "bytes=", "Bytes", "+"];

/// The parser agrees with the grammar, with arithmetic, and with itself on what it gave back.
pub fn check(data: &[u8]) {
    raw_or_spelled(data, &PIECES, |value| {
        for (allow_whitespace, grammar) in [(false, &RANGE), (true, &RANGE_WITH_SPACE)] {
            let parsed = parse_a_single_range_header_value(value, allow_whitespace);
            let matches = grammar.matches(value);
            assert!(matches || parsed.is_none(), "{}", value.escape_ascii());
            if let Some(range) = parsed {
                in_order(range);
                let tight = [b"bytes=", range.start.unwrap_or_default(), b"-", range.end.unwrap_or_default()]
                    .concat();
                assert_eq!(parse_a_single_range_header_value(&tight, false), parsed);
            } else if matches {
                out_of_order(value);
            }
        }
        let safelisted = value.len() <= SAFELISTED_VALUE_LIMIT
            && parse_a_single_range_header_value(value, false).is_some_and(|range| range.start.is_some());
        assert_eq!(is_cors_safelisted_request_header(b"Range", value), safelisted);
    });
}

/// The number, where it fits.
fn number(digits: &[u8]) -> Option<u128> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn in_order(range: SingleRange<'_>) {
    let (Some(start), Some(end)) = (range.start, range.end) else { return };
    assert_ne!(compare_decimal(start, end), Ordering::Greater);
    if let (Some(start), Some(end)) = (number(start), number(end)) {
        assert!(start <= end);
    }
}

/// A range that matches the grammar fails only because it ends before it starts.
fn out_of_order(value: &[u8]) {
    let numbers: Vec<&[u8]> =
        value.split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty()).collect();
    let [start, end] = numbers[..] else { panic!("no two numbers in {}", value.escape_ascii()) };
    if let (Some(start), Some(end)) = (number(start), number(end)) {
        assert!(start > end, "{}", value.escape_ascii());
    }
}
