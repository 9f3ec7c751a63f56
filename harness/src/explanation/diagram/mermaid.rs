//! The diagram in [Mermaid's](https://mermaid.js.org/syntax/sequenceDiagram.html) notation.

use std::fmt::Write;

use super::{Diagram, Direction};

/// The diagram as a Mermaid sequence diagram.
pub fn text(diagram: &Diagram) -> String {
    let mut text = String::from("sequenceDiagram\n");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "    participant page as {}", escaped(&diagram.page));
    for (index, server) in diagram.servers.iter().enumerate() {
        let _ = writeln!(text, "    participant server{index} as {}", escaped(server));
    }
    for message in &diagram.messages {
        let server = message.server;
        let tag = message.tag.map(|tag| format!("({tag}) ")).unwrap_or_default();
        let lines = std::iter::once(format!("{tag}{}", message.head)).chain(message.lines.iter().cloned());
        let label = lines.map(|line| escaped(&line)).collect::<Vec<_>>().join("<br/>");
        let _ = match message.direction {
            Direction::Request => writeln!(text, "    page->>server{server}: {label}"),
            Direction::Response if message.fails => writeln!(text, "    server{server}--xpage: {label}"),
            Direction::Response => writeln!(text, "    server{server}-->>page: {label}"),
        };
    }
    let _ = writeln!(text, "    Note over page: {}", escaped(&diagram.end));
    text
}

/// Characters with a meaning of their own are written as their code.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | ';' | '<' | '>' | '%' | '"' | '`' | '{' | '}' | '\\' => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
