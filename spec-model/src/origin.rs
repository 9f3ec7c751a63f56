//! Origins ([HTML](https://html.spec.whatwg.org/#origin)) and sites, as far as CORS looks at them.

use std::fmt;

use url::Url;

/// An origin, with its serialization at hand.
///
/// Two tuple origins are equal when their serializations are: the host serializer maps equal hosts, and only equal
/// hosts, to equal strings, and a default port is never written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A scheme, host and port.
    Tuple(TupleOrigin),
    /// An opaque origin: serializes as `null` and is same origin with nothing but itself.
    ///
    /// One value stands for all: no algorithm of the model asks whether two opaque origins are the same. Only the
    /// preflight cache, which compares serializations as the standard says, cannot tell them apart.
    Opaque,
    /// Bytes that are not the serialization of any origin: a request no browser can make.
    ///
    /// It lets the same model judge a server that is sent such bytes in `Origin`. It serializes as itself and is
    /// same origin with nothing.
    Unreachable(Box<[u8]>),
}

/// A [tuple origin](https://html.spec.whatwg.org/#concept-origin-tuple).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TupleOrigin {
    serialized: Box<str>,
    scheme_end: usize,
    host_end: usize,
}

impl TupleOrigin {
    /// An origin of the plainest form, which the URL parser leaves as it is: HTTP(S), a domain of lower-case letters,
    /// digits and single hyphens whose last label begins with a letter, and no port. `None` says nothing of any other.
    fn plain(string: &str) -> Option<Self> {
        let scheme_end = string.find("://").filter(|&end| matches!(&string[..end], "http" | "https"))?;
        let host = &string[scheme_end + 3..];
        let (mut before, mut label_begins_with_letter) = (b'.', false);
        for byte in host.bytes() {
            match byte {
                b'a'..=b'z' => label_begins_with_letter |= before == b'.',
                b'0'..=b'9' if before == b'.' => label_begins_with_letter = false,
                b'0'..=b'9' => {}
                // Neither an empty label, nor one that begins or ends with a hyphen, nor two hyphens as IDNA has them.
                b'.' | b'-' if !matches!(before, b'.' | b'-') => {}
                _ => return None,
            }
            if byte == b'.' {
                label_begins_with_letter = false;
            }
            before = byte;
        }
        let ends = label_begins_with_letter && before != b'-';
        ends.then(|| Self { serialized: string.into(), scheme_end, host_end: string.len() })
    }

    fn new(scheme: &str, host: &str, port: Option<u16>) -> Self {
        let mut serialized = [scheme, "://", host].concat();
        let host_end = serialized.len();
        if let Some(port) = port {
            serialized.push_str(&format!(":{port}"));
        }
        Self { serialized: serialized.into(), scheme_end: scheme.len(), host_end }
    }

    /// The scheme, without `:`.
    pub fn scheme(&self) -> &str {
        &self.serialized[..self.scheme_end]
    }

    /// The host, serialized: a domain, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.serialized[self.scheme_end + 3..self.host_end]
    }

    /// The [ASCII serialization](https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin).
    pub fn as_str(&self) -> &str {
        &self.serialized
    }

    /// The registrable domain of the host, or the host itself where there is none (an IP address, a public suffix,
    /// `localhost`).
    fn registrable_domain_or_host(&self) -> &str {
        let host = self.host();
        if is_ip_address(host) {
            return host;
        }
        // A trailing dot is part of the host: `example.com.` is another site than `example.com`.
        corspec_public_suffix::registrable_domain(host).unwrap_or(host)
    }
}

fn is_ip_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

impl Origin {
    /// The [origin of a URL](https://url.spec.whatwg.org/#concept-url-origin).
    ///
    /// Non-special schemes and `file:` have an opaque origin; the origin of `blob:` is that of the URL inside it
    /// when that is `http:` or `https:`.
    pub fn of_url(url: &Url) -> Self {
        match url.scheme() {
            "http" | "https" | "ws" | "wss" | "ftp" => match url.host_str() {
                Some(host) => Self::Tuple(TupleOrigin::new(url.scheme(), host, url.port())),
                None => Self::Opaque,
            },
            "blob" => match Url::parse(url.path()) {
                Ok(inner) if matches!(inner.scheme(), "http" | "https") => Self::of_url(&inner),
                _ => Self::Opaque,
            },
            _ => Self::Opaque,
        }
    }

