//! The exchanges of a finding as the sequence diagram of an [explanation](crate::explanation).

use corspec_vectors::bytes::{ByteString, HeaderLines};

use super::prose::unmarked;
use crate::event::ExchangeEvent;
use crate::explanation::Verdict;
use crate::explanation::diagram::{Diagram, Direction, Message, plain, svg};

/// Exchanges and header lines that are drawn; the wire has them all.
const EXCHANGES: usize = 8;
const LINES: usize = 12;

/// The picture of what shows `what`; `None` when nothing went over the wire. The exchange that decides is marked, and never
/// left out.
pub(super) fn picture(exchanges: &[ExchangeEvent], what: &str, step: Option<&str>) -> Option<String> {
    let origin = header(&exchanges.first()?.request_headers, "origin");
    let deciding = ExchangeEvent::deciding(exchanges)?;
    let shown = exchanges.iter().enumerate().skip((deciding + 1).saturating_sub(EXCHANGES)).take(EXCHANGES);
    let messages = shown.flat_map(|(place, exchange)| {
        let asks = header(&exchange.request_headers, "access-control-request-method").is_some();
        let request = Message {
            direction: Direction::Request,
            server: 0,
            tag: (exchange.method.0 == b"OPTIONS" && asks).then_some("preflight"),
            head: plain(&format!("{} {}", exchange.method, exchange.target)),
            // What every request has tells nothing.
            lines: lines(&exchange.request_headers, |name| !name.eq_ignore_ascii_case(b"accept")),
            fails: false,
        };
        let response = Message {
            direction: Direction::Response,
            server: 0,
            tag: (place == deciding).then_some("decides"),
            head: exchange.status.to_string(),
            lines: lines(&exchange.response_headers, decides),
            fails: place == deciding,
        };
        [request, response]
    });
    let step = step.map(|step| format!(" ({step})")).unwrap_or_default();
    let diagram = Diagram {
        page: plain(&origin.map_or("client".to_owned(), ToString::to_string)),
        servers: vec!["server".to_owned()],
        messages: messages.collect(),
        end: plain(&format!("{}{step}", unmarked(what))),
        verdict: Verdict::Blocked,
    };
    Some(svg::element(&diagram))
}

fn header<'a>(headers: &'a HeaderLines, name: &str) -> Option<&'a ByteString> {
    headers.iter().find(|(known, _)| known.0.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
}

/// Whether a browser or a cache looks at the response header.
fn decides(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with(b"access-control-") || [&b"location"[..], b"vary", b"set-cookie"].contains(&&*name)
}

fn lines(headers: &HeaderLines, choose: impl Fn(&[u8]) -> bool) -> Vec<String> {
    let chosen = headers.iter().filter(|(name, _)| choose(&name.0));
    chosen.take(LINES).map(|(name, value)| plain(&format!("{name}: {value}"))).collect()
}
