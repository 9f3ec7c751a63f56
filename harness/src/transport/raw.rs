//! Exact bytes over a connection of their own, and HTTP/1.1 responses read as they come.
//!
//! What no HTTP library sends has to be written by hand: two `Origin` lines, a folded line, NUL, a request without an
//! end. Reading is lenient about nothing but an end of the connection.

use bytes::BytesMut;
use corspec_model::{HeaderList, Response};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Answer, Limits, MAX_HEAD, MAX_HEADERS, ReadBody, TransportError, WireRequest, has_length_0};

/// Writes `bytes` and reads what comes back: at most `responses` responses, fewer when the server closes first.
///
/// # Errors
/// [`TransportError`] when what comes is not HTTP, breaks off, or does not end in time.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    bytes: &[u8],
    responses: usize,
    limits: Limits,
) -> Result<Vec<Answer>, TransportError> {
    exchange_reading(stream, bytes, responses, read_head, limits).await
}

async fn exchange_reading<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    bytes: &[u8],
    responses: usize,
    read_head: impl Fn(&[u8]) -> Result<Option<Head>, TransportError>,
    limits: Limits,
) -> Result<Vec<Answer>, TransportError> {
    let (mut reading, mut writing) = tokio::io::split(stream);
    let write = async {
        // A server may answer and close before it has read everything: what it said counts.
        let _ = writing.write_all(bytes).await;
        let _ = writing.flush().await;
        std::future::pending().await
    };
    let mut answers = Vec::new();
    let read = async {
        let mut buffer = BytesMut::new();
        while answers.len() < responses {
            match next_answer(&mut reading, &mut buffer, &read_head, limits).await? {
                Some(answer) => answers.push(answer),
                None => break,
            }
        }
        Ok(())
    };
    let exchange = async {
        tokio::select! {
            biased; // what is sent comes before what is answered
            never = write => never,
            ended = read => ended,
        }
    };
    match tokio::time::timeout(limits.timeout, exchange).await {
        Ok(ended) => ended.map(|()| answers),
        // Some servers answer the first of several requests only.
        Err(_) if !answers.is_empty() => Ok(answers),
        Err(_) => Err(TransportError::Timeout(limits.timeout)),
    }
}

