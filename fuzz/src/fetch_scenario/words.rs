//! The alphabets, small so that equality and near misses happen.

pub const ORIGINS: [&str; 6] = [
    "https://a.example",
    "https://b.example",
    "http://a.example",
    "https://sub.a.example",
    "null",
    "https://[::1]:8443",
];

/// Some are no web server's: a blocked port, schemes without a network, passwords.
pub const URLS: [&str; 16] = [
    "https://b.example/",
    "https://b.example/x",
    "https://b.example/y#f",
    "https://a.example/",
    "http://a.example:8080/",
    "https://sub.a.example/",
    "https://u:p@b.example/",
    "https://b.example:25/",
    "data:,x",
    "about:blank",
    "about:srcdoc",
    "blob:https://a.example/1",
    "file:///x",
    "ftp://b.example/",
    "javascript:0",
    "https://[::1]:8443/",
];

pub const METHODS: [&str; 11] =
    ["GET", "POST", "PUT", "DELETE", "patch", "PATCH", "OPTIONS", "head", "TRACE", "a b", "GET"];

/// Long values reach the limits of the safelist: 128 bytes each, 1024 together.
const LONG: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

pub const REQUEST_HEADERS: [(&str, &str); 21] = [
    ("X-Test", "1"),
    ("x-test", "2"),
    ("Authorization", "a"),
    ("Content-Type", "text/plain"),
    ("Content-Type", "application/json"),
    ("Content-Type", "text"),
    ("Content-Type", "text/plain; a=\"b\""),
    ("Accept", LONG),
    ("Accept", "a(b"),
    ("Accept-Language", "en"),
    ("Accept-Language", "en@"),
    ("Content-Language", "de"),
    ("Range", "bytes=0-9"),
    ("Range", "bytes=-9"),
    ("Cookie", "a"),
    ("Sec-A", "a"),
    ("X-HTTP-Method-Override", "trace, \"x"),
    ("X-Method-Override", "PUT"),
    ("b c", "a"),
    ("X-Test", "a\nb"),
    ("*", "1"),
];

/// None: no response comes.
pub const STATUSES: [Option<u16>; 16] = [
    Some(200),
    None,
    Some(204),
    Some(200),
    Some(301),
    Some(302),
    Some(303),
    Some(307),
    Some(308),
    Some(304),
    Some(401),
    Some(407),
    Some(421),
    Some(500),
    Some(206),
    Some(999),
];

/// What responses say; most often something CORS looks at.
pub const HEADERS: [(&str, &[&str]); 13] = [
    (
        "Access-Control-Allow-Origin",
        &[
            "*",
            "https://a.example",
            "null",
            "https://a.example",
            "https://b.example",
            "x y",
            "https://a.example, *",
        ],
    ),
    ("Access-Control-Allow-Credentials", &["true", "TRUE", "true, true"]),
    ("Access-Control-Allow-Methods", &["PUT, patch", "*", "POST", "DELETE,PATCH,OPTIONS", "bad value", ""]),
    (
        "Access-Control-Allow-Headers",
        &[
            "x-test,authorization",
            "*",
            "X-Test, content-type, range, accept",
            "accept-language,content-language,*",
            "bad value",
            ",",
        ],
    ),
    ("Access-Control-Expose-Headers", &["*", "x-test", "location,\tset-cookie", "bad value"]),
    ("Access-Control-Max-Age", &["600", "0", "1", "-1", "99999999999999999999"]),
    (
        "Location",
        &[
            "https://b.example/x",
            "/y",
            "https://a.example/",
            "https://u:p@a.example/",
            "http://a.example:8080/",
            "https://sub.a.example/",
            "data:,x",
            "https://[",
            "#g",
            "https://b.example:25/",
        ],
    ),
    ("Set-Cookie", &["a=b"]),
    ("X-Test", &["1"]),
    ("Content-Type", &["text/plain"]),
    ("Timing-Allow-Origin", &["*", "https://a.example", "null, https://b.example", "\"*\""]),
    ("Cross-Origin-Resource-Policy", &["same-origin", "same-site", "cross-origin", "Same-Origin"]),
    ("Referrer-Policy", &["no-referrer", "same-origin, x", "strict-origin", "unsafe-url", "origin"]),
];

pub const REFERRER_POLICIES: [&str; 9] = [
    "",
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];
