//! Clients without a browser: the model itself asks the scripted server for scenarios and runs them over the wire, as a
//! page would. It must equal itself; made wrong in one way, the difference must be told.

#![expect(clippy::unwrap_used, reason = "a failed helper fails the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use corspec::client::compare::{Aspect, Difference, compare};
use corspec::client::run::Plan;
use corspec::client::scenario::Scenario;
use corspec::client::server::{self, Handler, Server};
use corspec::client::session::{COOKIE, Pace, Session};
use corspec_model::{
    Fetch, HeaderList, HttpRequest, HttpRequestKind, Next, Outcome, PreflightCache, Reason, Response,
};
use corspec_vectors::bytes::to_header_list;
use corspec_vectors::client::{ClientVector, ScriptedFetch};
use corspec_vectors::embedded::client_vectors;
use serde_json::{Value, json};

/// A connection to the scripted server, which takes any URL in absolute form.
struct Wire(BufReader<TcpStream>, SocketAddr);

impl Wire {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self(BufReader::new(stream), address)
    }

    /// Sends a request; `None` when the connection breaks before a response has come.
    fn send(
        &mut self,
        method: &[u8],
        url: &str,
        headers: &HeaderList,
        body: &[u8],
    ) -> Option<(Response, Vec<u8>)> {
        let mut bytes = [method, b" ", url.as_bytes(), b" HTTP/1.1\r\n"].concat();
        for header in headers {
            bytes.extend([&header.name, &b": "[..], &header.value, b"\r\n"].concat());
        }
        bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
        bytes.extend(body);
        self.0.get_mut().write_all(&bytes).unwrap();
        loop {
            let Some(response) = self.head() else {
                *self = Self::connect(self.1);
                return None;
            };
            if response.status >= 200 {
                let length = response.headers.get("Content-Length").unwrap_or_default();
                let length = std::str::from_utf8(&length).unwrap().parse().unwrap_or(0);
                let no_body = method == b"HEAD" || matches!(response.status, 204 | 304);
                let mut body = vec![0; if no_body { 0 } else { length }];
                self.0.read_exact(&mut body).unwrap();
                return Some((response, body));
            }
        }
    }

    fn head(&mut self) -> Option<Response> {
        let mut status = Vec::new();
        if self.0.read_until(b'\n', &mut status).ok()? == 0 {
            return None;
        }
        let status = std::str::from_utf8(&status[9..12]).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let mut line = Vec::new();
            self.0.read_until(b'\n', &mut line).ok()?;
            let line = line.strip_suffix(b"\r\n").unwrap();
            if line.is_empty() {
                return Some(Response::new(status, headers.into_iter().collect()));
            }
            let colon = line.iter().position(|&byte| byte == b':').unwrap();
            // Collecting trims the values, as an HTTP parser does.
            headers.push((line[..colon].to_vec(), line[colon + 1..].to_vec()));
        }
    }
}

/// How a client is wrong.
#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    None,
    SendsNoOrigin,
    NeverSendsCookies,
    AsksTwice,
    SharesEverything,
    HidesHeaders,
    NeverCaches,
    PreflightsWithScriptsHeaders,
}

/// A client that does what the model does, but for its flaw.
struct Client {
    wire: Wire,
    flaw: Flaw,
    /// The headers script gives to the fetch under way.
    script: HeaderList,
}

impl Client {
    fn new(address: SocketAddr, flaw: Flaw) -> Self {
        Self { wire: Wire::connect(address), flaw, script: HeaderList::new() }
    }
}

impl Client {
    fn fetch(&mut self, fetch: &ScriptedFetch, cache: &mut PreflightCache) -> Value {
        self.script = to_header_list(&fetch.request.options.headers);
        let Ok(request) = fetch.request.prepare().unwrap() else { return json!({"error": "TypeError"}) };
        let now = Duration::from_secs_f64(fetch.at);
        let fresh = &mut PreflightCache::new();
        let cache = if self.flaw == Flaw::NeverCaches { fresh } else { cache };
        let (mut fetch, mut next) = Fetch::start(request, cache, now, ());
        loop {
            match next {
                Next::Done(outcome) => return self.report(&outcome),
                Next::Send(request) => {
                    next = match self.exchange(&request) {
                        Some(response) => fetch.receive(response, cache, now),
                        None => fetch.fail(cache, now),
                    };
                }
            }
        }
    }

    fn exchange(&mut self, request: &HttpRequest) -> Option<Response> {
        let mut headers = request.headers.clone();
        if self.flaw == Flaw::SendsNoOrigin {
            headers.delete("Origin");
        }
        if request.credentials && self.flaw != Flaw::NeverSendsCookies {
            headers.append("Cookie", COOKIE);
        }
        if request.kind == HttpRequestKind::Preflight && self.flaw == Flaw::PreflightsWithScriptsHeaders {
            for header in &self.script {
                headers.append(&header.name, &header.value);
            }
        }
        let mut url = request.url.clone();
        url.set_fragment(None);
        if self.flaw == Flaw::AsksTwice {
            self.wire.send(&request.method, url.as_str(), &headers, b"");
        }
        self.wire.send(&request.method, url.as_str(), &headers, b"").map(|(response, _)| response)
    }

