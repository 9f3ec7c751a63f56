//! The list headers: what is allowed, exposed and asked for, on one line or several.

use std::sync::LazyLock;

use corspec_model::HeaderList;
use corspec_model::abnf::{
    ALLOW_HEADERS, ALLOW_METHODS, EXPOSE_HEADERS, ParseFailure, REQUEST_HEADERS, extract_header_list_values,
    is_token,
};
use corspec_model::fast::{NameSet, list};
use corspec_model::response_headers::{ExposedNames, is_cors_safelisted_response_header_name};

use super::header;
use crate::grammar::TOKEN_LIST;
use crate::shapes::{lines, raw_or_spelled};

const NAMES: [&str; 4] = [ALLOW_METHODS, ALLOW_HEADERS, EXPOSE_HEADERS, REQUEST_HEADERS];
const PIECES: [&str; 16] = [
    ",",
    ", ",
    " ",
    "\t",
    "\n",
    "*",
    "GET",
    "PUT",
    "patch",
    "x-test",
    "X-Test",
    "Authorization",
    "set-cookie",
    "\"",
    "(",
    "é",
];
/// Longest list whose look-ups are compared with the standard's search from end to end.
const SHORT: usize = 8;

/// The parser agrees with the grammar and with another way to split; and, by the length of the input, several lines mean
/// what one combined line means, a list written from its values is read as those, or the fast code agrees.
pub fn check(data: &[u8]) {
    raw_or_spelled(data, &PIECES, |data| {
        let lines: Vec<&[u8]> = lines(data).collect();
        // A mutation that changes the length tries another of the headers, or another law.
        agrees(NAMES[data.len() % NAMES.len()], &lines, data.len() / NAMES.len());
    });
}

fn agrees(name: &'static str, lines: &[&[u8]], law: usize) {
    let list = header(name, lines.iter().copied());
    let values = extract_header_list_values(name, &list);
    assert_eq!(values, expected(name, lines).map(Some).ok_or(ParseFailure), "{name}: {lines:?}");
    let fast = law % 3 == 2;
    match name {
        REQUEST_HEADERS if fast => same_together(&list),
        ALLOW_METHODS if fast => same_tokens(lines[0]),
        ALLOW_HEADERS if fast => same_sorted(name, &list),
        _ => {}
    }
    let Ok(Some(values)) = values else { return };
    let length: usize = lines.iter().map(|line| line.len()).sum();
    assert!(values.iter().map(|value| value.len()).sum::<usize>() <= length, "values are parts of the lines");
    match law % 3 {
        // RFC 9110, section 5.3: lines may be combined.
        0 => same_values(name, lines, &list.get(name).unwrap_or_default(), &values),
        1 => same_values(name, lines, &values.join(&b", "[..]), &values),
        _ if name == EXPOSE_HEADERS && values.len() <= SHORT => same_look_ups(&values),
        _ => {}
    }
}

/// What the grammar takes, split at commas and trimmed; elements that are empty do not count.
fn expected<'a>(name: &str, lines: &[&'a [u8]]) -> Option<Vec<&'a [u8]>> {
    let mut values = Vec::new();
    for line in lines {
        let before = values.len();
        if !TOKEN_LIST.matches(line) {
            return None;
        }
        values.extend(
            line.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).filter(|element| !element.is_empty()),
        );
        // `1#field-name`: one at least, on every line.
        if name == REQUEST_HEADERS && values.len() == before {
            return None;
        }
    }
    Some(values)
}

/// One line instead of `lines` has the same values.
fn same_values(name: &'static str, lines: &[&[u8]], line: &[u8], values: &[&[u8]]) {
    // What was read just now need not be read again.
    if lines != [line] {
        let list = header(name, [line]);
        let again = extract_header_list_values(name, &list);
        assert!(again.is_ok_and(|again| again.as_deref() == Some(values)), "{}", line.escape_ascii());
    }
}

/// The fast list reads one line as the grammar does.
fn same_tokens(line: &[u8]) {
    let fast: Result<Vec<&[u8]>, ParseFailure> = list::tokens(line).collect();
    assert_eq!(fast.ok(), expected(ALLOW_METHODS, &[line]), "{}", line.escape_ascii());
}

/// Element by element on their lines, a list is what the combined value is.
fn same_together(header: &HeaderList) {
    const NAMES: [&str; 3] = ["patch", "x-test", "authorization"];
    static SET: LazyLock<NameSet> = LazyLock::new(|| NameSet::new(NAMES));
    let combined = header.get(REQUEST_HEADERS).unwrap_or_default();
    let names = expected(ALLOW_HEADERS, &[&combined]);
    assert_eq!(list::all(header.lines(REQUEST_HEADERS), is_token), names.is_some(), "{header:?}");
    let listed = |name: &&[u8]| NAMES.iter().any(|listed| listed.as_bytes().eq_ignore_ascii_case(name));
    let all = names.is_some_and(|names| names.iter().all(listed));
    assert_eq!(SET.contains_all(header.lines(REQUEST_HEADERS)), all, "{header:?}");
}

/// Sorted and combined, a header has the value it had.
fn same_sorted(name: &'static str, list: &HeaderList) {
    let sorted = list.sort_and_combine();
    assert_eq!(sorted.get(name), list.get(name));
    assert_eq!(sorted.iter().count(), 1, "{sorted:?}");
}

fn same_look_ups(values: &[&[u8]]) {
    let listed = ExposedNames::listed(values);
    let other_case = values.iter().map(|value| value.to_ascii_uppercase());
    let others = ["etag", "Set-Cookie", "pragma", "*"].map(|name| name.as_bytes().to_vec());
    for name in other_case.chain(others) {
        assert_eq!(
            listed.may_read(&name),
            is_cors_safelisted_response_header_name(&name, values),
            "{}",
            name.escape_ascii()
        );
    }
}
