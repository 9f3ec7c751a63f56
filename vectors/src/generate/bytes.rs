//! Every byte value at the start, in the middle and at the end of each safelisted request-header.

use super::{ModelDraft, ModelFile};
use crate::bytes::ByteString;
use crate::model::{Algorithm, Input};

pub(super) fn files() -> Vec<ModelFile> {
    const PLACES: [(&str, &str, &str, &str); 18] = [
        ("accept", "start", "", "aa"),
        ("accept", "middle", "a", "a"),
        ("accept", "end", "aa", ""),
        ("accept-language", "start", "", "en"),
        ("accept-language", "middle", "e", "n"),
        ("accept-language", "end", "en", ""),
        ("content-language", "start", "", "en"),
        ("content-language", "middle", "e", "n"),
        ("content-language", "end", "en", ""),
        ("content-type", "start", "", "text/plain"),
        ("content-type", "type", "te", "xt/plain"),
        ("content-type", "subtype-end", "text/plain", ""),
        ("content-type", "parameter-middle", "text/plain;a=b", "c"),
        ("content-type", "parameter-end", "text/plain;a=b", ""),
        ("range", "start", "", "bytes=0-1"),
        ("range", "after-unit", "bytes", "=0-1"),
        ("range", "middle", "bytes=0", "-9"),
        ("range", "end", "bytes=0-1", ""),
    ];
    let drafts = PLACES.map(|(name, place, before, after)| ModelDraft {
        id: format!("gen-bytes/{name}-{place}"),
        title: format!("which bytes {name} may have between `{before}` and `{after}` to be safelisted"),
        citation: "cors-safelisted-request-header/2",
        algorithm: Algorithm::CorsSafelistedRequestHeaderBytes,
        input: Input {
            name: Some(name.into()),
            before: Some(ByteString::from(before)),
            after: Some(ByteString::from(after)),
            ..Input::default()
        },
    });
    vec![("generated-bytes.json", "Which of the 256 bytes are safelisted where.", drafts.into())]
}
