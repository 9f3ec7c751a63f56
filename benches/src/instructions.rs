//! Instructions, counted by valgrind: the same on a busy machine as on an idle one.
//!
//! Each case runs in a process of its own under callgrind, which counts only while the case runs.

use std::process::Command;

use crate::case::Case;
use crate::record::Figure;

/// The function that is counted, as callgrind knows it.
const COUNTED: &str = "corspec_benches::case::Case::run*";

/// What is counted: corspec's own code, of every field the comparison that has a bar or a budget.
const CASES: [&str; 13] = [
    "list/typical/88/literal",
    "list/typical/88/fast",
    "list/long/4096/fast",
    "list/long-commas/4096/fast",
    "values/allow-origin-origin/1/CORS check",
    "values/content-type-typical/24/literal",
    "values/content-type-typical/24/fast",
    "origins/exact-hit/1000/fast",
    "origins/exact-miss/1000/literal",
    "origins/subdomains-hit/1000/fast",
    "model/preflight-evaluation/1/literal",
    "model/preflight-evaluation/1/fast",
    "model/fetch-with-preflight/1/literal",
];

/// The cases that are counted.
pub fn counted_cases() -> Vec<Case> {
    CASES.iter().flat_map(|id| crate::cases::all(id)).filter(|case| CASES.contains(&&*case.id())).collect()
}

/// Whether valgrind is installed.
pub fn can_count() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Runs the case with this id twice: what it does once only is not what it costs. For the process that is counted.
///
/// # Errors
/// When there is no such case.
pub fn run_counted(id: &str) -> Result<(), String> {
    let mut cases = crate::cases::all(id);
    let case =
        cases.iter_mut().find(|case| case.id() == id).ok_or_else(|| format!("there is no case `{id}`"))?;
    case.prepare();
    std::hint::black_box(case.run());
    std::hint::black_box(case.run());
    Ok(())
}

/// Counts the instructions of a case, for one of its operations.
///
/// # Errors
/// When valgrind cannot be run, or says nothing that can be read.
pub fn count(case: &Case) -> Result<Figure, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(program)
        .args(["counted", &case.id()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse::<f64>().ok())
        .ok_or_else(|| format!("{}: valgrind counted nothing:\n{said}", case.id()))?;
    let each = (collected / 2.0 / case.operations as f64).round();
    Ok(Figure::of(case, "instructions", vec![each]))
}
