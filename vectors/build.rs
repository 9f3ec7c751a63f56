//! A new file of vectors is built in as well: the compiler alone notices only those it has read before.

fn main() {
    for folder in ["model", "client", "server", "regressions"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
