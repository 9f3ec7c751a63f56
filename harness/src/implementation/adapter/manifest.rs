//! `adapters/NAME/adapter.toml`: what an adapter plugs in, how it is set up and run.
//!
//! ```toml
//! name = "express-cors"                 # the folder's name
//! language = "JavaScript"
//! package = "cors"
//! homepage = "https://github.com/expressjs/cors"
//! setup = ["npm ci"]                    # lines for `sh -c`, in this folder
//! run = ["node", "adapter.mjs"]         # program and arguments, in this folder
//! notes = "…"                           # optional
//! known_failing = "known-failing.toml"  # optional; else vectors/known-failing/NAME.toml beside adapters/, if it exists
//! ```

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::session::Program;

/// The name of the file.
pub const FILE: &str = "adapter.toml";

/// An adapter that has a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Short name, that of the folder.
    pub name: String,
    /// Language of the software it plugs in.
    pub language: String,
    /// Name of the software where packages of the language are kept.
    pub package: String,
    /// Where the software lives.
    pub homepage: String,
    /// Lines for a shell that set it up.
    pub setup: Vec<String>,
    /// Program and arguments.
    pub run: Vec<String>,
    /// What a user should know.
    pub notes: Option<String>,
    /// Its list of known failures, if there is one.
    pub known_failing: Option<PathBuf>,
    /// Its folder, absolute.
    pub folder: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    language: String,
    package: String,
    homepage: String,
    #[serde(default)]
    setup: Vec<String>,
    run: Vec<String>,
    notes: Option<String>,
    known_failing: Option<PathBuf>,
}

impl Manifest {
    /// Reads the manifest in a folder.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join(FILE);
        let wrong = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(&error))?;
        let document: Document =
            toml::from_str(&text).map_err(|error| wrong(&error.to_string().trim_end()))?;
        let folder = folder.canonicalize().map_err(|error| wrong(&error))?;
        if folder.file_name().is_none_or(|name| *name != *document.name) {
            return Err(wrong(&format_args!("`name` is `{}`: it has to be the folder's", document.name)));
        }
        if document.run.is_empty() {
            return Err(wrong(&"`run` is empty: it has to name a program"));
        }
        let known_failing = match document.known_failing {
            Some(path) => Some(folder.join(path)),
            None => folder
                .ancestors()
                .nth(2)
                .map(|root| root.join("vectors/known-failing").join(format!("{}.toml", document.name)))
                .filter(|path| path.is_file()),
        };
        Ok(Self {
            name: document.name,
            language: document.language,
            package: document.package,
            homepage: document.homepage,
            setup: document.setup,
            run: document.run,
            notes: document.notes,
            known_failing,
            folder,
        })
    }

    /// Every manifest in the folders of `directory`, by name; none when there is no such directory.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn all(directory: &Path) -> Result<Vec<Self>, String> {
        let entries = match std::fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(format!("{}: {error}", directory.display())),
        };
        let mut folders: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|folder| folder.join(FILE).is_file())
            .collect();
        folders.sort();
        folders.iter().map(|folder| Self::read(folder)).collect()
    }

    /// How it is started.
    pub fn program(&self) -> Program {
        Program {
            name: self.name.clone(),
            argv: self.run.clone(),
            folder: self.folder.clone(),
            hint: format!("; set it up with `corspec adapter install {}`", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "name = \"one\"\nlanguage = \"Go\"\npackage = \"p\"\nhomepage = \"h\"\nrun = [\"./one\"]\n";

    fn read(text: &str) -> Result<Manifest, String> {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("adapters/one");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(root.path().join("vectors/known-failing")).unwrap();
        std::fs::write(root.path().join("vectors/known-failing/one.toml"), "").unwrap();
        std::fs::write(folder.join(FILE), text).unwrap();
        assert_eq!(Manifest::all(&root.path().join("adapters")).is_ok(), Manifest::read(&folder).is_ok());
        Manifest::read(&folder)
    }

    #[test]
    fn a_manifest_is_read_and_its_known_failures_are_found() {
        let manifest = read(GOOD).unwrap();
        assert_eq!((manifest.name.as_str(), manifest.run.len()), ("one", 1));
        assert!(manifest.known_failing.unwrap().ends_with("vectors/known-failing/one.toml"));
        let own = read(&format!("{GOOD}known_failing = \"own.toml\"\n")).unwrap();
        assert!(own.known_failing.unwrap().ends_with("adapters/one/own.toml"));
    }

    #[test]
    fn what_is_wrong_is_named_with_the_file() {
        for (text, what) in [
            (GOOD.replace("\"one\"", "\"two\""), "`name` is `two`"),
            (GOOD.replace("[\"./one\"]", "[]"), "`run` is empty"),
            (format!("{GOOD}version = \"1\"\n"), "unknown field `version`"),
            (GOOD.replace("package = \"p\"\n", ""), "missing field `package`"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains("adapter.toml: ") && error.contains(what), "{error}");
        }
    }

    #[test]
    fn without_a_directory_there_are_none() {
        assert_eq!(Manifest::all(Path::new("/nowhere/at/all")), Ok(Vec::new()));
    }
}
