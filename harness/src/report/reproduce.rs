//! Commands that show a finding again.

use crate::transport::WireRequest;

/// The port an implementation is brought up on to be asked with `curl`.
const PORT: u16 = 8998;

/// The commands, in order: one an exchange. `server` is one that is running, its URL and what `curl` needs to reach it;
/// any other implementation is brought up for each, by `corspec up` with `up_arguments`.
pub fn commands<'a>(
    up_arguments: &str,
    vector: &str,
    server: Option<(&str, &str)>,
    requests: impl Iterator<Item = &'a WireRequest>,
) -> Vec<String> {
    requests
        .map(|request| match server {
            _ if !is_for_curl(request) => {
                format!("corspec test {up_arguments} --include {vector} --verbose")
            }
            Some((base, options)) => curl(base, options, request),
            None => {
                let curl = curl(&format!("http://127.0.0.1:{PORT}/"), "", request);
                format!("corspec up {up_arguments} {vector} --port {PORT} -- {curl}")
            }
        })
        .collect()
}

/// The method that stands for exact bytes, which `curl` does not send.
pub const RAW_BYTES: &str = "(raw bytes)";

/// Whether `curl` sends the request, on a line somebody can read.
pub(crate) fn is_for_curl(request: &WireRequest) -> bool {
    const READABLE: usize = 4096;
    let length: usize = request.headers.iter().map(|header| header.name.len() + header.value.len()).sum();
    *request.method != *RAW_BYTES.as_bytes() && length < READABLE
}

/// One request as a `curl` command that prints the response's head; `options` are further ones, each with a space after
/// it.
pub fn curl(base: &str, options: &str, request: &WireRequest) -> String {
    let authority_end = base.find("://").map_or(0, |scheme| scheme + 3);
    let root = base[authority_end..].find('/').map_or(base, |path| &base[..authority_end + path]);
    let mut command = match &*request.method {
        b"GET" => format!("curl {options}-s -D - -o /dev/null"),
        b"HEAD" => format!("curl {options}-s -I"),
        method => {
            format!("curl {options}-s -D - -o /dev/null -X {}", quote(&String::from_utf8_lossy(method)))
        }
    };
    for header in &request.headers {
        let name = String::from_utf8_lossy(&header.name);
        // A header without a value is written with a semicolon.
        let line = match &*header.value {
            b"" => quote(&format!("{name};")),
            value => quote_bytes(&[name.as_bytes(), b": ", value].concat()),
        };
        command.push_str(&format!(" -H {line}"));
    }
    if request.body {
        command.push_str(" -d corspec -H Content-Type:");
    }
    command.push(' ');
    command.push_str(&quote(&format!("{root}{}", request.target)));
    command
}

fn quote_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => quote(text),
        _ => format!("$'{}'", bytes.escape_ascii()),
    }
}

/// Quotes a word for a POSIX shell.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curl_commands_are_quoted_for_a_shell() {
        let request = WireRequest {
            method: (*b"PUT").into(),
            target: "/a?b=c".into(),
            headers: [("Origin", "https://it's.example"), ("X-Empty", ""), ("X-Raw", "caf\u{e9}")]
                .into_iter()
                .map(|(name, value)| (name, corspec_model::infra::isomorphic_encode(value).unwrap()))
                .collect(),
            body: false,
        };
        assert_eq!(
            curl("http://127.0.0.1:8998/x", "--http2 ", &request),
            r"curl --http2 -s -D - -o /dev/null -X PUT -H 'Origin: https://it'\''s.example' -H 'X-Empty;' -H $'X-Raw: caf\xe9' 'http://127.0.0.1:8998/a?b=c'"
        );
    }
}
