//! MIME types, as far as the safelist of `Content-Type` needs them.

use std::borrow::Cow;

use corspec_model::fast::safelist::is_safelisted;
use corspec_model::mime_type::essence;
use corspec_model::request_headers::{
    SAFELISTED_VALUE_LIMIT, is_cors_safelisted_request_header, is_cors_unsafe_request_header_byte,
};

use crate::grammar::MIME_TYPE;
use crate::shapes::raw_or_spelled;

const PIECES: [&str; 16] = [
    "text",
    "Text",
    "plain",
    "/",
    ";",
    " ",
    "\t",
    "\n",
    "charset=utf-8",
    "application",
    "x-www-form-urlencoded",
    "multipart/form-data",
    "json",
    "\"",
    ",",
    "é",
];
const OF_FORMS: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/// The parser agrees with the grammar and with the one of the `data-url` crate; the safelist takes what it should.
pub fn check(data: &[u8]) {
    raw_or_spelled(data, &PIECES, agrees);
}

fn agrees(value: &[u8]) {
    let essence = essence(value).map(|essence| essence.to_string());
    assert_eq!(essence.is_some(), MIME_TYPE.matches(value), "{}", value.escape_ascii());
    let other = isomorphic(value).parse::<data_url::mime::Mime>().ok();
    let parts = essence.as_deref().and_then(|essence| essence.split_once('/'));
    let others = other.as_ref().map(|other| (&*other.type_, &*other.subtype));
    assert_eq!(parts, others, "{}", value.escape_ascii());
    let safelisted = value.len() <= SAFELISTED_VALUE_LIMIT
        && !value.iter().any(|&byte| is_cors_unsafe_request_header_byte(byte))
        && essence.is_some_and(|essence| OF_FORMS.contains(&essence.as_str()));
    for decides in [is_cors_safelisted_request_header, is_safelisted] {
        assert_eq!(decides(b"Content-Type", value), safelisted, "{}", value.escape_ascii());
    }
}

fn isomorphic(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(value.iter().copied().map(char::from).collect()),
    }
}
