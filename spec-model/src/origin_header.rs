//! [`Origin` header](https://fetch.spec.whatwg.org/#origin-header): its ABNF, and when a request carries it.

use crate::http_request::HttpRequest;
use crate::referrer_policy::ReferrerPolicy;
use crate::request::{Mode, Request, ResponseTainting};
use crate::trace::{Trace, step};

/// [Append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header) to what goes
/// over the wire for `request`.
pub fn append_a_request_origin_header(
    request: &Request,
    http_request: &mut HttpRequest,
    trace: &mut impl Trace,
) {
    // 1. Assert: the origin is not `client`. (It never is here.)
    // 2.
    let mut serialized_origin = request.byte_serialize_origin();
    // 3. Always with CORS. (WebSocket and WebTransport are left out.)
    if trace
        .test(step("append-a-request-origin-header/3"), request.response_tainting == ResponseTainting::Cors)
    {
        http_request.headers.append("Origin", serialized_origin);
        return;
    }
    // 4. Otherwise only when the method is neither GET nor HEAD.
    if trace.test(step("append-a-request-origin-header/4"), !matches!(&*request.method, b"GET" | b"HEAD")) {
        // 4.1. Outside CORS the referrer policy may hide the origin.
        if trace.test(step("append-a-request-origin-header/4.1"), request.mode != Mode::Cors) {
            let (case, hide) = match request.referrer_policy {
                ReferrerPolicy::NoReferrer => (step("append-a-request-origin-header/4.1.no-referrer"), true),
                ReferrerPolicy::NoReferrerWhenDowngrade
                | ReferrerPolicy::StrictOrigin
                | ReferrerPolicy::StrictOriginWhenCrossOrigin => (
                    step("append-a-request-origin-header/4.1.strict-origin"),
                    request.origin.as_tuple().is_some_and(|origin| origin.scheme() == "https")
                        && request.current_url().url().scheme() != "https",
                ),
                ReferrerPolicy::SameOrigin => (
                    step("append-a-request-origin-header/4.1.same-origin"),
                    !request.origin.is_same_origin_with(request.current_url().origin()),
                ),
                ReferrerPolicy::Empty
                | ReferrerPolicy::Origin
                | ReferrerPolicy::OriginWhenCrossOrigin
                | ReferrerPolicy::UnsafeUrl => (step("append-a-request-origin-header/4.1.otherwise"), false),
            };
            if trace.test(case, hide) {
                serialized_origin = b"null";
            }
        }
        // 4.2.
        http_request.headers.append("Origin", serialized_origin);
    }
}

/// `origin-or-null`: the values `Origin` can have.
pub fn is_origin_or_null(value: &[u8]) -> bool {
    value == b"null" || is_serialized_origin(value)
}

/// `serialized-origin = serialized-scheme "://" serialized-host [ ":" serialized-port ]`
pub fn is_serialized_origin(value: &[u8]) -> bool {
    let Some(end) = value.windows(3).position(|window| window == b"://") else { return false };
    let (scheme, rest) = (&value[..end], &value[end + 3..]);
    // `serialized-port = 1*5DIGIT`; inside brackets a colon belongs to the IPv6 address.
    let colon = rest.iter().rposition(|&byte| byte == b':').filter(|&colon| !rest[colon..].contains(&b']'));
    let (host, port) = match colon {
        Some(colon) => (&rest[..colon], Some(&rest[colon + 1..])),
        None => (rest, None),
    };
    is_serialized_scheme(scheme)
        && is_serialized_host(host)
        && port.is_none_or(|port| (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit))
}

/// `serialized-scheme = lower-alpha *( lower-alphanum / "+" / "-" / "." )`
fn is_serialized_scheme(scheme: &[u8]) -> bool {
    scheme.first().is_some_and(u8::is_ascii_lowercase)
        && scheme.iter().all(|&byte| is_lower_alphanum(byte) || matches!(byte, b'+' | b'-' | b'.'))
}

/// `serialized-host = serialized-ipv4 / "[" serialized-ipv6 "]" / serialized-domain`
///
/// Every `serialized-ipv4` is a `serialized-domain` too, so the first needs no recognizer of its own.
fn is_serialized_host(host: &[u8]) -> bool {
    match host {
        [b'[', address @ .., b']'] => is_serialized_ipv6(address),
        domain => domain.split(|&byte| byte == b'.').all(is_domain_label),
    }
}

/// `domain-label = lower-alphanum / ( lower-alphanum *( lower-alphanum / "-" ) lower-alphanum )`
fn is_domain_label(label: &[u8]) -> bool {
    let inner = |&byte: &u8| is_lower_alphanum(byte) || byte == b'-';
    match label {
        [] => false,
        [only] => is_lower_alphanum(*only),
        [first, middle @ .., last] => {
            is_lower_alphanum(*first) && middle.iter().all(inner) && is_lower_alphanum(*last)
        }
    }
}

/// `serialized-ipv6`: eight groups, or fewer around one `::` that stands for at least two groups.
fn is_serialized_ipv6(address: &[u8]) -> bool {
    let groups = |part: &[u8]| -> Option<usize> {
        if part.is_empty() {
            return Some(0);
        }
        let mut count = 0;
        for group in part.split(|&byte| byte == b':') {
            if !is_h16(group) {
                return None;
            }
            count += 1;
        }
        Some(count)
    };
    match address.windows(2).position(|window| window == b"::") {
        None => groups(address) == Some(8),
        Some(gap) => match (groups(&address[..gap]), groups(&address[gap + 2..])) {
            (Some(before), Some(after)) => before + after <= 6,
            _ => false,
        },
    }
}

/// `h16 = "0" / ( non-zero-hex 0*3hex )`, lower-case
fn is_h16(group: &[u8]) -> bool {
    let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    group == b"0" || ((1..=4).contains(&group.len()) && group[0] != b'0' && group.iter().all(hex))
}

const fn is_lower_alphanum(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}
