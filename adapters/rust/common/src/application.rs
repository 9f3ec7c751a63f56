//! The application behind every middleware, as `adapters/README.md` has it.

use percent_encoding::percent_decode_str;

/// What the application answers.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Body,
}

/// A body, whole or in the pieces it is sent in.
pub enum Body {
    Whole(Vec<u8>),
    Pieces([&'static str; 3]),
}

const COMMON: [(&str, &str); 7] = [
    ("content-type", "text/plain"),
    ("cache-control", "max-age=60"),
    ("etag", "\"v1\""),
    ("set-cookie", "session=1"),
    ("x-app", "corspec"),
    ("x-request-id", "42"),
    ("x-secret", "s"),
];

/// Answers a request: its method, its path as it came, its headers by name, its body.
pub fn answer<'a>(
    method: &str,
    path: &str,
    header: impl Fn(&str) -> Option<&'a [u8]>,
    body: &[u8],
) -> Answer {
    let with = |status, text: &str, more: Option<(&'static str, &'static str)>| Answer {
        status,
        headers: COMMON.into_iter().chain(more).collect(),
        body: Body::Whole(text.into()),
    };
    let plain = |more| with(200, "plain\n", more);
    match &*resolved(path) {
        "/plain" if header("if-none-match") == Some(b"\"v1\"") => with(304, "", None),
        "/plain" if header("range") == Some(b"bytes=0-1") => {
            with(206, "pl", Some(("content-range", "bytes 0-1/6")))
        }
        "/plain" | "/status/200" => plain(None),
        "/redirect" => with(302, "", Some(("location", "/plain"))),
        "/vary" => plain(Some(("vary", "Accept-Encoding"))),
        "/cors" => plain(Some(("access-control-allow-origin", "https://own.example"))),
        "/stream" => Answer { body: Body::Pieces(["one\n", "two\n", "three\n"]), ..with(200, "", None) },
        "/echo" => {
            Answer { body: Body::Whole([method.as_bytes(), b" ", body].concat()), ..with(200, "", None) }
        }
        path if path.starts_with("/area/") => plain(None),
        path => with(path.strip_prefix("/status/").and_then(status).unwrap_or(404), "", None),
    }
}

fn status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (200..600).contains(status))
}

/// The path with its percent-encodings and dot segments resolved.
fn resolved(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let mut segments = Vec::new();
    for segment in decoded.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}
