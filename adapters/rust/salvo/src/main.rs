//! The adapter: the protocol on standard input and output.

use salvo_adapter::{SOFTWARE, serve};

fn main() {
    match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => common::run(&SOFTWARE, |policy| runtime.block_on(serve(policy))),
        Err(error) => eprintln!("{error}"),
    }
}
