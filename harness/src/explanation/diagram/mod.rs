//! A fetch as a sequence diagram: the page on the left, the servers it talks to on the right.
//!
//! | drawn | by |
//! |---|---|
//! | with box characters, for a terminal of any width | [`unicode`] |
//! | as a self-contained picture, light and dark | [`svg`] |
//! | as text for documents that draw it themselves | [`mermaid`] |

pub mod mermaid;
pub mod svg;
pub mod unicode;

use corspec_vectors::client::RequestKind;
use url::Url;

use super::fix::Fix;
use super::recorded::{RecordedExchange, RecordedResponse};
use super::{Explanation, Verdict};

/// What is drawn. Every text is printable ASCII but for the marks of this module, so that no byte of a header reaches a
/// terminal or a document as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagram {
    /// The page's origin.
    pub page: String,
    /// The origins of the servers, in the order they are asked.
    pub servers: Vec<String>,
    /// What goes over the wire, in order.
    pub messages: Vec<Message>,
    /// How it ends.
    pub end: String,
    /// What the end is.
    pub verdict: Verdict,
}

/// One request or response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who sends it.
    pub direction: Direction,
    /// The server at the other end: an index of [`Diagram::servers`].
    pub server: usize,
    /// What it is, in a word: `preflight`.
    pub tag: Option<&'static str>,
    /// Method and path, or the status.
    pub head: String,
    /// The header lines that matter here.
    pub lines: Vec<String>,
    /// Whether the fetch fails at it.
    pub fails: bool,
}

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The page's browser.
    Request,
    /// The server.
    Response,
}

/// Header lines shown of one message, and characters of one line.
const LINES: usize = 16;
const LINE: usize = 240;

impl Diagram {
    /// The diagram of an explained fetch. One that nobody answered is drawn as it would go with the answers it needs.
    pub fn of(explanation: &Explanation) -> Self {
        let as_needed = explanation.fixed.as_ref().filter(|_| explanation.verdict == Verdict::Unanswered);
        let fetch = as_needed.unwrap_or(&explanation.fetch);
        let mut servers: Vec<String> = Vec::new();
        let mut messages = Vec::new();
        let last = fetch.exchanges.len().saturating_sub(1);
        for (index, exchange) in fetch.exchanges.iter().enumerate() {
            let origin = origin_of(&exchange.request.url);
            let server = servers.iter().position(|known| *known == origin).unwrap_or_else(|| {
                servers.push(origin);
                servers.len() - 1
            });
            messages.push(request(exchange, server));
            let fails = explanation.verdict == Verdict::Blocked && index == last;
            match &exchange.response {
                Some(response) => messages.push(answer(response, server, fails)),
                None if fetch.outcome.is_some() => messages.push(Message {
                    direction: Direction::Response,
                    server,
                    tag: None,
                    head: "no response".to_owned(),
                    lines: Vec::new(),
                    fails,
                }),
                None => {}
            }
        }
        Self {
            page: plain(&fetch.request.origin),
            servers,
            messages,
            end: end(explanation),
            verdict: explanation.verdict,
        }
    }

    /// What the picture shows, in a sentence or two: for those who cannot see it.
    pub fn description(&self) -> String {
        let messages = self.messages.iter().map(|message| {
            let server = self.servers.get(message.server).map_or("", String::as_str);
            let tag = message.tag.map(|tag| format!("{tag} ")).unwrap_or_default();
            match message.direction {
                Direction::Request => format!("{} sends {tag}{} to {server}.", self.page, message.head),
                Direction::Response if message.fails => {
                    format!("{server} answers {}, which decides.", message.head)
                }
                Direction::Response => format!("{server} answers {}.", message.head),
            }
        });
        messages.chain([self.end.clone()]).collect::<Vec<_>>().join(" ")
    }
}

fn end(explanation: &Explanation) -> String {
    let step = explanation.step.as_ref().map(|step| step.step.as_str()).unwrap_or_default();
    match (explanation.verdict, &explanation.fix) {
        (Verdict::Shared, _) => format!("shared with script ({step})"),
        (Verdict::Opaque, _) => "used, but closed to script".to_owned(),
        (Verdict::Blocked, _) => {
            format!("blocked: {} ({step})", explanation.reason.as_deref().unwrap_or_default())
        }
        (Verdict::Unanswered, Fix::None { .. }) => "no answer is known".to_owned(),
        (Verdict::Unanswered, _) => "shared with script, if it is answered so".to_owned(),
    }
}

fn origin_of(url: &str) -> String {
    Url::parse(url).map_or_else(|_| plain(url), |url| url.origin().ascii_serialization())
}

fn request(exchange: &RecordedExchange, server: usize) -> Message {
    let sent = &exchange.request;
    let target = Url::parse(&sent.url).map_or_else(
        |_| sent.url.clone(),
        |url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
    );
    let shown = sent.headers.iter().filter(|(name, value)| {
        // What every request has tells nothing.
        !(name.0.eq_ignore_ascii_case(b"accept") && value.0 == b"*/*")
    });
    let mut lines = header_lines(shown);
    if sent.credentials {
        lines.push("(with cookies)".to_owned());
    }
    Message {
        direction: Direction::Request,
        server,
        tag: (exchange.kind == RequestKind::Preflight).then_some("preflight"),
        head: plain(&format!("{} {target}", sent.method)),
        lines,
        fails: false,
    }
}

fn answer(response: &RecordedResponse, server: usize, fails: bool) -> Message {
    let shown = response.headers.iter().filter(|(name, _)| {
        let name = name.0.to_ascii_lowercase();
        name.starts_with(b"access-control-")
            || [&b"location"[..], b"vary", b"set-cookie", b"cross-origin-resource-policy"].contains(&&*name)
    });
    let head = response.status.to_string();
    Message { direction: Direction::Response, server, tag: None, head, lines: header_lines(shown), fails }
}

fn header_lines<'a>(
    headers: impl Iterator<Item = &'a (corspec_vectors::bytes::ByteString, corspec_vectors::bytes::ByteString)>,
) -> Vec<String> {
    let mut lines: Vec<String> = headers.map(|(name, value)| plain(&format!("{name}: {value}"))).collect();
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("... and {more} more"));
    }
    lines
}

/// A text with everything but printable ASCII escaped, and not without end.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        if plain.len() >= LINE {
            plain.push_str("...");
            break;
        }
        match c {
            ' '..='~' => plain.push(c),
            c => plain.extend(c.escape_default()),
        }
    }
    plain
}

/// Breaks a text into lines of at most `width` characters, at spaces and behind commas where there are some.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let mut rest = text;
    while rest.chars().count() > width {
        let limit = rest.char_indices().nth(width).map_or(rest.len(), |(index, _)| index);
        // Not so early that lines are all but empty.
        let at = rest[..limit].rfind([' ', ',']).filter(|&at| at > limit / 2).map_or(limit, |at| at + 1);
        let (line, next) = rest.split_at(at);
        lines.push(line.trim_end().to_owned());
        rest = next.trim_start();
    }
    lines.push(rest.to_owned());
    lines
}
