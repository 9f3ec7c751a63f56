//! [CORS-preflight cache](https://fetch.spec.whatwg.org/#cors-preflight-cache).
//!
//! Time is a value: the driver passes `now` as the time since any fixed moment.
//!
//! The standard's cache is a list that is searched from end to end. Here the entries of one URL stand together and are
//! found by method and by header name, so that no server can make a look-up slow. `tests` holds the list as the standard
//! has it; the two are compared on many random histories.

use std::collections::HashMap;
use std::time::Duration;

use url::Url;

use crate::infra::byte_lowercase;
use crate::request::{CredentialsMode, NetworkPartitionKey, Request};
use crate::request_headers::is_cors_non_wildcard_request_header_name;

/// A user agent's [CORS-preflight cache](https://fetch.spec.whatwg.org/#concept-cache).
#[derive(Clone, Debug, Default)]
pub struct PreflightCache {
    by_url: HashMap<Url, Vec<Partition>>,
    /// The [limit imposed on max-age](https://fetch.spec.whatwg.org/#cors-preflight-fetch), in seconds; `None` is no
    /// limit. Engines impose 7,200 (Chromium), 86,400 (Firefox) and 600 (WebKit).
    pub max_age_limit: Option<u64>,
}

/// The entries of one URL for one partition key and origin.
#[derive(Clone, Debug)]
struct Partition {
    key: Option<NetworkPartitionKey>,
    byte_serialized_origin: Box<[u8]>,
    methods: Entries,
    header_names: Entries,
}

/// Entries by what they grant: a method, or a lower-cased header name.
type Entries = HashMap<Box<[u8]>, Vec<CacheEntry>>;

/// What a [cache entry](https://fetch.spec.whatwg.org/#cache-entry) says besides its key, origin and URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// [Max-age](https://fetch.spec.whatwg.org/#concept-cache-max-age) in seconds.
    pub max_age: u64,
    /// [Credentials](https://fetch.spec.whatwg.org/#concept-cache-credentials).
    pub credentials: bool,
    /// [Method](https://fetch.spec.whatwg.org/#concept-cache-method) or
    /// [header name](https://fetch.spec.whatwg.org/#concept-cache-header-name).
    pub grant: Grant,
    /// When the entry was stored. A later preflight changes the max-age, not this: an entry can expire at once.
    pub stored: Duration,
}

impl CacheEntry {
    fn is_expired(&self, now: Duration) -> bool {
        now.checked_sub(self.stored).is_some_and(|age| age >= Duration::from_secs(self.max_age))
    }

    /// The part of a [cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match) that is not about where
    /// the entry is: one stored with credentials serves requests without, never the reverse.
    fn serves(&self, include_credentials: bool, now: Duration) -> bool {
        (self.credentials || !include_credentials) && !self.is_expired(now)
    }
}

/// What a cache entry grants; `*` is kept as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// A method.
    Method(Box<[u8]>),
    /// A header name.
    HeaderName(Box<[u8]>),
}

impl PreflightCache {
    /// An empty cache without a limit on max-age.
    pub fn new() -> Self {
        Self::default()
    }

    /// The entries, in no particular order; expired ones are among them until [removed](Self::remove_expired).
    pub fn entries(&self) -> impl Iterator<Item = &CacheEntry> {
        let partitions = self.by_url.values().flatten();
        partitions
            .flat_map(|partition| partition.methods.values().chain(partition.header_names.values()))
            .flatten()
    }

    /// Removes the entries whose max-age has passed at `now`. Look-ups pass over them in any case.
    pub fn remove_expired(&mut self, now: Duration) {
        let clean = |entries: &mut Entries| {
            entries.retain(|_, entries| {
                entries.retain(|entry| !entry.is_expired(now));
                !entries.is_empty()
            });
        };
        self.by_url.retain(|_, partitions| {
            partitions.retain_mut(|partition| {
                clean(&mut partition.methods);
                clean(&mut partition.header_names);
                !partition.methods.is_empty() || !partition.header_names.is_empty()
            });
            !partitions.is_empty()
        });
    }

    /// [Clear cache entries](https://fetch.spec.whatwg.org/#concept-cache-clear): removes all that have the
    /// request's key, origin and URL.
    pub fn clear_cache_entries(&mut self, request: &Request) {
        if let Some(partitions) = self.by_url.get_mut(request.current_url().url()) {
            partitions.retain(|partition| !partition.is_for(request));
        }
    }

    /// [Method cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-method).
    pub fn method_cache_entry_match(&self, method: &[u8], request: &Request, now: Duration) -> bool {
        let include = includes_credentials(request);
        self.partition(request).is_some_and(|partition| {
            [method, b"*"].iter().any(|granted| serves(&partition.methods, granted, include, now))
        })
    }

