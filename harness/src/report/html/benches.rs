//! Benchmarks: a record of `benches/`, drawn.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde::Deserialize;

use super::chart::{self, Bar};

/// A record of measurements.
#[derive(Clone, Debug, Deserialize)]
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

/// One number.
#[derive(Clone, Debug, Deserialize)]
pub struct Figure {
    /// Who: the contender.
    pub name: String,
    /// What: contenders of the same group and `x` are compared.
    pub group: String,
    /// Size of the input.
    pub x: u64,
    /// What the numbers count, such as `ns`.
    pub unit: String,
    /// The middle of what was measured.
    pub median: f64,
    /// The tenth percentile.
    pub low: f64,
    /// The ninetieth percentile.
    pub high: f64,
}

/// The charts of a record: of each group and unit one, with its numbers as a table.
pub(super) fn charts(record: &Record) -> Markup {
    let mut groups = BTreeMap::<(&str, &str), Vec<&Figure>>::new();
    for figure in &record.figures {
        groups.entry((&figure.group, &figure.unit)).or_default().push(figure);
    }
    html! {
        p.legend {
            (record.machine) " · " (record.rustc) " · " (record.date)
            ". A dot is the median, its line goes from the tenth to the ninetieth percentile; axes are logarithmic."
        }
        @for ((group, unit), figures) in &groups {
            (chart(&format!("{group}, {unit}"), figures))
            details {
                summary { "Numbers of " (group) ", " (unit) }
                div.wide role="region" aria-label={ "Numbers of " (group) ", " (unit) } tabindex="0" {
                    table {
                        thead { tr { th scope="col" { "Name" } th scope="col" { "Size" } th scope="col" { "Median" } th scope="col" { "Low" } th scope="col" { "High" } } }
                        tbody {
                            @for figure in figures {
                                tr {
                                    th scope="row" { (figure.name) }
                                    td.number { (figure.x) }
                                    td.number { (readable(figure.median)) }
                                    td.number { (readable(figure.low)) }
                                    td.number { (readable(figure.high)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn chart(title: &str, figures: &[&Figure]) -> Markup {
    let varies = figures.iter().any(|figure| figure.x != figures[0].x);
    if !varies {
        let bars: Vec<Bar<'_>> = figures
            .iter()
            .map(|Figure { name, median, low, high, .. }| Bar {
                label: name,
                median: *median,
                low: *low,
                high: *high,
                text: readable(*median),
            })
            .collect();
        return chart::ranges(title, &bars, readable);
    }
    let mut lines = BTreeMap::<&str, Vec<[f64; 4]>>::new();
    for figure in figures {
        let x = f64::from(u32::try_from(figure.x).unwrap_or(u32::MAX));
        lines.entry(&figure.name).or_default().push([x, figure.low, figure.median, figure.high]);
    }
    for points in lines.values_mut() {
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    }
    chart::lines(title, &lines, readable)
}

/// A number people can read: three digits and a thousand, million, billion in one letter.
fn readable(number: f64) -> String {
    let (scaled, letter) = match number.abs() {
        size if size >= 1e9 => (number / 1e9, "G"),
        size if size >= 1e6 => (number / 1e6, "M"),
        size if size >= 1e3 => (number / 1e3, "k"),
        _ => (number, ""),
    };
    let digits = if scaled.abs() >= 100.0 || scaled.fract() == 0.0 {
        0
    } else if scaled.abs() >= 10.0 {
        1
    } else {
        2
    };
    format!("{scaled:.digits$}{letter}")
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn numbers_are_short() {
        for (number, text) in [
            (0.5, "0.50"),
            (7.0, "7"),
            (12.34, "12.3"),
            (999.4, "999"),
            (1000.0, "1k"),
            (1_530_000.0, "1.53M"),
        ] {
            assert_eq!(readable(number), text);
        }
    }
}
