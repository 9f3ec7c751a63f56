//! Vulnerable servers, one for each check that scanners document, and what an audit must find.

use corspec::application;
use corspec::implementation::{Embedded, Info, NotServed};
use corspec::transport::{Body, Service};
use corspec_model::Policy;
use http::HeaderValue;

/// The host that is audited.
pub(crate) const HOST: &str = "api.example.com";

/// What a server says to an origin: the value of Access-Control-Allow-Origin, and whether credentials are allowed.
type Says = fn(&str) -> Option<(String, bool)>;

/// A server that is careless in one way.
#[derive(Clone, Copy)]
pub(crate) struct Seed {
    pub(crate) name: &'static str,
    /// The checks of scanners that are about this.
    pub(crate) checks: &'static [&'static str],
    /// The entry of the catalogue that must be found.
    pub(crate) id: &'static str,
    pub(crate) severity: &'static str,
    says: Says,
}

const fn seed(
    name: &'static str,
    checks: &'static [&'static str],
    id: &'static str,
    severity: &'static str,
    says: Says,
) -> Seed {
    Seed { name, checks, id, severity, says }
}

fn echo(origin: &str, allowed: bool) -> Option<(String, bool)> {
    allowed.then(|| (origin.to_owned(), true))
}

fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

/// The trusted origin is the server's own, as scanners assume.
fn starts(origin: &str) -> Option<&str> {
    origin.strip_prefix("https://")?.strip_prefix(HOST)
}

/// Whether the host goes on with this character after the trusted one.
fn then(origin: &str, character: &str) -> bool {
    starts(origin).is_some_and(|rest| rest.starts_with(character))
}

macro_rules! character_seeds {
    ($($name:literal $character:literal),*) => {
        &[$(seed(
            concat!("goes on after ", $name),
            &["CORScanner 8", "nuclei FQDN.X.rand", "PortSwigger"],
            "special-character",
            "high",
            |origin| echo(origin, then(origin, $character)),
        )),*]
    };
}

/// Each special character of CORScanner's list that a host may have.
pub(crate) const CHARACTERS: &[Seed] = character_seeds!(
    "underscore" "_", "hyphen" "-", "quote" "\"", "brace" "{", "closing brace" "}", "plus" "+", "exclamation mark" "!",
    "tilde" "~", "backtick" "`", "semicolon" ";", "ampersand" "&", "apostrophe" "'", "parenthesis" "(",
    "closing parenthesis" ")", "asterisk" "*", "comma" ",", "dollar" "$", "equals sign" "="
);

