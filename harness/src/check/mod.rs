//! An audit of a live endpoint whose policy nobody told.
//!
//! | step | module |
//! |---|---|
//! | origins to try, and what each would mean | [`origins`] |
//! | every request that may be sent, enumerated | [`plan`] |
//! | sent, politely | [`ask`] |
//! | kept, so that judging sends nothing | [`recording`] |
//! | what the model as a browser makes of the answers | [`evidence`] |
//! | the policy they add up to, and in words | [`infer`](mod@infer), [`words`] |
//! | who is let in that nobody meant | [`access`] |
//! | the laws that need no policy but the inferred one | [`laws`] |
//! | what preflights say | [`preflights`] |
//! | what can be found, as data | [`catalogue`] |
//! | what is written | [`event`] |
//!
//! Laws are judged by [`crate::laws`], never here: what is here chooses the requests and names what is found.

pub mod access;
pub mod ask;
pub mod catalogue;
pub mod event;
pub mod evidence;
pub mod infer;
mod judge;
pub mod laws;
pub mod origins;
pub mod plan;
pub mod preflights;
pub mod recording;
pub mod words;

pub use ask::{Audit, Manners};
pub use event::AuditEvent;
