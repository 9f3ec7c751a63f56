//! Tells the program which versions of the embedded middlewares it was built with, as Cargo.lock has them.

use std::path::Path;

fn main() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = std::fs::read_to_string(&lock).unwrap_or_default();
    for (package, variable) in [("tower-http", "TOWER_HTTP_VERSION"), ("warp", "WARP_VERSION")] {
        println!("cargo::rustc-env={variable}={}", version_of(package, &text).unwrap_or("unknown"));
    }
}

/// The version on the line after the package's name.
fn version_of<'a>(package: &str, lock: &'a str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}
