//! [Port blocking](https://fetch.spec.whatwg.org/#port-blocking).

use crate::url_list::FetchUrl;

/// The [bad ports](https://fetch.spec.whatwg.org/#bad-port), ascending.
const BAD_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Whether a request to `url` is [blocked due to a bad port](https://fetch.spec.whatwg.org/#block-bad-port).
pub fn is_blocked_due_to_a_bad_port(url: &FetchUrl) -> bool {
    // 1.–3. An HTTP(S) scheme and a bad port: blocked.
    url.has_http_scheme() && url.url().port().is_some_and(|port| BAD_PORTS.binary_search(&port).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_binary_search_works() {
        assert!(BAD_PORTS.is_sorted());
    }

    #[test]
    fn only_http_urls_with_a_listed_port_are_blocked() {
        let blocked = |url: &str| is_blocked_due_to_a_bad_port(&url::Url::parse(url).unwrap().into());
        assert!(blocked("http://a.example:6000/"));
        assert!(blocked("https://a.example:25/"));
        assert!(!blocked("http://a.example/"));
        assert!(!blocked("http://a.example:8080/"));
        assert!(!blocked("ftp://a.example:25/"));
    }
}
