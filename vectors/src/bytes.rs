//! Byte strings written as JSON strings in which each code point U+0000–U+00FF is one byte.

use std::borrow::Cow;
use std::fmt;

use corspec_model::HeaderList;
use corspec_model::infra::{isomorphic_decode, isomorphic_encode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A byte string.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ByteString(pub Vec<u8>);

/// Header lines in order: `[[name, value], …]`.
pub type HeaderLines = Vec<(ByteString, ByteString)>;

/// The lines as a header list, values trimmed as an HTTP parser does.
pub fn to_header_list(lines: &[(ByteString, ByteString)]) -> HeaderList {
    lines.iter().map(|(name, value)| (&name.0, &value.0)).collect()
}

/// A header list as lines.
pub fn from_header_list(list: &HeaderList) -> HeaderLines {
    list.iter().map(|header| (ByteString(header.name.to_vec()), ByteString(header.value.to_vec()))).collect()
}

impl ByteString {
    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for ByteString {
    /// Takes the UTF-8 bytes; meant for ASCII.
    fn from(string: &str) -> Self {
        Self(string.as_bytes().to_vec())
    }
}

impl AsRef<[u8]> for ByteString {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for ByteString {
    /// As text; what is not printable ASCII is written `\xNN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in &self.0 {
            match byte {
                b' '..=b'~' => fmt::Write::write_char(f, char::from(byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

impl Serialize for ByteString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(ascii) if self.0.is_ascii() => serializer.serialize_str(ascii),
            _ => serializer.serialize_str(&isomorphic_decode(&self.0)),
        }
    }
}

impl<'de> Deserialize<'de> for ByteString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = ByteString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string of code points up to U+00FF, one a byte")
            }

            fn visit_str<E: de::Error>(self, string: &str) -> Result<ByteString, E> {
                if string.is_ascii() {
                    return Ok(string.into());
                }
                isomorphic_encode(string)
                    .map(ByteString)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(string), &self))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for ByteString {
    fn schema_name() -> Cow<'static, str> {
        "ByteString".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[\u{0}-\u{ff}]*$",
            "description": "A byte string: each code point U+0000 to U+00FF is one byte."
        })
    }
}
