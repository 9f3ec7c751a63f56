//! Servers over TLS and HTTP/2: what is trusted, what is agreed on, and what is said when it is not.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use corspec::browser;
use corspec::implementation::{Embedded, Implementation, OverHttp, Reference};
use corspec::tls::Authority;
use corspec::transport::loopback::{self, Server};
use corspec::transport::{Limits, TransportError, Version};
use corspec::verdict::Verdict;
use corspec_model::response::ResponseType;
use corspec_model::{Outcome, PreflightCache};
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::server::ServerRequest;

const POLICY: &str = r#"{"origins": ["https://app.example.com"], "methods": ["PUT"], "request_headers": ["x-token"],
    "expose": ["etag"], "credentials": true, "max_age": 600}"#;

/// The reference responder on loopback, for as long as this lives.
struct Up {
    server: Server,
    folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl Up {
    fn new(version: Version, tls: bool) -> Self {
        let policy: PolicyDocument = serde_json::from_str(POLICY).unwrap();
        let service = Reference.service(&policy.to_policy().unwrap()).unwrap();
        let authority = Authority::new().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        let server =
            runtime.block_on(loopback::serve(service, address, version, tls.then_some(&authority))).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.certificate()).unwrap();
        Self { server, folder, _runtime: runtime }
    }

    fn test(&self, options: &[&str]) -> (i32, String) {
        test(&self.folder, self.server.base.as_str(), POLICY, options)
    }
}

/// Holds the server at `url` to `policy` with `corspec test`: its exit code and all it prints.
fn test(folder: &tempfile::TempDir, url: &str, policy: &str, options: &[&str]) -> (i32, String) {
    held_to("test", folder, url, policy, options)
}

/// Holds the server at `url` to `policy` with this command.
fn held_to(
    command: &str,
    folder: &tempfile::TempDir,
    url: &str,
    policy: &str,
    options: &[&str],
) -> (i32, String) {
    std::fs::write(folder.path().join("policy.json"), policy).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args([command, "--url", url, "--policy", "policy.json"])
        .args(options)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&printed).into_owned())
}

