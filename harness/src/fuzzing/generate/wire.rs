//! Requests no page makes: by hand, and byte by byte.

use arbitrary::{Result, Unstructured};
use corspec_model::Policy;
use corspec_vectors::bytes::{ByteString, HeaderLines};
use corspec_vectors::meta::{Level, Reach};
use corspec_vectors::server::{RawRequest, Repeated, ServerVector, WireRequest};

use super::requests::PLAIN;
use super::{one_in, origins, words};

const REQUEST_METHOD: &str = "Access-Control-Request-Method";
const REQUEST_HEADERS: &str = "Access-Control-Request-Headers";

/// What is no preflight, and what is one.
pub(super) fn classification(
    u: &mut Unstructured<'_>,
    policy: &Policy,
    draft: ServerVector,
) -> Result<ServerVector> {
    let method = *u.choose(&["OPTIONS", "OPTIONS", "GET", "PUT", "POST"])?;
    let mut headers = HeaderLines::new();
    if u.arbitrary()? {
        headers.push(("Origin".into(), (&*origins::plain(u, policy)?).into()));
    }
    if u.arbitrary()? {
        headers.push((REQUEST_METHOD.into(), (*u.choose(&["PUT", "GET", "DELETE", "OPTIONS"])?).into()));
    }
    if one_in(u, 4)? {
        headers.push((REQUEST_HEADERS.into(), "x-token".into()));
    }
    if one_in(u, 8)? {
        headers.push(("Cookie".into(), "session=1".into()));
    }
    let path = *u.choose(&[PLAIN, PLAIN, "/echo", "/status/404"])?;
    Ok(by_hand("classification", request(method, path, headers), draft))
}

/// A request without `Origin`, which nothing is to change.
pub(super) fn transparency(u: &mut Unstructured<'_>, draft: ServerVector) -> Result<ServerVector> {
    let method = *u.choose(&["GET", "HEAD", "POST", "OPTIONS"])?;
    let path = if u.arbitrary()? { *u.choose(&words::PATHS)? } else { PLAIN };
    let mut headers = HeaderLines::new();
    if method == "GET" && one_in(u, 4)? {
        let (name, value) = *u.choose(&words::CONDITIONAL_HEADERS)?;
        headers.push((name.into(), value.into()));
    }
    if one_in(u, 4)? {
        headers.push(("Cookie".into(), "session=1".into()));
    }
    let mut vector = by_hand("transparency", request(method, path, headers), draft);
    vector.meta.level = Level::Must;
    vector.meta.reach = Reach::Browser;
    Ok(vector)
}

/// A malformed or forged request.
pub(super) fn robustness(
    u: &mut Unstructured<'_>,
    policy: &Policy,
    draft: ServerVector,
) -> Result<ServerVector> {
    let preflight: bool = u.arbitrary()?;
    let mut headers = HeaderLines::new();
    let mut repeated = None;
    match u.int_in_range(0..=5)? {
        0..=2 => {
            headers.push(("Origin".into(), odd_origin(u, policy)?));
            if one_in(u, 4)? {
                headers.push(("Origin".into(), (&*origins::plain(u, policy)?).into()));
            }
        }
        3 => {
            let name = *u.choose(&words::NOT_ORIGIN)?;
            let value = origins::stranger(u)?;
            headers.push((name.into(), value.as_str().into()));
        }
        4 => headers.push(("Origin".into(), (&*origins::plain(u, policy)?).into())),
        _ => {
            headers.push(("Origin".into(), (&*origins::allowed(u, policy)?).into()));
            // Short enough that nobody has to refuse it, long enough to be noticed when it is echoed often.
            let text = *u.choose(&["x-token,", "x", ",", " ,"])?;
            repeated = Some(Repeated {
                name: REQUEST_HEADERS.into(),
                before: ByteString::default(),
                text: text.into(),
                after: ByteString::default(),
                times: 2000 / u32::try_from(text.len()).unwrap_or(1),
                lines: false,
            });
        }
    }
    if preflight || repeated.is_some() {
        let odd =
            ["PUT", "GET", "put", "*", "", ",", "P U T", "PUT, DELETE", "\"PUT\"", "PUT\u{ff}", "TRACE"];
        headers.push((REQUEST_METHOD.into(), latin(u.choose(&odd)?)));
        if repeated.is_none() && u.arbitrary()? {
            let odd = [
                "x token",
                "*",
                ",",
                "x-a: 1",
                ":path",
                "\"x-token\"",
                "x-\u{ff}",
                "x-token%0d%0aX-Injected: 1",
            ];
            headers.push((REQUEST_HEADERS.into(), latin(u.choose(&odd)?)));
        }
    }
    let method = if preflight || repeated.is_some() { "OPTIONS" } else { "GET" };
    let asked = WireRequest { repeated, ..request(method, PLAIN, headers) };
    Ok(by_hand("robustness", asked, draft))
}

