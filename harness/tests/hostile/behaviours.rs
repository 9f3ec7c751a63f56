//! Hostile servers as data: what each does, and what is to be said of it.

use std::io::{Read, Write};
use std::sync::{LazyLock, Mutex, OnceLock};

use corspec::verdict::Verdict;

use super::peer::Serve::{self, Connection, Request};
use super::peer::{OK, Then, drip, endless, go_on, read_head, reset, say, wait};
use Expect::{All, Judged, NoCors};
use Raw::{Answers, Error};
use Verdict::{Crash, Hang, SetupError};

/// What a run against the server finds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect {
    /// The same in every vector: the server gave nothing to judge.
    All(Verdict),
    /// The answers count, and grant nothing: soundness holds, completeness is broken.
    NoCors,
    /// The answers count, and some break a law.
    Judged,
    /// The answers count or not, depending on what arrives first; but nothing hangs.
    NoCorsOr(Verdict),
}

/// What comes back when exact bytes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    /// So many responses, of two that were asked for.
    Answers(usize),
    /// An error that counts as this.
    Error(Verdict),
    /// Depends on what arrives first.
    Any,
}

/// One hostile server.
pub(crate) struct Behaviour {
    pub(crate) name: &'static str,
    pub(crate) serve: Serve,
    pub(crate) expect: Expect,
    /// When it behaves so from the first request on.
    pub(crate) from_the_start: Expect,
    pub(crate) raw: Raw,
}

const fn row(name: &'static str, expect: Expect, raw: Raw, serve: Serve) -> Behaviour {
    Behaviour { name, serve, expect, from_the_start: expect, raw }
}

/// One that redirects: the URL is the wrong one if it does so from the start.
const fn redirect(name: &'static str, serve: Serve) -> Behaviour {
    Behaviour { name, serve, expect: NoCors, from_the_start: All(SetupError), raw: Answers(1) }
}

/// Where [`BEHAVIOURS`] redirect to, and what nobody must ask: `host:port`.
pub(crate) static ELSEWHERE: OnceLock<String> = OnceLock::new();

/// A megabyte of gzip that unpacks to 158 times as much.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    // One block with fixed codes (RFC 1951, section 3.2.6), filled from the lowest bit: not the last, fixed, the literal 0.
    // Codes begin with their highest bit.
    let start = [0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0];
    // Eight times 258 bytes from one byte before, so that whole bytes come round again.
    let again = [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0].repeat(8);
    let (first, rest) = again.split_at(5);
    let turn = [rest, first].concat();
    let packed = |bits: &[u8]| -> Vec<u8> {
        bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit)).collect()
    };
    let head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    [head, packed(&[&start[..], first].concat()), packed(&turn).repeat((1 << 20) / 13)].concat()
});

