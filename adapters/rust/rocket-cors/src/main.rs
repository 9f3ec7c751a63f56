//! The adapter: the protocol on standard input and output.

use rocket::tokio::runtime::Builder;
use rocket_cors_adapter::{SOFTWARE, serve};

fn main() {
    // Else Rocket prints to standard output, which is for answers, while it reads its log level.
    env_logger::init();
    match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => common::run(&SOFTWARE, |policy| runtime.block_on(serve(policy))),
        Err(error) => eprintln!("{error}"),
    }
}