/// Writes `request` to the server of `authority` and reads its response as browsers read it: with the control characters
/// its values have.
///
/// # Errors
/// [`TransportError`] when no response comes, or what comes is not HTTP, breaks off, or does not end in time.
pub async fn exchange_as_browsers<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    request: &WireRequest,
    authority: &[u8],
    body: &[u8],
    limits: Limits,
) -> Result<Answer, TransportError> {
    let head_only = &*request.method == b"HEAD";
    let mut bytes = [&*request.method, b" ", request.target.as_bytes(), b" HTTP/1.1\r\n"].concat();
    let mut line = |name: &[u8], value: &[u8]| bytes.extend([name, b": ", value, b"\r\n"].concat());
    line(b"Host", authority);
    for header in &request.headers {
        line(&header.name, &header.value);
    }
    if request.body || has_length_0(request) {
        line(b"Content-Length", body.len().to_string().as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    let read_head = |bytes: &[u8]| {
        let mut head = read_head_as_browsers(bytes)?;
        if let Some(head) = head.as_mut().filter(|_| head_only) {
            head.framing = Framing::Length(0);
        }
        Ok(head)
    };
    exchange_reading(stream, &bytes, 1, read_head, limits)
        .await?
        .pop()
        .ok_or_else(|| TransportError::Broken("the connection ended before a response".to_owned()))
}

/// The next final response; none when the server closed, or reset, the connection before one began.
async fn next_answer(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    read_head: impl Fn(&[u8]) -> Result<Option<Head>, TransportError>,
    limits: Limits,
) -> Result<Option<Answer>, TransportError> {
    loop {
        let Some(Head { response, framing, .. }) = head(stream, buffer, &read_head).await? else {
            return Ok(None);
        };
        // Interim responses (RFC 9110, section 15.2) come before the one that counts.
        if (100..200).contains(&response.status) && response.status != 101 {
            continue;
        }
        let mut body = ReadBody::new(limits);
        match framing {
            Framing::Length(length) if length > limits.body => {
                return Err(TransportError::TooLarge(limits.body));
            }
            Framing::Length(length) => copy(stream, buffer, length, &mut body).await?,
            Framing::Chunked => chunked(stream, buffer, &mut body).await?,
            Framing::UntilClose => loop {
                body.push(&buffer.split())?;
                if read(stream, buffer).await.unwrap_or(0) == 0 {
                    break;
                }
            },
        }
        let body = body.finish();
        return Ok(Some(Answer { response, body }));
    }
}

/// The head of a response as it was read.
#[derive(Debug)]
pub struct Head {
    /// Status and header lines.
    pub response: Response,
    /// Its bytes, the empty line at its end among them.
    pub length: usize,
    framing: Framing,
}

/// Where a body ends (RFC 9112, section 6.3). Exact bytes are never a request for HEAD.
#[derive(Debug)]
enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

/// Reads the head of a response at the start of `bytes`; none when it has not ended yet.
///
/// # Errors
/// [`TransportError`] when it is not HTTP or has too many lines.
pub fn read_head(bytes: &[u8]) -> Result<Option<Head>, TransportError> {
    read_head_from(bytes, bytes)
}

/// [`read_head`] as browsers do: a value keeps its control characters but NUL, and a CR within it is a space.
fn read_head_as_browsers(bytes: &[u8]) -> Result<Option<Head>, TransportError> {
    let mut values = bytes.to_vec();
    for index in 0..bytes.len() {
        if bytes[index] == b'\r' && bytes.get(index + 1).is_some_and(|next| *next != b'\n') {
            values[index] = b' ';
        }
    }
    let is_kept = |byte: u8| byte == 0 || !byte.is_ascii_control() || b"\t\r\n".contains(&byte);
    let syntax: Vec<u8> = values.iter().map(|&byte| if is_kept(byte) { byte } else { b'~' }).collect();
    read_head_from(&syntax, &values)
}

/// Reads the head by `syntax`; the values are those at the same places of `values`.
fn read_head_from(syntax: &[u8], values: &[u8]) -> Result<Option<Head>, TransportError> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut lines);
    let parsed = httparse::ParserConfig::default()
        .allow_obsolete_multiline_headers_in_responses(true)
        .parse_response(&mut head, syntax)
        .map_err(|error| match error {
            httparse::Error::TooManyHeaders => TransportError::HeadTooLarge,
            error => TransportError::Broken(format!("what came is not an HTTP response: {error}")),
        })?;
    let httparse::Status::Complete(length) = parsed else { return Ok(None) };
    let value = |line: &httparse::Header<'_>| {
        let start = line.value.as_ptr().addr().wrapping_sub(syntax.as_ptr().addr());
        // An empty value may be anywhere.
        values.get(start..start.wrapping_add(line.value.len())).unwrap_or_default()
    };
    let headers: HeaderList = head.headers.iter().map(|line| (line.name, unfolded(value(line)))).collect();
    let response = Response::new(head.code.unwrap_or_default(), headers);
    let framing = framing(&response)?;
    Ok(Some(Head { response, length, framing }))
}

async fn head(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    read_head: impl Fn(&[u8]) -> Result<Option<Head>, TransportError>,
) -> Result<Option<Head>, TransportError> {
    loop {
        if let Some(head) = read_head(buffer)? {
            let _ = buffer.split_to(head.length);
            return Ok(Some(head));
        }
        if buffer.len() > MAX_HEAD {
            return Err(TransportError::HeadTooLarge);
        }
        match read(stream, buffer).await {
            Ok(0) if !buffer.is_empty() => return Err(broke_off()),
            // A reset is how a server closes that has not read everything.
            Ok(0) | Err(_) => return Ok(None),
            Ok(_) => {}
        }
    }
}

