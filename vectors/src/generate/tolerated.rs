//! What every browser engine does otherwise than the standard, for generated vectors: users need both truths.
//!
//! The engines' profiles say which step decides; `corspec client` lists these as such.

use serde_json::json;

use crate::meta::Tolerated;

/// The other results that are tolerated for the vector with this id.
pub(super) fn for_vector(id: &str) -> Vec<Tolerated> {
    let (sent, reason) = match id {
        "gen-size/range-127" | "gen-size/range-128" => (
            json!([{"method": "OPTIONS"}, {"method": "GET"}]),
            "Every browser engine takes a range with numbers of more than 64 bits for unsafe",
        ),
        "gen-size/total-two-names-1025" => (
            json!([{"method": "OPTIONS", "headers": [["Access-Control-Request-Headers", "accept"]]}, {"method": "GET"}]),
            "Every browser engine combines the lines of one name before it measures them",
        ),
        _ => return Vec::new(),
    };
    vec![Tolerated {
        outcome: json!({"fetches": [{"outcome": {"status": 200, "type": "cors"}, "sent": sent}]}),
        reason: reason.to_owned(),
        link: "https://fetch.spec.whatwg.org/#cors-safelisted-request-header".to_owned(),
    }]
}
