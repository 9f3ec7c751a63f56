//! `corspec vectors`: the data.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use corspec_vectors::client::ClientVector;
use corspec_vectors::coverage::{self, StepEntry};
use corspec_vectors::generate::{self, Generated};
use corspec_vectors::index::Index;
use corspec_vectors::law::LawFile;
use corspec_vectors::meta::{Meta, VectorFile};
use corspec_vectors::model::ModelVector;
use corspec_vectors::server::ServerVector;
use corspec_vectors::{canonical, embedded};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Exit, Failure, read, suggest};
use crate::{laws, meaning, schemas};

/// List, show, check or regenerate the vectors.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
    /// The folder that holds model/, client/ and server/; by default `vectors`, and for list and show the vectors built in
    #[arg(long, global = true)]
    folder: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  corspec vectors list 'mdn-*'
  corspec vectors show mdn-errors/corsmethodnotfound
  corspec vectors validate --folder vectors";

#[derive(Debug, Subcommand)]
enum Command {
    /// One line for each vector: id and title
    #[command(after_help = "Examples:\n  corspec vectors list 'mdn-errors/*'")]
    List {
        /// Only ids that match this glob
        glob: Option<String>,
    },
    /// One vector as JSON
    #[command(after_help = "Examples:\n  corspec vectors show mdn-errors/corsmethodnotfound")]
    Show {
        /// Its id
        id: String,
    },
    /// Check every file: form, unique ids, twins, laws
    #[command(after_help = "Examples:\n  corspec vectors validate --folder vectors")]
    Validate,
    /// Each step of the standard the model takes, how many client vectors reach it with which result, and one of them
    #[command(after_help = "Examples:\n  corspec vectors coverage")]
    Coverage,
    /// Write what is derived: expectations of server vectors, canonical form, schemas
    #[command(after_help = "Examples:\n  corspec vectors generate --folder vectors")]
    Generate,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] naming the file and what is wrong with it.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let built_in = matches!(args.command, Command::List { .. } | Command::Show { .. } | Command::Coverage);
    let folder = args.folder.clone().unwrap_or_else(|| PathBuf::from("vectors"));
    let set = if built_in && args.folder.is_none() { Set::built_in() } else { Set::read(&folder)? };
    match &args.command {
        Command::List { glob } => {
            let glob = glob.as_deref().unwrap_or("*");
            let matcher = globset::Glob::new(glob).map_err(Failure::usage)?.compile_matcher();
            for meta in set.metas().filter(|meta| matcher.is_match(&meta.id)) {
                anstream::println!("{:<60} {}", meta.id, meta.title);
            }
            Ok(Exit::Clean)
        }
        Command::Show { id } => match set.find(id) {
            Some(text) => {
                anstream::println!("{text}");
                Ok(Exit::Clean)
            }
            None => {
                let near = suggest::nearest(id, set.metas().map(|meta| meta.id.as_str()));
                Err(Failure::usage(format_args!(
                    "there is no vector `{id}`{near}; see `corspec vectors list`"
                )))
            }
        },
        Command::Validate => {
            let problems = set.problems();
            for problem in &problems {
                anstream::println!("{problem}");
            }
            anstream::println!("{} vectors, {} problems", set.metas().count(), problems.len());
            Ok(if problems.is_empty() { Exit::Clean } else { Exit::Findings })
        }
        Command::Coverage => {
            let vectors: Vec<ClientVector> =
                set.client.into_iter().flat_map(|(_, file)| file.vectors).collect();
            let reached = coverage::reached(&vectors);
            for StepEntry { step, results, unreached } in embedded::steps() {
                for held in results {
                    let vectors = reached.get(&(step.clone(), held));
                    let count = vectors.map_or(0, BTreeSet::len);
                    let example = vectors.and_then(BTreeSet::first).or(unreached.as_ref());
                    anstream::println!(
                        "{step:<62} {held:<5} {count:>6}  {}",
                        example.map_or("", String::as_str)
                    );
                }
            }
            Ok(Exit::Clean)
        }
        Command::Generate => {
            write_derived_of(set, &folder)?;
            Ok(Exit::Clean)
        }
    }
}

/// Writes what is derived from the vectors of a folder, as `corspec vectors generate` does.
pub(super) fn write_derived(folder: &Path) -> Result<(), Failure> {
    write_derived_of(Set::read(folder)?, folder)
}

