//! Counts the pairs of steps, one after the other in a trace, that inputs of `fetch_scenario` reach, and lists those that
//! client vectors reach and they do not. From the folder above:
//!
//! ```console
//! cargo run --manifest-path fuzz/Cargo.toml --no-default-features --example step_pairs [FOLDER…]
//! ```
//!
//! Without a folder, the inputs are the seeds.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use corspec_fuzz::fetch_scenario;
use corspec_vectors::{embedded, run};

/// A step and the one after it.
type Pairs = BTreeSet<(String, String)>;

fn add<'a>(pairs: &mut Pairs, trace: impl Iterator<Item = &'a str> + Clone) {
    pairs.extend(trace.clone().zip(trace.skip(1)).map(|(one, next)| (one.to_owned(), next.to_owned())));
}

fn main() -> io::Result<()> {
    let mut folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    if folders.is_empty() {
        folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/fetch_scenario"));
    }
    let mut by_inputs = Pairs::new();
    for folder in folders {
        for entry in fs::read_dir(&folder)? {
            for trace in fetch_scenario::traces(&fs::read(entry?.path())?) {
                add(&mut by_inputs, trace.iter().map(|(step, _)| step.as_str()));
            }
        }
    }
    let mut by_vectors = Pairs::new();
    for vector in embedded::client_vectors() {
        for fetch in run::client::run(&vector.fetches, true).unwrap_or_default() {
            add(&mut by_vectors, fetch.trace.iter().flatten().map(|(step, _)| step.as_str()));
        }
    }
    let missing: Vec<_> = by_vectors.difference(&by_inputs).collect();
    for (one, next) in &missing {
        println!("{one} then {next}: only client vectors reach it");
    }
    println!(
        "{} of the {} pairs of steps that client vectors reach, and {} they do not",
        by_vectors.len() - missing.len(),
        by_vectors.len(),
        by_inputs.difference(&by_vectors).count()
    );
    Ok(())
}
