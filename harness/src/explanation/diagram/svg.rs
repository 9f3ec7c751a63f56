//! The diagram as a self-contained SVG: no script, no fonts or pictures from elsewhere, light and dark by CSS.

use std::fmt::Write;

use super::super::Verdict;
use super::{Diagram, Direction, Message, wrap};

const CHARACTER: usize = 8;
const LINE: usize = 18;
const MARGIN: usize = 16;
/// Between two lifelines.
const LANE: usize = 62 * CHARACTER;
const TOP: usize = 56;

/// Colours by what they are for. The class keeps them to this picture where it stands within a page.
pub const STYLE: &str = "
.corspec-sequence{--ground:#fff;--ink:#1f2328;--line:#8c959f;--preflight:#9a6700;--good:#1a7f37;--bad:#cf222e;background:var(--ground)}
@media screen and (prefers-color-scheme:dark){.corspec-sequence{--ground:#0d1117;--ink:#e6edf3;--line:#6e7681;--preflight:#d29922;--good:#3fb950;--bad:#f85149}}
.corspec-sequence .ground{fill:var(--ground)}
.corspec-sequence text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--ink)}
.corspec-sequence .who,.corspec-sequence .head{font-weight:bold}
.corspec-sequence .tag{fill:var(--preflight)}
.corspec-sequence .good{fill:var(--good);font-weight:bold}
.corspec-sequence .bad{fill:var(--bad);font-weight:bold}
.corspec-sequence line{stroke:var(--line);stroke-width:1.5}
.corspec-sequence line.life{stroke-dasharray:4 4}
.corspec-sequence line.fails{stroke:var(--bad)}
.corspec-sequence polygon{fill:var(--line)}
.corspec-sequence polygon.fails{fill:var(--bad)}
";

/// The diagram as an SVG document, which may also stand within an HTML page.
pub fn text(diagram: &Diagram) -> String {
    drawn(diagram, &format!("<style>{STYLE}</style>\n"))
}

/// The diagram for a page that has [`STYLE`].
pub fn element(diagram: &Diagram) -> String {
    drawn(diagram, "")
}

fn drawn(diagram: &Diagram, style: &str) -> String {
    let lanes = diagram.servers.len().max(1);
    let longest = diagram.servers.iter().map(|server| server.chars().count()).max().unwrap_or_default();
    let width = 2 * MARGIN + lanes * LANE + longest.div_ceil(2) * CHARACTER;
    let mut body = String::new();
    let mut y = TOP;
    for message in &diagram.messages {
        y = draw(&mut body, message, y);
    }
    let class = match diagram.verdict {
        Verdict::Shared => "good",
        Verdict::Blocked => "bad",
        Verdict::Opaque | Verdict::Unanswered => "tag",
    };
    let life = y;
    y += LINE;
    for line in wrap(&diagram.end, LANE / CHARACTER) {
        write_text(&mut body, MARGIN, y, class, "start", &line);
        y += LINE;
    }
    let mut lines = String::new();
    for x in (0..=lanes).map(column) {
        write_line(&mut lines, "life", (x, TOP - LINE), (x, life));
    }
    write_text(&mut lines, MARGIN, TOP - LINE - 8, "who", "start", &diagram.page);
    for (index, server) in diagram.servers.iter().enumerate() {
        write_text(&mut lines, column(index + 1), TOP - LINE - 8, "who", "middle", server);
    }
    let title = escaped(&format!("Sequence diagram: {}", diagram.end));
    let description = escaped(&diagram.description());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"corspec-sequence\" role=\"img\" aria-label=\"{title}\" \
         viewBox=\"0 0 {width} {y}\" width=\"{width}\" height=\"{y}\">\n<title>{title}</title>\n<desc>{description}</desc>\n\
         {style}<rect class=\"ground\" width=\"{width}\" height=\"{y}\"/>\n{lines}{body}</svg>\n"
    )
}

/// Where the lifeline stands: 0 is the page's.
const fn column(index: usize) -> usize {
    MARGIN + CHARACTER + index * LANE
}

/// Draws a message from `y` on and says where the next one begins.
fn draw(body: &mut String, message: &Message, mut y: usize) -> usize {
    let (page, server) = (column(0), column(message.server + 1));
    // Written next to the server, so that no lifeline runs through it.
    let start = column(message.server) + CHARACTER;
    let room = LANE / CHARACTER - 3;
    let mut x = start;
    if let Some(tag) = message.tag {
        write_text(body, x, y, "tag", "start", tag);
        x += (tag.len() + 1) * CHARACTER;
    }
    let used = (x - start) / CHARACTER;
    for (index, line) in wrap(&message.head, room - used).into_iter().enumerate() {
        let class = if message.fails { "bad" } else { "head" };
        write_text(body, if index == 0 { x } else { start + 2 * CHARACTER }, y, class, "start", &line);
        y += LINE;
    }
    for header in &message.lines {
        for (index, line) in wrap(header, room - 2).into_iter().enumerate() {
            let indent = if index == 0 { 0 } else { 2 * CHARACTER };
            write_text(body, start + indent, y, "", "start", &line);
            y += LINE;
        }
    }
    y -= LINE / 2;
    let class = if message.fails { "fails" } else { "" };
    let (from, to, back) = match message.direction {
        Direction::Request => (page, server, server - CHARACTER),
        Direction::Response => (server, page, page + CHARACTER),
    };
    write_line(body, class, (from, y), (to, y));
    // Writing to a string cannot fail.
    let _ = writeln!(
        body,
        "<polygon class=\"{class}\" points=\"{to},{y} {back},{} {back},{}\"/>",
        y - CHARACTER / 2,
        y + CHARACTER / 2
    );
    y + LINE + LINE / 2
}

fn write_text(body: &mut String, x: usize, y: usize, class: &str, anchor: &str, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        body,
        "<text x=\"{x}\" y=\"{y}\" class=\"{class}\" text-anchor=\"{anchor}\">{}</text>",
        escaped(text)
    );
}

fn write_line(body: &mut String, class: &str, from: (usize, usize), to: (usize, usize)) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        body,
        "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