fn write_derived_of(set: Set, folder: &Path) -> Result<(), Failure> {
    let mut written = 0;
    for (path, text) in set.generated(folder)? {
        if fs::read_to_string(&path).ok().as_deref() != Some(&text) {
            fs::write(&path, text)
                .map_err(|error| Failure::usage(format_args!("{}: {error}", path.display())))?;
            anstream::println!("wrote {}", path.display());
            written += 1;
        }
    }
    anstream::println!("{written} files changed");
    Ok(())
}

/// The folder of server vectors that fuzzing found.
pub(super) const REGRESSIONS: &str = "regressions";

/// Every file of vectors of a folder.
pub struct Set {
    model: Vec<(PathBuf, VectorFile<ModelVector>)>,
    client: Vec<(PathBuf, VectorFile<ClientVector>)>,
    server: Vec<(PathBuf, VectorFile<ServerVector>)>,
}

impl Set {
    /// The vectors built into the program.
    fn built_in() -> Self {
        fn one_file<V>(vectors: Vec<V>) -> Vec<(PathBuf, VectorFile<V>)> {
            vec![(PathBuf::new(), VectorFile { about: String::new(), vectors })]
        }
        Self {
            model: one_file(embedded::model_vectors()),
            client: one_file(embedded::client_vectors()),
            server: one_file(embedded::server_vectors()),
        }
    }

