//! Forbidden request-headers and methods, as `fetch()` and `XMLHttpRequest` treat them, and origins of URLs.

use corspec_model::request_headers::FORBIDDEN_NAMES;

use super::{ClientDraft, ClientFile, ModelDraft, ModelFile, actual, fetch, preflight, request};
use crate::model::{Algorithm, Input};
use crate::request::{Initiator, RequestOptions};

/// Names the two forbidden prefixes cover.
const FORBIDDEN_BY_PREFIX: [&str; 4] = ["Proxy-", "Proxy-Authorization", "Sec-", "Sec-Fetch-Site"];

/// Names one step away from a forbidden one.
const NEAR_MISSES: [&str; 10] = [
    "Accept-Charsets",
    "X-Cookie",
    "Cookie3",
    "Dat",
    "Proxy",
    "Proxy_",
    "Sec",
    "Secret",
    "Trailers",
    "Access-Control-Request-Private",
];

const OVERRIDES: [&str; 3] = ["X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"];
const OVERRIDE_VALUES: [(&str, &str); 11] = [
    ("get", "GET"),
    ("trace", "TRACE"),
    ("track-lower", "track"),
    ("connect-mixed", "CoNnEcT"),
    ("last-of-list", "GET, TRACE"),
    ("empty-first", ",TRACE"),
    ("spaces", " TRACE ,GET"),
    ("quoted", "\"TRACE\""),
    ("quoted-comma", "\"a,TRACE\""),
    ("longer", "TRACER"),
    ("two-words", "TRACE GET"),
];

pub(super) fn files() -> Vec<ClientFile> {
    let mut drafts = Vec::new();
    for (initiator, word) in [(Initiator::Fetch, "fetch"), (Initiator::Xhr, "xhr")] {
        for name in FORBIDDEN_NAMES.iter().chain(&FORBIDDEN_BY_PREFIX).chain(&NEAR_MISSES) {
            drafts.push(header(initiator, word, name, "1", &[*name]));
            drafts.push(header(initiator, word, &name.to_uppercase(), "1", &[name, "upper"]));
        }
        for name in OVERRIDES {
            for (form, value) in OVERRIDE_VALUES {
                drafts.push(header(initiator, word, name, value, &[name, form]));
            }
        }
        for method in
            ["CONNECT", "TRACE", "TRACK", "GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "QUERY"]
        {
            for (case, written) in
                [("upper", method.to_owned()), ("lower", method.to_lowercase()), ("mixed", mixed(method))]
            {
                drafts.push(method_draft(initiator, word, method, case, &written));
            }
        }
    }
    vec![(
        "generated-forbidden.json",
        "Headers and methods an author may not set, and those next to them.",
        "forbidden",
        drafts,
    )]
}

fn mixed(method: &str) -> String {
    method.char_indices().map(|(index, c)| if index % 2 == 0 { c } else { c.to_ascii_lowercase() }).collect()
}

const ALLOW: [(&str, &str); 3] = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "*"),
    ("Access-Control-Allow-Headers", "*"),
];

fn header(initiator: Initiator, word: &str, name: &str, value: &str, axes: &[&str]) -> ClientDraft {
    let options =
        RequestOptions { initiator, headers: super::lines(&[(name, value)]), ..RequestOptions::default() };
    let axes: Vec<String> =
        axes.iter().map(|axis| axis.to_lowercase().trim_end_matches('-').replace('_', ".")).collect();
    let last = if name.ends_with('-') { "-and-nothing" } else { "" };
    ClientDraft {
        axes: vec!["header".to_owned(), word.to_owned(), axes.join("-") + last],
        title: format!("{word} sets {name}: {value}"),
        citation: "forbidden-request-header/1",
        fetches: vec![fetch(request(options), vec![preflight(204, &ALLOW), actual(200, &ALLOW)])],
    }
}

fn method_draft(initiator: Initiator, word: &str, method: &str, case: &str, written: &str) -> ClientDraft {
    let options = RequestOptions { initiator, method: Some(written.into()), ..RequestOptions::default() };
    ClientDraft {
        axes: vec!["method".to_owned(), word.to_owned(), method.to_lowercase(), case.to_owned()],
        title: format!("{word} with method {written}"),
        citation: "forbidden-method",
        fetches: vec![fetch(request(options), vec![preflight(204, &ALLOW), actual(200, &ALLOW)])],
    }
}

