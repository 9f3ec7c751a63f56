//! [HTTP new-header syntax](https://fetch.spec.whatwg.org/#http-new-header-syntax): the ABNF of every CORS header,
//! and [extract header list values](https://fetch.spec.whatwg.org/#extract-header-list-values).

use crate::header_list::HeaderList;
use crate::infra::trim_start;
use crate::origin_header;

/// `Access-Control-Allow-Origin`
pub const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
/// `Access-Control-Allow-Credentials`
pub const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
/// `Access-Control-Allow-Methods`
pub const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
/// `Access-Control-Allow-Headers`
pub const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";
/// `Access-Control-Expose-Headers`
pub const EXPOSE_HEADERS: &str = "Access-Control-Expose-Headers";
/// `Access-Control-Max-Age`
pub const MAX_AGE: &str = "Access-Control-Max-Age";
/// `Access-Control-Request-Method`
pub const REQUEST_METHOD: &str = "Access-Control-Request-Method";
/// `Access-Control-Request-Headers`
pub const REQUEST_HEADERS: &str = "Access-Control-Request-Headers";

/// The grammar of a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abnf {
    /// `origin-or-null / wildcard`
    OriginOrNullOrWildcard,
    /// `%s"true"`
    True,
    /// `#token`: `#field-name` and `#method` are both this.
    TokenList,
    /// `1#token`
    NonEmptyTokenList,
    /// `token`
    Token,
    /// `delta-seconds`: `1*DIGIT`
    DeltaSeconds,
}

impl Abnf {
    /// The grammar the standard gives for the CORS header `name`; `None` for any other header.
    pub fn of(name: &str) -> Option<Self> {
        const TABLE: [(&str, Abnf); 8] = [
            (ALLOW_ORIGIN, Abnf::OriginOrNullOrWildcard),
            (ALLOW_CREDENTIALS, Abnf::True),
            (ALLOW_METHODS, Abnf::TokenList),
            (ALLOW_HEADERS, Abnf::TokenList),
            (EXPOSE_HEADERS, Abnf::TokenList),
            (MAX_AGE, Abnf::DeltaSeconds),
            (REQUEST_METHOD, Abnf::Token),
            (REQUEST_HEADERS, Abnf::NonEmptyTokenList),
        ];
        TABLE.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|&(_, abnf)| abnf)
    }

    /// Whether several header lines may be combined into one list.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::TokenList | Self::NonEmptyTokenList)
    }

    /// [Extract header values](https://fetch.spec.whatwg.org/#extract-header-values): parses one line and appends
    /// the values to `values`.
    ///
    /// # Errors
    /// [`ParseFailure`] when the value does not match the grammar.
    pub fn extract<'a>(self, value: &'a [u8], values: &mut Vec<&'a [u8]>) -> Result<(), ParseFailure> {
        let matches = match self {
            Self::TokenList => return extract_tokens(value, values),
            Self::NonEmptyTokenList => {
                let before = values.len();
                extract_tokens(value, values)?;
                return if values.len() > before { Ok(()) } else { Err(ParseFailure) };
            }
            Self::OriginOrNullOrWildcard => value == b"*" || origin_header::is_origin_or_null(value),
            Self::True => value == b"true",
            Self::Token => is_token(value),
            Self::DeltaSeconds => !value.is_empty() && value.iter().all(u8::is_ascii_digit),
        };
        if !matches {
            return Err(ParseFailure);
        }
        values.push(value);
        Ok(())
    }
}

/// The value of a header does not match its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseFailure;

impl std::fmt::Display for ParseFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the header's value does not match its grammar")
    }
}

impl std::error::Error for ParseFailure {}

/// [Extract header list values](https://fetch.spec.whatwg.org/#extract-header-list-values): all values of the CORS
/// header `name`, one slice each, borrowed from the list. `Ok(None)` is the standard's null.
///
/// # Errors
/// [`ParseFailure`] when a line does not parse, when a single-valued header has several lines, or when the list has
/// a header `name` that is not a CORS header.
pub fn extract_header_list_values<'a>(
    name: &'a str,
    list: &'a HeaderList,
) -> Result<Option<Vec<&'a [u8]>>, ParseFailure> {
    // 1. Not contained: null.
    if !list.contains(name) {
        return Ok(None);
    }
    // 2. A single-valued header on several lines: failure.
    let abnf = Abnf::of(name).ok_or(ParseFailure)?;
    if !abnf.is_list() && list.lines(name).nth(1).is_some() {
        return Err(ParseFailure);
    }
    // 3.–4. The values of each line, in order; one failure fails all.
    let mut values = Vec::new();
    for line in list.lines(name) {
        abnf.extract(line, &mut values)?;
    }
    // 5.
    Ok(Some(values))
}

/// The value of `delta-seconds` in seconds; a number too large to hold counts as 2,147,483,648 (2^31), as RFC 9111
/// section 1.2.2 says. `None` when `value` is not a run of digits.
pub fn delta_seconds(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds = value
        .iter()
        .try_fold(0_u64, |seconds, digit| seconds.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    Some(seconds.unwrap_or(1 << 31))
}

/// RFC 9110 `tchar`.
pub const fn is_tchar(byte: u8) -> bool {
    matches!(byte,
        b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z')
}

/// RFC 9110 `token`: one or more `tchar`. Methods and field names are tokens.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is_tchar(byte))
}

/// `#token` per RFC 9110 section 5.6.1.2: `[ element ] *( OWS "," OWS [ element ] )`.
fn extract_tokens<'a>(value: &'a [u8], values: &mut Vec<&'a [u8]>) -> Result<(), ParseFailure> {
    let mut rest = optional_token(value, values);
    while !rest.is_empty() {
        rest = trim_start(rest).strip_prefix(b",").ok_or(ParseFailure)?;
        rest = optional_token(trim_start(rest), values);
    }
    Ok(())
}

/// `[ token ]`: appends the token at the start of `value`, if there is one, and returns what follows.
fn optional_token<'a>(value: &'a [u8], values: &mut Vec<&'a [u8]>) -> &'a [u8] {
    let length = value.iter().take_while(|&&byte| is_tchar(byte)).count();
    if length > 0 {
        values.push(&value[..length]);
    }
    &value[length..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parse_failure_says_what_failed() {
        assert!(ParseFailure.to_string().contains("grammar"));
    }

    #[test]
    fn every_byte_is_a_tchar_exactly_when_rfc_9110_lists_it() {
        for byte in 0..=u8::MAX {
            let listed = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            assert_eq!(is_tchar(byte), listed, "{byte:#04x}");
        }
    }

    #[test]
    fn delta_seconds_takes_digits_of_any_length_and_nothing_else() {
        assert_eq!(delta_seconds(b"0600"), Some(600));
        assert_eq!(delta_seconds(b"99999999999999999999999"), Some(2_147_483_648));
        for bad in ["", "-1", "+5", "5.5", "5 5", "5,5", "0x10"] {
            assert_eq!(delta_seconds(bad.as_bytes()), None, "{bad}");
        }
    }
}
