//! Data of a page, small: JSON, deflated, in base64. Browsers unpack it themselves.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec_zlib;
use serde::Serialize;

/// How hard to try, from 0 to 10: beyond it takes longer and gains little.
const EFFORT: u8 = 7;

/// A value as `DecompressionStream("deflate")` and `JSON.parse` read it, in letters that need no escaping.
///
/// # Errors
/// Whatever serializing JSON gives; it does not happen with events.
pub(super) fn pack(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(STANDARD.encode(compress_to_vec_zlib(&serde_json::to_vec(value)?, EFFORT)))
}
