//! The [list of public suffixes](https://publicsuffix.org), behind a function that is not generic.
//!
//! What `psl` offers is generic, so whoever calls it compiles the whole list, and a build for fuzzing counts its seventy
//! thousand branches. Here that happens once, and not again whenever the model changes.

/// The [registrable domain](https://url.spec.whatwg.org/#host-registrable-domain) of `host`: its public suffix and the label
/// before it; none for a public suffix itself. A dot at the end is part of it.
pub fn registrable_domain(host: &str) -> Option<&str> {
    let length = psl::domain(host.as_bytes())?.as_bytes().len();
    host.get(host.len() - length..)
}