/// Every one of them. A verdict is what the words of `Verdict` say: a crash is a connection that breaks or bytes that are
/// not HTTP, a hang is a response that does not end or is too large to be waited for.
#[rustfmt::skip]
pub(crate) const BEHAVIOURS: &[Behaviour] = &[
    // It says nothing.
    row("accepts and never answers", All(Hang), Error(Hang), Connection(|s| wait(s).map(drop))),
    row("closes at once", All(Crash), Answers(0), Connection(|_| Ok(()))),
    row("closes after the request", All(Crash), Answers(0), Request(|_| Ok(Then::Close))),
    row("resets on accept", All(Crash), Raw::Any, Connection(|s| reset(s, b"").map(drop))),
    row("resets after the request", All(Crash), Answers(0), Request(|s| reset(s, b""))),

    // It stops in the middle.
    row("closes in the status line", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 20"))),
    row("resets in the status line", All(Crash), Raw::Any, Request(|s| reset(s, b"HTTP/1.1 20"))),
    row("closes in the headers", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nContent-"))),
    row("resets in the headers", All(Crash), Raw::Any, Request(|s| reset(s, b"HTTP/1.1 200 OK\r\nContent-"))),
    row("stops in the headers", All(Hang), Error(Hang), Request(|s| {
        s.write_all(b"HTTP/1.1 200 OK\r\nContent-")?;
        wait(s)
    })),
    row("closes in the body", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"))),
    row("resets in the body", All(Crash), Error(Crash), Request(|s| reset(s, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"))),
    row("stops in the body", All(Hang), Error(Hang), Request(|s| {
        s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")?;
        wait(s)
    })),
    row("closes in a chunk", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"))),
    row("one interim response and nothing after it", All(Hang), Error(Hang), Request(|s| {
        s.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n")?;
        wait(s)
    })),
    row("one interim response and the end", All(Crash), Answers(0), Request(|s| say(s, b"HTTP/1.1 100 Continue\r\n\r\n"))),

    // It never ends.
    row("one byte a second", All(Hang), Error(Hang), Request(|s| drip(s, OK))),
    row("header lines without end", All(Hang), Error(Hang), Request(|s| endless(s, b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"))),
    row("a header line without end", All(Hang), Error(Hang), Request(|s| endless(s, b"HTTP/1.1 200 OK\r\nX: ", b"x"))),
    row("a status line without end", All(Hang), Error(Hang), Request(|s| endless(s, b"HTTP/1.1 200 ", b"x"))),
    row("a body without end", All(Hang), Error(Hang), Request(|s| endless(s, b"HTTP/1.1 200 OK\r\n\r\n", b"x"))),
    row("chunks without end", All(Hang), Error(Hang), Request(|s| {
        let chunk = [b"400\r\n", &[b'x'; 1024][..], b"\r\n"].concat();
        endless(s, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &chunk)
    })),
    row("a chunk extension without end", All(Hang), Error(Hang), Request(|s| endless(s, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"))),
    row("trailers without end", All(Hang), Error(Hang), Request(|s| endless(s, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-More: 1\r\n"))),
    row("interim responses without end", All(Hang), Error(Hang), Request(|s| endless(s, b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"))),
    row("100,000 header lines", All(Hang), Error(Hang), Request(|s| {
        s.write_all(b"HTTP/1.1 200 OK\r\n")?;
        s.write_all(&b"X-More: 1\r\n".repeat(100_000))?;
        say(s, b"Content-Length: 0\r\n\r\n")
    })),
    row("a header line of 10 MB", All(Hang), Error(Hang), Request(|s| {
        s.write_all(b"HTTP/1.1 200 OK\r\nX: ")?;
        s.write_all(&b"x".repeat(10 << 20))?;
        say(s, b"\r\nContent-Length: 0\r\n\r\n")
    })),
    row("a body of 10 exabytes, it says", All(Hang), Error(Hang), Request(|s| endless(s, b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n", b"x"))),

    // It is not HTTP/1.
    row("garbage", All(Crash), Error(Crash), Request(|s| say(s, b"\x00\xff\xfe garbage \r\n\r\n"))),
    row("a TLS hello", All(Crash), Error(Crash), Connection(|s| {
        s.write_all(b"\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03")?;
        wait(s).map(drop)
    })),
    row("a greeting of SSH", All(Crash), Error(Crash), Connection(|s| {
        s.write_all(b"SSH-2.0-OpenSSH_9.6\r\n")?;
        wait(s).map(drop)
    })),
    row("a frame of HTTP/2", All(Crash), Error(Crash), Request(|s| say(s, b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"))),
    row("an answer of HTTP/0.9", All(Crash), Error(Crash), Request(|s| say(s, b"<html>hello</html>\r\n"))),
    row("a version that is not one of these", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n"))),
    row("a status that is no number", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 yes OK\r\nContent-Length: 0\r\n\r\n"))),
    row("NUL in a header", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n"))),
    row("a header without a colon", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nhello there\r\nContent-Length: 0\r\n\r\n"))),

    // Its lengths are wrong.
    row("a negative length", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"))),
    row("a length with a plus", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok"))),
    row("two different lengths", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!"))),
    row("a chunk size that is no number", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nok\r\n0\r\n\r\n"))),
    row("a chunk size that is too large for any number", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nok\r\n0\r\n\r\n"))),
    row("a chunk longer than its size", All(Crash), Error(Crash), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n"))),
    row("a length that is too short", NoCors, Error(Crash), Request(|s| go_on(s, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more"))),

    // Odd, but a browser takes the answer. One that keeps the connection leaves us waiting for the second response.
    row("a folded header", NoCors, Answers(1), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"))),
    row("a header line of 200 kB", NoCors, Answers(1), Request(|s| {
        s.write_all(b"HTTP/1.1 200 OK\r\nX: ")?;
        s.write_all(&b"x".repeat(200 << 10))?;
        say(s, b"\r\nContent-Length: 0\r\n\r\n")
    })),
    row("1,000 header lines", NoCors, Answers(1), Request(|s| {
        s.write_all(b"HTTP/1.1 200 OK\r\n")?;
        s.write_all(&b"X-More: 1\r\n".repeat(1000))?;
        say(s, b"Content-Length: 0\r\n\r\n")
    })),
    row("a hundred interim responses first", NoCors, Answers(1), Request(|s| {
        s.write_all(&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100))?;
        say(s, OK)
    })),
    row("what it says is gzip and is not", NoCors, Answers(1), Request(|s| say(s, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"))),
    row("a body of 3 MB", NoCors, Answers(1), Request(|s| {
        s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n")?;
        say(s, &b"x".repeat(3 << 20))
    })),
    row("a gzip bomb", NoCors, Answers(1), Request(|s| {
        let body = &*BOMB;
        write!(s, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len())?;
        say(s, body)
    })),
    redirect("a redirect loop", Request(|s| go_on(s, b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"))),
    redirect("a redirect to elsewhere", Request(|s| {
        let elsewhere = ELSEWHERE.get().unwrap();
        write!(s, "HTTP/1.1 302 Found\r\nLocation: http://{elsewhere}/\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n")?;
        Ok(Then::Keep)
    })),
    row("closes between requests without a word", NoCors, Answers(1), Request(|s| say(s, OK))),
    row("resets between requests", NoCors, Answers(1), Request(|s| reset(s, OK))),
    row("answers twice", NoCors, Answers(2), Request(|s| go_on(s, &OK.repeat(2)))),
    row("answers after the first byte of the request", NoCors, Answers(1), Connection(|s| {
        s.read_exact(&mut [0])?;
        s.write_all(OK)?;
        // A close before all was read would be a reset.
        s.shutdown(std::net::Shutdown::Write)?;
        wait(s).map(drop)
    })),
    // Data nobody asked for is no response (RFC 9112, section 9.2); a client cannot always tell.
    row("answers before the request", Expect::NoCorsOr(Crash), Answers(1), Connection(|s| {
        s.write_all(OK)?;
        s.shutdown(std::net::Shutdown::Write)?;
        wait(s).map(drop)
    })),
    row("answers what was asked before", Judged, Answers(1), Connection(|s| {
        static BEFORE: Mutex<String> = Mutex::new(String::new());
        while let Some(head) = read_head(s)? {
            let origin = head.lines().find_map(|line| line.strip_prefix("origin: ").or(line.strip_prefix("Origin: ")));
            let before = std::mem::replace(&mut *BEFORE.lock().unwrap(), origin.unwrap_or_default().to_owned());
            write!(s, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: {before}\r\nContent-Length: 0\r\n\r\n")?;
        }
        Ok(())
    })),
];
