//! Counts the pairs of steps, one after the other in a trace, that inputs of `fetch_scenario` reach, and lists those that
//! client vectors reach and they do not. From the folder above:
//!
//! ```console
//! cargo run --manifest-path fuzz/Cargo.toml --no-default-features --example step_pairs [--find TRIES] [FOLDER…]
//! ```
//!
//! Without a folder, the inputs are the seeds. With `--find`, inputs that are missing are looked for among so many
//! variants of those there are, and written to the first folder as `pair-…`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use corspec_fuzz::fetch_scenario::pairs::{Pairs, of_input, of_vectors};

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1).peekable();
    let mut tries = 0;
    if arguments.next_if(|argument| argument == "--find").is_some() {
        let number = arguments.next().and_then(|number| number.to_str()?.parse().ok());
        tries = number.ok_or_else(|| io::Error::other("--find needs a number of tries"))?;
    }
    let mut folders: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    if folders.is_empty() {
        folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/fetch_scenario"));
    }
    let mut inputs = Vec::new();
    for folder in &folders {
        for entry in fs::read_dir(folder)? {
            inputs.push(fs::read(entry?.path())?);
        }
    }
    inputs.sort();
    let wanted = of_vectors();
    let mut reached: Pairs = inputs.iter().flat_map(|input| of_input(input)).collect();
    for (number, input) in find(&wanted, &mut reached, inputs, tries).into_iter().enumerate() {
        fs::write(folders[0].join(format!("pair-{number}")), input)?;
    }
    let missing: Vec<_> = wanted.difference(&reached).collect();
    for (one, next) in &missing {
        println!("{one} then {next}: only client vectors reach it");
    }
    println!(
        "{} of the {} pairs of steps that client vectors reach, and {} they do not",
        wanted.len() - missing.len(),
        wanted.len(),
        reached.difference(&wanted).count()
    );
    Ok(())
}

/// Inputs that reach what is wanted and not yet reached. A variant is the beginning of one input and the end of another,
/// with some bytes changed; one that reaches any new pair has variants too.
fn find(wanted: &Pairs, reached: &mut Pairs, mut inputs: Vec<Vec<u8>>, tries: usize) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as usize % limit.max(1)
    };
    for _ in 0..tries {
        if wanted.is_subset(reached) || inputs.is_empty() {
            break;
        }
        let mut input = inputs[below(inputs.len())].clone();
        let other = &inputs[below(inputs.len())];
        if below(2) == 0 {
            input.truncate(below(input.len()));
            input.extend_from_slice(&other[below(other.len())..]);
        }
        for _ in 0..below(6) {
            let at = below(input.len());
            if let Some(byte) = input.get_mut(at) {
                *byte = below(256) as u8;
            }
        }
        let pairs = of_input(&input);
        if !pairs.is_subset(reached) {
            if pairs.iter().any(|pair| wanted.contains(pair) && !reached.contains(pair)) {
                found.push(input.clone());
            }
            reached.extend(pairs);
            inputs.push(input);
        }
    }
    found
}
