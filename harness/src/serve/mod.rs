//! `corspec serve`: a local page over the model, made on the server.
//!
//! | part | module |
//! |---|---|
//! | who may ask, and what a browser may do with the answer | `guard` |
//! | which page a request gets | `site` |
//! | what all pages have | `page` |
//! | a fetch to type in, paste or drop | `explainer`, read by `form`; recordings by `har` |
//! | the algorithm step by step | `walk`, in words by `steps` |
//! | vectors and laws | `browse`, `vector` |
//! | worked examples | `examples` |
//! | reports of a folder | `reports` |
//!
//! Requests and files are untrusted: what they say is written as text, no path leaves the folder of reports, bodies have
//! a limit, and the Content-Security-Policy lets nothing run but the two scripts of these pages.

mod browse;
mod examples;
mod explainer;
mod form;
mod guard;
mod har;
mod page;
mod reports;
mod site;
mod steps;
mod vector;
mod walk;

pub use site::{Site, service};
