//! Charts as SVG whose colours are the page's, so that they are light and dark as it is.

use std::collections::BTreeMap;

use maud::{Markup, html};

const WIDTH: f64 = 720.0;
const TOP: f64 = 34.0;

/// One measured value with its range, in the unit of the chart.
pub(super) struct Bar<'a> {
    pub(super) label: &'a str,
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    /// The median as people read it.
    pub(super) text: String,
}

/// A logarithmic axis over whole powers of ten, from one place of the picture to another.
struct Axis {
    first: f64,
    last: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// The axis for values; those that have no logarithm are passed over. `None` when there are no others.
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Option<Self> {
        let mut ends: Option<(f64, f64)> = None;
        for value in values.filter(|&value| drawable(value)) {
            let (least, most) = ends.unwrap_or((value, value));
            ends = Some((least.min(value), most.max(value)));
        }
        let (least, most) = ends?;
        let first = least.log10().floor();
        Some(Self { first, last: most.log10().ceil().max(first + 1.0), from, to })
    }

    /// The place of a value; one without a logarithm stands at the beginning.
    fn at(&self, value: f64) -> String {
        let exponent = if drawable(value) { value.log10() } else { self.first };
        let place = self.from + (exponent - self.first) / (self.last - self.first) * (self.to - self.from);
        format!("{place:.1}")
    }

    /// The powers of ten on it.
    fn ticks(&self) -> impl Iterator<Item = f64> {
        let last = self.last;
        std::iter::successors(Some(self.first), |exponent| Some(exponent + 1.0))
            .take_while(move |&exponent| exponent <= last)
            .take(40)
            .map(|exponent| 10_f64.powf(exponent))
    }
}

fn drawable(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// A count as a measure of the picture.
fn measure(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Values in rows on one axis, each a dot with its range.
pub(super) fn ranges(title: &str, bars: &[Bar<'_>], tick: impl Fn(f64) -> String) -> Markup {
    const ROW: f64 = 24.0;
    const LEFT: f64 = 250.0;
    let bars: Vec<&Bar<'_>> = bars.iter().filter(|bar| drawable(bar.median)).collect();
    let values = bars.iter().flat_map(|bar| [bar.low, bar.median, bar.high]);
    let Some(axis) = Axis::over(values, LEFT, WIDTH - 90.0) else { return html! {} };
    let bottom = TOP + ROW * measure(bars.len());
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH} {}", bottom + 30.0)) role="img" aria-label=(title) {
            @for value in axis.ticks() {
                line.grid x1=(axis.at(value)) x2=(axis.at(value)) y1=(TOP - 6.0) y2=(bottom) {}
                text x=(axis.at(value)) y=(bottom + 18.0) text-anchor="middle" { (tick(value)) }
            }
            text.title x="0" y="16" { (title) }
            @for (row, bar) in bars.iter().enumerate() {
                @let y = TOP + ROW * (measure(row) + 0.5);
                text x=(LEFT - 10.0) y=(y + 4.0) text-anchor="end" { (bar.label) }
                line.range x1=(axis.at(bar.low)) x2=(axis.at(bar.high)) y1=(y) y2=(y) {}
                circle.median cx=(axis.at(bar.median)) cy=(y) r="4.5" {}
                text x=(WIDTH - 80.0) y=(y + 4.0) { (bar.text) }
            }
        }
    }
}

/// Lines over sizes, both axes logarithmic; each point is size, low, median, high.
pub(super) fn lines(
    title: &str,
    lines: &BTreeMap<&str, Vec<[f64; 4]>>,
    tick: impl Fn(f64) -> String,
) -> Markup {
    const LEFT: f64 = 60.0;
    const RIGHT: f64 = 470.0;
    const BOTTOM: f64 = 330.0;
    let points = || lines.values().flatten();
    let across = Axis::over(points().map(|point| point[0]), LEFT, RIGHT);
    let up = Axis::over(points().flat_map(|point| [point[1], point[2], point[3]]), BOTTOM, TOP);
    let (Some(across), Some(up)) = (across, up) else { return html! {} };
    let height = (BOTTOM + 30.0).max(TOP + 20.0 * measure(lines.len()) + 10.0);
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(title) {
            text.title x="0" y="16" { (title) }
            @for value in across.ticks() {
                line.grid x1=(across.at(value)) x2=(across.at(value)) y1=(TOP) y2=(BOTTOM) {}
                text x=(across.at(value)) y=(BOTTOM + 18.0) text-anchor="middle" { (tick(value)) }
            }
            @for value in up.ticks() {
                line.grid x1=(LEFT) x2=(RIGHT) y1=(up.at(value)) y2=(up.at(value)) {}
                text x=(LEFT - 8.0) y=(up.at(value)) text-anchor="end" { (tick(value)) }
            }
            @for (number, (name, points)) in lines.iter().enumerate() {
                @let class = format!("line-{}", number % 8);
                @let path: Vec<String> = points.iter().map(|point| format!("{},{}", across.at(point[0]), up.at(point[2]))).collect();
                g class=(class) {
                    polyline.trace points=(path.join(" ")) {}
                    @for point in points {
                        line.range x1=(across.at(point[0])) x2=(across.at(point[0])) y1=(up.at(point[1])) y2=(up.at(point[3])) {}
                        circle.median cx=(across.at(point[0])) cy=(up.at(point[2])) r="3.5" {}
                    }
                    @let y = TOP + 20.0 * (measure(number) + 0.5);
                    line.trace x1=(RIGHT + 20.0) x2=(RIGHT + 44.0) y1=(y) y2=(y) {}
                    text x=(RIGHT + 50.0) y=(y + 4.0) { (name) }
                }
            }
        }
    }
}

/// A line through counts, the first at the left.
pub(super) fn trace(title: &str, counts: &[usize]) -> Markup {
    let most = measure(counts.iter().copied().max().unwrap_or(0).max(1));
    let step = 640.0 / measure(counts.len().saturating_sub(1).max(1));
    let places: Vec<(String, f64, usize)> = counts
        .iter()
        .enumerate()
        .map(|(index, &value)| {
            (format!("{:.1}", 20.0 + step * measure(index)), 70.0 - 46.0 * measure(value) / most, value)
        })
        .collect();
    let points: Vec<String> = places.iter().map(|(x, y, _)| format!("{x},{y:.1}")).collect();
    let words: Vec<String> = counts.iter().map(ToString::to_string).collect();
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 90" role="img" aria-label=(format!("{title}: {}", words.join(", "))) {
            line.grid x1="20" x2="660" y1="70" y2="70" {}
            polyline.trace points=(points.join(" ")) {}
            @for (x, y, value) in &places {
                circle.median cx=(x) cy=(format!("{y:.1}")) r="4" {}
                text x=(x) y=(format!("{:.1}", y - 9.0)) text-anchor="middle" { (value) }
            }
        }
    }
}
