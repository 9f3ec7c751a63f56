//! The list headers: what is allowed, exposed and asked for, on one line or several.

use corspec_model::HeaderList;
use corspec_model::abnf::{
    ALLOW_HEADERS, ALLOW_METHODS, EXPOSE_HEADERS, REQUEST_HEADERS, extract_header_list_values,
};
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

/// The parser agrees with the grammar and with another way to split; several lines mean what one combined line means;
/// the fast look-up of exposed names answers as the literal one.
pub fn check(data: &[u8]) {
    raw_or_spelled(data, &PIECES, |data| {
        let lines = lines(data);
        // A mutation that changes the length tries another of the headers.
        agrees(NAMES[data.len() % NAMES.len()], &lines);
    });
}

fn agrees(name: &'static str, lines: &[&[u8]]) {
    let list = header(name, lines);
    let values = extract_header_list_values(name, &list);
    assert_eq!(
        values,
        expected(name, lines).map(Some).ok_or(corspec_model::abnf::ParseFailure),
        "{name}: {lines:?}"
    );
    let Ok(Some(values)) = values else { return };
    let length: usize = lines.iter().map(|line| line.len()).sum();
    assert!(values.iter().map(|value| value.len()).sum::<usize>() <= length, "values are parts of the lines");
    same_values(name, lines, &list, &values);
    if name == EXPOSE_HEADERS && values.len() <= SHORT {
        same_look_ups(&values);
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

/// RFC 9110, section 5.3: lines may be combined. And a list written from its values is read as those values.
fn same_values(name: &'static str, lines: &[&[u8]], list: &HeaderList, values: &[&[u8]]) {
    let same_again = |line: &[u8]| {
        // What was read just now need not be read again.
        if lines != [line] {
            let list = header(name, &[line]);
            let again = extract_header_list_values(name, &list);
            assert!(again.is_ok_and(|again| again.as_deref() == Some(values)), "{}", line.escape_ascii());
        }
    };
    same_again(&list.get(name).unwrap_or_default());
    same_again(&values.join(&b", "[..]));
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
