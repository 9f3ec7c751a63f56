//! The museum: documented bugs in versions that can still be installed, each beside the version that is right.
//!
//! An exhibit is caught when a vector finds one of its requirements broken in the vulnerable version and not in the fixed
//! one. Other requirements, and other vectors, may fail in both: what is old has other bugs too.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use corspec_vectors::DocumentError;
use corspec_vectors::meta::Level;
use corspec_vectors::server::ServerVector;
use serde::Deserialize;

use crate::event::ResultEvent;
use crate::implementation::adapter::Program;
use crate::implementation::{Adapter, Implementation};
use crate::known_failing::KnownFailing;
use crate::laws;
use crate::run::{self, Options};
use crate::verdict::Verdict;

/// The name of the file in an exhibit's folder.
pub const FILE: &str = "museum.toml";

/// A documented bug.
#[derive(Clone, Debug)]
pub struct Exhibit {
    /// The folder's name.
    pub name: String,
    /// What it says of itself.
    pub document: Document,
    /// Its folder, absolute.
    pub folder: PathBuf,
}

/// `museum.toml`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The bug as it is known: a CVE, an issue, a pull request.
    pub bug: String,
    /// What it is, in a sentence.
    pub what: String,
    /// Where it is documented.
    pub source: String,
    /// What it breaks: one requirement, or several of which one is enough.
    pub requirement: Requirements,
    /// The adapter it is run by, or `own`.
    pub adapter: String,
    /// What both versions answered when they were asked by hand.
    pub notes: String,
    /// The version with the bug.
    pub vulnerable: Side,
    /// The version without it.
    pub fixed: Side,
}

/// One requirement or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Requirements {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Requirements {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

/// One version of the software.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The version.
    pub version: String,
    /// Lines for a shell that install it, in the exhibit's folder.
    pub setup: Vec<String>,
    /// The adapter: program and arguments, in the exhibit's folder.
    pub run: Vec<String>,
}

impl Exhibit {
    /// Reads every exhibit of the museum in `directory`, by name.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn all(directory: &Path) -> Result<Vec<Self>, String> {
        let wrong = |path: &Path, what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        let entries = std::fs::read_dir(directory).map_err(|error| wrong(directory, &error))?;
        let mut files: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path().join(FILE)).filter(|file| file.is_file()).collect();
        files.sort();
        files
            .into_iter()
            .map(|file| {
                let text = std::fs::read_to_string(&file).map_err(|error| wrong(&file, &error))?;
                let document: Document =
                    toml::from_str(&text).map_err(|error| wrong(&file, &error.to_string().trim_end()))?;
                for requirement in document.requirement.all() {
                    if laws::requirement_named(requirement).is_none() {
                        return Err(wrong(&file, &format_args!("`{requirement}` is not a requirement")));
                    }
                }
                let folder = file.parent().unwrap_or(directory);
                let folder = folder.canonicalize().map_err(|error| wrong(&file, &error))?;
                let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
                Ok(Self { name: name.unwrap_or_default(), document, folder })
            })
            .collect()
    }

    /// Runs the suite against both versions, which have to be installed.
    ///
    /// # Errors
    /// What kept a version from being judged.
    pub async fn examine(&self, vectors: &[ServerVector], options: &Options) -> Result<Examined, String> {
        let vulnerable = self.broken(&self.document.vulnerable, vectors, options).await?;
        let fixed = self.broken(&self.document.fixed, vectors, options).await?;
        Ok(Examined { caught: only(&vulnerable, &fixed), flagged: only(&fixed, &vulnerable) })
    }

    /// The vectors that find one of the exhibit's requirements broken, each with what it says.
    async fn broken(
        &self,
        side: &Side,
        vectors: &[ServerVector],
        options: &Options,
    ) -> Result<BTreeMap<String, ResultEvent>, String> {
        let program = Program {
            name: format!("{} {}", self.name, side.version),
            argv: side.run.clone(),
            folder: self.folder.clone(),
            hint: String::new(),
        };
        let adapter = Adapter::new(program, String::new());
        adapter.start().await;
        let (mut broken, mut judged, mut trouble) = (BTreeMap::new(), 0_usize, None);
        let mut none_known = KnownFailing::default();
        let run = run::run(&adapter, vectors, options, &mut none_known, |result| {
            judged += usize::from(result.verdict.is_judged());
            match result.verdict {
                Verdict::Fail if result.level != Level::Check => {
                    let its_own = self.document.requirement.all();
                    if result.requirement.as_ref().is_some_and(|requirement| its_own.contains(requirement)) {
                        broken.insert(result.vector.clone(), result);
                    }
                }
                Verdict::SetupError => trouble = result.finding.map(|finding| finding.what),
                _ => {}
            }
            ControlFlow::Continue(())
        });
        let done = run.await.map_err(|error: DocumentError| error.to_string());
        adapter.end().await;
        done?;
        match trouble {
            Some(trouble) if judged == 0 => Err(trouble),
            _ => Ok(broken),
        }
    }
}

/// What `one` says and `other` does not.
fn only(
    one: &BTreeMap<String, ResultEvent>,
    other: &BTreeMap<String, ResultEvent>,
) -> BTreeMap<String, ResultEvent> {
    let only = one.iter().filter(|(vector, _)| !other.contains_key(*vector));
    only.map(|(vector, result)| (vector.clone(), result.clone())).collect()
}

/// What the suite says of an exhibit.
#[derive(Clone, Debug)]
pub struct Examined {
    /// Vectors that find the bug in the vulnerable version only, each with what it says.
    pub caught: BTreeMap<String, ResultEvent>,
    /// Vectors that find it in the fixed version only, likewise.
    pub flagged: BTreeMap<String, ResultEvent>,
}

impl Examined {
    /// Whether the bug is seen where it is, and nowhere else.
    pub fn is_right(&self) -> bool {
        !self.caught.is_empty() && self.flagged.is_empty()
    }
}
