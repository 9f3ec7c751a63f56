//! corspec: the conformance suite for CORS.
//!
//! An executable model of the Fetch Standard (`corspec-model`) plays the browser; servers, libraries and proxies are
//! judged by what that browser would do. This library is what the `corspec` program is made of.
//!
//! | part | module |
//! |---|---|
//! | what is tested | [`implementation`], behind it the fixed [`application`] |
//! | how it is reached | [`transport`], over [`tls`] or not |
//! | the model as a browser | [`browser`] over a transport; with scripted responses it is in `corspec_vectors::run` |
//! | what a policy means | [`meaning`] |
//! | how laws are judged | [`laws`], with [`verdict`]s |
//! | a whole run | [`run`], with [`known_failing`] lists, [strict](strict_globs) as those of clients; [`retarget`] asks a given policy, a [`shard`] is a part of the vectors |
//! | how the suite proves itself | [`zoo`], [`museum`] |
//! | an audit of a server whose policy nobody told | [`check`] |
//! | campaigns that look for new failures | [`fuzzing`] |
//! | browsers and other clients held against the model | [`client`] |
//! | a fetch explained to people | [`explanation`] |
//! | results | [`event`]s, and [`report`]s made of them |
//! | the local page | [`serve`] |
//! | JSON Schemas | [`schemas`] |
//! | the command line | [`cli`] |

pub mod application;
pub mod browser;
pub mod check;
pub mod cli;
pub mod client;
pub mod event;
pub mod explanation;
pub mod fuzzing;
pub mod implementation;
pub mod known_failing;
pub mod laws;
pub mod meaning;
pub mod museum;
mod process;
pub mod report;
pub mod retarget;
pub mod run;
pub mod schemas;
pub mod serve;
pub mod shard;
pub mod strict_globs;
pub mod tls;
pub mod transport;
pub mod verdict;
pub mod zoo;
