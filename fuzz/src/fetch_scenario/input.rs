//! Scenarios made of bytes: what pages fetch, and how the servers answer.

use std::sync::LazyLock;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use corspec_model::{HeaderList, HttpRequest, HttpRequestKind, Origin, Request, Response};
use corspec_vectors::bytes::ByteString;
use corspec_vectors::request::{
    BodyDocument, Credentials, CrossOrigin, EmbedderPolicy, Initiator, Mode, Redirect, RequestOptions,
    StreamWord,
};
use url::Url;

use super::words::{HEADERS, METHODS, ORIGINS, REFERRER_POLICIES, REQUEST_HEADERS, STATUSES, URLS};

/// Fetches of one browser, one after the other, and the servers they meet.
#[derive(Debug)]
pub struct Scenario {
    /// Which law is looked at besides those of every fetch.
    pub law: u8,
    /// The limit the browser imposes on max-age.
    pub max_age_limit: Option<u64>,
    /// What is fetched.
    pub fetches: Vec<Fetched>,
    /// Who answers.
    pub servers: Servers,
}

/// One call of an API that fetches.
#[derive(Debug)]
pub struct Fetched {
    /// The request the call makes.
    pub request: Request,
    /// Time since the fetch before.
    pub pause: Duration,
}

/// All servers there are: each place, a URL and a kind of request, always answers the same, or cannot be reached.
#[derive(Clone, Debug)]
pub struct Servers {
    responses: Vec<Option<Response>>,
}

impl Servers {
    /// The response to `request`; none when nobody answers.
    pub fn answer(&self, request: &HttpRequest) -> Option<&Response> {
        let kind = usize::from(request.kind == HttpRequestKind::Preflight);
        let place =
            request.url.as_str().bytes().fold(kind, |sum, byte| sum * 31 % 65_521 + usize::from(byte));
        self.responses.get(place.checked_rem(self.responses.len())?)?.as_ref()
    }

    /// Every response.
    pub fn responses(&self) -> impl Iterator<Item = &Response> {
        self.responses.iter().flatten()
    }

    /// The same servers without any header of this name.
    pub fn without(&self, name: &str) -> Self {
        let mut servers = self.clone();
        servers.responses.iter_mut().flatten().for_each(|response| response.headers.delete(name));
        servers
    }
}

/// Reads a scenario; calls that throw before they send anything are left out.
pub fn scenario(u: &mut Unstructured<'_>) -> Result<Scenario> {
    let law = u.arbitrary()?;
    let max_age_limit = if one_in(u, 4)? { Some(u.int_in_range(0..=900)?) } else { None };
    let responses = (0..u.int_in_range(0..=7)?).map(|_| response(u)).collect::<Result<_>>()?;
    let mut fetches = Vec::new();
    for _ in 0..u.int_in_range(1..=4)? {
        let pause = Duration::from_secs(u.arbitrary::<u8>()?.into());
        if let Some(request) = request(u)? {
            fetches.push(Fetched { request, pause });
        }
    }
    Ok(Scenario { law, max_age_limit, fetches, servers: Servers { responses } })
}

fn response(u: &mut Unstructured<'_>) -> Result<Option<Response>> {
    let Some(status) = *u.choose(&STATUSES)? else { return Ok(None) };
    let mut headers = HeaderList::new();
    for _ in 0..u.int_in_range(0..=7)? {
        let (name, values) = u.choose(&HEADERS)?;
        headers.push_wire(name, u.choose(values)?);
    }
    Ok(Some(Response::new(status, headers)))
}

/// A request some API makes; none when the call throws before it sends anything.
pub fn request(u: &mut Unstructured<'_>) -> Result<Option<Request>> {
    static PARSED_ORIGINS: LazyLock<Vec<Origin>> =
        LazyLock::new(|| ORIGINS.iter().filter_map(|origin| Origin::parse(origin).ok()).collect());
    static PARSED_URLS: LazyLock<Vec<Url>> =
        LazyLock::new(|| URLS.iter().filter_map(|url| Url::parse(url).ok()).collect());
    let origin = u.choose(&PARSED_ORIGINS)?.clone();
    let url = u.choose(&PARSED_URLS)?.clone();
    Ok(options(u)?.prepare(origin, url).ok().and_then(std::result::Result::ok))
}