#[test]
fn a_correct_server_is_correct_however_it_is_reached() {
    let plain = Up::new(Version::Http2, false);
    let tls = Up::new(Version::Http1, true);
    let both = Up::new(Version::Http2, true);
    for (up, options) in [
        (&plain, &["--http2"][..]),
        (&tls, &["--cacert", "ca.pem"]),
        (&tls, &["--insecure"]),
        (&both, &["--cacert", "ca.pem", "--http2"]),
        (&both, &["--insecure", "--http2"]),
    ] {
        let (code, printed) = up.test(options);
        assert_eq!(code, 0, "{options:?}: {printed}");
        let events = std::fs::read_to_string(up.folder.path().join("corspec-results.jsonl")).unwrap();
        assert!(events.matches(r#""verdict":"pass""#).count() > 300, "{options:?}: {printed}");
    }
}

#[test]
fn a_finding_is_shown_again_by_a_curl_that_reaches_the_server_the_same_way() {
    let up = Up::new(Version::Http2, true);
    let other = r#"{"origins": ["https://other.example"]}"#;
    let (code, printed) = test(&up.folder, up.server.base.as_str(), other, &["--insecure", "--http2"]);
    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("curl --http2 --insecure -s"), "{printed}");
}

#[test]
fn a_campaign_reaches_the_server_the_same_way() {
    let up = Up::new(Version::Http2, true);
    let fuzz = |options: &[&str]| held_to("fuzz", &up.folder, up.server.base.as_str(), POLICY, options);
    let (code, printed) = fuzz(&["--runs", "20", "--seed", "1", "--cacert", "ca.pem", "--http2"]);
    assert_eq!(code, 0, "{printed}");
    let (code, printed) = fuzz(&["--runs", "20", "--state", "other", "--cacert", "ca.pem"]);
    assert_eq!(code, 3, "{printed}");
    assert!(printed.contains("does not speak the version of HTTP"), "{printed}");
}

#[test]
fn what_is_not_trusted_or_not_agreed_on_is_told_with_what_to_do() {
    let tls = Up::new(Version::Http1, true);
    let http2 = Up::new(Version::Http2, true);
    let other = Authority::new().unwrap();
    std::fs::write(tls.folder.path().join("other.pem"), other.certificate()).unwrap();
    for (up, options, says) in [
        (
            &tls,
            &[][..],
            "the certificate of 127.0.0.1 is not trusted: no trusted authority signed it; --cacert",
        ),
        (&tls, &["--cacert", "other.pem"], "no trusted authority signed it"),
        (&tls, &["--cacert", "ca.pem", "--http2"], "does not speak the version of HTTP"),
        (&http2, &["--cacert", "ca.pem"], "does not speak the version of HTTP"),
    ] {
        let (code, printed) = up.test(options);
        assert_eq!(code, 3, "{options:?}: {printed}");
        assert!(printed.contains(says), "{options:?}: {printed}");
    }
}

/// What a browser offers, `corspec fetch` does: HTTP/2 and HTTP/1.1, and the server chooses.
#[test]
fn a_fetch_is_made_in_whichever_version_the_server_agrees_to() {
    for (version, options, code) in [
        (Version::Http1, &[][..], 0),
        (Version::Http2, &[], 0),
        (Version::Http2, &["--http2"], 0),
        (Version::Http1, &["--http2"], 3),
    ] {
        let up = Up::new(version, true);
        let output = Command::new(env!("CARGO_BIN_EXE_corspec"))
            .args(["fetch", up.server.base.join("plain").unwrap().as_str(), "-X", "PUT", "-H", "X-Token: 1"])
            .args(["--from", "https://app.example.com", "--cacert", "ca.pem"])
            .args(options)
            .current_dir(up.folder.path())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{version:?} {options:?}: {printed}");
        assert!(printed.contains("OPTIONS /plain"), "{printed}");
        assert_eq!(printed.contains("try --http2, or leave it out"), code == 3, "{printed}");
    }
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let up = Up::new(Version::Http1, true);
    let url = up.server.base.as_str().replace("127.0.0.1", "localhost");
    let (code, printed) = test(&up.folder, &url, POLICY, &["--cacert", "ca.pem"]);
    assert_eq!(code, 3, "{printed}");
    assert!(
        printed.contains("the certificate of localhost is not trusted: it is for another name"),
        "{printed}"
    );
    assert_eq!(test(&up.folder, &url, POLICY, &["--insecure"]).0, 0);
}

#[test]
fn a_server_of_another_protocol_is_told() {
    let plain = Up::new(Version::Http1, false);
    let url = plain.server.base.as_str().replace("http:", "https:");
    let (code, printed) = test(&plain.folder, &url, POLICY, &["--insecure"]);
    assert_eq!(code, 3, "{printed}");
    assert!(printed.contains("is it an http: server?"), "{printed}");

    // One that says in HTTP/1 that it does not understand, as most do. hyper's only closes the connection.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let (code, printed) = test(&plain.folder, &url, POLICY, &["--http2"]);
    assert_eq!(code, 3, "{printed}");
    assert!(printed.contains("the server answers HTTP/2 with HTTP/1: ask it without --http2"), "{printed}");
}

#[test]
fn wrong_uses_are_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pem"), "nothing\n").unwrap();
    std::fs::write(
        folder.path().join("bad.pem"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    for (url, options, says) in [
        ("https://127.0.0.1/", &["--cacert", "absent.pem"][..], "absent.pem"),
        ("https://127.0.0.1/", &["--cacert", "empty.pem"], "empty.pem: no certificate in PEM form"),
        ("https://127.0.0.1/", &["--cacert", "bad.pem"], "bad.pem"),
        ("https://127.0.0.1/", &["--cacert", "empty.pem", "--insecure"], "cannot be used with"),
        ("http://127.0.0.1/", &["--insecure"], "has no certificate"),
        ("ws://127.0.0.1/", &[], "write http://… or https://…"),
    ] {
        let (code, printed) = test(&folder, url, POLICY, options);
        assert_eq!(code, 2, "{options:?}: {printed}");
        assert!(printed.contains(says), "{options:?}: {printed}");
    }
}

/// `fetch()` from `origin`, with what it sent last and how it ended.
async fn fetched(over: &OverHttp, origin: &str) -> (String, Option<String>, Outcome) {
    let document: PolicyDocument = serde_json::from_str(POLICY).unwrap();
    let policy = document.to_policy().unwrap();
    let endpoint = over.serve(&policy, Limits::default()).await.unwrap();
    let request: ServerRequest =
        serde_json::from_value(serde_json::json!({"origin": origin, "path": "/plain"})).unwrap();
    let prepared = browser::prepare(&request, &endpoint.base).unwrap();
    let mut cache = PreflightCache::new();
    let fetched =
        browser::fetch(&endpoint, &prepared, &mut cache, std::time::Duration::ZERO, None).await.unwrap();
    let sent = &fetched.exchanges.last().unwrap().request;
    let origin = sent.headers.get("Origin").map(|origin| String::from_utf8_lossy(&origin).into_owned());
    (endpoint.base.scheme().to_owned(), origin, fetched.outcome)
}

#[tokio::test]
async fn the_origin_of_an_https_endpoint_is_an_https_one() {
    let over = OverHttp::tls(Box::new(Reference), Version::Http1).unwrap();
    let (scheme, sent, outcome) = fetched(&over, "self").await;
    assert_eq!((&*scheme, sent), ("https", None), "the endpoint itself is same-origin: no Origin");
    assert!(outcome.result.is_ok_and(|response| response.response_type == ResponseType::Basic));
    let (_, sent, _) = fetched(&over, "https://app.example.com").await;
    assert_eq!(sent.as_deref(), Some("https://app.example.com"));
}

#[tokio::test]
async fn exact_bytes_go_over_tls_and_do_not_exist_over_http2() {
    let document: PolicyDocument = serde_json::from_str(POLICY).unwrap();
    let policy = document.to_policy().unwrap();
    let bytes = b"GET /plain HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example.com\r\n\r\n";
    let over = OverHttp::tls(Box::new(Reference), Version::Http1).unwrap();
    let endpoint = over.serve(&policy, Limits::default()).await.unwrap();
    let answers = endpoint.transport.send_bytes(bytes.repeat(2), 2).await.unwrap();
    assert_eq!(answers.len(), 2);
    for answer in answers {
        let allowed = answer.response.headers.get("Access-Control-Allow-Origin").unwrap();
        assert_eq!((answer.response.status, &*allowed), (200, &b"https://app.example.com"[..]));
        assert_eq!(&*answer.body, b"plain\n");
    }
    for over in [
        OverHttp::new(Box::new(Reference), Version::Http2),
        OverHttp::tls(Box::new(Reference), Version::Http2).unwrap(),
    ] {
        let endpoint = over.serve(&policy, Limits::default()).await.unwrap();
        let error = endpoint.transport.send_bytes(bytes.to_vec(), 1).await.unwrap_err();
        assert!(matches!(error, TransportError::NotApplicable(_)), "{error}");
        assert_eq!(Verdict::from(&error), Verdict::Unsupported);
    }
}
