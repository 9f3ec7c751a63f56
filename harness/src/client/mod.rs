//! Clients: browsers and other software that fetches, held against the model.
//!
//! | part | module |
//! |---|---|
//! | a client vector made ready for a real browser | [`scenario`] |
//! | the scripted origin server | [`server`] |
//! | the pages that run scenarios | [`page`] |
//! | one client at work on its scenarios | [`session`] |
//! | how each client is started and asked for reasons | [`engine`] |
//! | what was seen against what the model does | [`compare`] |
//! | a whole run | [`run`] |
//! | lists of known differences | [`profile`] |

pub mod compare;
pub mod engine;
pub mod page;
pub mod profile;
pub mod run;
pub mod scenario;
pub mod server;
pub mod session;
