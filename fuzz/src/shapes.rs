//! The two shapes of every input: bytes as they are, which reach the corners of a parser, and bytes that choose from a
//! small alphabet, so that equal things and near misses meet.

/// Pieces one structured value is made of at most.
const MOST_PIECES: usize = 64;

/// The first byte of an input that is spelled.
pub const SPELLED: u8 = 0xff;

/// Calls `check` with `data` as it is or, when it begins with [`SPELLED`], with the text the other bytes spell in an
/// alphabet of `pieces`.
pub fn raw_or_spelled(data: &[u8], pieces: &[&str], check: impl Fn(&[u8])) {
    match data {
        [SPELLED, rest @ ..] => check(&spelled(rest, pieces)),
        raw => check(raw),
    }
}

/// The text that `data` spells: each byte chooses one of `pieces`.
pub fn spelled(data: &[u8], pieces: &[&str]) -> Vec<u8> {
    let mut text = Vec::with_capacity(4 * data.len());
    for &byte in data.iter().take(MOST_PIECES) {
        text.extend_from_slice(pieces[usize::from(byte) % pieces.len()].as_bytes());
    }
    text
}

/// The lines of a header: what stands between line feeds, which no value can hold.
pub fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|&byte| byte == b'\n')
}
