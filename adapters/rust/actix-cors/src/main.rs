//! The adapter: the protocol on standard input and output.

use actix_cors_adapter::{SOFTWARE, serve};

fn main() {
    common::run(&SOFTWARE, serve);
}