/// A value of `Origin` that is none, or a near miss of one.
fn odd_origin(u: &mut Unstructured<'_>, policy: &Policy) -> Result<ByteString> {
    let allowed = origins::allowed(u, policy)?;
    let stranger = "https://attacker.test";
    let host = allowed.split_once("://").map_or(&*allowed, |(_, host)| host);
    Ok(latin(&match u.int_in_range(0..=17)? {
        0 => format!("{allowed}/"),
        1 => format!("{allowed} {stranger}"),
        2 => format!("{allowed}, {stranger}"),
        3 => format!("{stranger} {allowed}"),
        4 => format!("{stranger}, {allowed}"),
        5 => format!("{allowed}@attacker.test"),
        6 => format!("{allowed}\u{ff}"),
        7 => host.to_owned(),
        8 => format!("{stranger}?{allowed}"),
        9 => format!("{stranger}#{allowed}"),
        10 => format!("{allowed}:99999999999999999999"),
        11 => format!("{allowed}:-1"),
        12 => String::new(),
        13 => "*".to_owned(),
        14 => "https://".to_owned(),
        15 => "https://[::1".to_owned(),
        16 => "%".to_owned(),
        _ => origins::any(u, policy)?,
    }))
}

/// Exact bytes of HTTP/1.
pub(super) fn bytes(u: &mut Unstructured<'_>, policy: &Policy, draft: ServerVector) -> Result<ServerVector> {
    let preflight = one_in(u, 3)?;
    let method = if preflight { "OPTIONS" } else { "GET" };
    let target = *u.choose(&["{path}", "{path}", "http://{host}{path}", "{path}%0d%0aX-Injected:%201"])?;
    let version = *u.choose(&["HTTP/1.1", "HTTP/1.1", "HTTP/1.0"])?;
    let host = *u.choose(&["{host}", "attacker.test", "localhost"])?;
    let allowed = origins::allowed(u, policy)?;
    let origin = match u.int_in_range(0..=9)? {
        0..=3 => "https://attacker.test".to_owned(),
        4 => allowed,
        5 => format!("{allowed}\u{0}.attacker.test"),
        6 => format!("{allowed}\r\n .attacker.test"),
        7 => format!("{allowed}\u{b}.attacker.test"),
        8 => format!("{allowed}\rX-Injected: 1"),
        _ => format!("{allowed}\r\nORIGIN: https://attacker.test"),
    };
    let mut text = format!("{method} {target} {version}\r\nHost: {host}\r\nOrigin: {origin}\r\n");
    if preflight {
        let requested = *u.choose(&["PUT", "PUT%0d%0aX-Injected: 1", "PUT\rX-Injected: 1"])?;
        text.push_str(&format!("{REQUEST_METHOD}: {requested}\r\n"));
    }
    text.push_str("Connection: close\r\n\r\n");
    let mut vector = by_hand("robustness", request("GET", PLAIN, Vec::new()), draft);
    vector.wire = None;
    vector.raw = Some(RawRequest { bytes: latin(&text), responses: 1 });
    Ok(vector)
}

fn request(method: &str, path: &str, headers: HeaderLines) -> WireRequest {
    WireRequest { method: method.into(), path: path.to_owned(), headers, repeated: None, body: false }
}

fn by_hand(law: &str, request: WireRequest, mut draft: ServerVector) -> ServerVector {
    law.clone_into(&mut draft.law);
    draft.meta.level = Level::Should;
    draft.meta.reach = Reach::None;
    draft.wire = Some(request);
    draft
}

/// The bytes that the characters stand for, one each; characters beyond that are left out.
fn latin(text: &str) -> ByteString {
    ByteString(text.chars().filter_map(|character| u8::try_from(character).ok()).collect())
}
