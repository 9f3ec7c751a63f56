//! An allow-list of origins by hash.

use std::collections::{HashMap, HashSet};

use crate::Origin;
use crate::policy::{AllowList, OriginPattern};

/// The origins of a policy, looked up in a time that does not depend on how many there are.
#[derive(Clone, Debug)]
pub struct Origins {
    any: bool,
    null: bool,
    exact: HashSet<Box<[u8]>>,
    subdomains: Subdomains,
}

/// `scheme://*.host[:port]` by `.host[:port]`.
#[derive(Clone, Debug, Default)]
struct Subdomains {
    by_suffix: HashMap<Box<[u8]>, Vec<Scheme>>,
    starts: Starts,
    shortest: usize,
    longest: usize,
}

/// How suffixes begin and how long they are, a bit for each: tells most hosts that are not listed without a hash of all
/// of them.
#[derive(Clone, Debug, Default)]
struct Starts {
    bits: Box<[u64]>,
}

/// What may stand before a suffix.
#[derive(Clone, Debug)]
struct Scheme {
    /// `scheme://`
    start: Box<[u8]>,
    /// Whether a label of letters makes an origin of it, of HTTP: then every ordinary label does.
    is_ordinary: bool,
}

impl Origins {
    /// Indexes the origins of a policy.
    pub fn new(origins: &AllowList<OriginPattern>) -> Self {
        let mut index = Self {
            any: origins.is_any(),
            null: false,
            exact: HashSet::new(),
            subdomains: Subdomains { shortest: usize::MAX, ..Subdomains::default() },
        };
        for pattern in origins.items() {
            match pattern {
                OriginPattern::Exact(origin) => {
                    index.exact.insert(origin.as_bytes().into());
                }
                OriginPattern::Null => index.null = true,
                OriginPattern::Subdomains { scheme, suffix } => index.subdomains.insert(scheme, suffix),
            }
        }
        index.subdomains.starts = Starts::of(index.subdomains.by_suffix.keys());
        index
    }

    /// Whether the byte-serialized origin is allowed.
    #[inline]
    pub fn allows(&self, serialized_origin: &[u8]) -> bool {
        self.any
            || self.exact.contains(serialized_origin)
            || (self.null && serialized_origin == b"null")
            || (!self.subdomains.by_suffix.is_empty() && self.subdomains.contain(serialized_origin))
    }
}

impl Subdomains {
    fn insert(&mut self, scheme: &str, suffix: &str) {
        self.shortest = self.shortest.min(suffix.len());
        self.longest = self.longest.max(suffix.len());
        let schemes = self.by_suffix.entry(suffix.as_bytes().into()).or_default();
        if !schemes.iter().any(|known| *known.start == *scheme.as_bytes()) {
            let is_ordinary = matches!(scheme, "https://" | "http://")
                && Origin::parse(&format!("{scheme}a{suffix}")).is_ok();
            schemes.push(Scheme { start: scheme.as_bytes().into(), is_ordinary });
        }
    }

    /// Looks up what follows each dot, as far from the end as a suffix can begin: a long origin costs no more.
    fn contain(&self, origin: &[u8]) -> bool {
        let furthest = origin.len().saturating_sub(self.longest);
        let nearest = (origin.len() + 1).saturating_sub(self.shortest);
        (furthest..nearest).rev().filter(|&dot| origin.get(dot) == Some(&b'.')).any(|dot| {
            let (start, suffix) = origin.split_at(dot);
            if !self.starts.have(suffix) {
                return false;
            }
            let Some(schemes) = self.by_suffix.get(suffix) else { return false };
            schemes.iter().any(|scheme| {
                start.strip_prefix(&*scheme.start).is_some_and(|labels| {
                    scheme.is_ordinary && are_ordinary(labels) || is_subdomain(labels, origin)
                })
            })
        })
    }
}

impl Starts {
    /// Sixteen bits a suffix: of those that begin otherwise, few share a bit with one that is listed.
    fn of<'a>(suffixes: impl ExactSizeIterator<Item = &'a Box<[u8]>>) -> Self {
        let mut bits = vec![0; (suffixes.len() / 4).next_power_of_two()].into_boxed_slice();
        for suffix in suffixes {
            let place = Self::place(suffix);
            bits[(place / 64) & (bits.len() - 1)] |= 1 << (place % 64);
        }
        Self { bits }
    }

    /// Whether a listed suffix may begin so and be as long.
    #[inline]
    fn have(&self, suffix: &[u8]) -> bool {
        let place = Self::place(suffix);
        (self.bits[(place / 64) & (self.bits.len() - 1)] >> (place % 64)) & 1 == 1
    }

    #[inline]
    fn place(suffix: &[u8]) -> usize {
        let start = suffix.first_chunk::<8>().map_or(0, |start| u64::from_le_bytes(*start));
        ((start ^ suffix.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize
    }
}

/// Whether the labels are such as need no look at the rest: letters, digits, hyphens between
/// them, no Punycode.
fn are_ordinary(labels: &[u8]) -> bool {
    let mut length = 0;
    for (index, &byte) in labels.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => length += 1,
            b'-' if length > 0
                && !labels[..index].ends_with(b"xn")
                && labels.get(index + 1).is_some_and(u8::is_ascii_alphanumeric) =>
            {
                length += 1;
            }
            b'.' if length > 0 => length = 0,
            _ => return false,
        }
    }
    length > 0
}

/// As [`OriginPattern::matches`] has it.
#[cold]
fn is_subdomain(labels: &[u8], origin: &[u8]) -> bool {
    !labels.is_empty()
        && !labels.split(|&byte| byte == b'.').any(<[u8]>::is_empty)
        && std::str::from_utf8(origin).is_ok_and(|origin| Origin::parse(origin).is_ok())
}