    fn report(&self, outcome: &Outcome) -> Value {
        match &outcome.result {
            Err(_) if self.flaw == Flaw::SharesEverything => json!({"type": "cors", "status": 200}),
            Err(_) => json!({"error": "TypeError"}),
            Ok(response) => {
                let names = response.headers.iter().map(|name| String::from_utf8_lossy(name).into_owned());
                let names: Vec<String> =
                    if self.flaw == Flaw::HidesHeaders { Vec::new() } else { names.collect() };
                json!({
                    "type": response.response_type.as_str(),
                    "status": response.status,
                    "url": response.url.as_ref().map(ToString::to_string).unwrap_or_default(),
                    "redirected": response.redirected,
                    "headers": names,
                })
            }
        }
    }

    /// Does what a page does until there is nothing left to do.
    fn run(&mut self) {
        let (mut page, mut results) = (0, Vec::new());
        loop {
            let turn = self.ask(page, &results);
            if let Some(next) = turn["go"].as_str() {
                page = next.rsplit_once('?').unwrap().1.parse().unwrap();
                results = Vec::new();
            } else if let Some(scenarios) = turn["scenarios"].as_array() {
                results = scenarios.iter().map(|scenario| self.scenario(scenario)).collect();
            } else {
                return;
            }
        }
    }

