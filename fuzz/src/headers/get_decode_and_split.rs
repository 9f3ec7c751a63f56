//! *Get, decode, and split*: commas outside quoted strings.

use super::header;
use crate::shapes::{lines, raw_or_spelled};

const NAME: &str = "X-Test";
const PIECES: [&str; 12] = [",", ", ", "\"", "\\", " ", "\t", "\n", "a", "b=c", "*", "\r", "é"];

/// The algorithm, which collects, agrees with a machine that looks at one byte after the other; what it gives back,
/// joined, is split the same again.
pub fn check(data: &[u8]) {
    raw_or_spelled(data, &PIECES, |data| {
        let list = header(NAME, lines(data));
        let Some(values) = list.get_decode_and_split(NAME) else { panic!("the header is there") };
        let combined = list.get(NAME).unwrap_or_default();
        let mut read = values.iter();
        one_after_the_other(&combined, |element| {
            let same = |value: &String| value.chars().eq(element.iter().copied().map(char::from));
            assert!(read.next().is_some_and(same), "{}: {values:?}", combined.escape_ascii());
        });
        assert_eq!(read.next(), None, "{}", combined.escape_ascii());
        // One length in two: it is the same work again.
        if data.len() % 2 == 0 {
            return;
        }
        let mut joined = Vec::with_capacity(combined.len());
        for (index, value) in values.iter().enumerate() {
            joined.extend_from_slice(if index == 0 { b"" } else { b", " });
            joined.extend(value.chars().filter_map(|c| u8::try_from(c).ok()));
        }
        if joined != *combined {
            assert_eq!(header(NAME, [&*joined]).get_decode_and_split(NAME), Some(values));
        }
    });
}

/// Hands out the elements: parts of `value` without the space around them.
fn one_after_the_other(value: &[u8], mut found: impl FnMut(&[u8])) {
    let mut start = 0;
    let (mut quoted, mut escaped) = (false, false);
    for (at, &byte) in value.iter().enumerate() {
        match byte {
            b',' if !quoted => {
                found(trimmed(&value[start..at]));
                start = at + 1;
                continue;
            }
            b'"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && !escaped && byte == b'\\';
    }
    found(trimmed(&value[start..]));
}

fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
