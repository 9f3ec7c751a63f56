//! The preflight cache: who may use an entry, for how long, and what removes it.

use super::{API, ClientDraft, ClientFile, PAGE, actual, lines, preflight};
use crate::client::{ScriptedFetch, ScriptedResponse};
use crate::request::{Credentials, RequestDocument, RequestOptions};

const MODES: [(&str, Credentials); 3] = [
    ("omit", Credentials::Omit),
    ("same-origin", Credentials::SameOrigin),
    ("include", Credentials::Include),
];

pub(super) fn files() -> Vec<ClientFile> {
    let mut drafts = Vec::new();
    credentials(&mut drafts);
    partial_hits(&mut drafts);
    ages(&mut drafts);
    keys(&mut drafts);
    clearing(&mut drafts);
    vec![("generated-cache.json", "Two or three fetches that share a preflight cache.", "cache", drafts)]
}

fn options(method: &str, headers: &[&str], credentials: Credentials) -> RequestOptions {
    RequestOptions {
        method: (method != "GET").then(|| method.into()),
        headers: headers.iter().map(|&name| (name.into(), "1".into())).collect(),
        credentials: Some(credentials),
        ..RequestOptions::default()
    }
}

/// Grants to the page: by name or by `*`.
fn granted(star: bool, max_age: &str) -> Vec<ScriptedResponse> {
    let (methods, headers) = if star { ("*", "*") } else { ("PUT, DELETE", "x-a, x-b, authorization") };
    grants(methods, headers, max_age)
}

fn grants(methods: &str, headers: &str, max_age: &str) -> Vec<ScriptedResponse> {
    let mut answer = preflight(
        204,
        &[
            ("Access-Control-Allow-Origin", PAGE),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Allow-Methods", methods),
            ("Access-Control-Allow-Headers", headers),
        ],
    );
    if !max_age.is_empty() {
        answer.headers.extend(lines(&[("Access-Control-Max-Age", max_age)]));
    }
    vec![
        answer,
        actual(200, &[("Access-Control-Allow-Origin", PAGE), ("Access-Control-Allow-Credentials", "true")]),
    ]
}

fn at(seconds: u32, url: &str, options: RequestOptions, responses: Vec<ScriptedResponse>) -> ScriptedFetch {
    let request = RequestDocument { origin: PAGE.to_owned(), url: format!("{API}{url}"), options };
    ScriptedFetch { at: seconds.into(), request, responses }
}

fn draft(axes: &[&str], title: String, fetches: Vec<ScriptedFetch>) -> ClientDraft {
    ClientDraft {
        axes: axes.iter().map(|&axis| axis.to_owned()).collect(),
        title,
        citation: "http-fetch/4.1",
        fetches,
    }
}

/// An entry stored in one credentials mode, asked for in another.
fn credentials(drafts: &mut Vec<ClientDraft>) {
    for (first_name, first) in MODES {
        for (second_name, second) in MODES {
            for (grant, star) in [("named", false), ("star", true)] {
                for (what, method, headers) in [("method", "PUT", &[][..]), ("header", "GET", &["X-A"])] {
                    drafts.push(draft(
                        &["credentials", first_name, second_name, grant, what],
                        format!("a {what} granted ({grant}) to a request with {first_name}, then asked with {second_name}"),
                        vec![
                            at(0, "/", options(method, headers, first), granted(star, "600")),
                            at(1, "/", options(method, headers, second), granted(star, "600")),
                        ],
                    ));
                }
            }
        }
    }
}

/// A second request that needs some of what the first was granted, and more.
fn partial_hits(drafts: &mut Vec<ClientDraft>) {
    let sets: [(&str, &str, &[&str]); 7] = [
        ("put", "PUT", &[]),
        ("delete", "DELETE", &[]),
        ("a", "GET", &["X-A"]),
        ("b", "GET", &["X-B"]),
        ("ab", "GET", &["X-A", "X-B"]),
        ("puta", "PUT", &["X-A"]),
        ("authorization", "GET", &["Authorization"]),
    ];
    for (first_name, first_method, first_headers) in sets {
        for (second_name, second_method, second_headers) in sets {
            for (grant, methods, headers) in [
                ("asked", first_method, first_headers.join(", ")),
                ("star", "*", "*, Authorization".to_owned()),
                ("star-only", "*", "*".to_owned()),
            ] {
                drafts.push(draft(
                    &["partial", first_name, second_name, grant],
                    format!("{first_name} was granted ({grant}), {second_name} is asked"),
                    vec![
                        at(
                            0,
                            "/",
                            options(first_method, first_headers, Credentials::Omit),
                            grants(methods, &headers, "600"),
                        ),
                        at(
                            1,
                            "/",
                            options(second_method, second_headers, Credentials::Omit),
                            granted(false, "600"),
                        ),
                    ],
                ));
            }
        }
    }
}

