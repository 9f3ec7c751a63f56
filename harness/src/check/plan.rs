//! What an audit asks, enumerated: every request it may send is made here.
//!
//! Each probe is one request on the wire, and each is safe: a method other than `GET` and `OPTIONS` is only ever named in a
//! preflight.

use corspec_model::HttpRequestKind;
use corspec_model::abnf::{REQUEST_HEADERS, REQUEST_METHOD};
use corspec_vectors::DocumentError;
use corspec_vectors::bytes::ByteString;
use corspec_vectors::request::{Credentials, RequestOptions};
use corspec_vectors::server::{Repeated, ServerRequest, WireRequest as WireDocument};
use url::Url;

use super::evidence::Evidence;
use super::origins::{Candidate, OTHER_STRANGER, STRANGER};
use crate::browser;
use crate::laws;
use crate::transport::WireRequest;

/// Methods that need a preflight and that APIs have; the last is one nobody has.
pub const METHODS: [&str; 4] = ["PUT", "DELETE", "PATCH", UNKNOWN_METHOD];
/// A method nobody allows by name.
pub const UNKNOWN_METHOD: &str = "CHICKEN";
/// Request headers that APIs ask for, each with a value that needs a preflight.
pub const HEADERS: [(&str, &str); 6] = [
    ("Content-Type", "application/json"),
    ("Authorization", "x"),
    ("X-Requested-With", "XMLHttpRequest"),
    ("X-CSRF-Token", "x"),
    ("X-API-Key", "x"),
    (UNKNOWN_HEADER, "x"),
];
/// A request header nobody allows by name.
pub const UNKNOWN_HEADER: &str = "X-Corspec-Unknown";
/// A page nobody has.
const MISSING: &str = "corspec-no-such-page";
const REQUEST_PRIVATE_NETWORK: &str = "Access-Control-Request-Private-Network";

/// One request that may be sent.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What it is for, in a few words.
    pub about: String,
    /// The request.
    pub wire: WireRequest,
}

/// The requests that can be made of one endpoint.
#[derive(Clone, Debug)]
pub struct Requests {
    base: Url,
}

impl Requests {
    /// Those of the endpoint at `base`.
    pub fn of(base: &Url) -> Self {
        Self { base: base.clone() }
    }

    /// A `GET` by a page of `origin`; `"self"` is the server's own, whose request has no `Origin`.
    pub fn get(&self, origin: &str) -> ServerRequest {
        self.request(origin, RequestOptions::default())
    }

    /// As [`get`](Self::get), of a page nobody has.
    pub fn missing(&self, origin: &str) -> ServerRequest {
        let mut url = self.base.clone();
        url.set_query(None);
        let path = url.join(MISSING).map_or_else(|_| format!("/{MISSING}"), |url| url.path().to_owned());
        ServerRequest { path, ..self.get(origin) }
    }

    /// A request by a page of `origin` with a method and headers that may need a preflight.
    pub fn with(&self, origin: &str, method: &str, headers: &[(&str, &str)]) -> ServerRequest {
        let headers = headers.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        self.request(origin, RequestOptions { method: Some(method.into()), headers, ..Default::default() })
    }

    /// A preflight for `PUT` that asks for access to private networks.
    pub fn private_network(&self, origin: &str) -> ServerRequest {
        let on_wire = vec![(REQUEST_PRIVATE_NETWORK.into(), "true".into())];
        ServerRequest { on_wire, ..self.with(origin, "PUT", &[]) }
    }

    /// A preflight for `PUT` that asks for something that is no method.
    pub fn not_a_method(&self, origin: &str) -> ServerRequest {
        let on_wire = vec![(REQUEST_METHOD.into(), "PUT GET".into())];
        ServerRequest { on_wire, ..self.with(origin, "PUT", &[]) }
    }

    /// A preflight for two headers: as browsers write it; with each name in a line of its own, and with a space between
    /// them, as gateways write it.
    pub fn two_headers(&self, origin: &str, names: [&str; 2]) -> [ServerRequest; 3] {
        let mut names = names.map(str::to_lowercase);
        names.sort();
        let headers = [(&*names[0], value_of(&names[0])), (&*names[1], value_of(&names[1]))];
        let together = self.with(origin, "GET", &headers);
        let line = |value: &str| (ByteString::from(REQUEST_HEADERS), ByteString::from(value));
        let lines = names.iter().map(|name| line(name)).collect();
        let in_lines = ServerRequest { on_wire: lines, ..together.clone() };
        let with_space = ServerRequest { on_wire: vec![line(&names.join(", "))], ..together.clone() };
        [together, in_lines, with_space]
    }

