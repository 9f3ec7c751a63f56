//! The model plays the browser on the network, wherever redirects lead, and the fetch is recorded.

use std::collections::HashMap;
use std::net::SocketAddr;

use bytes::Bytes;
use corspec_model::{HttpRequest, HttpRequestKind, PreflightCache};
use corspec_vectors::DocumentError;
use corspec_vectors::request::RequestDocument;
use url::Url;

use super::recorded::{Conditions, RecordedFetch, Recorder};
use crate::tls::Trust;
use crate::transport::{Http, Limits, Transport, TransportError, Version, WireRequest};

/// How servers are reached.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The version of HTTP. With HTTP/1.1, servers over TLS may choose HTTP/2, as browsers let them.
    pub version: Version,
    /// Whose certificates are accepted.
    pub trust: Trust,
    /// What bounds an exchange.
    pub limits: Limits,
    /// Connects there, whatever host and port a URL has.
    pub connect_to: Option<SocketAddr>,
    /// Cookies, as a `Cookie` header has them, and the host they are for; without one they are for every host.
    pub cookies: Option<(Option<String>, String)>,
    /// The body of a request that has one.
    pub body: Option<Bytes>,
}

/// A browser without a page: it sends what the model says, and follows where the model follows.
pub struct Browser {
    settings: Settings,
    servers: HashMap<String, Http>,
}

/// A fetch over the network.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// What happened.
    pub record: RecordedFetch,
    /// The preflight cache as the fetch leaves it.
    pub cache: PreflightCache,
    /// The body of the last response.
    pub body: Bytes,
    /// Why a server gave no usable response, if one gave none.
    pub trouble: Option<TransportError>,
}

impl Browser {
    /// One that has talked to nobody yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, servers: HashMap::new() }
    }

    /// Fetches. A server that gives no usable response is a network error to the model, and told as
    /// [trouble](Fetched::trouble).
    ///
    /// # Errors
    /// [`DocumentError`] when the request makes no sense.
    pub async fn fetch(
        &mut self,
        request: &RequestDocument,
        conditions: &Conditions,
    ) -> Result<Fetched, DocumentError> {
        let mut recorder = Recorder::start(request, conditions)?;
        let (mut body, mut trouble) = (Bytes::new(), None);
        while let Some(wanted) = recorder.wanted() {
            match self.send(wanted).await {
                Ok(answer) => {
                    body = answer.body;
                    recorder.answer(Some(answer.response));
                }
                Err(error) => {
                    trouble = Some(error);
                    recorder.answer(None);
                }
            }
        }
        let (record, cache) = recorder.finish();
        Ok(Fetched { record, cache, body, trouble })
    }

    async fn send(&mut self, request: &HttpRequest) -> Result<crate::transport::Answer, TransportError> {
        let mut headers = request.headers.clone();
        // A server may turn away who does not say what it is. Script may say it is something else.
        if !headers.contains("User-Agent") {
            headers.append("User-Agent", concat!("corspec/", env!("CARGO_PKG_VERSION")));
        }
        if let Some((host, cookies)) = &self.settings.cookies
            && request.kind == HttpRequestKind::Request
            && request.credentials
            && host.as_deref().is_none_or(|host| request.url.host_str() == Some(host))
        {
            headers.append("Cookie", cookies);
        }
        let target = request.url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
        let wire = WireRequest { method: request.method.clone(), target, headers, body: request.body };
        self.server(&request.url)?.send(wire).await
    }

    /// The server of a URL, connected to as for the fetches before.
    fn server(&mut self, url: &Url) -> Result<&Http, TransportError> {
        let origin = url.origin().ascii_serialization();
        if !self.servers.contains_key(&origin) {
            let Settings { version, trust, limits, connect_to, body, .. } = &self.settings;
            let tls = match url.scheme() {
                "https" => {
                    let offered: &[Version] = match version {
                        Version::Http1 => &[Version::Http2, Version::Http1],
                        Version::Http2 => &[Version::Http2],
                    };
                    let protocols: Vec<&[u8]> = offered.iter().map(|version| version.alpn()).collect();
                    let settings = trust.settings(&protocols);
                    Some(settings.map_err(|error| TransportError::Connect(error.to_string()))?)
                }
                _ => None,
            };
            // Credentials in a redirect's URL are not for the request line.
            let mut base = url.clone();
            let _ = base.set_username("");
            let _ = base.set_password(None);
            let mut server = Http::new(&base, *version, tls, *limits)?.as_browsers();
            if let Some(address) = connect_to {
                server = server.at(*address)?;
            }
            if let Some(body) = body {
                server = server.sending(body.clone());
            }
            self.servers.insert(origin.clone(), server);
        }
        self.servers.get(&origin).ok_or(TransportError::Connect(origin))
    }
}
