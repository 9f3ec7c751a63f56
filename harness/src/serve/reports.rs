//! Reports of the event files in one folder. A request names a file of the list; nothing else is opened.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use http::StatusCode;
use maud::html;

use super::page;
use super::site::Answer;
use crate::report::collected::Collected;
use crate::report::html::{self as report, Material};
use crate::report::read;

/// Bytes of the largest file that is opened: a page of more is of no use.
const MOST: u64 = 512 << 20;

/// The names of the event files in a folder, in order: plain files of it whose name ends with `.jsonl`.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".jsonl"))
        .collect();
    names.sort_unstable();
    Ok(names)
}

/// The list.
pub(super) fn list(folder: &Path) -> Answer {
    let body = html! {
        p.lead { "Event files of " code { "corspec test" } " and " code { "corspec client" } " in " code { (folder.display()) } "." }
        @match names(folder) {
            Err(error) => p.error { (folder.display()) ": " (error) },
            Ok(names) if names.is_empty() => p { "There is none. " code { "corspec test" } " writes one." },
            Ok(names) => ul {
                @for name in names { li { a href={ "/reports/" (encoded(&name)) } { (name) } } }
            },
        }
    };
    Answer::Page(page::page("Reports", "/reports", &body))
}

fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The report of a file of the list.
pub(super) fn open(folder: &Path, name: &str) -> Answer {
    let known = names(folder).is_ok_and(|names| names.iter().any(|known| known == name));
    if !known {
        return Answer::Problem(
            StatusCode::NOT_FOUND,
            format!("there is no event file `{name}` in the folder"),
        );
    }
    match report(&folder.join(name), name) {
        Ok(text) => Answer::Document(text),
        Err(problem) => Answer::Problem(StatusCode::UNPROCESSABLE_ENTITY, problem),
    }
}

fn report(path: &Path, name: &str) -> Result<String, String> {
    let file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
    let length = file.metadata().map_err(|error| format!("{name}: {error}"))?.len();
    if length > MOST {
        return Err(format!(
            "{name}: larger than {} MiB; `corspec report -o report.html {name}` takes it",
            MOST >> 20
        ));
    }
    let mut collected = Collected::default();
    read::read(name, BufReader::new(file), &mut collected).map_err(|error| error.to_string())?;
    report::text(&Material { collected: &collected, runs: &[], benchmarks: None })
        .map_err(|error| error.to_string())
}
