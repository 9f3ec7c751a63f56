//! Response-header names by class ([Headers](https://fetch.spec.whatwg.org/#terminology-headers)): what script may
//! read.

use crate::infra::matches_one_of;

/// [CORS-safelisted response-header
/// name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name), given the names in `list`: whether
/// script may read a header of this name from a CORS response.
pub fn is_cors_safelisted_response_header_name<N: AsRef<[u8]>>(name: &[u8], list: &[N]) -> bool {
    const ALWAYS: [&str; 7] = [
        "Cache-Control",
        "Content-Language",
        "Content-Length",
        "Content-Type",
        "Expires",
        "Last-Modified",
        "Pragma",
    ];
    matches_one_of(name, &ALWAYS)
        || (!is_forbidden_response_header_name(name)
            && list.iter().any(|item| name.eq_ignore_ascii_case(item.as_ref())))
}

/// [Forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name): `Set-Cookie` or
/// `Set-Cookie2`, which script never sees.
pub fn is_forbidden_response_header_name(name: &[u8]) -> bool {
    matches_one_of(name, &["Set-Cookie", "Set-Cookie2"])
}