    /// Reads a serialized origin: `null`, or `scheme://host[:port]` exactly as a browser serializes it.
    ///
    /// Other schemes than those of the web (an extension's, say) are tuple origins too when they have the form of
    /// the [`Origin` header's ABNF](https://fetch.spec.whatwg.org/#origin-header).
    ///
    /// # Errors
    /// [`NotAnOrigin`] when `string` is not the serialization of an origin.
    pub fn parse(string: &str) -> Result<Self, NotAnOrigin> {
        if string == "null" {
            return Ok(Self::Opaque);
        }
        match TupleOrigin::plain(string) {
            Some(origin) => Ok(Self::Tuple(origin)),
            None => Self::parse_as_url(string),
        }
    }

    /// [`parse`](Self::parse) with the URL parser, which decides on every form of host.
    fn parse_as_url(string: &str) -> Result<Self, NotAnOrigin> {
        let url = Url::parse(string).map_err(|_| NotAnOrigin)?;
        if let Self::Tuple(origin) = Self::of_url(&url) {
            return if origin.as_str() == string { Ok(Self::Tuple(origin)) } else { Err(NotAnOrigin) };
        }
        // What is left is the web's own opaque schemes, and those of extensions and apps.
        let web =
            matches!(url.scheme(), "about" | "blob" | "data" | "file" | "http" | "https" | "javascript");
        if web || !crate::origin_header::is_serialized_origin(string.as_bytes()) {
            return Err(NotAnOrigin);
        }
        let (scheme, rest) = string.split_once("://").ok_or(NotAnOrigin)?;
        let host_length = rest.rfind(':').filter(|&colon| !rest[colon..].contains(']')).unwrap_or(rest.len());
        Ok(Self::Tuple(TupleOrigin {
            serialized: string.into(),
            scheme_end: scheme.len(),
            host_end: scheme.len() + 3 + host_length,
        }))
    }

    /// The [ASCII serialization of an origin](https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin), as
    /// bytes.
    pub fn serialize(&self) -> &[u8] {
        match self {
            Self::Tuple(origin) => origin.as_str().as_bytes(),
            Self::Opaque => b"null",
            Self::Unreachable(bytes) => bytes,
        }
    }

    /// The tuple, when this is a tuple origin.
    pub fn as_tuple(&self) -> Option<&TupleOrigin> {
        match self {
            Self::Tuple(origin) => Some(origin),
            Self::Opaque | Self::Unreachable(_) => None,
        }
    }

    /// [Same origin](https://html.spec.whatwg.org/#same-origin).
    pub fn is_same_origin_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tuple(a), Self::Tuple(b)) => a == b,
            _ => false,
        }
    }

    /// [Schemelessly same site](https://html.spec.whatwg.org/#schemelessly-same-site).
    pub fn is_schemelessly_same_site_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tuple(a), Self::Tuple(b)) => {
                a.registrable_domain_or_host() == b.registrable_domain_or_host()
            }
            _ => false,
        }
    }

    /// [Same site](https://html.spec.whatwg.org/#same-site): schemelessly same site, and the same scheme.
    pub fn is_same_site_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tuple(a), Self::Tuple(b)) => {
                a.scheme() == b.scheme() && self.is_schemelessly_same_site_with(other)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.serialize()))
    }
}

/// A string that is not the serialization of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnOrigin;

impl fmt::Display for NotAnOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a serialized origin: expected `null` or `scheme://host[:port]`, lower-case, without path or default port")
    }
}

impl std::error::Error for NotAnOrigin {}

/// A [site](https://html.spec.whatwg.org/#site): the part of an origin that keys the network partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    /// A scheme and a registrable domain or host.
    Scheme {
        /// The scheme.
        scheme: Box<str>,
        /// The registrable domain, or the host where there is none.
        host: Box<str>,
    },
    /// An opaque origin is a site of its own; one value stands for all.
    Opaque,
}