    fn ask(&mut self, page: usize, results: &[Value]) -> Value {
        let question = json!({"page": page, "results": results}).to_string();
        let url = "http://page.example/.corspec/turn";
        let (_, body) = self.wire.send(b"POST", url, &HeaderList::new(), question.as_bytes()).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn scenario(&mut self, scenario: &Value) -> Value {
        let number = &scenario["number"];
        let fetches: Vec<ScriptedFetch> = serde_json::from_value(scenario["fetches"].clone()).unwrap();
        let mut cache = PreflightCache::new();
        let mut outcomes = Vec::new();
        for (index, fetch) in fetches.iter().enumerate() {
            if index > 0 {
                let url = format!("http://page.example/.corspec/begin?scenario={number}&fetch={index}");
                self.wire.send(b"GET", &url, &HeaderList::new(), b"").unwrap();
            }
            outcomes.push(self.fetch(fetch, &mut cache));
        }
        json!({"number": number, "outcomes": outcomes})
    }
}

const PACE: Pace = Pace { at_once: 8, marks: false };

async fn serve(scenarios: Vec<Scenario>) -> (Arc<Session>, Server) {
    let session = Arc::new(Session::new(scenarios, PACE, |_| true));
    let handler: Arc<dyn Handler> = Arc::clone(&session) as _;
    (session, server::serve(handler).await.unwrap())
}

/// What a client with this flaw does otherwise, by vector.
async fn differences(vectors: &[ClientVector], flaw: Flaw) -> Vec<(String, Vec<Difference>)> {
    let plan = Plan::of(vectors);
    let scenarios: Vec<Scenario> = plan.runnable.iter().map(|(_, scenario)| scenario.clone()).collect();
    let (session, server) = serve(scenarios).await;
    let address = server.address;
    let client = tokio::task::spawn_blocking(move || Client::new(address, flaw).run());
    client.await.unwrap();
    assert_eq!(session.finished(Duration::from_secs(1)).await, Ok(()));
    let observations = session.observations();
    let results = plan.runnable.iter().map(|(vector, scenario)| {
        (vector.meta.id.clone(), compare(scenario, &observations[&scenario.number], &[], |_| None))
    });
    results.filter(|(_, differences)| !differences.is_empty()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_over_the_wire_equals_the_model() {
    // The client of these tests is no HTTP parser.
    let plain = |vector: &ClientVector| !vector.meta.id.starts_with("wire/");
    let vectors: Vec<ClientVector> = client_vectors().into_iter().filter(plain).collect();
    assert!(Plan::of(&vectors).runnable.len() > 4000);
    assert_eq!(differences(&vectors, Flaw::None).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flaw_of_a_client_is_told() {
    let vectors: Vec<ClientVector> =
        client_vectors().into_iter().filter(|vector| vector.meta.id.starts_with("fetch-examples/")).collect();
    for (flaw, aspect, says) in [
        (Flaw::SendsNoOrigin, Aspect::Sent, "origin of request"),
        (Flaw::NeverSendsCookies, Aspect::Sent, "cookie of request"),
        (Flaw::PreflightsWithScriptsHeaders, Aspect::Sent, "x-a of request 0 is (none), the client sends"),
        (Flaw::AsksTwice, Aspect::Sent, "no more requests"),
        (Flaw::SharesEverything, Aspect::Outcome, "lets it through"),
        (Flaw::HidesHeaders, Aspect::Outcome, "readable headers"),
    ] {
        let found = differences(&vectors, flaw).await;
        assert!(
            found
                .iter()
                .flat_map(|(_, found)| found)
                .any(|found| found.aspect == aspect && found.what.contains(says)),
            "{says}: {found:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_forget_its_preflights() {
    let vectors: Vec<ClientVector> =
        client_vectors().into_iter().filter(|vector| vector.meta.id.starts_with("gen-cache/")).collect();
    assert_eq!(differences(&vectors, Flaw::NeverCaches).await, []);
}

#[test]
fn reasons_are_compared_where_the_client_gives_some() {
    let vectors = client_vectors();
    let vector = vectors.iter().find(|vector| vector.meta.id == "mdn-errors/corsmissingalloworigin").unwrap();
    let scenario = Scenario::of(vector, 0).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let observation = runtime.block_on(async {
        let (session, server) = serve(vec![scenario.clone()]).await;
        let address = server.address;
        let client = tokio::task::spawn_blocking(move || {
            Client::new(address, Flaw::None).run();
        });
        client.await.unwrap();
        session.observations().remove(&0).unwrap()
    });
    let words = |reason: Reason| reason.explanation().chromium;
    let said = |reason: &str| compare(&scenario, &observation, &[reason.to_owned()], words);
    assert_eq!(said("MissingAllowOriginHeader"), []);
    assert_eq!(said("AllowOriginMismatch")[0].aspect, Aspect::Reason);
    assert_eq!(compare(&scenario, &observation, &[], words), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_answering_is_asked_one_by_one() {
    let vectors = client_vectors();
    let plan = Plan::of(vectors.iter().filter(|vector| vector.meta.id.starts_with("wpt-simple/")).take(3));
    let scenarios: Vec<Scenario> = plan.runnable.iter().map(|(_, scenario)| scenario.clone()).collect();
    let (session, server) = serve(scenarios).await;
    let address = server.address;
    tokio::task::spawn_blocking(move || {
        let turn = Client::new(address, Flaw::None).ask(0, &[]);
        assert_eq!(turn["scenarios"].as_array().unwrap().len(), 3);
    })
    .await
    .unwrap();
    let mut hung = session.finished(Duration::from_millis(20)).await.unwrap_err();
    hung.sort_unstable();
    assert_eq!(hung, [0, 1, 2]);
    session.put_back();
    // The one that is alone when the client stops again has hung it.
    let first = tokio::task::spawn_blocking(move || {
        let turn = Client::new(address, Flaw::None).ask(0, &[]);
        assert_eq!(turn["scenarios"].as_array().unwrap().len(), 1);
        usize::try_from(turn["scenarios"][0]["number"].as_u64().unwrap()).unwrap()
    });
    let first = first.await.unwrap();
    assert_eq!(session.finished(Duration::from_millis(20)).await, Err(vec![first]));
    session.put_back();
    tokio::task::spawn_blocking(move || Client::new(address, Flaw::None).run()).await.unwrap();
    let observations = session.observations();
    for scenario in session.scenarios() {
        let found = compare(scenario, &observations[&scenario.number], &[], |_| None);
        let hang = found.iter().any(|found| found.aspect == Aspect::Hang);
        assert_eq!(hang, scenario.number == first, "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_https_origin_is_reached_through_connect_with_a_certificate_of_the_authority() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    let (_, server) = serve(Vec::new()).await;
    for host in ["api.example", "127.0.0.1"] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        stream
            .write_all(format!("CONNECT {host}:8443 HTTP/1.1\r\nHost: {host}:8443\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 200 "));
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(server.authority.certificate().as_bytes()).unwrap())
            .unwrap();
        let settings = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(host).unwrap();
        let mut stream = TlsConnector::from(Arc::new(settings)).connect(name, stream).await.unwrap();
        stream.write_all(b"GET /.corspec/nothing HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 404", "{host}");
    }
}

#[test]
fn what_no_page_can_run_is_left_out_with_the_reason() {
    let vectors = client_vectors();
    let plan = Plan::of(&vectors);
    assert_eq!(plan.runnable.len() + plan.left_out.len(), vectors.len());
    for (vector, why) in &plan.left_out {
        assert!(!why.is_empty(), "{}", vector.meta.id);
    }
    assert!(plan.left_out.len() * 20 < vectors.len(), "{} left out", plan.left_out.len());
    let page = plan.runnable.iter().find(|(vector, _)| vector.meta.id == "fetch-examples/switch-scheme-file");
    assert!(page.is_some_and(|(_, scenario)| scenario.expected[0].sent.is_empty()));
    let Some((_, scenario)) = plan.runnable.first() else { panic!("nothing to run") };
    assert!(scenario.expected[0].sent.iter().all(|sent| sent.url.contains("corspec=0")));
}
