//! `serialized-origin`, as `Origin` and `Access-Control-Allow-Origin` carry it.

use std::sync::LazyLock;

use corspec_model::Origin;
use corspec_model::fast::Origins;
use corspec_model::origin_header::{is_origin_or_null, is_serialized_origin};
use corspec_model::policy::{AllowList, OriginPattern};
use url::Url;

use crate::grammar::SERIALIZED_ORIGIN;
use crate::shapes::raw_or_spelled;

const PIECES: [&str; 24] = [
    "https",
    "http",
    "://",
    ":",
    "a",
    "b",
    ".",
    "example",
    "com",
    "443",
    "80",
    "8080",
    "[",
    "]",
    "::",
    "1",
    "0",
    "127.0.0.1",
    "null",
    "*.",
    "-",
    "@",
    "/",
    "A",
];

/// The recognizer agrees with the grammar; what reads as an origin is written as it was read. By the length of the input,
/// that is what the `url` crate writes for the schemes of the web, or what reads as an entry of a policy means what it says.
pub fn check(data: &[u8]) {
    raw_or_spelled(data, &PIECES, agrees);
}

fn agrees(value: &[u8]) {
    assert_eq!(is_serialized_origin(value), SERIALIZED_ORIGIN.matches(value), "{}", value.escape_ascii());
    assert_eq!(is_origin_or_null(value), value == b"null" || is_serialized_origin(value));
    let Ok(text) = std::str::from_utf8(value) else { return };
    let parsed = Origin::parse(text);
    if let Ok(origin) = &parsed {
        assert_eq!(origin.serialize(), value, "an origin is written as it was read");
        let tuple = origin.as_tuple();
        assert_eq!(tuple.is_some(), value != b"null");
        if let Some(tuple) = tuple {
            let start = format!("{}://{}", tuple.scheme(), tuple.host());
            let port = text.strip_prefix(&start);
            assert!(port.is_some_and(|port| port.is_empty() || port.starts_with(':')), "{text}: {start}");
            // Not the same site, which brings in the list of public suffixes: seventy thousand counters.
            assert!(origin.is_same_origin_with(origin), "{text}");
        }
    }
    if text.len() % 2 == 0 {
        same_by_index(value);
        means_itself(text);
    } else if ["http://", "https://", "ws://", "wss://", "ftp://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
    {
        let written = Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text);
        assert_eq!(parsed.is_ok(), written, "{text}");
    }
}

/// An entry of a policy means itself, and one with `*.` means the subdomains and not the host.
fn means_itself(text: &str) {
    if let Ok(pattern) = OriginPattern::parse(text) {
        assert_eq!(pattern.to_string(), text, "an entry of a policy is written as it was read");
        let wildcard = matches!(pattern, OriginPattern::Subdomains { .. });
        assert!(wildcard || pattern.matches(text.as_bytes()), "{text}");
        if wildcard {
            assert!(!pattern.matches(text.replacen("*.", "", 1).as_bytes()), "{text}");
            assert!(pattern.matches(text.replacen("*.", "sub.", 1).as_bytes()), "{text}");
        }
    }
}

/// An index of a policy's origins allows what its list does.
fn same_by_index(value: &[u8]) {
    const LISTED: [&str; 7] = [
        "null",
        "https://a.com",
        "https://*.example.com",
        "http://*.com:8080",
        "http://*.a.com:8080",
        "https://*.127.example",
        "http://[::1]:80",
    ];
    static LIST: LazyLock<(AllowList<OriginPattern>, Origins)> = LazyLock::new(|| {
        let patterns = LISTED.iter().filter_map(|origin| OriginPattern::parse(origin).ok());
        let list = AllowList::Only(patterns.collect());
        let index = Origins::new(&list);
        (list, index)
    });
    let (list, index) = &*LIST;
    let literal = list.allows(|pattern| pattern.matches(value));
    assert_eq!(index.allows(value), literal, "{}", value.escape_ascii());
}