    /// [Header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header).
    pub fn header_name_cache_entry_match(
        &self,
        header_name: &[u8],
        request: &Request,
        now: Duration,
    ) -> bool {
        let include = includes_credentials(request);
        self.partition(request).is_some_and(|partition| {
            serves(&partition.header_names, &byte_lowercase(header_name), include, now)
                || (!is_cors_non_wildcard_request_header_name(header_name)
                    && serves(&partition.header_names, b"*", include, now))
        })
    }

    /// Steps 7.12 to 7.15 of [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch): each grant
    /// for which there is a match gets the new max-age, for the others [an entry is
    /// created](https://fetch.spec.whatwg.org/#concept-cache-create-entry).
    pub fn update_or_create(
        &mut self,
        request: &Request,
        max_age: u64,
        grants: impl IntoIterator<Item = Grant>,
        now: Duration,
    ) {
        let credentials = includes_credentials(request);
        let partition = self.partition_or_new(request);
        for grant in grants {
            let (entries, name, wildcard) = match &grant {
                Grant::Method(method) => (&mut partition.methods, method.clone(), true),
                Grant::HeaderName(name) => (
                    &mut partition.header_names,
                    byte_lowercase(name).into(),
                    !is_cors_non_wildcard_request_header_name(name),
                ),
            };
            let mut updated = update(entries, &name, max_age, credentials, now);
            if wildcard && *name != *b"*" {
                updated |= update(entries, b"*", max_age, credentials, now);
            }
            if !updated {
                let entry = CacheEntry { max_age, credentials, grant, stored: now };
                let slot = entries.entry(name).or_default();
                slot.retain(|entry| !entry.is_expired(now));
                slot.push(entry);
            }
        }
    }

    fn partition(&self, request: &Request) -> Option<&Partition> {
        self.by_url.get(request.current_url().url())?.iter().find(|partition| partition.is_for(request))
    }

    fn partition_or_new(&mut self, request: &Request) -> &mut Partition {
        let partitions = self.by_url.entry(request.current_url().url().clone()).or_default();
        let index = partitions.iter().position(|partition| partition.is_for(request)).unwrap_or_else(|| {
            partitions.push(Partition {
                key: request.client.network_partition_key.clone(),
                byte_serialized_origin: request.byte_serialize_origin().into(),
                methods: Entries::new(),
                header_names: Entries::new(),
            });
            partitions.len() - 1
        });
        &mut partitions[index]
    }
}

impl Partition {
    /// Whether the entries have the request's key and origin.
    fn is_for(&self, request: &Request) -> bool {
        self.key == request.client.network_partition_key
            && *self.byte_serialized_origin == *request.byte_serialize_origin()
    }
}

fn includes_credentials(request: &Request) -> bool {
    request.credentials_mode == CredentialsMode::Include
}

fn serves(entries: &Entries, name: &[u8], include_credentials: bool, now: Duration) -> bool {
    entries
        .get(name)
        .is_some_and(|entries| entries.iter().any(|entry| entry.serves(include_credentials, now)))
}

