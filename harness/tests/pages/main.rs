//! The pages without a browser: hostile results and requests, who may ask, what is opened. With browsers:
//! the `*.test.mjs` beside this.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod answering;
mod deciding;
mod report;
mod serve;