/// A value folded over lines as the one line it stands for (RFC 9112, section 5.2).
fn unfolded(value: &[u8]) -> Vec<u8> {
    value.iter().map(|&byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }).collect()
}

fn framing(response: &Response) -> Result<Framing, TransportError> {
    if matches!(response.status, 101..200 | 204 | 304) {
        return Ok(Framing::Length(0));
    }
    let coding = response.headers.get("Transfer-Encoding").map(|coding| coding.to_ascii_lowercase());
    if coding.is_some_and(|coding| coding.ends_with(b"chunked")) {
        return Ok(Framing::Chunked);
    }
    match response.headers.get("Content-Length") {
        None => Ok(Framing::UntilClose),
        // Only digits: parsing alone lets a sign through.
        Some(length) => Some(&length)
            .filter(|length| length.iter().all(u8::is_ascii_digit))
            .and_then(|length| std::str::from_utf8(length).ok()?.parse().ok())
            .map(Framing::Length)
            .ok_or_else(|| TransportError::Broken("Content-Length is not a number".to_owned())),
    }
}

async fn chunked(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    body: &mut ReadBody,
) -> Result<(), TransportError> {
    loop {
        let (start, size) = loop {
            match httparse::parse_chunk_size(buffer) {
                Ok(httparse::Status::Complete(complete)) => break complete,
                Ok(httparse::Status::Partial) if buffer.len() > MAX_HEAD => {
                    return Err(TransportError::HeadTooLarge);
                }
                Ok(httparse::Status::Partial) => more(stream, buffer).await?,
                Err(_) => return Err(TransportError::Broken("a chunk has no size".to_owned())),
            }
        };
        let _ = buffer.split_to(start);
        if size == 0 {
            return trailers(stream, buffer).await;
        }
        copy(stream, buffer, usize::try_from(size).unwrap_or(usize::MAX), body).await?;
        while buffer.len() < 2 {
            more(stream, buffer).await?;
        }
        if buffer.split_to(2) != b"\r\n"[..] {
            return Err(TransportError::Broken("a chunk is longer than its size".to_owned()));
        }
    }
}

/// Reads `length` bytes of a body.
async fn copy(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    mut length: usize,
    body: &mut ReadBody,
) -> Result<(), TransportError> {
    while length > 0 {
        if buffer.is_empty() {
            more(stream, buffer).await?;
        }
        let part = buffer.split_to(length.min(buffer.len()));
        length -= part.len();
        body.push(&part)?;
    }
    Ok(())
}

