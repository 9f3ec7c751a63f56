//! The pages without a browser: hostile results and requests, who may ask, what is opened. With browsers:
//! `report.test.mjs` and `serve.test.mjs` beside this.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod report;
mod serve;
