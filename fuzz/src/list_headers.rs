//! `#token`, as `Access-Control-Allow-Methods` and its like are read.

use corspec_model::abnf::{Abnf, is_token};

/// The parser, which follows the grammar, agrees with another reading of it: split at commas, trim next to them, pass
/// over what is empty.
pub fn check(data: &[u8]) {
    let mut values = Vec::new();
    let parsed = Abnf::TokenList.extract(data, &mut values).ok().map(|()| values);
    assert_eq!(parsed, split(data));
}

fn split(value: &[u8]) -> Option<Vec<&[u8]>> {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b',').collect();
    let mut values = Vec::new();
    for (index, mut part) in parts.iter().copied().enumerate() {
        if index > 0 {
            part = &part[part.iter().take_while(|byte| space(byte)).count()..];
        }
        if index + 1 < parts.len() {
            part = &part[..part.len() - part.iter().rev().take_while(|byte| space(byte)).count()];
        }
        if part.is_empty() {
            continue;
        }
        if !is_token(part) {
            return None;
        }
        values.push(part);
    }
    Some(values)
}
