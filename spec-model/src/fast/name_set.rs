//! Header names by hash.

use crate::fast::list;

/// Tokens compared without regard to ASCII case.
#[derive(Clone, Debug)]
pub struct NameSet {
    /// In buckets of one hash each.
    buckets: Box<[Vec<Name>]>,
}

/// A name, lower-cased.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    ends: Ends,
    bytes: Box<[u8]>,
}

/// The first and the last eight bytes of a name, lower-cased, and its length: up to sixteen bytes that is all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    first: u64,
    last: u64,
    length: usize,
}

impl NameSet {
    /// The set of `names`.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<Name> = names.into_iter().map(Name::new).collect();
        let mut buckets = vec![Vec::new(); (names.len() * 2).next_power_of_two()];
        let mask = buckets.len() - 1;
        for name in names {
            let bucket: &mut Vec<Name> = &mut buckets[name.ends.hash() & mask];
            if !bucket.contains(&name) {
                bucket.push(name);
            }
        }
        Self { buckets: buckets.into() }
    }

    /// Whether `name` is in the set.
    #[inline]
    pub fn contains(&self, name: &[u8]) -> bool {
        let ends = Ends::of(name);
        let bucket = &self.buckets[ends.hash() & (self.buckets.len() - 1)];
        bucket.iter().any(|listed| {
            listed.ends == ends && (name.len() <= 16 || listed.bytes.eq_ignore_ascii_case(name))
        })
    }

    /// Whether the list that `lines` are together matches `#token` and has only names of the set.
    #[inline]
    pub fn contains_all<'a>(&self, lines: impl IntoIterator<Item = &'a [u8]>) -> bool {
        list::all(lines, |name| self.contains(name))
    }
}

impl Name {
    fn new(name: &str) -> Self {
        let bytes = name.to_ascii_lowercase().into_bytes();
        Self { ends: Ends::of(&bytes), bytes: bytes.into() }
    }
}

impl Ends {
    #[inline]
    fn of(name: &[u8]) -> Self {
        let (first, last) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
                (Some(first), Some(last)) => {
                    (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
                }
                _ => (name.iter().fold(0, |word, &byte| (word << 8) | u64::from(byte)), 0),
            },
        };
        Self { first: lowercase(first), last: lowercase(last), length: name.len() }
    }

    /// Who asks does not choose what is in the set, so nobody can make a bucket long.
    #[inline]
    fn hash(self) -> usize {
        let mixed = self.first.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ self.last.rotate_left(29).wrapping_mul(0xd6e8_feb8_6659_fd93)
            ^ self.length as u64;
        (mixed ^ (mixed >> 32)) as usize
    }
}

/// Byte-lowercases eight bytes.
#[inline]
const fn lowercase(word: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * LOW;
    let low_bits = word & !HIGH;
    // The high bit of each byte says: at least `A`, more than `Z`.
    let from_a = low_bits + (0x80 - b'A' as u64) * LOW;
    let beyond_z = low_bits + (0x80 - b'Z' as u64 - 1) * LOW;
    word | (((from_a & !beyond_z & !word) & HIGH) >> 2)
}
