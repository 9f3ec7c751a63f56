//! Hostile servers that need more than a function of a connection.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use corspec::implementation::RunningServer;
use corspec::tls::Trust;
use corspec::transport::Version;
use corspec::verdict::Verdict;
use futures_util::future::join_all;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::behaviours::Expect;
use super::peer::{self, OK, Serve, When, read_head};
use super::{Results, VECTORS, judge, limits, results};

fn run(server: &RunningServer, hangs: bool) -> Results {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(results(server, &VECTORS, limits(hangs)))
}

fn expect(name: &str, verdict: Verdict, results: &Results) {
    assert_eq!(judge(name, Expect::All(verdict), results), None);
}

/// All of them at once.
fn expect_each(servers: &[(&str, Verdict, RunningServer)]) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(join_all(servers.iter().map(|(name, verdict, server)| async move {
        expect(name, *verdict, &results(server, &VECTORS, limits(*verdict == Verdict::Hang)).await);
    })));
    runtime.shutdown_background();
}

fn at(address: impl std::fmt::Display) -> RunningServer {
    RunningServer::new(&format!("http://{address}/")).unwrap()
}

fn over_tls(address: impl std::fmt::Display) -> RunningServer {
    RunningServer::new(&format!("https://{address}/")).unwrap()
}

#[test]
fn nobody_listens() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    expect("nobody listens", Verdict::SetupError, &run(&at(address), false));
}

#[test]
fn never_accepts() {
    // The system accepts in its place, and nobody ever reads.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    expect("never accepts", Verdict::Hang, &run(&at(listener.local_addr().unwrap()), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn never_accepts_and_the_queue_is_full() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(100), tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(stream);
    }
    let results = results(&at(address), &VECTORS, limits(true)).await;
    expect("the queue is full", Verdict::SetupError, &results);
    drop((listener, waiting));
}

/// Answers what comes without `Origin`, and is gone with the first request that has it.
#[test]
fn the_process_is_gone_in_the_middle_of_the_run() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let open = Arc::new(Mutex::new(Vec::<TcpStream>::new()));
    std::thread::spawn(move || {
        loop {
            let (mut stream, _) = listener.accept().unwrap();
            open.lock().unwrap().push(stream.try_clone().unwrap());
            while let Ok(Some(head)) = read_head(&mut stream) {
                if head.to_ascii_lowercase().contains("\r\norigin:") {
                    for stream in open.lock().unwrap().drain(..) {
                        let _ = rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO));
                    }
                    return;
                }
                let _ = stream.write_all(OK);
            }
        }
    });
    let results = run(&at(address), false);
    let died = results.iter().filter(|(.., verdict)| *verdict == Verdict::Crash).count();
    let away = results.iter().filter(|(.., verdict)| *verdict == Verdict::SetupError).count();
    assert!(died > 0, "the request it died of is a crash: {results:?}");
    assert_eq!(died + away, results.len(), "{results:?}");
}

#[test]
fn a_tls_handshake_that_does_not_end() {
    let mut servers = Vec::new();
    for (name, serve) in [
        ("says nothing", Serve::Connection(|s| peer::wait(s).map(drop))),
        (
            "says half a hello",
            Serve::Connection(|s| {
                s.write_all(b"\x16\x03\x03\x00\x7a\x02\x00")?;
                peer::wait(s).map(drop)
            }),
        ),
        ("a byte a second", Serve::Connection(|s| peer::drip(s, b"\x16\x03\x03\x00\x7a\x02\x00").map(drop))),
    ] {
        let server = over_tls(peer::server(serve, When::Always)).trusting(Trust::Any).unwrap();
        servers.push((name, Verdict::Hang, server));
    }
    expect_each(&servers);
}

#[test]
fn a_tls_handshake_that_fails() {
    let mut servers = Vec::new();
    for (name, serve) in [
        ("closes", Serve::Connection(|_| Ok(()))),
        ("resets", Serve::Connection(|s| peer::reset(s, b"").map(drop))),
        ("speaks HTTP", Serve::Connection(|s| peer::say(s, OK).map(drop))),
        ("sends an alert", Serve::Connection(|s| peer::say(s, b"\x15\x03\x03\x00\x02\x02\x28").map(drop))),
    ] {
        let server = over_tls(peer::server(serve, When::Always)).trusting(Trust::Any).unwrap();
        servers.push((name, Verdict::SetupError, server));
    }
    expect_each(&servers);
}

