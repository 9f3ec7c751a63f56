//! What corspec and its rivals cost.
//!
//! A [`Case`](case::Case) is one contender doing one thing on one input; [`cases`] makes them all from tables of names,
//! origins and requests, and checks that contenders agree before anything is timed. The same cases are timed, counted in
//! instructions and counted in allocations.
//!
//! | part | module |
//! |---|---|
//! | one contender on one input | [`case`] |
//! | all of them | [`cases`] |
//! | time, contenders taking turns | [`time`] |
//! | instructions, by valgrind | [`instructions`] |
//! | allocations, with the feature of that name | `allocations` |
//! | the harness over the wire and in process, with the feature of that name | `harness` |
//! | adapters over the wire, with the same feature | `adapters` |
//! | the committed results | [`record`] |

#[cfg(feature = "harness")]
pub mod adapters;
#[cfg(feature = "allocations")]
pub mod allocations;
pub mod case;
pub mod cases;
#[cfg(feature = "harness")]
pub mod harness;
pub mod instructions;
pub mod record;
pub mod time;
