//! HAR files, as DevTools export them: every cross-origin entry, paired with its preflight and followed through its
//! redirects.

mod inferred;

use std::collections::HashMap;

use corspec_model::abnf::{REQUEST_HEADERS, REQUEST_METHOD};
use corspec_model::http_redirect_fetch::REDIRECT_LIMIT;
use corspec_model::request_headers::is_forbidden_request_header;
use corspec_model::{HttpRequestKind, Origin, Response};
use corspec_vectors::bytes::{ByteString, HeaderLines};
use corspec_vectors::client::{RequestKind, ScriptedFetch, ScriptedResponse};
use corspec_vectors::request::{BodyDocument, Credentials, Mode, RequestDocument, RequestOptions};
use serde::Deserialize;
use url::Url;

use super::super::Failure;
use crate::explanation::recorded::{Conditions, MixedContent, Recorder, scripted};
use crate::explanation::{Explanation, explain, is_same_origin};

/// Of a HAR file what is of use here.
#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: HarRequest,
    response: HarResponse,
}

#[derive(Deserialize)]
struct HarRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<HarHeader>,
    #[serde(default)]
    cookies: Vec<serde::de::IgnoredAny>,
    #[serde(default, rename = "postData")]
    post_data: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct HarResponse {
    /// A browser that had no response, or hides it, writes 0, -1 or nothing.
    #[serde(default)]
    status: i64,
    #[serde(default)]
    headers: Vec<HarHeader>,
}

#[derive(Deserialize)]
struct HarHeader {
    name: String,
    value: String,
}

fn header<'a>(headers: &'a [HarHeader], name: &str) -> Option<&'a str> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
}

/// Text as bytes: what fits into one each, as recorders write it, else as UTF-8.
fn bytes(text: &str) -> ByteString {
    ByteString(corspec_model::infra::isomorphic_encode(text).unwrap_or_else(|| text.as_bytes().to_vec()))
}

/// Whether the text is a HAR file.
pub(super) fn is_har(text: &str) -> bool {
    text.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with("\"log\""))
}

/// Explains every cross-origin entry. `credentials` is what the page asked for, which a recording does not say; without
/// it what is recorded lets guess, and a note says so.
///
/// # Errors
/// [`Failure`] naming the place where the file does not parse, or that nothing in it is cross-origin.
pub(crate) fn explain_all(
    name: &str,
    text: &str,
    credentials: Option<Credentials>,
) -> Result<Vec<Explanation>, Failure> {
    let har: Har = serde_json::from_str(text).map_err(|error| {
        Failure::usage(format_args!(
            "{name}: not a HAR file: {error}; export it anew from the browser's Network panel"
        ))
    })?;
    let entries = &har.log.entries;
    let mut recording = Recording::of(entries, credentials);
    let mut explanations = Vec::new();
    for index in 0..entries.len() {
        if let Some(fetch) = recording.fetch(index) {
            explanations
                .push(explained(fetch).map_err(|error| {
                    Failure::usage(format_args!("{name}: log.entries[{index}]: {error}"))
                })?);
        }
    }
    if explanations.is_empty() {
        return Err(Failure::usage(format_args!(
            "{name}: no request of a page to another origin is in its {} entries; record with the Network panel open while \
             the page makes the request",
            entries.len()
        )));
    }
    Ok(explanations)
}

/// A fetch put together from entries.
struct Found {
    fetch: ScriptedFetch,
    /// No preflight was recorded, though there is a response to the request itself.
    remembered: bool,
    /// What was guessed.
    inferred: Option<String>,
}

fn explained(found: Found) -> Result<Explanation, corspec_vectors::DocumentError> {
    let Found { fetch, remembered, inferred } = found;
    let mut explanation = played(fetch, remembered)?;
    explanation.notes.extend(inferred);
    Ok(explanation)
}

fn played(fetch: ScriptedFetch, remembered: bool) -> Result<Explanation, corspec_vectors::DocumentError> {
    // What was answered was sent.
    let mixed_content = if fetch.responses.is_empty() { MixedContent::Refused } else { MixedContent::Sent };
    if !remembered {
        let mut records = scripted(&[fetch], mixed_content)?;
        let (record, conditions) = records.swap_remove(0);
        return explain(record, &conditions);
    }
    // The browser remembered an earlier preflight, so the fetch is played with what it then had in its cache.
    let conditions =
        Conditions { cache: remembering(&fetch.request)?, mixed_content, ..Conditions::default() };
    let mut recorder = Recorder::start(&fetch.request, &conditions)?;
    let mut responses = fetch.responses.iter();
    while recorder.wanted().is_some() {
        let Some(response) = responses.next() else { break };
        recorder.answer(Some(crate::explanation::recorded::scripted_response(response)));
    }
    explain(recorder.finish().0, &conditions)
}