/// Sets the max-age of the entries of this name that serve the request, and says whether there was one.
fn update(
    entries: &mut Entries,
    name: &[u8],
    max_age: u64,
    include_credentials: bool,
    now: Duration,
) -> bool {
    let mut any = false;
    for entry in entries.get_mut(name).into_iter().flatten() {
        if entry.serves(include_credentials, now) {
            entry.max_age = max_age;
            any = true;
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Origin;

    #[test]
    fn what_has_expired_is_there_until_it_is_removed() {
        let url: Url = "https://b.example/".parse().unwrap();
        let request = Request::new(Origin::parse("https://a.example").unwrap(), url);
        let mut cache = PreflightCache::new();
        assert_eq!(cache.entries().count(), 0);
        cache.update_or_create(&request, 5, [Grant::Method((*b"PUT").into())], Duration::ZERO);
        cache.update_or_create(&request, 10, [Grant::HeaderName((*b"x-a").into())], Duration::ZERO);
        assert_eq!(cache.entries().count(), 2);
        cache.remove_expired(Duration::from_secs(4));
        assert_eq!(cache.entries().count(), 2);
        cache.remove_expired(Duration::from_secs(5));
        assert_eq!(cache.entries().map(|entry| entry.max_age).collect::<Vec<_>>(), [10]);
        cache.remove_expired(Duration::from_secs(10));
        assert_eq!(cache.entries().count(), 0);
    }

    /// The cache as the standard has it: a list, searched from end to end.
    #[derive(Default)]
    struct LiteralCache(Vec<LiteralEntry>);

    type LiteralEntry = (Option<NetworkPartitionKey>, Box<[u8]>, Url, CacheEntry);

    impl LiteralCache {
        fn matching<'a>(
            &'a mut self,
            request: &'a Request,
            now: Duration,
        ) -> impl Iterator<Item = &'a mut CacheEntry> {
            self.0
                .iter_mut()
                .filter(|(key, origin, url, _)| {
                    *key == request.client.network_partition_key
                        && **origin == *request.byte_serialize_origin()
                        && url == request.current_url().url()
                })
                .map(|(.., entry)| entry)
                .filter(move |entry| {
                    (entry.credentials || request.credentials_mode != CredentialsMode::Include)
                        && now < entry.stored + Duration::from_secs(entry.max_age)
                })
        }

        fn method_matches(entry: &CacheEntry, method: &[u8]) -> bool {
            matches!(&entry.grant, Grant::Method(granted) if **granted == *method || **granted == *b"*")
        }

        fn header_name_matches(entry: &CacheEntry, name: &[u8]) -> bool {
            matches!(&entry.grant, Grant::HeaderName(granted)
                if granted.eq_ignore_ascii_case(name)
                    || (**granted == *b"*" && !is_cors_non_wildcard_request_header_name(name)))
        }

        fn update_or_create(&mut self, request: &Request, max_age: u64, grants: Vec<Grant>, now: Duration) {
            for grant in grants {
                let mut any = false;
                for entry in self.matching(request, now) {
                    let matches = match &grant {
                        Grant::Method(method) => Self::method_matches(entry, method),
                        Grant::HeaderName(name) => Self::header_name_matches(entry, name),
                    };
                    if matches {
                        entry.max_age = max_age;
                        any = true;
                    }
                }
                if !any {
                    self.0.push((
                        request.client.network_partition_key.clone(),
                        request.byte_serialize_origin().into(),
                        request.current_url().url().clone(),
                        CacheEntry {
                            max_age,
                            credentials: request.credentials_mode == CredentialsMode::Include,
                            grant,
                            stored: now,
                        },
                    ));
                }
            }
        }

        fn clear(&mut self, request: &Request) {
            self.0.retain(|(key, origin, url, _)| {
                !(*key == request.client.network_partition_key
                    && **origin == *request.byte_serialize_origin()
                    && url == request.current_url().url())
            });
        }
    }

    #[test]
    fn the_cache_answers_as_the_standards_list_does() {
        let methods: [&[u8]; 4] = [b"PUT", b"put", b"*", b"DELETE"];
        let names: [&[u8]; 5] = [b"X-A", b"x-a", b"*", b"Authorization", b"x-b"];
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut pick = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) % below
        };
        for _ in 0..300 {
            let (mut cache, mut literal, mut now) =
                (PreflightCache::new(), LiteralCache::default(), Duration::ZERO);
            for _ in 0..60 {
                now += Duration::from_secs(pick(4));
                let origin =
                    Origin::parse(["https://a.example", "https://b.example", "null"][pick(3) as usize])
                        .unwrap();
                let url =
                    Url::parse(["https://c.example/", "https://c.example/#f"][pick(2) as usize]).unwrap();
                let mut request = Request::new(origin, url);
                if pick(2) == 0 {
                    request.credentials_mode = CredentialsMode::Include;
                }
                if pick(4) == 0 {
                    request.client.network_partition_key = None;
                }
                match pick(8) {
                    0 => {
                        cache.clear_cache_entries(&request);
                        literal.clear(&request);
                    }
                    1 => cache.remove_expired(now),
                    _ => {
                        let grants: Vec<Grant> = (0..pick(4))
                            .map(|_| match pick(2) {
                                0 => Grant::Method(methods[pick(4) as usize].into()),
                                _ => Grant::HeaderName(names[pick(5) as usize].into()),
                            })
                            .collect();
                        let max_age = pick(8);
                        cache.update_or_create(&request, max_age, grants.clone(), now);
                        literal.update_or_create(&request, max_age, grants, now);
                    }
                }
                for method in methods {
                    let expected = literal
                        .matching(&request, now)
                        .any(|entry| LiteralCache::method_matches(entry, method));
                    assert_eq!(cache.method_cache_entry_match(method, &request, now), expected);
                }
                for name in names {
                    let expected = literal
                        .matching(&request, now)
                        .any(|entry| LiteralCache::header_name_matches(entry, name));
                    assert_eq!(cache.header_name_cache_entry_match(name, &request, now), expected);
                }
            }
        }
    }
}
