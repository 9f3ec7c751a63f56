//! Links into the Fetch Standard.

/// The URL of a citation: a step such as `cors-check/4`, or a section id. A URL stays what it is.
pub fn link(citation: &str) -> String {
    if citation.starts_with("https:") || citation.starts_with("http:") {
        return citation.to_owned();
    }
    let section = citation.split('/').next().unwrap_or(citation);
    format!("https://fetch.spec.whatwg.org/#{section}")
}

/// A URL as a page may link to it: one that opens a page and runs nothing.
pub fn safe(url: &str) -> Option<&str> {
    (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
}
