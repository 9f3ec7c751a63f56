//! Fuzzing: policies and probes nobody thought of, judged by the ordinary laws.
//!
//! What is generated is an ordinary server vector, so there is no second judge, and a finding is a vector already.
//!
//! | part | module |
//! |---|---|
//! | policies and probes made of bytes; libFuzzer uses them too | [`generate`] |
//! | the bytes worth changing again | [`corpus`] |
//! | one vector against one target, and what was seen on the wire | [`execute`] |
//! | what makes a behaviour new | [`behaviour`] |
//! | a failure, and when two are one | [`finding`] |
//! | the smallest vector that still shows it | [`shrink`] |
//! | the loop | [`campaign`] |
//! | what survives when it is killed | [`state`] |
//! | how long it takes to find each animal of the zoo | [`times`] |

pub mod behaviour;
pub mod campaign;
pub mod corpus;
pub mod execute;
pub mod finding;
pub mod generate;
pub mod shrink;
pub mod state;
pub mod times;