/// Reads over the trailer section, to the empty line that ends it.
async fn trailers(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> Result<(), TransportError> {
    loop {
        match buffer.windows(2).position(|pair| pair == b"\r\n") {
            Some(end) => {
                let _ = buffer.split_to(end + 2);
                if end == 0 {
                    return Ok(());
                }
            }
            None if buffer.len() > MAX_HEAD => return Err(TransportError::HeadTooLarge),
            None => more(stream, buffer).await?,
        }
    }
}

/// Reads what there is; the end of the connection is an error.
async fn more(stream: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> Result<(), TransportError> {
    match read(stream, buffer).await {
        Ok(0) | Err(_) => Err(broke_off()),
        Ok(_) => Ok(()),
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> std::io::Result<usize> {
    buffer.reserve(8 << 10);
    stream.read_buf(buffer).await
}

fn broke_off() -> TransportError {
    TransportError::Broken("the connection ended in the middle of a response".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answers(sent: &[u8], responses: usize) -> Result<Vec<Answer>, TransportError> {
        let (client, mut server) = tokio::io::duplex(1 << 16);
        server.write_all(sent).await.unwrap();
        server.shutdown().await.unwrap();
        exchange(client, b"x", responses, Limits::default()).await
    }

    fn shown(answers: &[Answer]) -> Vec<(u16, &[u8])> {
        answers.iter().map(|answer| (answer.response.status, &answer.body[..])).collect()
    }

    #[tokio::test]
    async fn responses_are_read_one_after_the_other() {
        let sent = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\
            HTTP/1.1 204 No\r\n\r\nHTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n\
            HTTP/1.0 500 End\r\n\r\nto the end";
        let read = answers(sent, 9).await.unwrap();
        assert_eq!(shown(&read), [(200, &b"ok"[..]), (204, b""), (404, b"abcd"), (500, b"to the end")]);
        let first = answers(sent, 1).await.unwrap();
        assert_eq!(shown(&first), [(200, &b"ok"[..])]);
    }

    /// What a browser reads of `sent`, and what was written to get it.
    async fn browsed(method: &[u8], sent: &[u8]) -> (Result<Answer, TransportError>, Vec<u8>) {
        let (client, mut server) = tokio::io::duplex(1 << 16);
        server.write_all(sent).await.unwrap();
        let mut headers = HeaderList::new();
        headers.append("Accept", "*/*");
        let target = "/a?b".to_owned();
        let request = WireRequest { method: method.into(), target, headers, body: false };
        let read = exchange_as_browsers(client, &request, b"a.example:81", b"", Limits::default()).await;
        let mut written = Vec::new();
        server.read_to_end(&mut written).await.unwrap();
        (read, written)
    }

    #[tokio::test]
    async fn browsers_keep_control_characters_but_nul() {
        let sent =
            b"HTTP/1.1 200 OK\r\nA: 1\x01\x0b,\x7f~\r\nB: x\ry\r\nEmpty:\r\nContent-Length: 1\r\n\r\n\x02";
        let (read, written) = browsed(b"POST", sent).await;
        let answer = read.unwrap();
        assert_eq!(answer.response.headers.get("A").as_deref(), Some(&b"1\x01\x0b,\x7f~"[..]));
        assert_eq!(answer.response.headers.get("B").as_deref(), Some(&b"x y"[..]));
        assert_eq!(answer.response.headers.get("Empty").as_deref(), Some(&b""[..]));
        assert_eq!(&answer.body[..], b"\x02");
        let expected =
            b"POST /a?b HTTP/1.1\r\nHost: a.example:81\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(written, expected);
        let (read, _) = browsed(b"GET", b"HTTP/1.1 200 OK\r\nA: 1\0\r\nContent-Length: 0\r\n\r\n").await;
        assert!(matches!(read, Err(TransportError::Broken(_))));
    }

    #[tokio::test]
    async fn a_response_to_head_ends_with_its_head() {
        let (read, _) = browsed(b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").await;
        assert_eq!(read.unwrap().body.len(), 0);
    }

    #[tokio::test]
    async fn a_server_that_closes_without_a_word_has_said_nothing() {
        assert_eq!(answers(b"", 1).await.unwrap().len(), 0);
    }

    #[tokio::test]
    async fn what_is_cut_off_or_no_http_is_broken() {
        for sent in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n",
            b"SSH-2.0\r\n\r\n",
        ] {
            let error = answers(sent, 1).await.unwrap_err();
            assert!(matches!(error, TransportError::Broken(_)), "{}: {error}", sent.escape_ascii());
        }
    }

    #[tokio::test]
    async fn a_body_larger_than_the_limit_is_not_read() {
        let limits = Limits { body: 3, ..Limits::default() };
        for sent in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n\r\nabcd",
        ] {
            let (client, mut server) = tokio::io::duplex(1 << 16);
            server.write_all(sent).await.unwrap();
            server.shutdown().await.unwrap();
            let result = exchange(client, b"x", 1, limits).await;
            assert_eq!(result.map(|answers| answers.len()), Err(TransportError::TooLarge(3)));
        }
    }
}
