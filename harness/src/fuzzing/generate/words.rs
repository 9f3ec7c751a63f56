//! The alphabets: few words each, the simplest first.

/// Entries of a policy's origins. Some have the same length, some are part of another, some differ in one place.
pub(super) const ORIGINS: [&str; 20] = [
    "https://app.example.com",
    "https://admin.example.net",
    "https://*.example.com",
    "null",
    "https://api.example.com",
    "https://dev.example.com",
    "https://example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "http://localhost:3000",
    "https://foo.com",
    "https://bar.com",
    "https://*.example.org:8443",
    "http://*.example.com",
    "https://*.app.example.com",
    "https://a-b.example",
    "https://xn--bcher-kva.example",
    "http://127.0.0.1:8000",
    "https://example.com.au",
    "https://apps.example.com",
];

/// Origins of pages that no policy knows by accident.
pub(super) const STRANGERS: [&str; 8] = [
    "https://attacker.test",
    "null",
    "http://attacker.test",
    "http://localhost",
    "http://localhost:4711",
    "https://localhost",
    "chrome-extension://abcdefghijklmnop",
    "https://attacker.test:8443",
];

/// What a policy may allow beyond the safelisted methods. All are known to servers.
pub(super) const METHODS: [&str; 4] = ["PUT", "DELETE", "PATCH", "patch"];

/// Methods that every server knows.
pub(super) const USUAL_METHODS: [&str; 6] = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH"];

/// What a page may ask for besides.
pub(super) const OTHER_METHODS: [&str; 8] =
    ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "patch", "CHICKEN"];

/// What a policy may allow beyond the safelisted request-headers.
pub(super) const HEADERS: [&str; 9] = [
    "x-token",
    "X-Token",
    "authorization",
    "content-type",
    "x-a",
    "X-B",
    "if-none-match",
    "x-requested-with",
    "X-Custom-Header",
];

/// What a page may send besides: name and value.
pub(super) const OTHER_HEADERS: [(&str, &str); 8] = [
    ("X-Token", "1"),
    ("X-Other", "1"),
    ("Content-Type", "application/json"),
    ("Authorization", "Bearer x"),
    ("X-A", "1"),
    ("X-B", "1"),
    ("Content-Type", "text/plain"),
    ("Accept-Language", "de"),
];

/// Headers the application answers to in its own way, to GET.
pub(super) const CONDITIONAL_HEADERS: [(&str, &str); 2] =
    [("Range", "bytes=0-1"), ("If-None-Match", "\"v1\"")];

/// What a policy may expose; the application sends all but the last.
pub(super) const EXPOSED: [&str; 5] = ["etag", "X-Request-Id", "x-app", "X-Secret", "x-absent"];

/// Seconds a preflight is remembered.
pub(super) const MAX_AGES: [u64; 7] = [600, 0, 1, 60, 601, 7200, 86_400];

/// The route of the application that grants access by itself.
pub(super) const OWN_CORS: &str = "/cors";

/// Routes of the application.
pub(super) const PATHS: [&str; 12] = [
    "/status/404",
    "/status/401",
    "/status/500",
    "/status/422",
    "/status/503",
    "/status/204",
    "/redirect",
    "/vary",
    OWN_CORS,
    "/stream",
    "/echo",
    "/nowhere",
];

/// Those whose answers a cache keeps.
pub(super) const CACHEABLE_PATHS: [&str; 3] = ["/plain", "/status/404", "/vary"];

/// Paths with a policy of their own.
pub(super) const ROUTES: [&str; 11] = [
    "/area/*",
    "/area/public/*",
    "/area/private/*",
    "/area/api/*",
    "/area/api/v1/*",
    "/area/api/v1/users",
    "/area/a.b",
    "/area/service+path",
    "/area/exact",
    "/area/folder/",
    "/area/u",
];

/// Names that only resemble `Origin`, or that software reads in its place.
pub(super) const NOT_ORIGIN: [&str; 6] =
    ["X-Origin", "Original", "akamai-origin-hop", "Referer", "X-Forwarded-Host", "Forwarded"];

/// Header lines an intermediary or a client adds to a preflight, which no policy is about.
pub(super) const UNRELATED: [(&str, &str); 8] = [
    ("Accept-Language", "de"),
    ("X-Forwarded-Host", "attacker.test"),
    ("Referer", "https://attacker.test/"),
    ("Sec-Fetch-Site", "cross-site"),
    ("User-Agent", "curl/8"),
    ("X-Requested-With", "XMLHttpRequest"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("Access-Control-Allow-Origin", "*"),
];
