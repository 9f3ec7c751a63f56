//! Byte and string helpers of the Infra Standard that the algorithms lean on.
//!
//! Names follow <https://infra.spec.whatwg.org/>. *Isomorphic* means: code point U+00NN is byte NN.

use std::borrow::Cow;

/// HTTP tab or space byte (0x09 or 0x20), <https://fetch.spec.whatwg.org/#http-tab-or-space-byte>.
pub const fn is_http_tab_or_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b' ')
}

/// HTTP whitespace byte (LF, CR, tab or space), <https://fetch.spec.whatwg.org/#http-whitespace-byte>.
pub const fn is_http_whitespace(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'\t' | b' ')
}

/// Removes every byte for which `strip` holds from both ends.
pub fn trim(mut bytes: &[u8], strip: impl Fn(u8) -> bool) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && strip(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && strip(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Removes tab and space from the start.
pub fn trim_start(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|&&byte| is_http_tab_or_space(byte)).count()..]
}

/// Collects a sequence of code points: returns the longest run from `position` for which `keep` holds and
/// moves `position` past it.
pub fn collect<'a>(input: &'a [u8], position: &mut usize, keep: impl Fn(u8) -> bool) -> &'a [u8] {
    let rest = input.get(*position..).unwrap_or_default();
    let length = rest.iter().position(|&byte| !keep(byte)).unwrap_or(rest.len());
    *position += length;
    &rest[..length]
}

/// Isomorphic decode: one code point per byte.
pub fn isomorphic_decode(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// Isomorphic encode: one byte per code point, or `None` when a code point is above U+00FF.
pub fn isomorphic_encode(string: &str) -> Option<Vec<u8>> {
    string.chars().map(|c| u8::try_from(c).ok()).collect()
}

/// Byte-lowercase; borrows when nothing changes.
pub fn byte_lowercase(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.iter().any(u8::is_ascii_uppercase) {
        Cow::Owned(bytes.to_ascii_lowercase())
    } else {
        Cow::Borrowed(bytes)
    }
}

/// Whether `name` is a byte-case-insensitive match for one of `names`.
pub fn matches_one_of(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|candidate| name.eq_ignore_ascii_case(candidate.as_bytes()))
}
