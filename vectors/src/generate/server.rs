//! A covering array: every combination of three values of three different dimensions of policy and request occurs in at
//! least one server vector.

use std::collections::BTreeSet;

use super::{Generated, meta};
use crate::bytes::ByteString;
use crate::meta::VectorFile;
use crate::policy::{ListDocument, PolicyDocument, Star};
use crate::request::{Credentials, RequestOptions};
use crate::server::{ServerRequest, ServerVector};

/// The dimensions, each with the names of its values.
const DIMENSIONS: [(&str, &[&str]); 12] = [
    ("origins", &["one", "list", "subdomains", "null", "any"]),
    ("credentials", &["no", "yes"]),
    ("methods", &["none", "put", "any"]),
    ("request_headers", &["none", "x-token", "any"]),
    ("expose", &["none", "etag"]),
    ("max_age", &["absent", "zero", "600"]),
    ("from", &["first", "second", "subdomain", "suffix", "prefix", "scheme", "null"]),
    ("method", &["get", "post", "put", "delete"]),
    ("header", &["none", "x-token", "x-other", "json"]),
    ("mode", &["omit", "same-origin", "include"]),
    ("cookie", &["no", "yes"]),
    ("path", &["/plain", "/status/404"]),
];

/// One value of each dimension, by index.
type Row = [usize; DIMENSIONS.len()];
/// Three dimensions with a value each.
type Triple = [(usize, usize); 3];

pub(super) fn files() -> Vec<Generated<ServerVector>> {
    let vectors = covering_array().iter().map(vector).collect();
    let about = "Every combination of three values of policy and request: a covering array.".to_owned();
    vec![("generated-covering.json", VectorFile { about, vectors })]
}

/// Rows that cover every triple. Greedy and deterministic: each row starts from the first triple not yet covered and
/// takes, dimension by dimension, the value that covers most of what is left.
fn covering_array() -> Vec<Row> {
    let mut uncovered: BTreeSet<Triple> = triples().collect();
    let mut rows = Vec::new();
    while let Some(first) = uncovered.first().copied() {
        let mut chosen: Vec<(usize, usize)> = first.to_vec();
        for (dimension, (_, values)) in DIMENSIONS.iter().enumerate() {
            if chosen.iter().any(|&(taken, _)| taken == dimension) {
                continue;
            }
            let gain = |value: usize| {
                let mut gained = 0;
                for (index, &a) in chosen.iter().enumerate() {
                    for &b in &chosen[index + 1..] {
                        gained += usize::from(uncovered.contains(&sorted([a, b, (dimension, value)])));
                    }
                }
                gained
            };
            // The first of the best, so that the array is the same everywhere.
            let best = (0..values.len()).rev().max_by_key(|&value| gain(value)).unwrap_or(0);
            chosen.push((dimension, best));
        }
        let mut row: Row = [0; DIMENSIONS.len()];
        for (dimension, value) in chosen {
            row[dimension] = value;
        }
        uncovered.retain(|triple| !triple.iter().all(|&(dimension, value)| row[dimension] == value));
        rows.push(row);
    }
    rows
}

fn sorted(mut triple: Triple) -> Triple {
    triple.sort_unstable();
    triple
}

/// Every three values of three different dimensions.
fn triples() -> impl Iterator<Item = Triple> {
    let values = |dimension: usize| (0..DIMENSIONS[dimension].1.len()).map(move |value| (dimension, value));
    (0..DIMENSIONS.len()).flat_map(move |a| {
        (a + 1..DIMENSIONS.len()).flat_map(move |b| {
            (b + 1..DIMENSIONS.len()).flat_map(move |c| {
                values(a).flat_map(move |x| values(b).flat_map(move |y| values(c).map(move |z| [x, y, z])))
            })
        })
    })
}

fn vector(row: &Row) -> ServerVector {
    let value = |name: &str| {
        let dimension = DIMENSIONS.iter().position(|(dimension, _)| *dimension == name).unwrap_or_default();
        DIMENSIONS[dimension].1[row[dimension]]
    };
    let only = |items: &[&str]| ListDocument::Only(items.iter().map(|&item| item.to_owned()).collect());
    let any = ListDocument::Any(Star::Star);
    let policy = PolicyDocument {
        origins: match value("origins") {
            "one" => only(&["https://app.example.com"]),
            "list" => only(&["https://app.example.com", "https://admin.example.net"]),
            "subdomains" => only(&["https://*.example.com"]),
            "null" => only(&["https://app.example.com", "null"]),
            _ => any.clone(),
        },
        credentials: value("credentials") == "yes",
        methods: match value("methods") {
            "none" => only(&[]),
            "put" => only(&["PUT"]),
            _ => any.clone(),
        },
        request_headers: match value("request_headers") {
            "none" => only(&[]),
            "x-token" => only(&["x-token"]),
            _ => any,
        },
        expose: if value("expose") == "etag" { only(&["etag"]) } else { only(&[]) },
        max_age: match value("max_age") {
            "absent" => None,
            "zero" => Some(0),
            _ => Some(600),
        },
        routes: Vec::new(),
    };
    let origin = match value("from") {
        "first" => "https://app.example.com",
        "second" => "https://admin.example.net",
        "subdomain" => "https://x.app.example.com",
        "suffix" => "https://app.example.com.attacker.test",
        "prefix" => "https://evilexample.com",
        "scheme" => "http://app.example.com",
        _ => "null",
    };
    let headers = match value("header") {
        "x-token" => super::lines(&[("X-Token", "1")]),
        "x-other" => super::lines(&[("X-Other", "1")]),
        "json" => super::lines(&[("Content-Type", "application/json")]),
        _ => Vec::new(),
    };
    let request = ServerRequest {
        origin: ByteString::from(origin),
        path: value("path").to_owned(),
        options: RequestOptions {
            method: Some(ByteString::from(&*value("method").to_uppercase())),
            headers,
            credentials: Some(match value("mode") {
                "omit" => Credentials::Omit,
                "include" => Credentials::Include,
                _ => Credentials::SameOrigin,
            }),
            ..RequestOptions::default()
        },
        cookie: value("cookie") == "yes",
        on_wire: Vec::new(),
    };
    let names: Vec<&str> = DIMENSIONS.iter().zip(row).map(|((_, values), &value)| values[value]).collect();
    // Which law it is about follows from the policy; `corspec vectors generate` sets it with the expectation.
    ServerVector {
        request: Some(request),
        ..ServerVector::without_probe(
            meta(
                format!(
                    "gen-covering/{}",
                    names.join("-").replace("/plain", "plain").replace("/status/404", "404")
                ),
                format!("origins {}, from {}: {}", names[0], names[6], names[1..].join(", ")),
                vec!["cors-check".to_owned(), "cors-preflight-fetch/7".to_owned()],
            ),
            "completeness".to_owned(),
            policy,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_three_way_combination_occurs() {
        let rows = covering_array();
        let missing = triples()
            .filter(|triple| {
                !rows.iter().any(|row| triple.iter().all(|&(dimension, value)| row[dimension] == value))
            })
            .count();
        assert_eq!(missing, 0);
        assert!(rows.len() < 400, "{} rows are more than greed needs", rows.len());
    }
}
