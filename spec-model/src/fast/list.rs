//! List headers without a list: `#token` element by element.

use crate::abnf::{ParseFailure, is_tchar};
use crate::infra::{is_http_tab_or_space, trim, trim_start};

/// The elements of `#token` that are not empty, as
/// [`Abnf::TokenList`](crate::abnf::Abnf::TokenList) extracts them. A failure is the last item.
pub fn tokens(value: &[u8]) -> Tokens<'_> {
    Tokens { rest: value, ended: false }
}

/// Iterator of [`tokens`].
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<&'a [u8], ParseFailure>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let length = self.rest.iter().position(|&byte| !IS_TCHAR[usize::from(byte)]);
            let (token, rest) = self.rest.split_at(length.unwrap_or(self.rest.len()));
            if rest.is_empty() {
                self.ended = true;
            } else {
                let Some(rest) = trim_start(rest).strip_prefix(b",") else {
                    self.ended = true;
                    return Some(Err(ParseFailure));
                };
                self.rest = trim_start(rest);
            }
            if !token.is_empty() {
                return Some(Ok(token));
            }
        }
        None
    }
}

const IS_TCHAR: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = is_tchar(byte as u8);
        byte += 1;
    }
    table
};

/// The line, when there is just one.
pub(super) fn only<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<&'a [u8]> {
    match (lines.next(), lines.next()) {
        (Some(line), None) => Some(line),
        _ => None,
    }
}

/// Whether `holds` for every element of the list that `lines` are together, each line one value of the header.
///
/// Elements come without the tabs and spaces around them, empty ones not at all. They are not held to be tokens: where
/// `holds` is true of tokens only, this is true exactly when the combined value matches `#token` and `holds` for all.
#[inline]
pub fn all<'a>(lines: impl IntoIterator<Item = &'a [u8]>, mut holds: impl FnMut(&'a [u8]) -> bool) -> bool {
    let mut lines = lines.into_iter().peekable();
    let mut first = true;
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        if !ends_are_elements(line, first, last) || !elements(line).all(&mut holds) {
            return false;
        }
        first = false;
    }
    true
}

/// Space is part of a list only beside a comma. Between two lines there is one.
fn ends_are_elements(line: &[u8], first: bool, last: bool) -> bool {
    if first && line.first().copied().is_some_and(is_http_tab_or_space) {
        let rest = trim_start(line);
        if !(rest.starts_with(b",") || rest.is_empty() && !last) {
            return false;
        }
    }
    if last && line.last().copied().is_some_and(is_http_tab_or_space) {
        let rest = trim(line, is_http_tab_or_space);
        if !(trim_end(line).ends_with(b",") || rest.is_empty() && !first) {
            return false;
        }
    }
    true
}

fn trim_end(line: &[u8]) -> &[u8] {
    let spaces = line.iter().rev().take_while(|&&byte| is_http_tab_or_space(byte)).count();
    &line[..line.len() - spaces]
}

/// What stands between the commas of a line, without the tabs and spaces around it; empty elements are left out.
#[inline]
pub fn elements(line: &[u8]) -> Elements<'_> {
    Elements { line, position: 0 }
}

/// Iterator of [`elements`].
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    line: &'a [u8],
    position: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        self.position = skip_separators(self.line, self.position);
        if self.position >= self.line.len() {
            return None;
        }
        let start = self.position;
        let end = next_comma(self.line, start);
        self.position = end + 1;
        let mut element = &self.line[start..end];
        while let [rest @ .., b' ' | b'\t'] = element {
            element = rest;
        }
        Some(element)
    }
}

/// Past commas, tabs and spaces: one step for what is between two names, eight bytes a step in long runs.
#[inline]
fn skip_separators(line: &[u8], mut position: usize) -> usize {
    let mut skipped = 0;
    while let Some(b',' | b' ' | b'\t') = line.get(position) {
        position += 1;
        skipped += 1;
        if skipped >= 4 {
            while word(line, position).is_some_and(|word| {
                let separators = equal(word, b',') | equal(word, b' ') | equal(word, b'\t');
                separators == HIGH
            }) {
                position += 8;
            }
            skipped = 0;
        }
    }
    position
}

/// Where the next comma is, or the end.
#[inline]
fn next_comma(line: &[u8], mut position: usize) -> usize {
    while let Some(word) = word(line, position) {
        let commas = equal(word, b',');
        if commas != 0 {
            return position + (commas.trailing_zeros() / 8) as usize;
        }
        position += 8;
    }
    let rest = line.get(position..).unwrap_or_default();
    position + rest.iter().position(|&byte| byte == b',').unwrap_or(rest.len())
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

#[inline]
fn word(line: &[u8], position: usize) -> Option<u64> {
    let bytes = line.get(position..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}

/// The high bit of each byte of `word` that equals `byte`, and no other bit.
#[inline]
const fn equal(word: u64, byte: u8) -> u64 {
    let difference = word ^ (LOW * byte as u64);
    // Without a carry from byte to byte, so that each answer is exact.
    !((((difference & !HIGH) + !HIGH) | difference) | !HIGH)
}
