//! Charts as SVG whose colours are the page's, so that they are light and dark as it is.

use maud::{Markup, html};

const WIDTH: f64 = 720.0;
const LEFT: f64 = 250.0;
const ROW: f64 = 24.0;
const TOP: f64 = 30.0;

/// One measured value with its range, in the unit of the chart.
pub(super) struct Bar<'a> {
    pub(super) label: &'a str,
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    /// The median as people read it.
    pub(super) text: String,
}

/// Values in rows on one logarithmic axis, each a dot with its range. Values that have no logarithm are left out.
pub(super) fn ranges(title: &str, bars: &[Bar<'_>], tick: impl Fn(f64) -> String) -> Markup {
    let drawable = |value: f64| value.is_finite() && value > 0.0;
    let bars: Vec<&Bar<'_>> = bars.iter().filter(|bar| drawable(bar.median)).collect();
    let ends = bars.iter().flat_map(|bar| [bar.low, bar.median, bar.high]).filter(|&value| drawable(value));
    let (least, most) =
        ends.fold((f64::MAX, f64::MIN_POSITIVE), |(least, most), value| (least.min(value), most.max(value)));
    if bars.is_empty() {
        return html! {};
    }
    let first = least.log10().floor();
    let last = most.log10().ceil().max(first + 1.0);
    let right = WIDTH - 90.0;
    let x = |value: f64| {
        let at = if drawable(value) { value.log10() } else { first };
        LEFT + (at - first) / (last - first) * (right - LEFT)
    };
    let bottom = TOP + ROW * f64::from(u32::try_from(bars.len()).unwrap_or(u32::MAX));
    let exponents =
        std::iter::successors(Some(first), |at| Some(at + 1.0)).take_while(|&at| at <= last).take(40);
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH} {}", bottom + 30.0)) role="img" aria-label=(title) {
            @for exponent in exponents {
                @let at = format!("{:.1}", x(10_f64.powf(exponent)));
                line.grid x1=(at) x2=(at) y1=(TOP - 6.0) y2=(bottom) {}
                text x=(at) y=(bottom + 18.0) text-anchor="middle" { (tick(10_f64.powf(exponent))) }
            }
            text.title x="0" y="16" { (title) }
            @for (row, bar) in (0_u32..).zip(&bars) {
                @let y = TOP + ROW * (f64::from(row) + 0.5);
                text x=(LEFT - 10.0) y=(y + 4.0) text-anchor="end" { (bar.label) }
                line.range x1=(format!("{:.1}", x(bar.low))) x2=(format!("{:.1}", x(bar.high))) y1=(y) y2=(y) {}
                circle.median cx=(format!("{:.1}", x(bar.median))) cy=(y) r="4.5" {}
                text x=(format!("{:.1}", x(bar.high) + 10.0)) y=(y + 4.0) { (bar.text) }
            }
        }
    }
}

/// A line through counts, the first at the left.
pub(super) fn trace(title: &str, counts: &[usize]) -> Markup {
    let count = |value: usize| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    let most = count(counts.iter().copied().max().unwrap_or(0).max(1));
    let step = 640.0 / count(counts.len().saturating_sub(1).max(1));
    let at = |index: usize, value: usize| (20.0 + step * count(index), 70.0 - 46.0 * count(value) / most);
    let points: Vec<String> = counts
        .iter()
        .enumerate()
        .map(|(index, &value)| {
            let (x, y) = at(index, value);
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let words: Vec<String> = counts.iter().map(ToString::to_string).collect();
    html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 90" role="img" aria-label=(format!("{title}: {}", words.join(", "))) {
            line.grid x1="20" x2="660" y1="70" y2="70" {}
            polyline.trace points=(points.join(" ")) {}
            @for (index, &value) in counts.iter().enumerate() {
                @let (x, y) = at(index, value);
                circle.median cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="4" {}
                text x=(format!("{x:.1}")) y=(format!("{:.1}", y - 9.0)) text-anchor="middle" { (value) }
            }
        }
    }
}
