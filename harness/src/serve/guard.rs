//! Who may ask: pages of this server and people who type its address, nobody else's page. A page of another origin can send
//! requests to loopback, and with a name that resolves to it (DNS rebinding) even read the answers; so the names in `Host`
//! and `Origin` are checked.

use std::net::IpAddr;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// The answers of [`refusal`] and the headers every answer has.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What pages of this server may do: load its own style and scripts, and send forms to it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Why a request is not answered; `None` when it is. `ip` and `port` are where the server listens.
pub(super) fn refusal(headers: &HeaderMap, ip: IpAddr, port: u16) -> Option<&'static str> {
    let own = |authority: &str| {
        let url = Url::parse(&format!("http://{authority}/")).ok();
        url.is_some_and(|url| is_own(&url, ip, port) && url.username().is_empty() && url.password().is_none())
    };
    let mut hosts = headers.get_all(header::HOST).iter();
    let host_is_own = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().is_ok_and(own),
        _ => false,
    };
    if !host_is_own {
        return Some("the Host header names another server");
    }
    let origin_is_own = |origin: &HeaderValue| {
        origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://")).is_some_and(own)
    };
    if !headers.get_all(header::ORIGIN).iter().all(origin_is_own) {
        return Some("the request comes from a page of another origin");
    }
    None
}

fn is_own(url: &Url, ip: IpAddr, port: u16) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let names_it = match literal {
        Ok(literal) => literal == ip || (ip.is_loopback() && literal.is_loopback()),
        Err(_) => host == "localhost" && ip.is_loopback(),
    };
    names_it && url.port_or_known_default() == Some(port) && url.path() == "/" && url.query().is_none()
}

/// Adds what every answer has; a policy that is there stays.
pub(super) fn protect(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn refused(lines: &[(HeaderName, &str)]) -> bool {
        let headers = lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        refusal(&headers, Ipv4Addr::LOCALHOST.into(), 8997).is_some()
    }

    #[test]
    fn only_its_own_names_are_answered() {
        for host in ["127.0.0.1:8997", "localhost:8997", "LOCALHOST:8997", "[::1]:8997"] {
            assert!(!refused(&[(header::HOST, host)]), "{host}");
        }
        for host in [
            "attacker.example:8997",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.0.0.1.attacker.example:8997",
            "user@127.0.0.1:8997",
            "127.0.0.1:8997/x",
            "",
        ] {
            assert!(refused(&[(header::HOST, host)]), "{host}");
        }
        assert!(refused(&[]));
        assert!(refused(&[(header::HOST, "localhost:8997"), (header::ORIGIN, "null")]));
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        for (origin, wanted) in [
            ("http://127.0.0.1:8997", false),
            ("http://localhost:8997", false),
            ("https://localhost:8997", true),
            ("http://localhost:8998", true),
            ("http://attacker.example", true),
            ("null", true),
        ] {
            assert_eq!(
                refused(&[(header::HOST, "localhost:8997"), (header::ORIGIN, origin)]),
                wanted,
                "{origin}"
            );
        }
    }
}
