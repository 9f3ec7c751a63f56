//! What survives when a campaign is killed: a folder.
//!
//! | file | holds |
//! |---|---|
//! | `campaign.json` | the target, the seed, how much was done |
//! | `corpus.jsonl` | an input a line, written when it is found |
//! | `findings/*.json` | a file of vectors for each finding |

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use corspec_vectors::meta::VectorFile;
use corspec_vectors::server::ServerVector;
use serde::{Deserialize, Serialize};

use super::corpus::Input;
use super::finding::Found;

/// The folder of a campaign.
pub struct State {
    folder: PathBuf,
    corpus: File,
    done: Done,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Done {
    /// Name of the target.
    target: String,
    seed: u64,
    runs: u64,
    seconds: f64,
}

impl State {
    /// Opens the folder, which is made when there is none. `seed` is for a new campaign; one that goes on without it
    /// keeps its own.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn open(folder: &Path, target: &str, seed: Option<u64>) -> Result<Self, String> {
        let wrong = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let findings = folder.join(FINDINGS);
        fs::create_dir_all(&findings).map_err(|error| wrong(&findings, &error))?;
        let path = folder.join(CAMPAIGN);
        let mut done = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str::<Done>(&text).map_err(|error| wrong(&path, &error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Done {
                target: target.to_owned(),
                seed: seed.unwrap_or_else(|| fastrand::u64(..)),
                runs: 0,
                seconds: 0.0,
            },
            Err(error) => return Err(wrong(&path, &error)),
        };
        if done.target != target {
            return Err(format!(
                "{}: this is a campaign against `{}`: name another folder with --state",
                path.display(),
                done.target
            ));
        }
        done.seed = seed.unwrap_or(done.seed);
        let path = folder.join(CORPUS);
        // A line that was cut off when the campaign was killed is none.
        let whole = fs::read(&path).unwrap_or_default();
        let lines = whole.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        let corpus = File::options().create(true).append(true).open(&path).and_then(|file| {
            file.set_len(lines as u64)?;
            Ok(file)
        });
        let corpus = corpus.map_err(|error| wrong(&path, &error))?;
        let mut state = Self { folder: folder.to_owned(), corpus, done };
        state.write()?;
        Ok(state)
    }

    /// What random choices begin with.
    pub fn seed(&self) -> u64 {
        self.done.seed
    }

    /// Where the findings are.
    pub fn findings(&self) -> PathBuf {
        self.folder.join(FINDINGS)
    }

    /// Vectors executed so far, and the time that took.
    pub(super) fn done(&self) -> (u64, Duration) {
        (self.done.runs, Duration::try_from_secs_f64(self.done.seconds).unwrap_or_default())
    }

    /// The inputs and the vectors of findings that were kept.
    pub(super) fn kept(&self) -> Result<(Vec<Input>, Vec<ServerVector>), String> {
        let path = self.folder.join(CORPUS);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let inputs = text
            .lines()
            .enumerate()
            .map(|(index, line)| {
                serde_json::from_str(line)
                    .map_err(|error| format!("{}: line {}: {error}", path.display(), index + 1))
            })
            .collect::<Result<_, String>>()?;
        let mut vectors = Vec::new();
        let findings = self.findings();
        let unreadable = |error: std::io::Error| format!("{}: {error}", findings.display());
        let mut paths = Vec::new();
        for entry in fs::read_dir(&findings).map_err(unreadable)? {
            paths.push(entry.map_err(unreadable)?.path());
        }
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        {
            vectors.extend(read(path)?);
        }
        Ok((inputs, vectors))
    }

    /// Keeps an input.
    pub(super) fn keep(&mut self, input: &Input) -> Result<(), String> {
        let line = serde_json::to_string(input).map_err(|error| error.to_string())?;
        self.corpus
            .write_all(format!("{line}\n").as_bytes())
            .map_err(|error| format!("{}: {error}", self.folder.join(CORPUS).display()))
    }

    /// Writes the file of a finding.
    pub(super) fn save_found(&self, found: &Found, commands: &[String]) -> Result<(), String> {
        let path = self.findings().join(found.file_name());
        let text = found.text(commands).map_err(|error| error.to_string())?;
        replace(&path, &text)
    }

    /// Takes note of how much was done.
    pub(super) fn save(&mut self, runs: u64, elapsed: Duration) -> Result<(), String> {
        self.done.runs = runs;
        self.done.seconds = elapsed.as_secs_f64();
        self.write()
    }

    fn write(&mut self) -> Result<(), String> {
        let text = serde_json::to_string(&self.done).map_err(|error| error.to_string())?;
        replace(&self.folder.join(CAMPAIGN), &format!("{text}\n"))
    }
}

const CAMPAIGN: &str = "campaign.json";
const CORPUS: &str = "corpus.jsonl";
/// The folder of findings in that of a campaign.
pub const FINDINGS: &str = "findings";

/// Reads a file of server vectors.
///
/// # Errors
/// Names the file, and line and field where it does not parse.
pub fn read(path: &Path) -> Result<Vec<ServerVector>, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let file: VectorFile<ServerVector> = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    Ok(file.vectors)
}

/// Writes a file so that whoever is killed leaves the old or the new one.
fn replace(path: &Path, text: &str) -> Result<(), String> {
    let written = path.with_extension("part");
    fs::write(&written, text)
        .and_then(|()| fs::rename(&written, path))
        .map_err(|error| format!("{}: {error}", path.display()))
}
