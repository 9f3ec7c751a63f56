//! The committed results: `benches/record/`, one file a machine, and `instructions.json`, which holds for a toolchain.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::case::Case;

/// One number. `x` is what the group's chart has on its axis: origins, bytes, cores or vectors; 1 where nothing varies.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// Who: the contender.
    pub name: String,
    /// What: contenders of the same group and `x` are compared.
    pub group: String,
    /// Size of the input.
    pub x: u64,
    /// `ns`, `us`, `s`, `instructions`, `allocations` or `bytes`, of which less is better; `requests/s` or `vectors/s`, of which more is.
    pub unit: String,
    /// The middle of what was measured.
    pub median: f64,
    /// The tenth percentile.
    pub low: f64,
    /// The ninetieth percentile.
    pub high: f64,
}

/// A file of the record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The processor's model and how many cores of it there are.
    pub machine: String,
    /// The compiler.
    pub rustc: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// The numbers.
    pub figures: Vec<Figure>,
}

impl Figure {
    /// The figure of a case from many measurements.
    pub fn of(case: &Case, unit: &str, measured: Vec<f64>) -> Self {
        Self::new(&case.contender, &case.group, case.x, unit, measured)
    }

    /// A figure from many measurements; zeros when there are none.
    pub fn new(name: &str, group: &str, x: u64, unit: &str, mut measured: Vec<f64>) -> Self {
        measured.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let index = (measured.len().saturating_sub(1) as f64 * share).round() as usize;
            let value = measured.get(index).copied().unwrap_or_default();
            (value * 100.0).round() / 100.0
        };
        Self {
            name: name.to_owned(),
            group: group.to_owned(),
            x,
            unit: unit.to_owned(),
            median: at(0.5),
            low: at(0.1),
            high: at(0.9),
        }
    }

    /// `group/x/name`, as cases have it.
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.group, self.x, self.name)
    }
}

impl Record {
    /// A record made here and now.
    pub fn new(figures: Vec<Figure>) -> Self {
        let date = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        Self { machine: machine(), rustc: rustc(), date, figures }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When there is none, or it is no record.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// Writes a file, one figure a line, so that a difference can be read. Figures of another unit or group than those
    /// here stay as they were in it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(mut self, path: &Path) -> io::Result<()> {
        if let Ok(before) = Self::read(path) {
            let key = |figure: &Figure| (figure.id(), figure.unit.clone());
            let now: std::collections::HashSet<_> = self.figures.iter().map(key).collect();
            self.figures.extend(before.figures.into_iter().filter(|figure| !now.contains(&key(figure))));
        }
        let order =
            |figure: &Figure| (figure.group.clone(), figure.unit.clone(), figure.x, figure.name.clone());
        self.figures.sort_by_cached_key(order);
        let lines: Vec<String> = self.figures.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        let head =
            serde_json::json!({"machine": self.machine, "rustc": self.rustc, "date": self.date}).to_string();
        let text = format!("{},\n\"figures\": [\n{}\n]}}\n", head.trim_end_matches('}'), lines.join(",\n"));
        std::fs::write(path, text)
    }
}

/// The folder of the record.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("record")
}

/// The file of this machine.
pub fn file_of_this_machine() -> PathBuf {
    let machine = machine().to_lowercase();
    let name: Vec<&str> =
        machine.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    folder().join(format!("{}.json", name.join("-")))
}

/// `model, N cores`
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{}, {cores} cores", model.map_or("unknown processor", |(_, model)| model.trim()))
}

/// The compiler's own words.
pub fn rustc() -> String {
    let output = std::process::Command::new("rustc").arg("--version").output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
