//! The model plays the browser against a server: drives a fetch over a transport and keeps the exchanges.

use std::time::Duration;

use bytes::Bytes;
use corspec_model::{
    Fetch, HeaderList, HttpRequest, HttpRequestKind, Next, Origin, Outcome, PreflightCache, Request, Response,
};
use corspec_vectors::DocumentError;
use corspec_vectors::server::ServerRequest;
use url::Url;

use crate::implementation::Endpoint;
use crate::transport::{Answer, TransportError, WireRequest};

/// One request and its response.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What the request was for; `None` for a raw request no fetch made.
    pub kind: Option<HttpRequestKind>,
    /// What was sent.
    pub request: WireRequest,
    /// Status and header lines that came back.
    pub response: Response,
    /// The body that came back.
    pub body: Bytes,
}

/// A fetch that has ended.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// How it ended.
    pub outcome: Outcome,
    /// The exchanges on the wire, in order.
    pub exchanges: Vec<Exchange>,
}

impl Fetched {
    /// Whether a preflight was sent and let the request through.
    pub fn passed_preflight(&self) -> bool {
        let mut kinds = self.exchanges.iter().map(|exchange| exchange.kind);
        kinds.next() == Some(Some(HttpRequestKind::Preflight))
            && kinds.any(|kind| kind == Some(HttpRequestKind::Request))
    }

    /// Whether the request was redirected.
    pub fn redirected(&self) -> bool {
        self.exchanges.iter().filter(|exchange| exchange.kind == Some(HttpRequestKind::Request)).count() > 1
    }

    /// The last exchange of the kind.
    pub fn last(&self, kind: HttpRequestKind) -> Option<&Exchange> {
        self.exchanges.iter().rev().find(|exchange| exchange.kind == Some(kind))
    }
}

/// A server vector's request made ready for one endpoint.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The request of the model.
    pub request: Request,
    cookie: bool,
    on_wire: HeaderList,
}

/// Makes the request of a server vector ready for `endpoint`.
///
/// # Errors
/// [`DocumentError`] when the document makes no sense, or the API would throw.
pub fn prepare(document: &ServerRequest, endpoint: &Url) -> Result<Prepared, DocumentError> {
    let mut url = endpoint.clone();
    let (path, query) = match document.path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (&*document.path, None),
    };
    url.set_path(path);
    url.set_query(query);
    let origin = match &*document.origin.0 {
        b"self" => Origin::of_url(&url),
        bytes => std::str::from_utf8(bytes)
            .ok()
            .and_then(|origin| Origin::parse(origin).ok())
            .unwrap_or_else(|| Origin::Unreachable(bytes.into())),
    };
    let request = document
        .options
        .prepare(origin, url)?
        .map_err(|thrown| DocumentError::new("request", format_args!("the API throws: {}", thrown.reason)))?;
    Ok(Prepared {
        request,
        cookie: document.cookie,
        on_wire: document.on_wire.iter().map(|(name, value)| (&name.0, &value.0)).collect(),
    })
}

/// Fetches `prepared` from `endpoint`, starting at `now` with `cache`.
///
/// What is `stored` answers requests of its kind in place of the server.
///
/// # Errors
/// [`TransportError`] when the server gave no usable response.
pub async fn fetch(
    endpoint: &Endpoint,
    prepared: &Prepared,
    cache: &mut PreflightCache,
    now: Duration,
    stored: Option<&Exchange>,
) -> Result<Fetched, TransportError> {
    let mut exchanges = Vec::new();
    let home = Origin::of_url(&endpoint.base);
    let (mut fetch, mut next) = Fetch::start(prepared.request.clone(), cache, now, ());
    loop {
        match next {
            Next::Done(outcome) => return Ok(Fetched { outcome, exchanges }),
            Next::Send(http_request) => {
                let request = to_wire(&http_request, prepared);
                let here = Origin::of_url(&http_request.url).is_same_origin_with(&home);
                let Answer { response, body } = match stored {
                    Some(stored) if stored.kind == Some(http_request.kind) => {
                        Answer { response: stored.response.clone(), body: stored.body.clone() }
                    }
                    // A redirect to somewhere else: only the server under test is asked.
                    _ if !here => {
                        next = fetch.fail(cache, now);
                        continue;
                    }
                    _ => endpoint.transport.send(request.clone()).await?,
                };
                exchanges.push(Exchange {
                    kind: Some(http_request.kind),
                    request,
                    response: response.clone(),
                    body,
                });
                next = fetch.receive(response, cache, now);
            }
        }
    }
}

/// The request on the wire with which a browser begins, its cache empty; none when it asks nobody.
pub fn first_request(prepared: &Prepared) -> Option<WireRequest> {
    let (_, next) = Fetch::start(prepared.request.clone(), &mut PreflightCache::new(), Duration::ZERO, ());
    match next {
        Next::Send(request) => Some(to_wire(&request, prepared)),
        Next::Done(_) => None,
    }
}

fn to_wire(request: &HttpRequest, prepared: &Prepared) -> WireRequest {
    let mut headers = request.headers.clone();
    if request.kind == HttpRequestKind::Preflight {
        for line in &prepared.on_wire {
            headers.delete(&line.name);
        }
        for line in &prepared.on_wire {
            headers.append(&line.name, &line.value);
        }
    }
    if request.credentials && prepared.cookie {
        headers.append("Cookie", "session=1");
    }
    let target = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    WireRequest { method: request.method.clone(), target, headers, body: request.body }
}
