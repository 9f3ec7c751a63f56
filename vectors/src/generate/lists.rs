//! List syntax of `Access-Control-Allow-Methods`, `-Allow-Headers` and `-Expose-Headers`, with and without credentials.

use super::{ClientDraft, ClientFile, actual, fetch, preflight, request};
use crate::bytes::ByteString;
use crate::client::ScriptedResponse;
use crate::request::{Credentials, RequestOptions};

/// Name of the form, and the header lines; `N` stands for the name asked for.
const FORMS: [(&str, &[&[u8]]); 44] = [
    ("name", &[b"N"]),
    ("absent", &[]),
    ("empty", &[b""]),
    ("comma", &[b","]),
    ("commas", &[b",,,"]),
    ("trailing-comma", &[b"N,"]),
    ("leading-comma", &[b",N"]),
    ("empty-between", &[b"a,,N"]),
    ("space-around", &[b"a , N"]),
    ("tab-around", &[b"a\t,\tN"]),
    ("spaces-only-element", &[b"a,  ,N"]),
    ("first-of-two", &[b"N, a"]),
    ("last-of-two", &[b"a, N"]),
    ("space-separated", &[b"a N"]),
    ("semicolon", &[b"a; N"]),
    ("quoted", &[b"\"N\""]),
    ("quoted-other", &[b"\"a\", N"]),
    ("single-quoted", &[b"'N'"]),
    ("equals", &[b"N=1"]),
    ("parameter", &[b"N;q=1"]),
    ("parentheses", &[b"(N)"]),
    ("slash", &[b"a/b, N"]),
    ("at-sign", &[b"@, N"]),
    ("star", &[b"*"]),
    ("star-and-name", &[b"*, N"]),
    ("quoted-star", &[b"\"*\""]),
    ("two-stars", &[b"**"]),
    ("vertical-tab", &[b"N\x0b"]),
    ("form-feed", &[b"N\x0c"]),
    ("control", &[b"a\x01, N"]),
    ("delete", &[b"a\x7f, N"]),
    ("high-byte", &[b"a\x80, N"]),
    ("latin-1", &[b"caf\xe9, N"]),
    ("utf-8", &[b"\xc3\xa9, N"]),
    ("null-byte", &[b"a\x00, N"]),
    ("repeated", &[b"N, N"]),
    ("two-lines", &[b"a", b"N"]),
    ("two-lines-name-first", &[b"N", b"a"]),
    ("empty-line-first", &[b"", b"N"]),
    ("empty-line-last", &[b"N", b""]),
    ("bad-line-first", &[b"b c", b"N"]),
    ("bad-line-last", &[b"N", b"b c"]),
    ("star-on-another-line", &[b"a", b"*"]),
    ("every-token-character", &[b"!#$%&'*+-.^_`|~09azAZ, N"]),
];

pub(super) fn files() -> Vec<ClientFile> {
    let mut drafts = Vec::new();
    for (header, name) in [
        ("Access-Control-Allow-Methods", "PATCH"),
        ("Access-Control-Allow-Headers", "x-test"),
        ("Access-Control-Expose-Headers", "x-test"),
    ] {
        for (credentials, credentials_name) in
            [(Credentials::Omit, "omit"), (Credentials::Include, "include")]
        {
            for (form, values) in FORMS {
                drafts.push(draft(header, name, credentials, credentials_name, form, values));
            }
        }
    }
    vec![("generated-lists.json", "Forms of the list headers of a response.", "list", drafts)]
}

fn draft(
    header: &str,
    name: &str,
    credentials: Credentials,
    credentials_name: &str,
    form: &str,
    values: &[&[u8]],
) -> ClientDraft {
    let allow = [("Access-Control-Allow-Origin", super::PAGE), ("Access-Control-Allow-Credentials", "true")];
    let short = header.trim_start_matches("Access-Control-").to_lowercase();
    let exposes = short == "expose-headers";
    let mut options = RequestOptions { credentials: Some(credentials), ..RequestOptions::default() };
    match &*short {
        "allow-methods" => options.method = Some(name.into()),
        "allow-headers" => options.headers = super::lines(&[("X-Test", "1")]),
        _ => {}
    }
    let with_list = |mut response: ScriptedResponse| {
        for value in values {
            let text: Vec<u8> = value
                .iter()
                .flat_map(|&byte| if byte == b'N' { name.as_bytes().to_vec() } else { vec![byte] })
                .collect();
            response.headers.push((header.into(), ByteString(text)));
        }
        response
    };
    let responses = if exposes {
        vec![with_list(actual(200, &[allow[0], allow[1], ("X-Test", "1"), ("X-Other", "2")]))]
    } else {
        vec![with_list(preflight(204, &allow)), actual(200, &allow)]
    };
    ClientDraft {
        axes: [&*short, credentials_name, form].map(str::to_owned).to_vec(),
        title: format!("{header} in the form {form}, credentials {credentials_name}"),
        citation: if exposes { "main-fetch/14.1.1" } else { "cors-preflight-fetch/7.3" },
        fetches: vec![fetch(request(options), responses)],
    }
}
