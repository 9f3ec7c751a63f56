//! An explanation as text for a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use corspec_vectors::bytes::{ByteString, HeaderLines};
use corspec_vectors::client::RequestKind;

use super::diagram::{Diagram, unicode};
use super::fix::{Fix, FixedResponse};
use super::{Explanation, Verdict, printable};

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();

/// The explanation for a terminal `width` columns wide, in colours that [`anstream`] takes away where they do not belong.
pub fn text(explanation: &Explanation, width: usize) -> String {
    let mut page = Page { text: String::new(), width: width.clamp(40, 110) };
    page.verdict(explanation);
    page.line("");
    page.text.push_str(&unicode::text(&Diagram::of(explanation), width));
    page.line("");
    if let Some(step) = &explanation.step {
        page.item("step", &format!("{} {}", step.step, step.url));
    }
    let preflight = match explanation.preflight.sent {
        true => format!("yes: {}", explanation.preflight.because.join("; ")),
        false => format!("none: {}", explanation.preflight.because.join("; ")),
    };
    page.item("preflight", &preflight);
    if let Some(console) = &explanation.console {
        for (browser, said) in
            [("Chromium", &console.chromium), ("Firefox", &console.firefox), ("WebKit", &console.webkit)]
        {
            for line in said.iter().flat_map(|said| said.lines()) {
                page.item(browser, line);
            }
        }
    }
    if let Some(mdn) = &explanation.mdn {
        page.item("MDN", mdn);
    }
    for note in &explanation.notes {
        page.item("note", note);
    }
    if let Some(hidden) = &explanation.hidden {
        let names = hidden.names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        page.item("hidden", &format!("script does not see {names}; send this to show it:"));
        page.headers(&vec![("Access-Control-Expose-Headers".into(), hidden.expose.clone())]);
    }
    page.fix(explanation);
    page.text
}

struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn verdict(&mut self, explanation: &Explanation) {
        let (word, style) = match explanation.verdict {
            Verdict::Shared => ("shared", GOOD),
            Verdict::Opaque => ("opaque", BOLD),
            Verdict::Blocked => ("blocked", BAD),
            Verdict::Unanswered => ("not answered yet", BOLD),
        };
        let style = style.bold();
        let reason = explanation.reason.as_ref().map(|reason| format!("  {reason}")).unwrap_or_default();
        self.line(&format!("{style}{word}{style:#}{reason}"));
        for line in flow(&printable(&explanation.why), self.width) {
            self.line(&line);
        }
    }

    /// A named text, wrapped and indented.
    fn item(&mut self, name: &str, text: &str) {
        let indent = 11;
        for (index, line) in flow(&printable(text), self.width - indent).into_iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            // Writing to a string cannot fail.
            let _ = writeln!(self.text, "{FAINT}{name:<10}{FAINT:#} {line}");
        }
    }

    /// Header lines, unbroken: they are meant to be copied.
    fn headers(&mut self, headers: &HeaderLines) {
        for (name, value) in headers {
            self.line(&format!("             {GOOD}{name}: {value}{GOOD:#}"));
        }
    }

    fn fix(&mut self, explanation: &Explanation) {
        match &explanation.fix {
            Fix::Needless => {}
            Fix::None { because, instead } => {
                self.item("fix", &format!("no response header can allow this safely. {because}"));
                self.item("instead", instead);
            }
            Fix::Headers { request, responses } => {
                if let Some(request) = request {
                    self.item("fix", &format!("in the page: {request}"));
                }
                for (index, response) in responses.iter().enumerate() {
                    let name = if index == 0 && request.is_none() { "fix" } else { "" };
                    self.item(name, &headline(response, explanation.verdict));
                    self.headers(&response.set);
                    if !response.remove.is_empty() {
                        let names: Vec<String> = response.remove.iter().map(ByteString::to_string).collect();
                        self.item("", &format!("  without {}", names.join(", ")));
                    }
                }
                if responses.is_empty() && request.is_none() {
                    self.item("fix", "the server has nothing to add");
                }
            }
        }
    }
}

/// Breaks a text at spaces into lines of `width` columns. A longer word, such as a URL, keeps a line of its own.
fn flow(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn headline(response: &FixedResponse, verdict: Verdict) -> String {
    let what = match response.kind {
        RequestKind::Preflight => format!("the preflight (OPTIONS {})", response.url),
        RequestKind::Request => format!("{} {}", response.method, response.url),
    };
    let status = response.status.map(|status| format!(" with status {status}, and")).unwrap_or_default();
    let must = if verdict == Verdict::Unanswered { "must be answered" } else { "answer" };
    match verdict {
        Verdict::Unanswered => format!("{what} {must}{status} with"),
        _ => format!("{must} {what}{status} with"),
    }
}
