//! A client vector made ready for a real browser: the same fetches at URLs the scripted server can tell apart.

use std::collections::BTreeSet;

use corspec_model::abnf::is_token;
use corspec_vectors::bytes::ByteString;
use corspec_vectors::client::{
    ClientVector, EvaluatedFetch, OutcomeDocument, ScriptedFetch, ScriptedResponse,
};
use corspec_vectors::request::{
    BodyDocument, EmbedderPolicy, Initiator, Mode, RequestDocument, RequestOptions,
};
use corspec_vectors::run::client::run;
use url::Url;

/// The query parameter that says to which scenario a request belongs.
const MARKER: &str = "corspec";

/// Seconds of real time a scenario may take: virtual time passes for real in a browser.
const LONGEST: f64 = 20.0;

/// A client vector a page can run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its number: what marks its URLs.
    pub number: usize,
    /// The page it runs in.
    pub page: PageKey,
    /// The fetches, with marked URLs and the header lines that HTTP needs.
    pub fetches: Vec<ScriptedFetch>,
    /// What the model does with these very fetches.
    pub expected: Vec<EvaluatedFetch>,
}

/// What a page must be for its scenarios: scenarios that agree in this run in one page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageKey {
    /// Serialized origin; `null` for an opaque one.
    pub origin: String,
    /// Origin of the top-level page.
    pub top_level: String,
    /// Its embedder policy.
    pub embedder_policy: &'static str,
    /// Whether its scenarios wait for real time to pass: such run all at once.
    pub waits: bool,
}

impl PageKey {
    /// Whether the page is framed by another.
    pub fn is_framed(&self) -> bool {
        self.origin != self.top_level
    }
}

impl Scenario {
    /// Makes `vector` ready as scenario `number`.
    ///
    /// # Errors
    /// Why no page can run it.
    pub fn of(vector: &ClientVector, number: usize) -> Result<Self, String> {
        let page = page_of(vector)?;
        let mut fetches = vector.fetches.clone();
        for fetch in &mut fetches {
            runnable(&fetch.request)?;
            fetch.request.url = mark(&fetch.request.url, number);
            let body = body_of(&fetch.request);
            for response in &mut fetch.responses {
                prepare_response(response, number, body)?;
            }
        }
        let before = run(&vector.fetches, false).map_err(|error| error.to_string())?;
        let expected = run(&fetches, false).map_err(|error| error.to_string())?;
        if !before.iter().zip(&expected).all(|(before, after)| same_course(before, after)) {
            return Err("it depends on the exact bytes of its URLs".to_owned());
        }
        let mut sent = expected.iter().flat_map(|fetch| &fetch.sent);
        if page.top_level.starts_with("https:") && sent.any(|sent| sent.url.starts_with("http:")) {
            return Err("mixed content is blocked before CORS is reached".to_owned());
        }
        Ok(Self { number, page, fetches, expected })
    }

    /// What the model does in one fetch with an empty preflight cache; `None` when the vector has no responses for that.
    pub fn expected_without_cache(&self, index: usize) -> Option<EvaluatedFetch> {
        let fetch = self.fetches.get(index)?;
        run(std::slice::from_ref(fetch), false).ok()?.pop()
    }

    /// The hosts a browser may be sent to, as `scheme://authority`.
    pub fn origins(&self) -> BTreeSet<String> {
        let sent = self.expected.iter().flat_map(|fetch| &fetch.sent);
        sent.filter_map(|sent| Url::parse(&sent.url).ok())
            .map(|url| url.origin().ascii_serialization())
            .collect()
    }
}

/// The number of the scenario a URL is marked with.
pub fn number_of(target: &str) -> Option<usize> {
    let (_, query) = target.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(MARKER)?.strip_prefix('=')?.parse().ok())
}

/// Puts the mark at the end of the query of a URL, absolute or relative.
fn mark(url: &str, number: usize) -> String {
    let (rest, fragment) = match url.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (url, None),
    };
    let separator = if rest.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{rest}{separator}{MARKER}={number}{fragment}")
}

fn page_of(vector: &ClientVector) -> Result<PageKey, String> {
    let mut pages = vector.fetches.iter().map(|fetch| {
        let RequestDocument { origin, options, .. } = &fetch.request;
        PageKey {
            origin: origin.clone(),
            top_level: match &options.top_level {
                Some(top_level) => top_level.clone(),
                // Any page can frame an opaque one; that of the same scheme keeps mixed content out.
                None if origin == "null" && fetch.request.url.starts_with("http:") => {
                    "http://page.example".into()
                }
                None if origin == "null" => "https://page.example".to_owned(),
                None => origin.clone(),
            },
            embedder_policy: match options.embedder_policy {
                EmbedderPolicy::UnsafeNone => "unsafe-none",
                EmbedderPolicy::Credentialless => "credentialless",
                EmbedderPolicy::RequireCorp => "require-corp",
            },
            waits: vector.fetches.iter().any(|fetch| fetch.at > 0.0 || has_no_end(&fetch.request.options)),
        }
    });
    let page = pages.next().ok_or("it has no fetches")?;
    if pages.any(|other| other != page) {
        return Err("its fetches come from several pages".to_owned());
    }
    for origin in [&page.origin, &page.top_level] {
        if origin != "null" && !Url::parse(origin).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err("no page has its origin".to_owned());
        }
    }
    match vector.fetches.iter().map(|fetch| fetch.at).fold(0.0, f64::max) {
        last if last > LONGEST => Err(format!("it takes {last} seconds of real time")),
        _ => Ok(page),
    }
}