/// A preflight cache that holds all the permissions `request` needs.
fn remembering(
    request: &RequestDocument,
) -> Result<corspec_model::PreflightCache, corspec_vectors::DocumentError> {
    let sent = Conditions { mixed_content: MixedContent::Sent, ..Conditions::default() };
    let mut recorder = Recorder::start(request, &sent)?;
    if let Some(wanted) = recorder.wanted().filter(|wanted| wanted.kind == HttpRequestKind::Preflight) {
        let asked = |name: &str| wanted.headers.get(name).unwrap_or_default().into_owned();
        let grant = [
            ("Access-Control-Allow-Origin", asked("Origin")),
            ("Access-Control-Allow-Credentials", b"true".to_vec()),
            ("Access-Control-Allow-Methods", asked(REQUEST_METHOD)),
            ("Access-Control-Allow-Headers", asked(REQUEST_HEADERS)),
        ];
        recorder.answer(Some(Response::new(204, grant.into_iter().collect())));
    }
    Ok(recorder.finish().1)
}

struct Recording<'a> {
    entries: &'a [Entry],
    taken: Vec<bool>,
    credentials: Option<Credentials>,
    /// Places of requests, by URL.
    requests: HashMap<&'a str, Vec<usize>>,
    /// Places of preflights, by URL and the method they ask for.
    preflights: HashMap<(&'a str, &'a str), Vec<usize>>,
}

impl<'a> Recording<'a> {
    fn of(entries: &'a [Entry], credentials: Option<Credentials>) -> Self {
        let mut requests: HashMap<_, Vec<usize>> = HashMap::new();
        let mut preflights: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, Entry { request, .. }) in entries.iter().enumerate() {
            let url = request.url.as_str();
            match header(&request.headers, REQUEST_METHOD).filter(|_| request.method == "OPTIONS") {
                Some(method) => preflights.entry((url, method)).or_default().push(index),
                None => requests.entry(url).or_default().push(index),
            }
        }
        Self { entries, taken: vec![false; entries.len()], credentials, requests, preflights }
    }

    /// The fetch that begins with this entry, when it is one to another origin.
    fn fetch(&mut self, index: usize) -> Option<Found> {
        let entry = &self.entries[index];
        if self.taken[index] || is_preflight(entry) && self.is_of_a_request(index) {
            return None;
        }
        let origin = origin_of(&entry.request)?;
        let mode = match header(&entry.request.headers, "Sec-Fetch-Mode") {
            Some("cors") => Mode::Cors,
            Some("no-cors") => Mode::NoCors,
            Some("same-origin") => Mode::SameOrigin,
            Some(_) => return None,
            None if header(&entry.request.headers, "Origin").is_some() => Mode::Cors,
            None => Mode::NoCors,
        };
        let chain = self.chain(index);
        if chain.iter().all(|&hop| is_same_origin(&origin, &self.entries[hop].request.url)) {
            return None;
        }
        let mut responses = Vec::new();
        let mut asked = None;
        let mut unpaired = false;
        for &hop in &chain {
            self.taken[hop] = true;
            if is_preflight(&self.entries[hop]) {
                unpaired = true;
                asked = header(&self.entries[hop].request.headers, REQUEST_HEADERS);
                responses.extend(response(&self.entries[hop], RequestKind::Preflight));
                continue;
            }
            if let Some(preflight) = self.preflight_of(hop) {
                self.taken[preflight] = true;
                asked =
                    asked.or(header(&self.entries[preflight].request.headers, REQUEST_HEADERS).or(Some("")));
                responses.extend(response(&self.entries[preflight], RequestKind::Preflight));
            }
            responses.extend(response(&self.entries[hop], RequestKind::Request));
        }
        let remembered = asked.is_none()
            && responses.iter().any(|response| response.answers == Some(RequestKind::Request));
        let options = self.options(entry, mode, asked, unpaired);
        let request = RequestDocument { origin, url: entry.request.url.clone(), options };
        // What no page can ask for was not asked for by one.
        request.prepare().ok()?.ok()?;
        let inferred = inferred::note(entry, mode, self.credentials, asked);
        Some(Found { fetch: ScriptedFetch { at: 0.0, request, responses }, remembered, inferred })
    }

    /// What script asked for, as far as a recording tells: the preflight names the headers it set.
    fn options(&self, entry: &Entry, mode: Mode, asked: Option<&str>, unpaired: bool) -> RequestOptions {
        let sent = &entry.request.headers;
        let is_asked = |name: &str| {
            asked.is_some_and(|asked| asked.split(',').any(|asked| asked.trim().eq_ignore_ascii_case(name)))
        };
        let mut headers: HeaderLines = Vec::new();
        if unpaired {
            let names = asked.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
            headers.extend(names.map(|name| (bytes(name), "(not recorded)".into())));
        } else {
            for line in sent {
                let by_script = match asked {
                    Some(_) => is_asked(&line.name) || line.name.eq_ignore_ascii_case("content-type"),
                    None => !is_the_browsers(line),
                };
                if by_script {
                    headers.push((bytes(&line.name), bytes(&line.value)));
                }
            }
        }
        let method =
            if unpaired { header(sent, REQUEST_METHOD).unwrap_or("GET") } else { &entry.request.method };
        let inferred = || inferred::credentials(&entry.request, asked).map(|(mode, _)| mode);
        let has_body = entry.request.post_data.is_some() && !matches!(method, "GET" | "HEAD");
        RequestOptions {
            method: Some(bytes(method)),
            headers,
            mode: Some(mode),
            credentials: self.credentials.or_else(inferred),
            body: BodyDocument::Present(has_body),
            ..RequestOptions::default()
        }
    }

    /// The entries of one fetch: the first, and those its redirects lead to, as many as are followed.
    fn chain(&self, first: usize) -> Vec<usize> {
        let mut chain = vec![first];
        let mut at = first;
        while let Some(next) = location_of(&self.entries[at]).and_then(|url| self.next(at, &url))
            && chain.len() <= usize::from(REDIRECT_LIMIT)
        {
            chain.push(next);
            at = next;
        }
        chain
    }

    /// The next request for this URL that nothing else has taken.
    fn next(&self, after: usize, url: &str) -> Option<usize> {
        let requests = self.requests.get(url)?;
        let later = requests.partition_point(|&index| index <= after);
        requests[later..].iter().copied().find(|&index| !self.taken[index])
    }

    /// The nearest preflight of a request: recorders write it before the request or after.
    fn preflight_of(&self, request: usize) -> Option<usize> {
        let HarRequest { url, method, .. } = &self.entries[request].request;
        let preflights = self.preflights.get(&(url.as_str(), method.as_str()))?;
        let free = preflights.iter().copied().filter(|&index| !self.taken[index]);
        free.min_by_key(|&index| index.abs_diff(request))
    }

    /// Whether a request that is still to come has this preflight.
    fn is_of_a_request(&self, preflight: usize) -> bool {
        let HarRequest { url, headers, .. } = &self.entries[preflight].request;
        let method = header(headers, REQUEST_METHOD).unwrap_or_default();
        let requests = self.requests.get(url.as_str()).map_or(&[][..], Vec::as_slice);
        requests.iter().any(|&index| !self.taken[index] && self.entries[index].request.method == method)
    }
}

