//! The same raw head through every reader: which bytes reach the CORS check?
//!
//! | part | module |
//! |---|---|
//! | a reading line by line, made from RFC 9112 | [`lines`] |
//! | hyper, at the other end of a pipe | [`pipe`] |
//!
//! The others are httparse and the harness's own reader of exact bytes.

pub mod lines;
pub mod pipe;

use corspec::transport::raw;
use corspec_model::HeaderList;

use crate::shapes::raw_or_spelled;

const PIECES: [&str; 28] = [
    "HTTP/1.1 200 OK",
    "HTTP/1.0 404 ",
    "HTTP/1.1 204",
    "GET / HTTP/1.1",
    "OPTIONS /x?y HTTP/1.1",
    "\r\n",
    "\n",
    "\r\n ",
    ":",
    ": ",
    " ",
    "\t",
    "Access-Control-Allow-Origin",
    "access-control-allow-origin",
    "https://a.example",
    "*",
    "true",
    "Access-Control-Allow-Credentials: true\r\n",
    "Origin: https://a.example\r\n",
    "Host: a\r\n",
    "Content-Length: 0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "\0",
    "\r",
    "é",
    ",",
    "a",
    "\r\n\r\n",
];
/// Lines hyper reads at most, unless told otherwise.
const FEW_LINES: usize = 100;

/// A response's head when it begins like one, else a request's.
pub fn check(data: &[u8]) {
    raw_or_spelled(
        data,
        &PIECES,
        |head| {
            if head.starts_with(b"HTTP/") { response(head) } else { request(head) }
        },
    );
}

/// A head as one reader has it: the status, or 0 for a request, and the header lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Reading {
    /// The status.
    pub status: u16,
    /// The header lines, values without space around them.
    pub headers: HeaderList,
}

impl Reading {
    /// With one space for any run of them: RFC 9112, section 5.2, leaves open how many stand for a fold.
    fn squeezed(&self) -> Self {
        let squeeze = |value: &[u8]| {
            let mut value = value.to_vec();
            value.iter_mut().filter(|byte| **byte == b'\t').for_each(|byte| *byte = b' ');
            value.dedup_by(|a, b| *a == b' ' && *b == b' ');
            value
        };
        let headers = self.headers.iter().map(|header| (&header.name, squeeze(&header.value))).collect();
        Self { status: self.status, headers }
    }

    /// What is compared where a reader keeps neither the case of names nor the order of different ones. Beside
    /// `Transfer-Encoding`, `Content-Length` counts for nothing and is dropped; said twice, it may be said once (RFC 9112,
    /// section 6.3).
    fn by_name(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let chunked = self.headers.contains("Transfer-Encoding");
        let mut lines: Vec<_> = self
            .headers
            .iter()
            .filter(|header| !(chunked && header.is_named("Content-Length")))
            .map(|header| (header.name.to_ascii_lowercase().to_vec(), header.value.to_vec()))
            .collect();
        lines.sort_by(|a, b| a.0.cmp(&b.0));
        lines.dedup_by(|a, b| a == b && a.0 == b"content-length");
        lines
    }
}

fn response(bytes: &[u8]) {
    let shown = || bytes.escape_ascii().to_string();
    let ours = raw::read_head(bytes).ok().flatten();
    let ours = ours.map(|head| Reading { status: head.response.status, headers: head.response.headers });
    let strict = httparse_response(bytes);
    let by_lines = lines::response(bytes);
    if let Some(ours) = &ours {
        let by_lines = by_lines.as_ref().map(Reading::squeezed);
        assert_eq!(by_lines, Some(ours.squeezed()), "what the harness reads, the lines say: {}", shown());
    }
    if let (Some(strict), Some(ours)) = (&strict, &ours) {
        assert_eq!(strict, ours, "httparse and the harness: {}", shown());
    }
    // Interim responses are passed over by hyper, and what follows them is another head.
    if let Some(hyper) = by_lines.filter(|read| read.status >= 200).and_then(|_| pipe::response(bytes)) {
        let ours = ours.unwrap_or_else(|| panic!("hyper reads what the harness does not: {}", shown()));
        assert_eq!(hyper.status, ours.status, "{}", shown());
        assert_eq!(hyper.by_name(), ours.by_name(), "hyper and the harness: {}", shown());
    }
}

fn request(bytes: &[u8]) {
    let shown = || bytes.escape_ascii().to_string();
    let read = httparse_request(bytes);
    if let Some(read) = &read {
        assert_eq!(
            lines::request(bytes).as_ref(),
            Some(read),
            "what httparse reads, the lines say: {}",
            shown()
        );
    }
    if let Some(hyper) = pipe::request(bytes) {
        let read = read.unwrap_or_else(|| panic!("hyper reads what httparse does not: {}", shown()));
        assert_eq!(hyper.by_name(), read.by_name(), "hyper and httparse: {}", shown());
    }
}

fn httparse_response(bytes: &[u8]) -> Option<Reading> {
    let mut lines = [httparse::EMPTY_HEADER; FEW_LINES];
    let mut head = httparse::Response::new(&mut lines);
    head.parse(bytes).ok().filter(httparse::Status::is_complete)?;
    Some(Reading { status: head.code?, headers: collect(head.headers) })
}

fn httparse_request(bytes: &[u8]) -> Option<Reading> {
    let mut lines = [httparse::EMPTY_HEADER; FEW_LINES];
    let mut head = httparse::Request::new(&mut lines);
    head.parse(bytes).ok().filter(httparse::Status::is_complete)?;
    Some(Reading { status: 0, headers: collect(head.headers) })
}

fn collect(lines: &[httparse::Header<'_>]) -> HeaderList {
    lines.iter().map(|line| (line.name, line.value)).collect()
}