/// Whether a page cannot always see when a fetch is done, so that it waits a while.
fn has_no_end(options: &RequestOptions) -> bool {
    options.mode == Some(Mode::Navigate)
        || matches!(options.initiator, Initiator::Beacon | Initiator::CssShape | Initiator::CssImage)
}

fn runnable(request: &RequestDocument) -> Result<(), String> {
    let options = &request.options;
    if matches!(options.body, BodyDocument::Stream(_)) {
        return Err("a streamed body needs HTTP/2".to_owned());
    }
    if options.initiator != Initiator::Fetch && !options.referrer_policy.is_empty() {
        return Err("the initiator takes its referrer policy from the page".to_owned());
    }
    Ok(())
}

/// Adds the mark and the lines without which a browser cannot read the response.
fn prepare_response(
    response: &mut ScriptedResponse,
    number: usize,
    (body, content_type): (&[u8], Option<&str>),
) -> Result<(), String> {
    if response.network_error || response.wire.is_some() {
        return Ok(());
    }
    if !(200..=599).contains(&response.status) && !matches!(response.status, 102..=199) {
        return Err(format!("status {} is none of a final response on the wire", response.status));
    }
    for (name, value) in &mut response.headers {
        if name.0.eq_ignore_ascii_case(b"location") {
            let marked = corspec_model::infra::isomorphic_decode(&value.0);
            *value = ByteString(
                corspec_model::infra::isomorphic_encode(&mark(&marked, number)).unwrap_or_default(),
            );
        }
        if !is_token(&name.0) || value.0.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            return Err("HTTP has no way to send one of its header lines".to_owned());
        }
        if [&b"transfer-encoding"[..], b"content-encoding", b"connection", b"www-authenticate"]
            .iter()
            .any(|reserved| name.0.eq_ignore_ascii_case(reserved))
        {
            return Err(format!("`{name}` changes how the browser handles the response itself"));
        }
    }
    if let Some(content_type) = content_type
        && !response.headers.iter().any(|(name, _)| name.0.eq_ignore_ascii_case(b"content-type"))
    {
        response.headers.push(("Content-Type".into(), content_type.into()));
    }
    let lengths: Vec<_> =
        response.headers.iter().filter(|(name, _)| name.0.eq_ignore_ascii_case(b"content-length")).collect();
    match lengths[..] {
        [] if response.status >= 200 && !matches!(response.status, 204 | 304) => {
            let length = body.len().to_string();
            response.headers.push(("Content-Length".into(), length.as_str().into()));
        }
        [] => {}
        [(_, length)] if body_length(&length.0).is_some() => {}
        _ => return Err("its `Content-Length` is not that of a body".to_owned()),
    }
    Ok(())
}

/// The length a `Content-Length` asks for, if it is a body of a sensible size.
pub fn body_length(value: &[u8]) -> Option<usize> {
    std::str::from_utf8(value).ok()?.parse().ok().filter(|length| *length <= 1 << 16)
}

/// A picture of one pixel.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
/// Two samples of silence.
const WAV: &[u8] =
    b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x02\0\0\0\x80\x80";

/// The body that lets whoever sent the request use the response, and its type where one is needed.
pub fn body_of(request: &RequestDocument) -> (&'static [u8], Option<&'static str>) {
    match request.options.initiator {
        // A frame shows it; what has no type might be downloaded.
        Initiator::Fetch if request.options.mode == Some(Mode::Navigate) => (b"", Some("text/html")),
        Initiator::Fetch | Initiator::Xhr | Initiator::Beacon => (b"", None),
        Initiator::Eventsource => (b"data: 1\n\n", Some("text/event-stream")),
        Initiator::Script | Initiator::ModuleScript => (b";", Some("text/javascript")),
        Initiator::Stylesheet => (b"p {}", Some("text/css")),
        Initiator::Video | Initiator::Audio => (WAV, Some("audio/wav")),
        Initiator::Font => (b"", Some("font/ttf")),
        Initiator::Img
        | Initiator::CssShape
        | Initiator::CssImage
        | Initiator::WebglTexture
        | Initiator::CanvasImage => (GIF, Some("image/gif")),
    }
}

/// Whether the model takes the same course but for the marks.
fn same_course(before: &EvaluatedFetch, after: &EvaluatedFetch) -> bool {
    let methods = |fetch: &EvaluatedFetch| -> Vec<ByteString> {
        fetch.sent.iter().map(|sent| sent.method.clone()).collect()
    };
    let kind = |fetch: &EvaluatedFetch| match &fetch.outcome {
        OutcomeDocument::Error { reason, .. } => reason.clone(),
        OutcomeDocument::Response { outcome_type, status, .. } => format!("{outcome_type} {status}"),
    };
    before.step == after.step && kind(before) == kind(after) && methods(before) == methods(after)
}
