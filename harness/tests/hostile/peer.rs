//! What hostile servers are made of: listening, reading a head, waiting, resetting.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What a behaviour wants done with the connection.
pub(crate) enum Then {
    /// Read the next request from it.
    Keep,
    /// Close it.
    Close,
}

/// How a server behaves.
#[derive(Clone, Copy)]
pub(crate) enum Serve {
    /// With a connection, from the moment it is accepted.
    Connection(fn(&mut TcpStream) -> io::Result<()>),
    /// With each request whose head was read.
    Request(fn(&mut TcpStream) -> io::Result<Then>),
}

/// Which requests are treated so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// All of them.
    Always,
    /// Those with `Origin`; the others get [`OK`]. So the server seems to be well until the vectors are run.
    WithOrigin,
}

/// A whole response that grants nothing.
pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Serves each connection of `listener` in a thread of its own, for as long as the test process lives.
pub(crate) fn serve(listener: TcpListener, connection: impl Fn(&mut TcpStream) + Clone + Send + 'static) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let connection = connection.clone();
            std::thread::spawn(move || {
                let _ = stream.set_nodelay(true);
                connection(&mut stream);
            });
        }
    });
}

/// A server that behaves so; its `host:port`, and how often it did.
pub(crate) fn counting_server(behave: Serve, when: When) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let times = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&times);
    serve(listener, move |stream| {
        let _ = match behave {
            Serve::Connection(behave) => {
                count.fetch_add(1, Ordering::Relaxed);
                behave(stream)
            }
            Serve::Request(behave) => requests(stream, behave, when, &count),
        };
    });
    (address, times)
}

/// A server that behaves so; its `host:port`.
pub(crate) fn server(behave: Serve, when: When) -> String {
    counting_server(behave, when).0
}

fn requests(
    stream: &mut TcpStream,
    behave: fn(&mut TcpStream) -> io::Result<Then>,
    when: When,
    count: &AtomicUsize,
) -> io::Result<()> {
    while let Some(head) = read_head(stream)? {
        if when == When::WithOrigin && !head.to_ascii_lowercase().contains("\r\norigin:") {
            stream.write_all(OK)?;
            continue;
        }
        count.fetch_add(1, Ordering::Relaxed);
        if let Then::Close = behave(stream)? {
            break;
        }
    }
    Ok(())
}

/// Reads one request head; none at the end of the connection.
pub(crate) fn read_head(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

/// Waits until the other side goes away.
pub(crate) fn wait(stream: &mut TcpStream) -> io::Result<Then> {
    while stream.read(&mut [0; 4096])? > 0 {}
    Ok(Then::Close)
}

/// Sends `bytes` and closes.
pub(crate) fn say(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<Then> {
    stream.write_all(bytes)?;
    Ok(Then::Close)
}

/// Sends `bytes` and waits for the next request.
pub(crate) fn go_on(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<Then> {
    stream.write_all(bytes)?;
    Ok(Then::Keep)
}

/// Sends `start`, and then `again` until the other side goes away.
pub(crate) fn endless(stream: &mut TcpStream, start: &[u8], again: &[u8]) -> io::Result<Then> {
    stream.write_all(start)?;
    let many = again.repeat(1 + 4096 / again.len());
    loop {
        stream.write_all(&many)?;
    }
}

/// Sends `bytes` one by one, a second apart.
pub(crate) fn drip(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<Then> {
    for byte in bytes {
        stream.write_all(&[*byte])?;
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(Then::Close)
}

/// Sends `bytes` and makes the close a reset.
pub(crate) fn reset(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<Then> {
    stream.write_all(bytes)?;
    // What was sent is read before the reset throws it away.
    std::thread::sleep(Duration::from_millis(20));
    rustix::net::sockopt::set_socket_linger(&*stream, Some(Duration::ZERO))?;
    Ok(Then::Close)
}