/// The others.
pub(crate) const SEEDS: &[Seed] = &[
    seed(
        "echoes everybody",
        &[
            "Corsy 1",
            "CORScanner 1",
            "CORStest evil.org",
            "ZAP random.com",
            "nuclei rand.com",
            "Burp",
            "pciscan",
        ],
        "any-origin",
        "high",
        |origin| echo(origin, true),
    ),
    seed(
        "echoes everybody, without credentials",
        &["Corsy 1", "CORScanner 1", "ZAP random.com"],
        "any-origin",
        "info",
        |origin| Some((origin.to_owned(), false)),
    ),
    seed("says * to everybody", &["Corsy 9", "CORStest *", "ZAP *"], "any-origin", "info", |_| {
        Some(("*".to_owned(), false))
    }),
    seed("says * with credentials", &["pciscan"], "star-with-credentials", "low", |_| {
        Some(("*".to_owned(), true))
    }),
    seed(
        "lets null in",
        &["Corsy 4", "CORScanner 4", "CORStest null", "ZAP null", "nuclei null", "Burp"],
        "null-origin",
        "high",
        |origin| echo(origin, origin == "null"),
    ),
    seed(
        "does not look at the end",
        &[
            "Corsy 2",
            "CORScanner 2",
            "CORStest host.tk",
            "ZAP authority.random.com",
            "nuclei FQDN.rand.com",
            "nuclei FQDNrand.com",
        ],
        "prefix-match",
        "high",
        |origin| echo(origin, starts(origin).is_some()),
    ),
    seed(
        "does not look before the host",
        &["Corsy 3", "CORStest nothost", "ZAP random.authority"],
        "suffix-match",
        "low",
        |origin| echo(origin, host(origin).ends_with(HOST)),
    ),
    seed(
        "does not look before the domain",
        &["CORScanner 3", "CORStest pre-domain", "nuclei rand+RDN"],
        "suffix-match",
        "high",
        |origin| echo(origin, host(origin).ends_with("example.com")),
    ),
    seed(
        "takes an underscore for the end",
        &["Corsy 5", "nuclei FQDN_.rand"],
        "special-character",
        "high",
        |origin| echo(origin, then(origin, "_")),
    ),
    seed(
        "takes a backtick for the end",
        &["Corsy 6", "ZAP authority%60random.com", "nuclei FQDN%60.rand"],
        "special-character",
        "high",
        |origin| {
            // What a browser sends; the scanners send `%60`, which is no host.
            echo(origin, then(origin, "`") || then(origin, "%60"))
        },
    ),
    seed(
        "takes %60 for the end",
        &["Corsy 6", "ZAP authority%60random.com"],
        "not-an-origin",
        "info",
        |origin| echo(origin, then(origin, "%60")),
    ),
    seed(
        "takes a dot for any character",
        &["Corsy 7", "cors-scanner regex dot"],
        "dot-matches-anything",
        "high",
        |origin| {
            let host = host(origin);
            echo(
                origin,
                host.len() == HOST.len() && host.bytes().zip(HOST.bytes()).all(|(a, b)| a == b || b == b'.'),
            )
        },
    ),
    seed(
        "takes the last dot for any character",
        &["CORScanner 6", "nuclei dots to a"],
        "dot-matches-anything",
        "low",
        |origin| {
            let (stem, end) = (host(origin).get(..11), host(origin).get(12..));
            echo(origin, origin.starts_with("https:") && (stem, end) == (Some("api.example"), Some("com")))
        },
    ),
    seed(
        "lets the host in without TLS",
        &["Corsy 8", "CORScanner 10", "CORStest http", "ZAP http", "Burp"],
        "plain-http",
        "medium",
        |origin| echo(origin, origin == "http://api.example.com"),
    ),
    seed(
        "lets subdomains in without TLS",
        &["nuclei http rand.RDN", "Burp trusted insecure subdomain"],
        "plain-http",
        "medium",
        |origin| echo(origin, origin.starts_with("http://") && origin.ends_with(".example.com")),
    ),
    seed(
        "lets every subdomain in",
        &["CORScanner 9", "CORStest sub.host", "nuclei rand.RDN"],
        "subdomains",
        "info",
        |origin| echo(origin, origin.starts_with("https://") && origin.ends_with(".example.com")),
    ),
    seed("names another host to everybody", &["Corsy 9 third party"], "told-to-everybody", "info", |_| {
        Some(("https://partner.example".to_owned(), true))
    }),
    seed("looks for the origin in a longer text", &["CORScanner 5"], "substring-match", "high", |origin| {
        echo(origin, host(origin) != "example.com" && "https://example.com".ends_with(host(origin)))
    }),
    seed(
        "lets pages of others in",
        &["CORScanner 7", "CORStest development back doors"],
        "public-hosting",
        "high",
        |origin| {
            echo(
                origin,
                ["https://whatever.github.io", "https://s.codepen.io", "https://fiddle.jshell.net"]
                    .contains(&origin),
            )
        },
    ),
    seed("does not look past localhost", &["nuclei localhost.rand.com"], "prefix-match", "high", |origin| {
        echo(origin, origin.starts_with("https://localhost"))
    }),
    seed("sends // for an origin", &["CORStest malformed"], "malformed-origin", "low", |_| {
        Some(("//".to_owned(), false))
    }),
    seed("sends several origins", &["CORStest several values"], "malformed-origin", "low", |_| {
        Some(("https://a.example https://b.example".to_owned(), true))
    }),
    seed("sends a pattern", &["CORStest bad wildcard"], "malformed-origin", "low", |_| {
        Some(("*.example.com".to_owned(), true))
    }),
];

/// Every one.
pub(crate) fn all() -> impl Iterator<Item = &'static Seed> {
    SEEDS.iter().chain(CHARACTERS)
}

impl Embedded for Seed {
    fn info(&self) -> Info {
        let nothing = String::new;
        Info { name: self.name.into(), version: nothing(), language: nothing(), homepage: nothing() }
    }

    fn service(&self, _: &Policy) -> Result<Service, NotServed> {
        let says = self.says;
        Ok(Service::new(tower::service_fn(move |request: http::Request<Body>| async move {
            let origin = request.headers().get("origin").cloned();
            let mut response = application::answer(request).await?;
            let headers = response.headers_mut();
            headers.insert("vary", HeaderValue::from_static("Origin"));
            let origin = origin.map(|origin| String::from_utf8_lossy(origin.as_bytes()).into_owned());
            if let Some((value, credentials)) = says(&origin.unwrap_or_default())
                && let Ok(value) = HeaderValue::from_str(&value)
                && !value.is_empty()
            {
                headers.insert("access-control-allow-origin", value);
                if credentials {
                    headers.insert("access-control-allow-credentials", HeaderValue::from_static("true"));
                }
            }
            Ok(response)
        })))
    }
}
