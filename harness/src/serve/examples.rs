//! The worked examples: the MDN guide's three scenarios, and the pages about errors that browsers report.

use corspec_vectors::client::ClientVector;

/// A page of MDN as vectors.
pub(super) struct Example<'a> {
    /// What it is about.
    pub(super) title: &'a str,
    /// Where it is.
    pub(super) link: String,
    /// Ids of vectors: what is shown, then what else is worth seeing.
    pub(super) vectors: Vec<String>,
}

/// Before the name of a page in the sources of vectors: `MDN Guides/CORS#origin`.
const MDN: &str = "https://developer.mozilla.org/en-US/docs/Web/HTTP/";
const GUIDE: &str = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS";

/// Scenario, section of the guide, vectors.
const SCENARIOS: [(&str, &str, &[&str]); 3] = [
    ("Simple requests", "simple_requests", &["mdn-guide/simple-star", "mdn-guide/simple-missing"]),
    (
        "Preflighted requests",
        "preflighted_requests",
        &["mdn-guide/pingother", "mdn-guide/pingother-header-missing"],
    ),
    (
        "Requests with credentials",
        "requests_with_credentials",
        &["mdn-guide/credentials-include", "mdn-guide/credentials-include-no-grant"],
    ),
];

/// The address of a source that is a page of MDN; else the source itself.
pub(super) fn link(source: &str) -> String {
    source.strip_prefix("MDN ").map_or_else(|| source.to_owned(), |page| format!("{MDN}{page}"))
}

/// The scenarios of the guide.
pub(super) fn scenarios() -> Vec<Example<'static>> {
    SCENARIOS
        .iter()
        .map(|(title, section, vectors)| Example {
            title,
            link: format!("{GUIDE}#{section}"),
            vectors: vectors.iter().map(|id| (*id).to_owned()).collect(),
        })
        .collect()
}

/// The pages about errors: every `mdn-errors` vector that has a mended twin.
pub(super) fn errors(vectors: &[ClientVector]) -> Vec<Example<'_>> {
    vectors
        .iter()
        .filter(|vector| vector.meta.id.starts_with("mdn-errors/") && !vector.meta.id.ends_with("-fixed"))
        .map(|vector| Example {
            title: vector.meta.source.rsplit('/').next().unwrap_or_default(),
            link: link(&vector.meta.source),
            vectors: vec![vector.meta.id.clone(), format!("{}-fixed", vector.meta.id)],
        })
        .collect()
}
