//! `corspec fuzz promote`: from a finding to a vector of the set.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use corspec_vectors::canonical;
use corspec_vectors::meta::{Level, VectorFile};
use corspec_vectors::server::ServerVector;
use serde_json::Value;

use super::runtime;
use crate::cli::vectors::{self, REGRESSIONS, Set};
use crate::cli::{Exit, Failure, read};
use crate::implementation::{Embedded, InProcess, Reference};
use crate::known_failing::KnownFailing;
use crate::run::{self, Options};
use crate::verdict::Verdict;
use crate::zoo;

/// Check findings and add them to vectors/regressions.
///
/// A finding is added when its form is right, the reference responder and every legal variant pass it, and an animal of the
/// zoo, or the embedded implementation it was found in, fails it: a vector nothing fails shows nothing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files that a campaign wrote
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The folder that holds model/, client/, server/ and regressions/
    #[arg(long, default_value = "vectors")]
    folder: PathBuf,
}

/// The file that promoted findings of one law are in, and what it says of itself.
const ABOUT: &str = "Found by corspec fuzz, made as small as it gets, and promoted.";

/// Runs the command.
///
/// # Errors
/// [`Failure`] naming the file and why it is not added.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let set = Set::read(&args.folder)?;
    let mut promoted = Vec::new();
    for path in &args.files {
        for vector in checked(path)? {
            let taken = set.metas().any(|meta| meta.id == vector.meta.id);
            if taken || promoted.iter().any(|other: &ServerVector| other.meta.id == vector.meta.id) {
                return Err(refused(path, format_args!("`id`: `{}` is in the set already", vector.meta.id)));
            }
            promoted.push(vector);
        }
    }
    let folder = args.folder.join(REGRESSIONS);
    fs::create_dir_all(&folder).map_err(|error| refused(&folder, error))?;
    for vector in promoted {
        let path = folder.join(format!("{}.json", vector.law));
        let mut file = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| refused(&path, error))?,
            Err(_) => VectorFile { about: ABOUT.to_owned(), vectors: Vec::new() },
        };
        anstream::println!("{}: {}", vector.meta.id, vector.meta.title);
        file.vectors.push(vector);
        let text = canonical::file_text(&file).map_err(Failure::broken)?;
        fs::write(&path, text).map_err(|error| refused(&path, error))?;
    }
    vectors::write_derived(&args.folder)?;
    Ok(Exit::Clean)
}

/// The vectors of a file, which may be added.
fn checked(path: &Path) -> Result<Vec<ServerVector>, Failure> {
    let text = read(path)?;
    let file: VectorFile<ServerVector> = serde_json::from_str(&text).map_err(|error| refused(path, error))?;
    if file.vectors.is_empty() {
        return Err(refused(path, "there is no vector in it"));
    }
    // What the types do not know they would drop in silence.
    let written: Value = serde_json::from_str(&text).map_err(|error| refused(path, error))?;
    let meant = serde_json::to_value(&file).map_err(Failure::broken)?;
    if let Some(field) = unknown_field(&written, &meant) {
        return Err(refused(path, format_args!("`{field}` is no field of a server vector")));
    }
    for vector in &file.vectors {
        let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "./-".contains(c);
        if !vector.meta.id.starts_with("regression/") || !vector.meta.id.chars().all(is_id) {
            let what = "begins with `regression/` and has small letters, digits, `.`, `-` and `/`";
            return Err(refused(path, format_args!("`id`: an id of these vectors {what}")));
        }
        if let Some(problem) = Set::problems_of(vector).into_iter().next() {
            return Err(refused(path, problem));
        }
        let derived = crate::meaning::expected(vector).map_err(|error| refused(path, error))?;
        if vector.expected.as_ref() != Some(&derived) {
            return Err(refused(path, "`expected` is not what the policy means: leave it out or mend it"));
        }
        if vector.meta.level == Level::Check {
            return Err(refused(path, "`level`: a check is a fact, and no failure to keep from coming back"));
        }
        judged(path, vector)?;
    }
    Ok(file.vectors)
}

/// Whether what is right passes the vector and something fails it.
fn judged(path: &Path, vector: &ServerVector) -> Result<(), Failure> {
    let runtime = runtime()?;
    let fails = |embedded: Box<dyn Embedded>| -> Result<Option<String>, Failure> {
        let mut failure = None;
        let mut passes = false;
        let (implementation, vectors) = (InProcess(embedded), [vector.clone()]);
        let sink = |result: crate::event::ResultEvent| {
            passes |= result.verdict == Verdict::Pass;
            if matches!(result.verdict, Verdict::Fail | Verdict::Crash | Verdict::Hang)
                && result.level != Level::Check
            {
                failure = result.finding.map(|finding| finding.what);
            }
            ControlFlow::Continue(())
        };
        let options = Options::default();
        runtime
            .block_on(run::run(&implementation, &vectors, &options, &mut KnownFailing::default(), sink))
            .map_err(|error| refused(path, error))?;
        Ok(failure.or_else(|| (!passes).then(|| "nothing of it can be judged".to_owned())))
    };
    if let Some(what) = fails(Box::new(Reference))? {
        return Err(refused(path, format_args!("the reference responder does not pass it: {what}")));
    }
    for variant in zoo::legal_variants() {
        if let Some(what) = fails(Box::new(*variant))? {
            let name = variant.name;
            return Err(refused(path, format_args!("the legal variant `{name}` does not pass it: {what}")));
        }
    }
    let found_in = vector.meta.source.rsplit(' ').next().unwrap_or_default();
    for embedded in crate::implementation::embedded() {
        if embedded.info().name == found_in && fails(embedded)?.is_some() {
            return Ok(());
        }
    }
    // The one it was found in is the likeliest.
    let mut animals: Vec<_> = zoo::animals().collect();
    animals.sort_by_key(|animal| animal.name != found_in);
    for animal in animals {
        if fails(Box::new(*animal))?.is_some() {
            return Ok(());
        }
    }
    Err(refused(
        path,
        "no animal of the zoo fails it: add one first, with the bug that was found (see CONTRIBUTING.md)",
    ))
}

/// The first field that is written and not meant.
fn unknown_field(written: &Value, meant: &Value) -> Option<String> {
    match (written, meant) {
        (Value::Object(written), Value::Object(meant)) => written.iter().find_map(|(name, value)| {
            match meant.get(name) {
                Some(meant) => unknown_field(value, meant),
                // The default need not be written.
                None if matches!(value, Value::Null | Value::Bool(false)) => None,
                None if value.as_array().is_some_and(Vec::is_empty) => None,
                None => Some(name.clone()),
            }
        }),
        (Value::Array(written), Value::Array(meant)) => {
            written.iter().zip(meant).find_map(|(written, meant)| unknown_field(written, meant))
        }
        _ => None,
    }
}

fn refused(path: &Path, what: impl std::fmt::Display) -> Failure {
    Failure::usage(format_args!("{}: {what}", path.display()))
}
