//! A badge: one line of SVG for a README.

use maud::html;

use super::case::subjects;
use super::collected::Collected;
use super::matrix::{Mark, Row, columns};

/// The badge: how many laws hold of one implementation, or of how many implementations and clients every law holds.
pub fn text(collected: &Collected) -> String {
    let subjects = subjects(collected);
    let rows: Vec<Row<'_>> = subjects.iter().map(Row::of).collect();
    let columns = columns(&rows);
    let marks: Vec<Vec<Mark>> = rows
        .iter()
        .map(|row| columns.iter().map(|law| row.cell(law).1).filter(|mark| *mark != Mark::None).collect())
        .collect();
    let all: Vec<Mark> = marks.iter().flatten().copied().collect();
    let good = |marks: &[Mark]| marks.iter().filter(|mark| **mark == Mark::Good).count();
    let message = match marks.as_slice() {
        _ if all.is_empty() => "not judged".to_owned(),
        [one] => format!("{} of {} laws", good(one), one.len()),
        several => {
            let whole =
                several.iter().filter(|marks| !marks.is_empty() && good(marks) == marks.len()).count();
            format!("{whole} of {} conform", several.len())
        }
    };
    let colour = match () {
        () if all.is_empty() || !collected.missing().is_empty() => "#5b6470",
        () if all.contains(&Mark::Bad) => "#b3261e",
        () if all.contains(&Mark::Known) => "#8a5a00",
        () => "#1a7f37",
    };
    draw("CORS", &message, colour)
}

fn draw(label: &str, message: &str, colour: &str) -> String {
    // Verdana at 11 px, as badges have it, is some 7 px a character.
    let width = |text: &str| 7 * text.chars().count() + 10;
    let (left, right) = (width(label), width(message));
    let title = format!("{label}: {message}");
    html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(left + right) height="20" role="img" aria-label=(title) {
            title { (title) }
            rect width=(left + right) height="20" rx="3" fill="#3b424c" {}
            rect x=(left) width=(right) height="20" rx="3" fill=(colour) {}
            rect x=(left) width="4" height="20" fill=(colour) {}
            g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle" {
                text x=(left / 2) y="14" textLength=(left - 10) { (label) }
                text x=(left + right / 2) y="14" textLength=(right - 10) { (message) }
            }
        }
    }
    .into_string()
        + "\n"
}
