//! [Referrer policies](https://w3c.github.io/webappsec-referrer-policy/), as far as they decide the `Origin` header.

use crate::header_list::HeaderList;
use crate::infra::{is_http_tab_or_space, trim};

/// A [referrer policy](https://w3c.github.io/webappsec-referrer-policy/#referrer-policy).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the policies' own names")]
pub enum ReferrerPolicy {
    /// The empty string: no policy of its own.
    Empty,
    NoReferrer,
    NoReferrerWhenDowngrade,
    SameOrigin,
    Origin,
    StrictOrigin,
    OriginWhenCrossOrigin,
    /// The [default referrer policy](https://w3c.github.io/webappsec-referrer-policy/#default-referrer-policy).
    #[default]
    StrictOriginWhenCrossOrigin,
    UnsafeUrl,
}

impl ReferrerPolicy {
    /// All policies with the tokens that name them.
    pub const ALL: [(&'static str, Self); 9] = [
        ("", Self::Empty),
        ("no-referrer", Self::NoReferrer),
        ("no-referrer-when-downgrade", Self::NoReferrerWhenDowngrade),
        ("same-origin", Self::SameOrigin),
        ("origin", Self::Origin),
        ("strict-origin", Self::StrictOrigin),
        ("origin-when-cross-origin", Self::OriginWhenCrossOrigin),
        ("strict-origin-when-cross-origin", Self::StrictOriginWhenCrossOrigin),
        ("unsafe-url", Self::UnsafeUrl),
    ];

    /// The policy a token names, in any case; `None` for an unknown token.
    pub fn from_token(token: &[u8]) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| token.eq_ignore_ascii_case(name.as_bytes()))
            .map(|&(_, policy)| policy)
    }

    /// [Parse a referrer policy from a `Referrer-Policy`
    /// header](https://w3c.github.io/webappsec-referrer-policy/#parse-referrer-policy-from-header): the last policy
    /// that is known and not empty.
    ///
    /// Tokens that are not known are passed over and case does not count, as in engines; by the grammar one malformed
    /// token would fail the whole header.
    pub fn from_header(headers: &HeaderList) -> Self {
        headers
            .lines("Referrer-Policy")
            .flat_map(|line| line.split(|&byte| byte == b','))
            .filter_map(|token| Self::from_token(trim(token, is_http_tab_or_space)))
            .filter(|&policy| policy != Self::Empty)
            .last()
            .unwrap_or(Self::Empty)
    }
}