/// A TLS server with a certificate for 127.0.0.1 that signs itself; each connection gets [`OK`].
async fn self_signed(expired: bool) -> (SocketAddr, Trust) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    if expired {
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let certificate = params.self_signed(&key).unwrap();
    let trust = Trust::only(certificate.pem().as_bytes()).unwrap();
    let settings = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(settings));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(OK).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (address, trust)
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_nobody_can_trust() {
    for expired in [false, true] {
        let (address, trust) = self_signed(expired).await;
        let untrusted = results(&over_tls(address), &VECTORS, limits(false)).await;
        expect("self-signed", Verdict::SetupError, &untrusted);
        let any = over_tls(address).trusting(Trust::Any).unwrap();
        let any = results(&any, &VECTORS, limits(false)).await;
        assert_eq!(judge("any certificate", Expect::NoCors, &any), None);
        let named = over_tls(address).trusting(trust).unwrap();
        let named = results(&named, &VECTORS, limits(false)).await;
        let expected = if expired { Expect::All(Verdict::SetupError) } else { Expect::NoCors };
        assert_eq!(judge("named with --cacert", expected, &named), None);
    }
}

/// A frame of HTTP/2 (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

#[test]
fn servers_of_http_2_that_do_not_behave() {
    const SETTINGS: &[u8] = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    // Literal header field without indexing, with a new name: `x: 1`.
    const FIELD: &[u8] = b"\x00\x01x\x011";
    let mut servers = Vec::new();
    for (name, verdict, serve) in [
        ("says nothing", Verdict::Hang, Serve::Connection(|s| peer::wait(s).map(drop))),
        (
            "settings and nothing more",
            Verdict::Hang,
            Serve::Connection(|s| {
                s.write_all(SETTINGS)?;
                peer::wait(s).map(drop)
            }),
        ),
        (
            "closes after its settings",
            Verdict::Crash,
            Serve::Connection(|s| peer::say(s, SETTINGS).map(drop)),
        ),
        (
            "garbage",
            Verdict::Crash,
            Serve::Connection(|s| {
                s.write_all(&[0xff; 64])?;
                peer::wait(s).map(drop)
            }),
        ),
        (
            "goes away at once",
            Verdict::Crash,
            Serve::Connection(|s| {
                s.write_all(SETTINGS)?;
                s.write_all(&frame(7, 0, 0, &[0; 8]))?;
                peer::wait(s).map(drop)
            }),
        ),
        (
            "resets the stream",
            Verdict::Crash,
            Serve::Connection(|s| {
                s.write_all(SETTINGS)?;
                std::thread::sleep(Duration::from_millis(50));
                s.write_all(&frame(3, 0, 1, &[0, 0, 0, 2]))?;
                peer::wait(s).map(drop)
            }),
        ),
        (
            "pings without end",
            Verdict::Hang,
            Serve::Connection(|s| peer::endless(s, SETTINGS, &frame(6, 0, 0, &[0; 8])).map(drop)),
        ),
    ] {
        servers.push((name, verdict, at(peer::server(serve, When::Always)).over(Version::Http2)));
    }
    expect_each(&servers);
    // A head without end: one field after another in frames that never say it is the last.
    let server = peer::server(
        Serve::Connection(|s| {
            s.write_all(SETTINGS)?;
            std::thread::sleep(Duration::from_millis(50));
            let fields = FIELD.repeat(3000);
            s.write_all(&frame(1, 0, 1, &[b"\x88", &fields[..]].concat()))?;
            peer::endless(s, b"", &frame(9, 0, 1, &fields)).map(drop)
        }),
        When::Always,
    );
    let found = run(&at(server).over(Version::Http2), false);
    assert!(
        found.iter().all(|(.., verdict)| matches!(verdict, Verdict::Crash | Verdict::Hang)),
        "a head without end: {found:?}"
    );
}