    /// Reads the files of `folder`.
    ///
    /// # Errors
    /// [`Failure`] naming the file and the place where it does not parse.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        // The laws are read too, so that a broken file is told before the embedded copy is used.
        let laws = folder.join("laws.json");
        let _: LawFile = parse(&laws, &read(&laws)?)?;
        let mut server = read_folder(&folder.join("server"))?;
        let regressions = folder.join(REGRESSIONS);
        if regressions.is_dir() {
            server.extend(read_folder(&regressions)?);
        }
        Ok(Self {
            model: read_folder(&folder.join("model"))?,
            client: read_folder(&folder.join("client"))?,
            server,
        })
    }

    /// What every vector has in common.
    pub fn metas(&self) -> impl Iterator<Item = &Meta> {
        let model = self.model.iter().flat_map(|(_, file)| file.vectors.iter().map(|vector| &vector.meta));
        let client = self.client.iter().flat_map(|(_, file)| file.vectors.iter().map(|vector| &vector.meta));
        let server = self.server.iter().flat_map(|(_, file)| file.vectors.iter().map(|vector| &vector.meta));
        model.chain(client).chain(server)
    }

    fn find(&self, id: &str) -> Option<String> {
        fn text<V: Serialize>(
            files: &[(PathBuf, VectorFile<V>)],
            id: &str,
            meta: impl Fn(&V) -> &Meta,
        ) -> Option<String> {
            let vector =
                files.iter().flat_map(|(_, file)| &file.vectors).find(|vector| meta(vector).id == id)?;
            serde_json::to_string_pretty(vector).ok()
        }
        text(&self.model, id, |vector| &vector.meta)
            .or_else(|| text(&self.client, id, |vector| &vector.meta))
            .or_else(|| text(&self.server, id, |vector| &vector.meta))
    }

    /// Everything wrong with the set that its types do not rule out.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut ids = HashSet::new();
        for meta in self.metas() {
            if !ids.insert(&*meta.id) {
                problems.push(format!("{}: the id is taken", meta.id));
            }
            if meta.title.trim().is_empty() || meta.source.trim().is_empty() || meta.citations.is_empty() {
                problems.push(format!("{}: title, source and citations must not be empty", meta.id));
            }
        }
        for meta in self.metas() {
            if let Some(twin) = meta.twin.as_deref().filter(|twin| !ids.contains(twin)) {
                problems.push(format!("{}: its twin `{twin}` does not exist", meta.id));
            }
        }
        for (_, file) in &self.server {
            for vector in &file.vectors {
                problems.extend(Self::problems_of(vector));
            }
        }
        problems
    }

    /// What is wrong with one server vector that its type does not rule out.
    pub fn problems_of(vector: &ServerVector) -> Vec<String> {
        use corspec_vectors::server::{PolicyVerdict, ServerExpected};

        let mut problems = Vec::new();
        let id = &vector.meta.id;
        if laws::law_named(&vector.law).is_none() {
            problems.push(format!("{id}: `{}` is not a law", vector.law));
        }
        match meaning::expected(vector) {
            Err(error) => problems.push(format!("{id}: {error}")),
            Ok(expected) => {
                let law = match &expected {
                    // These have an opinion of requests of either side.
                    _ if matches!(&*vector.law, "transparency" | "routing") => None,
                    _ if laws::sharing::asks_for_private_network(vector) => Some("soundness"),
                    ServerExpected::Request { verdict: PolicyVerdict::Allow, .. }
                        if vector.law == "exposure" =>
                    {
                        None
                    }
                    ServerExpected::Request { verdict, .. } => Some(meaning::law_of(*verdict).0),
                    _ => None,
                };
                if let Some(law) = law.filter(|law| *law != vector.law) {
                    problems
                        .push(format!("{id}: the policy makes this a vector of {law}, not {}", vector.law));
                }
            }
        }
        problems
    }

    /// Every derived file: its path and the text it must have.
    ///
    /// # Errors
    /// [`Failure`] naming the vector that makes no sense.
    pub fn generated(self, folder: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
        let mut generated = Vec::new();
        let mut write = |path: PathBuf, text: serde_json::Result<String>| -> Result<(), Failure> {
            generated.push((path, text.map_err(Failure::broken)?));
            Ok(())
        };
        let mut index = Index::new();
        let by_rule = generate::model_files().map_err(Failure::broken)?;
        for (path, file) in replaced(self.model, &folder.join("model"), by_rule) {
            for vector in &file.vectors {
                index.add(&vector.meta.id, vector).map_err(Failure::broken)?;
            }
            write(path, canonical::file_text(&file))?;
        }
        let by_rule = generate::client_files().map_err(Failure::broken)?;
        for (path, file) in replaced(self.client, &folder.join("client"), by_rule) {
            for vector in &file.vectors {
                index.add(&vector.meta.id, vector).map_err(Failure::broken)?;
            }
            write(path, canonical::file_text(&file))?;
        }
        for (path, mut file) in replaced(self.server, &folder.join("server"), generate::server_files()) {
            for vector in &mut file.vectors {
                meaning::derive(vector).map_err(|error| {
                    Failure::usage(format_args!("{}: {}: {error}", path.display(), vector.meta.id))
                })?;
                index.add(&vector.meta.id, vector).map_err(Failure::broken)?;
            }
            write(path, canonical::file_text(&file))?;
        }
        write(folder.join("index.json"), index.to_text())?;
        for (name, schema) in corspec_vectors::schema::all() {
            write(folder.join("schemas").join(name), Ok(corspec_vectors::schema::to_text(&schema)))?;
        }
        // Of a checkout; who has only the vectors has no harness.
        let of_the_harness = folder.join("../harness/schemas");
        if of_the_harness.is_dir() {
            for (name, schema) in schemas::all() {
                write(of_the_harness.join(name), Ok(schema))?;
            }
        }
        Ok(generated)
    }

    /// How many vectors each folder holds.
    pub fn counts(&self) -> HashMap<&'static str, usize> {
        HashMap::from([
            ("model", self.model.iter().map(|(_, file)| file.vectors.len()).sum()),
            ("client", self.client.iter().map(|(_, file)| file.vectors.len()).sum()),
            ("server", self.server.iter().map(|(_, file)| file.vectors.len()).sum()),
        ])
    }
}

/// The files of a folder with those that are made by rule replaced.
fn replaced<V>(
    files: Vec<(PathBuf, VectorFile<V>)>,
    folder: &Path,
    by_rule: Vec<Generated<V>>,
) -> Vec<(PathBuf, VectorFile<V>)> {
    let by_rule: Vec<_> = by_rule.into_iter().map(|(name, file)| (folder.join(name), file)).collect();
    let mut kept: Vec<_> = files
        .into_iter()
        .filter(|(path, _)| !by_rule.iter().any(|(generated, _)| generated == path))
        .collect();
    kept.extend(by_rule);
    kept
}

fn read_folder<V: DeserializeOwned>(folder: &Path) -> Result<Vec<(PathBuf, VectorFile<V>)>, Failure> {
    let unreadable = |error: std::io::Error| Failure::usage(format_args!("{}: {error}", folder.display()));
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let file = parse(&path, &read(&path)?)?;
            Ok((path, file))
        })
        .collect()
}

fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::usage(format_args!("{}: {error}", path.display())))
}