fn is_preflight(entry: &Entry) -> bool {
    entry.request.method == "OPTIONS" && header(&entry.request.headers, REQUEST_METHOD).is_some()
}

/// Headers that browsers send by themselves.
fn is_the_browsers(line: &HarHeader) -> bool {
    const OWN: [&str; 10] = [
        "accept",
        "accept-language",
        "cache-control",
        "content-length",
        "if-modified-since",
        "if-none-match",
        "pragma",
        "priority",
        "upgrade-insecure-requests",
        "user-agent",
    ];
    line.name.starts_with(':')
        || OWN.iter().any(|own| line.name.eq_ignore_ascii_case(own))
        || is_forbidden_request_header(line.name.as_bytes(), line.value.as_bytes())
}

/// The origin of the page that asked.
fn origin_of(request: &HarRequest) -> Option<String> {
    if let Some(origin) = header(&request.headers, "Origin") {
        return Origin::parse(origin).is_ok().then(|| origin.to_owned());
    }
    let referrer = Url::parse(header(&request.headers, "Referer")?).ok()?;
    matches!(referrer.scheme(), "http" | "https").then(|| referrer.origin().ascii_serialization())
}

/// The recorded response; `None` where the recorder has none.
fn response(entry: &Entry, kind: RequestKind) -> Option<ScriptedResponse> {
    let status = u16::try_from(entry.response.status).ok().filter(|status| (200..=999).contains(status))?;
    let headers = entry.response.headers.iter().filter(|line| !line.name.starts_with(':'));
    // Recorders join the lines of one name with line breaks.
    let headers =
        headers.flat_map(|line| line.value.split('\n').map(|value| (bytes(&line.name), bytes(value.trim()))));
    Some(ScriptedResponse {
        answers: Some(kind),
        status,
        headers: headers.collect(),
        wire: None,
        network_error: false,
    })
}

/// Where the response redirects to.
fn location_of(entry: &Entry) -> Option<String> {
    if !matches!(entry.response.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut url =
        Url::parse(&entry.request.url).ok()?.join(header(&entry.response.headers, "Location")?).ok()?;
    url.set_fragment(None);
    Some(url.into())
}
