//! Fast versions of what a server or a client decides on every request. None allocates.
//!
//! Each stands beside the literal code, which is the definition; `spec-model/tests/fast_equals_literal.rs` holds them
//! against each other. The model and the harness run the literal code; these are for who looks for a data structure, and
//! what `benches/` times.
//!
//! | fast | literal |
//! |---|---|
//! | [`list`]: elements of a list header, a comma found eight bytes at a time | [`Abnf::extract`](crate::abnf::Abnf::extract) |
//! | [`NameSet`]: is every element on a list | [`Policy::allows_request_header`](crate::Policy::allows_request_header) |
//! | [`Origins`]: an allow-list by hash, subdomains by their suffixes | [`Policy::allows_origin`](crate::Policy::allows_origin) |
//! | [`safelist`] | [`request_headers`](crate::request_headers) |
//! | [`cors_check`] | [`cors_check::check`](crate::cors_check::check) |
//! | [`preflight`]: what a preflight permits | steps 7 to 7.10 of [`cors_preflight_fetch`](crate::cors_preflight_fetch) |
//! | [`Responder`] | [`respond`](crate::reference::respond) |

pub mod cors_check;
pub mod list;
mod name_set;
mod origins;
pub mod preflight;
mod responder;
pub mod safelist;

pub use name_set::NameSet;
pub use origins::Origins;
pub use responder::{Decision, Fields, Grant, Responder, Share};
