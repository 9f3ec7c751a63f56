//! Responses on the command line, and as `curl -i` prints them.

use std::io::Read;

use corspec_vectors::bytes::{ByteString, HeaderLines};
use corspec_vectors::client::{RequestKind, ScriptedResponse};

use super::super::Failure;
use super::super::request::header;

/// Reads the values of `--response`: each status begins a response, what follows are its header lines.
///
/// # Errors
/// [`Failure`] naming the value and how one is written.
pub(super) fn read(values: &[String]) -> Result<Vec<ScriptedResponse>, Failure> {
    let mut responses: Vec<ScriptedResponse> = Vec::new();
    for value in values {
        let (answers, status) = match value.split_once('=') {
            Some(("preflight", status)) => (Some(RequestKind::Preflight), status),
            Some(("request", status)) => (Some(RequestKind::Request), status),
            _ => (None, value.as_str()),
        };
        if status == "-" {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| Failure::usage(format_args!("standard input: {error}")))?;
            let heads = heads(&bytes);
            if heads.is_empty() {
                return Err(Failure::usage(
                    "standard input holds no response: pipe in what `curl -i` or `curl -sD -` prints",
                ));
            }
            responses.extend(heads.into_iter().map(|response| ScriptedResponse { answers, ..response }));
        } else if !status.is_empty() && status.bytes().all(|byte| byte.is_ascii_digit()) {
            let status = match status.parse() {
                Ok(status) if (100..=999).contains(&status) => status,
                _ => {
                    return Err(Failure::usage(format_args!(
                        "--response {value}: a status has three digits"
                    )));
                }
            };
            responses.push(response(answers, status, Vec::new()));
        } else if value.contains("://") && !value.contains(": ") {
            return Err(Failure::usage(format_args!(
                "--response {}: that looks like the URL; write it before --response",
                ByteString::from(value.as_str())
            )));
        } else {
            let line = header(value).map_err(|error| {
                Failure::usage(format_args!(
                    "--response {error}, and a response begins with its status, such as 200"
                ))
            })?;
            if responses.is_empty() {
                responses.push(response(None, 200, Vec::new()));
            }
            if let Some(response) = responses.last_mut() {
                response.headers.push(line);
            }
        }
    }
    Ok(responses)
}

fn response(answers: Option<RequestKind>, status: u16, headers: HeaderLines) -> ScriptedResponse {
    ScriptedResponse { answers, status, headers, wire: None, network_error: false }
}

/// The heads in what `curl -i` prints: one a response, with redirects several; bodies are passed over, and so is what a
/// proxy says of the tunnel it made.
pub fn heads(bytes: &[u8]) -> Vec<ScriptedResponse> {
    let mut responses = Vec::new();
    let mut lines = bytes.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    while let Some(line) = lines.next() {
        let Some(status) = status_of(line) else { continue };
        let tunnel = line.to_ascii_lowercase().ends_with(b" connection established");
        let mut headers = HeaderLines::new();
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            if let Some(colon) = line.iter().position(|&byte| byte == b':') {
                let (name, value) = line.split_at(colon);
                headers.push((ByteString(name.to_vec()), ByteString(value[1..].trim_ascii().to_vec())));
            }
        }
        if !tunnel {
            responses.push(response(None, status, headers));
        }
    }
    responses
}

/// The status of a status line such as `HTTP/1.1 200 OK` or `HTTP/2 204`.
fn status_of(line: &[u8]) -> Option<u16> {
    let rest = line.strip_prefix(b"HTTP/")?;
    let mut words = rest.split(|&byte| byte == b' ');
    let version = words.next()?;
    let is_status = |word: &&[u8]| matches!(word, [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9']);
    let status = words.next().filter(is_status)?;
    let digits = version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') && !version.is_empty();
    digits.then(|| std::str::from_utf8(status).ok()?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_curl_are_found_among_bodies_and_tunnels() {
        let printed =
            b"HTTP/1.1 +20 x\nHTTP/1.1 099 x\nHTTP/1.1 200 Connection established\r\n\r\nHTTP/2 302 \r\nlocation: /b\r\n\r\nbody\nHTTP/x\r\n\
                        HTTP/1.1 200 OK\r\nX-A:  1 \r\nno colon\r\n\r\n<p>HTTP/1.1 500 no</p>";
        let found = heads(printed);
        let statuses: Vec<u16> = found.iter().map(|response| response.status).collect();
        assert_eq!(statuses, [302, 200]);
        assert_eq!(found[1].headers, [("X-A".into(), "1".into())]);
    }
}