impl Site {
    /// [Obtain a site](https://html.spec.whatwg.org/#obtain-a-site).
    pub fn of(origin: &Origin) -> Self {
        match origin {
            Origin::Tuple(origin) => Self::Scheme {
                scheme: origin.scheme().into(),
                host: origin.registrable_domain_or_host().into(),
            },
            Origin::Opaque | Origin::Unreachable(_) => Self::Opaque,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(string: &str) -> Origin {
        Origin::parse(string).unwrap_or_else(|_| panic!("{string}"))
    }

    #[test]
    fn parse_takes_only_what_a_browser_serializes() {
        for good in [
            "https://a.example",
            "http://a.example:8080",
            "http://[::1]",
            "http://127.0.0.1:1",
            "null",
            "chrome-extension://abc",
            "https://a_b.example",
            "https://a.example.",
        ] {
            assert_eq!(origin(good).serialize(), good.as_bytes());
        }
        for bad in [
            "",
            "NULL",
            "https://a.example/",
            "https://a.example:443",
            "HTTPS://a.example",
            "https://A.example",
            "https://ex ample",
            "a.example",
            "https://u@a.example",
            "http://[0:0::1]",
            "http://127.1",
            "file://",
            "data:,",
            "file://host",
            "data://x",
            "blob://x",
            "javascript://a",
            "https://a.example:99999",
            "https://1.2.3.256",
            "foo://a:99999",
        ] {
            assert_eq!(Origin::parse(bad), Err(NotAnOrigin), "{bad}");
        }
    }

    #[test]
    fn a_plain_origin_is_what_the_url_parser_makes_of_it() {
        // Every host of up to five of the bytes that can matter, and some longer ones.
        let bytes = b"a1-.x0:A";
        let mut hosts = vec![String::new()];
        for length in 1..=5_u32 {
            for number in 0..8_usize.pow(length) {
                hosts.push((0..length).map(|at| char::from(bytes[number >> (3 * at) & 7])).collect());
            }
        }
        hosts.extend(
            ["xn--a.example", "app.example.com", "a.b-c.0x1f", "a.1.2.3", "a.example.", "a_b.c"]
                .map(Into::into),
        );
        let mut plain = 0;
        for host in hosts {
            for scheme in ["http", "https", "ftp"] {
                let string = format!("{scheme}://{host}");
                if let Some(origin) = TupleOrigin::plain(&string) {
                    plain += 1;
                    assert_eq!(Origin::parse_as_url(&string), Ok(Origin::Tuple(origin)), "{string}");
                }
            }
        }
        assert!(plain > 1000, "{plain}");
    }

    #[test]
    fn tuple_parts() {
        let Origin::Tuple(tuple) = origin("http://[::1]:8080") else { panic!() };
        assert_eq!((tuple.scheme(), tuple.host()), ("http", "[::1]"));
        let Origin::Tuple(tuple) = origin("moz-extension://abc") else { panic!() };
        assert_eq!((tuple.scheme(), tuple.host()), ("moz-extension", "abc"));
        let Origin::Tuple(tuple) = origin("app://abc:8080") else { panic!() };
        assert_eq!((tuple.scheme(), tuple.host()), ("app", "abc"));
        let Origin::Tuple(tuple) = origin("app://[::1]") else { panic!() };
        assert_eq!((tuple.scheme(), tuple.host()), ("app", "[::1]"));
        assert!(NotAnOrigin.to_string().contains("origin"));
    }

    #[test]
    fn sites_are_registrable_domains() {
        assert!(origin("https://a.example.co.uk").is_same_site_with(&origin("https://b.example.co.uk")));
        assert!(!origin("https://a.co.uk").is_same_site_with(&origin("https://b.co.uk")));
        assert!(!origin("https://a.example").is_same_site_with(&origin("http://a.example")));
        assert!(origin("https://a.example").is_schemelessly_same_site_with(&origin("http://b.a.example")));
        assert!(!origin("http://127.0.0.1").is_same_site_with(&origin("http://1.0.0.1")));
        assert!(origin("http://127.0.0.1:1").is_same_site_with(&origin("http://127.0.0.1:2")));
        assert!(!Origin::Opaque.is_same_site_with(&Origin::Opaque));
        assert!(!origin("https://a.example").is_same_site_with(&origin("https://a.example.")));
        assert!(origin("https://a.example.com.").is_same_site_with(&origin("https://b.example.com.")));
    }
}