    /// Requests no page makes, with what each is about.
    pub fn by_hand(&self, speaker: &str) -> Vec<(&'static str, WireDocument)> {
        let request = |method: &str, headers: &[(&str, &str)]| self.handmade(method, headers);
        let preflight = [("Origin", speaker), (REQUEST_METHOD, "PUT")];
        let long = Repeated {
            name: REQUEST_HEADERS.into(),
            before: ByteString::default(),
            text: "x-corspec,".into(),
            after: "x-corspec".into(),
            times: 300,
            lines: false,
        };
        let injecting = [preflight[0], preflight[1], (REQUEST_HEADERS, "x-a%0d%0aX-Injected:%201")];
        vec![
            (
                "a stranger as Referer, without Origin",
                request("GET", &[("Referer", "https://attacker.test/")]),
            ),
            ("a stranger in a header that is not Origin", request("GET", &[("X-Origin", STRANGER)])),
            ("two Origin lines", request("GET", &[("Origin", speaker), ("Origin", STRANGER)])),
            (
                "three kilobytes of requested headers",
                WireDocument { repeated: Some(long), ..request("OPTIONS", &preflight) },
            ),
            ("encoded line ends in requested headers", request("OPTIONS", &injecting)),
        ]
    }

    /// What resembles a preflight and is none, with what each is about.
    pub fn no_preflights(&self, speaker: &str) -> [(&'static str, WireDocument); 3] {
        let request = |method: &str, headers: &[(&str, &str)]| self.handmade(method, headers);
        [
            ("OPTIONS without Origin", request("OPTIONS", &[])),
            ("OPTIONS without a requested method", request("OPTIONS", &[("Origin", speaker)])),
            ("GET with a requested method", request("GET", &[("Origin", speaker), (REQUEST_METHOD, "PUT")])),
        ]
    }

    /// Origins whose preflights are asked besides the speaker's: strangers, and the two commonest near misses.
    pub fn preflight_origins(&self) -> Vec<Candidate> {
        let own = self.own_origin();
        let commonest = |candidate: &Candidate| matches!(&*candidate.name, "suffix" | "prefix");
        super::origins::first(&[])
            .into_iter()
            .filter(|candidate| candidate.origin != OTHER_STRANGER)
            .chain(super::origins::near_misses(&[own]).into_iter().filter(commonest))
            .collect()
    }

    /// The server's own origin.
    pub fn own_origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// What is asked again at the end: the speaker, a stranger after it, and the speaker after a stranger.
    pub fn again(&self, speaker: &str) -> Vec<Probe> {
        let again = |origin| self.probe(format!("again, origin {origin}"), &self.get(origin));
        [speaker, STRANGER, speaker].into_iter().filter_map(again).collect()
    }

    /// The requests that follow the preflights for methods that were granted: they change what the server holds.
    pub async fn behind_preflights(
        &self,
        evidence: &Evidence,
        speaker: &str,
        credentials: bool,
    ) -> Vec<Probe> {
        let mut probes = Vec::new();
        for method in METHODS {
            let fetched = evidence.fetched(&self.with(speaker, method, &[]), credentials).await;
            let behind = fetched.and_then(|fetched| fetched.last(HttpRequestKind::Request).cloned());
            probes.extend(
                behind.map(|exchange| Probe { about: format!("{method} itself"), wire: exchange.request }),
            );
        }
        probes
    }

    fn handmade(&self, method: &str, headers: &[(&str, &str)]) -> WireDocument {
        WireDocument {
            method: method.into(),
            path: self.path(),
            headers: headers.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
            repeated: None,
            body: false,
        }
    }

    fn path(&self) -> String {
        self.base[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
    }

    fn request(&self, origin: &str, options: RequestOptions) -> ServerRequest {
        ServerRequest {
            origin: origin.into(),
            path: self.path(),
            options: RequestOptions { credentials: Some(Credentials::Include), ..options },
            cookie: false,
            on_wire: Vec::new(),
        }
    }

    /// The request on the wire with which a browser begins.
    ///
    /// # Errors
    /// [`DocumentError`] when no browser makes such a request.
    pub fn wire(&self, request: &ServerRequest) -> Result<Option<WireRequest>, DocumentError> {
        Ok(browser::first_request(&browser::prepare(request, &self.base)?))
    }

    fn probe(&self, about: impl Into<String>, request: &ServerRequest) -> Option<Probe> {
        Some(Probe { about: about.into(), wire: self.wire(request).ok()?? })
    }

    /// A `GET` for each origin.
    pub fn origins(&self, candidates: &[Candidate]) -> Vec<Probe> {
        let probe = |candidate: &Candidate| {
            self.probe(format!("origin, {}", candidate.name), &self.get(&candidate.origin))
        };
        candidates.iter().filter_map(probe).collect()
    }

    /// A request without `Origin`, which tells whether the endpoint is there.
    pub fn baseline(&self) -> Option<Probe> {
        self.probe("without Origin", &self.get("self"))
    }

    /// What is asked in the name of `speaker`, the origin that got furthest.
    pub fn in_the_name_of(&self, speaker: &str) -> Vec<Probe> {
        let mut probes: Vec<Option<Probe>> = Vec::new();
        for method in METHODS.into_iter().chain(["patch"]) {
            probes.push(self.probe(format!("preflight for {method}"), &self.with(speaker, method, &[])));
        }
        for (name, value) in HEADERS {
            let request = self.with(speaker, "GET", &[(name, value)]);
            probes.push(self.probe(format!("preflight for {name}"), &request));
        }
        for candidate in self.preflight_origins() {
            let about = format!("preflight of another origin, {}", candidate.name);
            probes.push(self.probe(about, &self.with(&candidate.origin, "PUT", &[])));
        }
        probes.push(self.probe("preflight for private networks", &self.private_network(speaker)));
        probes.push(self.probe("preflight for what is no method", &self.not_a_method(speaker)));
        for origin in ["self", speaker, STRANGER, "null"] {
            probes.push(self.probe(format!("a page nobody has, origin {origin}"), &self.missing(origin)));
        }
        let by_hand = self.by_hand(speaker).into_iter();
        probes.extend(by_hand.chain(self.no_preflights(speaker)).map(|(about, document)| {
            Some(Probe { about: about.to_owned(), wire: laws::wire_request(&document) })
        }));
        distinct(probes.into_iter().flatten())
    }

    /// Combinations of request headers, once it is known which are allowed.
    pub fn combinations(&self, speaker: &str, allowed: &[&str]) -> Vec<Probe> {
        let mut probes = Vec::new();
        if let Some(with_unknown) = self.one_allowed_one_not(speaker, allowed) {
            probes.extend(self.probe("preflight for an allowed header and an unknown one", &with_unknown));
        }
        if let Some(name) = allowed.first() {
            probes.extend(self.probe("preflight for a longer name", &self.longer_name(speaker, name)));
        }
        if let &[first, second, ..] = allowed {
            let [together, in_lines, with_space] = self.two_headers(speaker, [first, second]);
            probes.extend(self.probe("preflight for two headers", &together));
            probes.extend(self.probe("the same in two lines", &in_lines));
            probes.extend(self.probe("the same with a space", &with_space));
        }
        distinct(probes.into_iter())
    }

    /// A preflight for a header that is allowed together with one that is not.
    pub fn one_allowed_one_not(&self, speaker: &str, allowed: &[&str]) -> Option<ServerRequest> {
        let name = *allowed.first()?;
        Some(self.with(speaker, "GET", &[(name, value_of(name)), (UNKNOWN_HEADER, "x")]))
    }

    /// A preflight for a header whose name begins like one that is allowed.
    pub fn longer_name(&self, speaker: &str, allowed: &str) -> ServerRequest {
        self.with(speaker, "GET", &[(&format!("{allowed}-corspec"), "x")])
    }
}

/// A value with which the header needs a preflight.
fn value_of(name: &str) -> &'static str {
    if name.eq_ignore_ascii_case("content-type") { "application/json" } else { "x" }
}

/// Each request once.
fn distinct(probes: impl Iterator<Item = Probe>) -> Vec<Probe> {
    let mut kept: Vec<Probe> = Vec::new();
    for probe in probes {
        let key = |probe: &Probe| {
            (probe.wire.method.clone(), probe.wire.target.clone(), probe.wire.headers.clone())
        };
        let same = |other: &Probe| key(other) == key(&probe);
        if !kept.iter().any(same) {
            kept.push(probe);
        }
    }
    kept
}
