//! *Get, decode, and split*: commas outside quoted strings.

use super::header;
use crate::shapes::{lines, raw_or_spelled};

const NAME: &str = "X-Test";
const PIECES: [&str; 12] = [",", ", ", "\"", "\\", " ", "\t", "\n", "a", "b=c", "*", "\r", "é"];

/// The algorithm, which collects, agrees with a machine that looks at one byte after the other; what it gives back,
/// joined, is split the same again.
pub fn check(data: &[u8]) {
    raw_or_spelled(data, &PIECES, |data| {
        let list = header(NAME, &lines(data));
        let Some(values) = list.get_decode_and_split(NAME) else { panic!("the header is there") };
        let combined = list.get(NAME).unwrap_or_default();
        assert_eq!(values, one_after_the_other(&combined));
        let length: usize = values.iter().map(|value| value.chars().count()).sum();
        assert!(length <= combined.len(), "values are parts of the lines");
        let joined: Vec<u8> = values.join(", ").chars().filter_map(|c| u8::try_from(c).ok()).collect();
        assert_eq!(header(NAME, &[&joined]).get_decode_and_split(NAME), Some(values));
    });
}

fn one_after_the_other(value: &[u8]) -> Vec<String> {
    let mut values = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for &byte in value {
        match byte {
            b',' if !quoted => {
                values.push(String::new());
                continue;
            }
            b'"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && !escaped && byte == b'\\';
        if let Some(last) = values.last_mut() {
            last.push(char::from(byte));
        }
    }
    let trim = |value: &String| value.trim_matches([' ', '\t']).to_owned();
    values.iter().map(trim).collect()
}
