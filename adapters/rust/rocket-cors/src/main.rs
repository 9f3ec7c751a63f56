//! The adapter: the protocol on standard input and output.

use rocket::tokio::runtime::Builder;
use rocket_cors_adapter::{SOFTWARE, serve};

/// Rocket prints to standard output, which is for answers, while it reads its log level.
struct Silence;

impl log::Log for Silence {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        false
    }

    fn log(&self, _: &log::Record<'_>) {}

    fn flush(&self) {}
}

fn main() {
    let _ = log::set_logger(&Silence);
    match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => common::run(&SOFTWARE, |policy| runtime.block_on(serve(policy))),
        Err(error) => eprintln!("{error}"),
    }
}
