//! Single values: decisions on one header.

use std::hint::black_box;

use corspec_model::abnf::{Abnf, delta_seconds};
use corspec_model::fast::{list, safelist};
use corspec_model::request::CredentialsMode;
use corspec_model::request_headers::is_cors_safelisted_request_header;
use corspec_model::{HeaderList, Origin, cors_check};
use headers::{
    AccessControlAllowMethods, AccessControlAllowOrigin, AccessControlExposeHeaders, AccessControlMaxAge,
    Header,
};
use http::{HeaderName, HeaderValue};

use crate::case::Case;

const ORIGIN: &str = "https://app.example.com";

/// `Content-Type` values, with whether a form can send them.
const CONTENT_TYPES: [(&str, &str); 5] = [
    ("typical", "text/plain;charset=UTF-8"),
    ("form", "multipart/form-data; boundary=----WebKitFormBoundaryX3bLyTTsTbBhBGTp"),
    ("json", "application/json"),
    ("near-miss", "text/plainx"),
    (
        "largest",
        "text/plain;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1",
    ),
];

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const EXPOSED: &str = "etag, x-request-id, x-total-count, link, x-rate-limit-remaining";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = allow_origin();
    cases.extend(content_type());
    cases.extend(allow_methods());
    cases.extend(expose_headers());
    cases.extend(max_age());
    cases.extend(get_decode_and_split());
    cases.extend(parse_origin());
    cases
}

/// The whole CORS check on a response of four lines, against the typed decode of its one header.
fn allow_origin() -> Vec<Case> {
    let mut cases = Vec::new();
    for (input, credentials_mode, value) in [
        ("origin", CredentialsMode::Include, ORIGIN),
        ("wildcard", CredentialsMode::Omit, "*"),
        ("origin-no-credentials", CredentialsMode::Omit, ORIGIN),
    ] {
        let group = format!("values/allow-origin-{input}");
        let lines = HeaderList::from_iter([
            ("content-type", "application/json"),
            ("access-control-allow-origin", value),
            ("access-control-allow-credentials", "true"),
            ("vary", "Origin"),
        ]);
        let check = move || {
            let lines = black_box(&lines);
            u64::from(cors_check::check(ORIGIN.as_bytes(), credentials_mode, lines, &mut ()).is_ok())
        };
        let header = HeaderValue::from_static(value);
        let decode = move || {
            let decoded = AccessControlAllowOrigin::decode(&mut std::iter::once(black_box(&header)));
            u64::from(decoded.is_ok())
        };
        cases.push(Case::new(&*group, "CORS check", 1, check));
        cases.push(Case::new(&*group, "headers decode", 1, decode));
    }
    cases
}

fn content_type() -> Vec<Case> {
    let mut cases = Vec::new();
    for (input, value) in CONTENT_TYPES {
        let group = format!("values/content-type-{input}");
        let literal = move || {
            u64::from(is_cors_safelisted_request_header(b"content-type", black_box(value).as_bytes()))
        };
        let fast = move || u64::from(safelist::is_safelisted_content_type(black_box(value).as_bytes()));
        let mime = move || {
            let safelisted = black_box(value).len() <= 128
                && value.parse::<mime::Mime>().is_ok_and(|mime| {
                    let forms = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
                    forms.contains(&mime.essence_str())
                });
            u64::from(safelisted)
        };
        cases.push(Case::new(&*group, "literal", value.len(), literal));
        cases.push(Case::new(&*group, "fast", value.len(), fast));
        cases.push(Case::new(&*group, "mime", value.len(), mime));
    }
    cases
}

/// Is `PATCH` on the list?
fn allow_methods() -> Vec<Case> {
    let group = "values/allow-methods";
    let case = |name: &str, work: Box<dyn FnMut() -> u64>| Case::new(group, name, METHODS.len(), work);
    let value = HeaderValue::from_static(METHODS);
    let literal = || {
        let mut methods = Vec::new();
        let parses = Abnf::TokenList.extract(black_box(METHODS).as_bytes(), &mut methods).is_ok();
        u64::from(parses && methods.contains(&&b"PATCH"[..]))
    };
    let fast = || {
        let mut methods = list::tokens(black_box(METHODS).as_bytes());
        let found =
            methods.try_fold(false, |found, method| method.map(|method| found | (method == b"PATCH")));
        u64::from(found == Ok(true))
    };
    let headers = move || {
        let decoded = AccessControlAllowMethods::decode(&mut std::iter::once(black_box(&value)));
        u64::from(decoded.is_ok_and(|list| list.iter().any(|method| method == http::Method::PATCH)))
    };
    vec![case("literal", Box::new(literal)), case("fast", Box::new(fast)), case("headers", Box::new(headers))]
}

/// How many names are exposed.
fn expose_headers() -> Vec<Case> {
    let group = "values/expose-headers";
    let case = |name: &str, work: Box<dyn FnMut() -> u64>| Case::new(group, name, EXPOSED.len(), work);
    let value = HeaderValue::from_static(EXPOSED);
    let literal = || {
        let mut names = Vec::new();
        let parses = Abnf::TokenList.extract(black_box(EXPOSED).as_bytes(), &mut names).is_ok();
        if parses { names.len() as u64 } else { 0 }
    };
    let fast = || list::tokens(black_box(EXPOSED).as_bytes()).flatten().count() as u64;
    let headers = move || {
        let decoded = AccessControlExposeHeaders::decode(&mut std::iter::once(black_box(&value)));
        decoded.map_or(0, |list| {
            list.iter().map(|name: HeaderName| u64::from(!black_box(name).as_str().is_empty())).sum()
        })
    };
    vec![case("literal", Box::new(literal)), case("fast", Box::new(fast)), case("headers", Box::new(headers))]
}

fn max_age() -> Vec<Case> {
    let value = HeaderValue::from_static("86400");
    let headers = move || {
        let decoded = AccessControlMaxAge::decode(&mut std::iter::once(black_box(&value)));
        decoded.map_or(0, |age| std::time::Duration::from(age).as_secs())
    };
    vec![
        Case::new("values/max-age", "literal", 5, || delta_seconds(black_box(b"86400")).unwrap_or(0)),
        Case::new("values/max-age", "headers", 5, headers),
    ]
}

/// Values in quotes are why this is no `#token`; the rival does less.
fn get_decode_and_split() -> Vec<Case> {
    let line = "text/plain, \"a, b\", x";
    let list = HeaderList::from_iter([("x", line)]);
    let model = move || black_box(&list).get_decode_and_split("x").map_or(0, |values| values.len() as u64);
    vec![Case::new("values/get-decode-and-split", "literal", line.len(), model)]
}

fn parse_origin() -> Vec<Case> {
    let group = "values/parse-origin";
    let model = || Origin::parse(black_box(ORIGIN)).map_or(0, |origin| origin.serialize().len() as u64);
    let url = || {
        black_box(ORIGIN).parse::<url::Url>().map_or(0, |url| url.origin().ascii_serialization().len() as u64)
    };
    let value = HeaderValue::from_static(ORIGIN);
    let headers = move || {
        let decoded = headers::Origin::decode(&mut std::iter::once(black_box(&value)));
        decoded.map_or(0, |origin| origin.to_string().len() as u64)
    };
    vec![
        Case::new(group, "literal", ORIGIN.len(), model),
        Case::new(group, "url", ORIGIN.len(), url),
        Case::new(group, "headers", ORIGIN.len(), headers),
    ]
}
