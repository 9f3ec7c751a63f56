//! A server on loopback that answers each request head by itself, for as long as the test runs.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

/// Its URL. `answer` makes the head of the response from that of the request.
pub(crate) fn answering(answer: fn(&str) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(&stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
            let response = format!("{}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", answer(&head));
            // Whoever asked may be gone.
            let _ = (&stream).write_all(response.as_bytes());
        }
    });
    url
}

/// The value of a header line of a request head.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let value = head.lines().filter_map(|line| line.split_once(": "));
    value
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .next()
        .unwrap_or_default()
}