/// The same request again after some seconds; a second preflight that changes the max-age.
fn ages(drafts: &mut Vec<ClientDraft>) {
    for max_age in ["", "0", "1", "5", "6", "600", "-1", "x"] {
        let word = if max_age.is_empty() { "absent" } else { max_age };
        for seconds in [0, 1, 4, 5, 6, 599, 600] {
            drafts.push(draft(
                &["age", &word.replace("-1", "minus-1"), &seconds.to_string()],
                format!("max-age {word}, the same request after {seconds} seconds"),
                vec![
                    at(0, "/", options("PUT", &[], Credentials::Omit), granted(false, max_age)),
                    at(seconds, "/", options("PUT", &[], Credentials::Omit), granted(false, max_age)),
                ],
            ));
        }
    }
    for (first, second) in [("10", "100"), ("100", "10"), ("10", "0"), ("600", "")] {
        for seconds in [9, 12, 20, 101] {
            let word = if second.is_empty() { "absent" } else { second };
            drafts.push(draft(
                &["update", first, word, &seconds.to_string()],
                format!("max-age {first}, then a preflight for another header with {word}, the first request again after {seconds} seconds"),
                vec![
                    at(0, "/", options("GET", &["X-A"], Credentials::Omit), grants("", "x-a", first)),
                    at(1, "/", options("GET", &["X-A", "X-B"], Credentials::Omit), grants("", "x-a, x-b", second)),
                    at(seconds, "/", options("GET", &["X-A"], Credentials::Omit), granted(false, "600")),
                ],
            ));
        }
    }
}

/// What an entry is kept under.
fn keys(drafts: &mut Vec<ClientDraft>) {
    let put = || options("PUT", &[], Credentials::Omit);
    for (name, first, second) in [
        ("same-url", "/", "/"),
        ("path", "/", "/x"),
        ("query", "/?a", "/?b"),
        ("empty-query", "/", "/?"),
        ("fragment", "/#a", "/#b"),
        ("no-fragment", "/#a", "/"),
    ] {
        drafts.push(draft(
            &["key", name],
            format!("granted at {first}, asked at {second}"),
            vec![at(0, first, put(), granted(false, "600")), at(1, second, put(), granted(false, "600"))],
        ));
    }
    for (name, origin, top_level) in [
        ("same-page", PAGE, None),
        ("other-origin", "https://other.example", None),
        ("other-scheme", "http://page.example", None),
        ("opaque", "null", None),
        ("other-top-level-site", PAGE, Some("https://portal.example")),
        ("same-top-level-site", PAGE, Some("https://www.page.example")),
    ] {
        let mut second = at(1, "/", put(), granted(false, "600"));
        second.request.origin = origin.to_owned();
        second.request.options.top_level = top_level.map(str::to_owned);
        for response in &mut second.responses {
            response.headers[0].1 = origin.into();
        }
        drafts.push(draft(
            &["key", name],
            format!("granted to the page, asked by {name}"),
            vec![at(0, "/", put(), granted(false, "600")), second],
        ));
    }
}

/// What a failure removes.
fn clearing(drafts: &mut Vec<ClientDraft>) {
    let put = || options("PUT", &[], Credentials::Omit);
    let failures: [(&str, RequestOptions, Vec<ScriptedResponse>); 5] = [
        ("response-not-shared", put(), vec![actual(200, &[])]),
        ("preflight-refused", options("PUT", &["X-C"], Credentials::Omit), granted(false, "600")),
        ("connection", put(), vec![ScriptedResponse { network_error: true, ..actual(200, &[]) }]),
        ("simple-request", options("GET", &[], Credentials::Omit), vec![actual(200, &[])]),
        ("nothing", put(), granted(false, "600")),
    ];
    for (name, second, responses) in failures {
        drafts.push(draft(
            &["clear", name],
            format!("granted; then a fetch that fails ({name}); then the first again"),
            vec![
                at(0, "/", put(), granted(false, "600")),
                at(1, "/", second, responses),
                at(2, "/", put(), granted(false, "600")),
            ],
        ));
    }
}
