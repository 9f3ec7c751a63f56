//! [CORS-preflight cache](https://fetch.spec.whatwg.org/#cors-preflight-cache).
//!
//! Time is a value: the driver passes `now` as the time since any fixed moment.

use std::time::Duration;

use url::Url;

use crate::request::{CredentialsMode, NetworkPartitionKey, Request};
use crate::request_headers::is_cors_non_wildcard_request_header_name;

/// A user agent's [CORS-preflight cache](https://fetch.spec.whatwg.org/#concept-cache): a list of entries.
#[derive(Clone, Debug, Default)]
pub struct PreflightCache {
    entries: Vec<CacheEntry>,
    /// The [limit imposed on max-age](https://fetch.spec.whatwg.org/#cors-preflight-fetch), in seconds; `None` is no
    /// limit. Engines impose 7,200 (Chromium), 86,400 (Firefox) and 600 (WebKit).
    pub max_age_limit: Option<u64>,
}

/// A [cache entry](https://fetch.spec.whatwg.org/#cache-entry).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// [Key](https://fetch.spec.whatwg.org/#concept-cache-key).
    pub key: Option<NetworkPartitionKey>,
    /// [Byte-serialized origin](https://fetch.spec.whatwg.org/#concept-cache-origin).
    pub byte_serialized_origin: Box<[u8]>,
    /// [URL](https://fetch.spec.whatwg.org/#concept-cache-url).
    pub url: Url,
    /// [Max-age](https://fetch.spec.whatwg.org/#concept-cache-max-age) in seconds.
    pub max_age: u64,
    /// [Credentials](https://fetch.spec.whatwg.org/#concept-cache-credentials).
    pub credentials: bool,
    /// [Method](https://fetch.spec.whatwg.org/#concept-cache-method) or
    /// [header name](https://fetch.spec.whatwg.org/#concept-cache-header-name).
    pub grant: Grant,
    /// When the entry was stored.
    pub stored: Duration,
}

impl CacheEntry {
    fn is_expired(&self, now: Duration) -> bool {
        now.checked_sub(self.stored).is_some_and(|age| age >= Duration::from_secs(self.max_age))
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
    pub const fn new() -> Self {
        Self { entries: Vec::new(), max_age_limit: None }
    }

    /// The entries, expired ones among them until they are next looked for.
    pub fn entries(&self) -> &[CacheEntry] {
        &self.entries
    }

    /// Removes the entries whose max-age has passed at `now`.
    pub fn remove_expired(&mut self, now: Duration) {
        self.entries.retain(|entry| !entry.is_expired(now));
    }

    /// [Create a new cache entry](https://fetch.spec.whatwg.org/#concept-cache-create-entry).
    pub fn create_a_new_cache_entry(&mut self, request: &Request, max_age: u64, grant: Grant, now: Duration) {
        // 1. Initialize the entry. 2. Append it.
        self.entries.push(CacheEntry {
            key: request.client.network_partition_key.clone(),
            byte_serialized_origin: request.byte_serialize_origin().into(),
            url: request.current_url().url().clone(),
            max_age,
            credentials: request.credentials_mode == CredentialsMode::Include,
            grant,
            stored: now,
        });
    }

    /// [Clear cache entries](https://fetch.spec.whatwg.org/#concept-cache-clear): removes all that have the
    /// request's key, origin and URL.
    pub fn clear_cache_entries(&mut self, request: &Request) {
        self.entries.retain(|entry| !is_for(entry, request));
    }

    /// [Method cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-method).
    pub fn method_cache_entry_match(&self, method: &[u8], request: &Request, now: Duration) -> bool {
        self.entries.iter().any(|entry| matches_method(entry, method, request, now))
    }

    /// [Header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header).
    pub fn header_name_cache_entry_match(
        &self,
        header_name: &[u8],
        request: &Request,
        now: Duration,
    ) -> bool {
        self.entries.iter().any(|entry| matches_header_name(entry, header_name, request, now))
    }

    /// Sets the max-age of the entries that match `method`, and says whether there was one.
    pub(crate) fn update_method(
        &mut self,
        method: &[u8],
        request: &Request,
        max_age: u64,
        now: Duration,
    ) -> bool {
        self.update(max_age, |entry| matches_method(entry, method, request, now))
    }

    /// Sets the max-age of the entries that match `header_name`, and says whether there was one.
    pub(crate) fn update_header_name(
        &mut self,
        name: &[u8],
        request: &Request,
        max_age: u64,
        now: Duration,
    ) -> bool {
        self.update(max_age, |entry| matches_header_name(entry, name, request, now))
    }

    fn update(&mut self, max_age: u64, matches: impl Fn(&CacheEntry) -> bool) -> bool {
        let mut any = false;
        for entry in self.entries.iter_mut().filter(|entry| matches(entry)) {
            entry.max_age = max_age;
            any = true;
        }
        any
    }
}

/// Whether the entry has the key, origin and URL of the request.
fn is_for(entry: &CacheEntry, request: &Request) -> bool {
    entry.key == request.client.network_partition_key
        && *entry.byte_serialized_origin == *request.byte_serialize_origin()
        && entry.url == *request.current_url().url()
}

/// [Cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match): an entry stored with credentials serves
/// requests without, never the reverse.
fn is_cache_entry_match(entry: &CacheEntry, request: &Request, now: Duration) -> bool {
    is_for(entry, request)
        && (entry.credentials || request.credentials_mode != CredentialsMode::Include)
        && !entry.is_expired(now)
}

fn matches_method(entry: &CacheEntry, method: &[u8], request: &Request, now: Duration) -> bool {
    matches!(&entry.grant, Grant::Method(granted) if **granted == *method || **granted == *b"*")
        && is_cache_entry_match(entry, request, now)
}

fn matches_header_name(entry: &CacheEntry, header_name: &[u8], request: &Request, now: Duration) -> bool {
    matches!(&entry.grant, Grant::HeaderName(granted)
        if granted.eq_ignore_ascii_case(header_name)
            || (**granted == *b"*" && !is_cors_non_wildcard_request_header_name(header_name)))
        && is_cache_entry_match(entry, request, now)
}
