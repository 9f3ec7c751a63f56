//! TLS: who signs for the servers of this process, and whom a connection to another server trusts.

mod authority;
mod trust;

pub use authority::Authority;
pub use trust::{Trust, explain};

/// What went wrong with a certificate or with TLS settings, as its text.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

impl TlsError {
    /// Keeps the text of `error`.
    pub fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}
