//! A head read line by line, from RFC 9112 alone and lenient where it may be: every head another reader takes must be one
//! here, with the same lines.

use corspec_model::HeaderList;

use super::Reading;

/// The head of a response; none when it is no head, or has not ended.
pub fn response(bytes: &[u8]) -> Option<Reading> {
    let (start, headers) = head(bytes)?;
    let rest = start.strip_prefix(b"HTTP/1.")?;
    let [b'0' | b'1', b' ', rest @ ..] = rest else { return None };
    let (digits, reason) = rest.split_at_checked(3)?;
    let status = std::str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_digit))?;
    (reason.is_empty() || reason.starts_with(b" ")).then_some(())?;
    Some(Reading { status: status.parse().ok()?, headers })
}

/// The head of a request.
pub fn request(bytes: &[u8]) -> Option<Reading> {
    let (start, headers) = head(bytes)?;
    let (target, version) = start.split_at_checked(start.len().checked_sub(9)?)?;
    let first_space = target.iter().position(|&byte| byte == b' ')?;
    (first_space > 0 && matches!(version, b" HTTP/1.0" | b" HTTP/1.1")).then_some(())?;
    Some(Reading { status: 0, headers })
}

/// The first line and the header lines. Empty lines before the first one are passed over (section 2.2).
fn head(bytes: &[u8]) -> Option<(&[u8], HeaderList)> {
    let mut lines = Lines(bytes);
    let mut start = lines.next()?;
    while start.is_empty() {
        start = lines.next()?;
    }
    let mut fields: Vec<(&[u8], Vec<u8>)> = Vec::new();
    loop {
        let line = lines.next()?;
        if line.is_empty() {
            break;
        }
        // A folded line goes on with the value before it (section 5.2).
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            let (_, value) = fields.last_mut()?;
            value.push(b' ');
            value.extend_from_slice(line);
            continue;
        }
        let colon = line.iter().position(|&byte| byte == b':')?;
        fields.push((&line[..colon], line[colon + 1..].to_vec()));
    }
    Some((start, folded(fields)))
}

/// The fields as a list. How much space stands where a line was folded is nobody's business but the readers'.
fn folded(fields: Vec<(&[u8], Vec<u8>)>) -> HeaderList {
    fields.into_iter().collect()
}

/// Lines without their ends; a line feed alone ends one too (section 2.2). Nothing comes after what has no end.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|&byte| byte == b'\n')?;
        let line = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}
