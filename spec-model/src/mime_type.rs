//! [Parse a MIME type](https://mimesniff.spec.whatwg.org/#parse-a-mime-type), as far as the `Content-Type` safelist
//! needs it: the essence, and whether parsing fails.
//!
//! Parameters never make parsing fail (MIME Sniffing, steps 11.1–11.10 only skip), so they are not read here.

use crate::abnf::is_tchar;
use crate::infra::{collect, is_http_whitespace, trim};

/// Type and subtype of a parsed MIME type, borrowed from the value in the case it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Essence<'a> {
    type_: &'a [u8],
    subtype: &'a [u8],
}

impl Essence<'_> {
    /// Whether this is one of `essences`, each written in lower case.
    pub fn is_one_of(self, essences: &[&str]) -> bool {
        essences.iter().filter_map(|essence| essence.split_once('/')).any(|(type_, subtype)| {
            self.type_.eq_ignore_ascii_case(type_.as_bytes())
                && self.subtype.eq_ignore_ascii_case(subtype.as_bytes())
        })
    }
}

impl std::fmt::Display for Essence<'_> {
    /// The essence as the MIME Sniffing Standard gives it: lower-cased.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lower = |bytes: &[u8]| String::from_utf8_lossy(&bytes.to_ascii_lowercase()).into_owned();
        write!(f, "{}/{}", lower(self.type_), lower(self.subtype))
    }
}

/// Parses `input` (isomorphic bytes) and returns its essence; `None` is failure.
pub fn essence(input: &[u8]) -> Option<Essence<'_>> {
    // 1. Strip HTTP whitespace from both ends.
    let input = trim(input, is_http_whitespace);
    // 2.
    let mut position = 0;
    // 3. The type: up to `/`.
    let type_ = collect(input, &mut position, |byte| byte != b'/');
    // 4. Empty, or not only HTTP token code points: failure.
    if type_.is_empty() || !type_.iter().all(|&byte| is_tchar(byte)) {
        return None;
    }
    // 5. No `/`: failure.
    if position >= input.len() {
        return None;
    }
    // 6. Skip the `/`.
    position += 1;
    // 7. The subtype: up to `;`.
    let subtype = collect(input, &mut position, |byte| byte != b';');
    // 8. Strip HTTP whitespace from its end.
    let subtype =
        &subtype[..subtype.len() - subtype.iter().rev().take_while(|&&b| is_http_whitespace(b)).count()];
    // 9. Empty, or not only HTTP token code points: failure.
    if subtype.is_empty() || !subtype.iter().all(|&byte| is_tchar(byte)) {
        return None;
    }
    // 10.–12. The essence is lower-cased where it is compared or printed.
    Some(Essence { type_, subtype })
}