/// Options of which none is refused for its initiator.
fn options(u: &mut Unstructured<'_>) -> Result<RequestOptions> {
    let mut options = RequestOptions::default();
    if one_in(u, 8)? {
        options.referrer_policy = (*u.choose(&REFERRER_POLICIES)?).to_owned();
        options.embedder_policy = *u.choose(&[
            EmbedderPolicy::UnsafeNone,
            EmbedderPolicy::Credentialless,
            EmbedderPolicy::RequireCorp,
        ])?;
        if u.arbitrary()? {
            options.top_level = Some((*u.choose(&ORIGINS)?).to_owned());
        }
    }
    match u.int_in_range(0..=15)? {
        0..=2 => xhr(u, &mut options)?,
        3 => {
            options.initiator = Initiator::Beacon;
            options.headers = headers(u, 1)?;
        }
        4..=5 => element(u, &mut options)?,
        6 => {
            options.mode = Some(Mode::Navigate);
            options.method = Some(method(u)?);
            options.body = BodyDocument::Present(u.arbitrary()?);
        }
        _ => fetch(u, &mut options)?,
    }
    Ok(options)
}

fn fetch(u: &mut Unstructured<'_>, options: &mut RequestOptions) -> Result<()> {
    options.method = Some(method(u)?);
    options.headers = headers(u, 4)?;
    if !one_in(u, 2)? {
        options.mode = Some(*u.choose(&[Mode::Cors, Mode::Cors, Mode::NoCors, Mode::SameOrigin])?);
    }
    options.credentials =
        Some(*u.choose(&[Credentials::Omit, Credentials::SameOrigin, Credentials::Include])?);
    options.redirect =
        Some(*u.choose(&[Redirect::Follow, Redirect::Follow, Redirect::Error, Redirect::Manual])?);
    options.body = *u.choose(&[
        BodyDocument::Present(false),
        BodyDocument::Present(true),
        BodyDocument::Stream(StreamWord::Stream),
    ])?;
    Ok(())
}

fn xhr(u: &mut Unstructured<'_>, options: &mut RequestOptions) -> Result<()> {
    options.initiator = Initiator::Xhr;
    options.method = Some(method(u)?);
    options.headers = headers(u, 4)?;
    options.body = BodyDocument::Present(u.arbitrary()?);
    options.with_credentials = u.arbitrary()?;
    options.upload_listeners = u.arbitrary()?;
    Ok(())
}

fn element(u: &mut Unstructured<'_>, options: &mut RequestOptions) -> Result<()> {
    options.initiator = *u.choose(&[
        Initiator::Img,
        Initiator::Script,
        Initiator::ModuleScript,
        Initiator::Stylesheet,
        Initiator::Video,
        Initiator::Audio,
        Initiator::Font,
        Initiator::CssShape,
        Initiator::CssImage,
        Initiator::WebglTexture,
        Initiator::CanvasImage,
        Initiator::Eventsource,
    ])?;
    if options.initiator == Initiator::Eventsource {
        options.with_credentials = u.arbitrary()?;
    } else {
        options.cross_origin =
            *u.choose(&[None, Some(CrossOrigin::Anonymous), Some(CrossOrigin::UseCredentials)])?;
    }
    Ok(())
}

fn method(u: &mut Unstructured<'_>) -> Result<ByteString> {
    Ok(ByteString(u.choose(&METHODS)?.as_bytes().to_vec()))
}

fn headers(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<(ByteString, ByteString)>> {
    (0..u.int_in_range(0..=most)?)
        .map(|_| {
            let (name, value) = u.choose(&REQUEST_HEADERS)?;
            Ok((ByteString(name.as_bytes().to_vec()), ByteString(value.as_bytes().to_vec())))
        })
        .collect()
}

fn one_in(u: &mut Unstructured<'_>, n: u8) -> Result<bool> {
    Ok(u.int_in_range(1..=n)? == n)
}