pub(super) fn model_files() -> Vec<ModelFile> {
    const URLS: [(&str, &str); 40] = [
        ("plain", "https://example.com/"),
        ("upper-host", "https://EXAMPLE.com/"),
        ("upper-scheme", "HTTPS://example.com/"),
        ("default-port", "https://example.com:443/"),
        ("default-port-zeros", "https://example.com:00443/"),
        ("http-default-port", "http://example.com:80/"),
        ("other-default-port", "http://example.com:443/"),
        ("port", "https://example.com:8443/"),
        ("port-zero", "https://example.com:0/"),
        ("port-max", "https://example.com:65535/"),
        ("empty-port", "https://example.com:/"),
        ("user", "https://user:password@example.com/"),
        ("trailing-dot", "https://example.com./"),
        ("underscore", "https://a_b.example.com/"),
        ("punctuation", "https://a!$&'()*+,;=~.example.com/"),
        ("percent-letter", "https://ex%61mple.com/"),
        ("percent-utf-8", "https://%C3%A9.example/"),
        ("idn", "https://\u{e9}l\u{e8}ve.example/"),
        ("idn-upper", "https://\u{c9}L\u{c8}VE.example/"),
        ("sharp-s", "https://fa\u{df}.example/"),
        ("fullwidth", "https://\u{ff45}xample.com/"),
        ("ideographic-stop", "https://example\u{3002}com/"),
        ("soft-hyphen", "https://exa\u{ad}mple.com/"),
        ("punycode", "https://xn--lve-6lad.example/"),
        ("ipv4", "http://127.0.0.1/"),
        ("ipv4-number", "http://2130706433/"),
        ("ipv4-hexadecimal", "http://0x7f000001/"),
        ("ipv4-octal", "http://0177.0.0.1/"),
        ("ipv4-short", "http://127.1/"),
        ("ipv4-trailing-dot", "http://127.0.0.1./"),
        ("ipv6", "http://[::1]/"),
        ("ipv6-long", "http://[0:0:0:0:0:0:0:1]/"),
        ("ipv6-upper", "http://[2001:DB8::ABCD]/"),
        ("ipv6-ipv4", "http://[::ffff:127.0.0.1]/"),
        ("ipv6-one-zero", "http://[1:0:2:3:4:5:6:7]/"),
        ("ipv6-port", "http://[::1]:8080/"),
        ("ws", "ws://example.com:80/"),
        ("wss", "wss://example.com:443/"),
        ("ftp", "ftp://example.com:21/"),
        ("data", "data:text/plain,x"),
    ];
    let mut drafts: Vec<ModelDraft> = URLS
        .iter()
        .map(|&(name, url)| ModelDraft {
            id: format!("gen-origin/{name}"),
            title: format!("the origin of {}", url.escape_unicode_if_needed()),
            citation: "concept-url-origin",
            algorithm: Algorithm::SerializeAnOrigin,
            input: Input { url: Some(url.to_owned()), ..Input::default() },
        })
        .collect();
    for (name, url) in [
        ("file", "file:///etc/hosts"),
        ("file-host", "file://server/x"),
        ("about", "about:blank"),
        ("javascript", "javascript:1"),
        ("mailto", "mailto:a@example.com"),
        ("blob-https", "blob:https://example.com/9115d58c-bcda-ff47-86e5-083e9a215304"),
        ("blob-null", "blob:null/9115d58c-bcda-ff47-86e5-083e9a215304"),
        ("blob-file", "blob:file:///x"),
        ("extension", "chrome-extension://abcdefgh/x"),
        ("unknown", "foo://example.com/"),
    ] {
        drafts.push(ModelDraft {
            id: format!("gen-origin/{name}"),
            title: format!("the origin of {url}"),
            citation: "concept-url-origin",
            algorithm: Algorithm::SerializeAnOrigin,
            input: Input { url: Some(url.to_owned()), ..Input::default() },
        });
    }
    vec![("generated-origins.json", "Origins of URLs of every form.", drafts)]
}

/// Titles are ASCII.
trait EscapeIfNeeded {
    fn escape_unicode_if_needed(&self) -> String;
}

impl EscapeIfNeeded for &str {
    fn escape_unicode_if_needed(&self) -> String {
        self.chars()
            .map(|c| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() })
            .collect()
    }
}
