//! [Methods](https://fetch.spec.whatwg.org/#methods).

use std::borrow::Cow;

use crate::abnf::is_token;
use crate::infra::matches_one_of;

/// Whether `bytes` is a [method](https://fetch.spec.whatwg.org/#concept-method): a token.
pub fn is_method(bytes: &[u8]) -> bool {
    is_token(bytes)
}

/// [CORS-safelisted method](https://fetch.spec.whatwg.org/#cors-safelisted-method): `GET`, `HEAD` or `POST`, in
/// exactly this case.
pub fn is_cors_safelisted_method(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// [Forbidden method](https://fetch.spec.whatwg.org/#forbidden-method): `CONNECT`, `TRACE` or `TRACK`, in any case.
pub fn is_forbidden_method(method: &[u8]) -> bool {
    matches_one_of(method, &["CONNECT", "TRACE", "TRACK"])
}

/// [Normalize a method](https://fetch.spec.whatwg.org/#concept-method-normalize): six well-known methods are
/// upper-cased, any other is kept (`patch` stays `patch`).
pub fn normalize(method: &[u8]) -> Cow<'_, [u8]> {
    if matches_one_of(method, &["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]) {
        Cow::Owned(method.to_ascii_uppercase())
    } else {
        Cow::Borrowed(method)
    }
}
