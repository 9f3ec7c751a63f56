//! The diagram with box characters.

use super::super::Verdict;
use super::{Diagram, Direction, Message, wrap};

/// Narrower than this nothing can be told; wider than that the eye gets lost.
const NARROWEST: usize = 40;
const WIDEST: usize = 110;
/// Columns a lifeline needs for itself when there are several servers.
const LANE: usize = 36;
/// Where the page's lifeline stands.
const PAGE: usize = 1;

/// The diagram for a terminal `width` columns wide, each line ending with a line break.
pub fn text(diagram: &Diagram, width: usize) -> String {
    let width = width.clamp(NARROWEST, WIDEST);
    let count = diagram.servers.len().max(1);
    // Many servers share one lifeline; then each request says which one it is for.
    let lanes = if count > 1 && width / count >= LANE { count } else { 1 };
    let canvas =
        Canvas { width, lanes: (1..=lanes).map(|lane| PAGE + (width - 2 - PAGE) * lane / lanes).collect() };
    let mut lines = canvas.labels(diagram);
    for message in &diagram.messages {
        lines.extend(canvas.message(diagram, message));
    }
    let mark = match diagram.verdict {
        Verdict::Blocked => '✗',
        Verdict::Shared => '✓',
        Verdict::Opaque => '○',
        Verdict::Unanswered => '?',
    };
    let mut end = wrap(&diagram.end, width - 4).into_iter();
    lines.push(format!(" {mark} {}", end.next().unwrap_or_default()));
    lines.extend(end.map(|line| format!("   {line}")));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

struct Canvas {
    width: usize,
    /// The columns of the servers' lifelines.
    lanes: Vec<usize>,
}

impl Canvas {
    fn lane(&self, server: usize) -> usize {
        self.lanes.get(server).or(self.lanes.last()).copied().unwrap_or(self.width - 2)
    }

    /// A line with the lifelines and nothing else.
    fn blank(&self) -> Vec<char> {
        let mut line = vec![' '; self.width];
        for column in self.lanes.iter().chain([&PAGE]) {
            line[*column] = '│';
        }
        line
    }

    /// Who stands at which lifeline.
    fn labels(&self, diagram: &Diagram) -> Vec<String> {
        let mut lines: Vec<Vec<char>> = vec![vec![' '; self.width]];
        put(&mut lines[0], 0, &diagram.page);
        let servers: Vec<&str> = match diagram.servers.len() {
            more if more > self.lanes.len() => vec!["servers"],
            _ => diagram.servers.iter().map(String::as_str).collect(),
        };
        for (server, label) in servers.iter().enumerate() {
            let length = label.chars().count();
            let start = (self.lane(server) + 2).saturating_sub(length);
            // On a line of its own where it would touch what stands there.
            let taken = |line: &Vec<char>| line[start.saturating_sub(2)..].iter().any(|c| *c != ' ');
            if lines.last().is_none_or(taken) {
                lines.push(vec![' '; self.width]);
            }
            if let Some(line) = lines.last_mut() {
                put(line, start, label);
            }
        }
        lines.push(self.blank());
        lines.into_iter().map(String::from_iter).collect()
    }

    fn message(&self, diagram: &Diagram, message: &Message) -> Vec<String> {
        let lane = self.lane(message.server);
        let room = lane - PAGE - 3;
        let shared_lane = diagram.servers.len() > self.lanes.len();
        let head = match (message.direction, diagram.servers.get(message.server)) {
            (Direction::Request, Some(server)) if shared_lane => match message.head.split_once(' ') {
                Some((method, target)) => format!("{method} {server}{target}"),
                None => message.head.clone(),
            },
            _ => message.head.clone(),
        };
        let mut lines = Vec::new();
        let mut say = |text: &str, indent: &str| {
            for (index, part) in wrap(text, room - 2).into_iter().enumerate() {
                let mut line = self.blank();
                let indent = if index == 0 { "" } else { indent };
                put(&mut line, PAGE + 2, &format!("{indent}{part}"));
                lines.push(line);
            }
        };
        say(&head, "  ");
        for header in &message.lines {
            say(header, "  ");
        }
        let mut arrow = self.blank();
        arrow[PAGE + 1..lane].fill('─');
        match message.direction {
            Direction::Request => {
                arrow[PAGE] = '├';
                arrow[lane - 1] = '▶';
            }
            Direction::Response => {
                arrow[PAGE + 1] = if message.fails { '✗' } else { '◀' };
                arrow[lane] = '┤';
            }
        }
        if let Some(tag) = message.tag {
            let label = format!(" {tag} ");
            put(&mut arrow, PAGE + 1 + (lane - PAGE).saturating_sub(label.len()) / 2, &label);
        }
        lines.push(arrow);
        lines.push(self.blank());
        lines.into_iter().map(String::from_iter).collect()
    }
}

/// Writes `text` into a line from `start` on, as far as there is room.
fn put(line: &mut [char], start: usize, text: &str) {
    for (place, c) in line.iter_mut().skip(start).zip(text.chars()) {
        *place = c;
    }
}
