//! Client requests as documents, and how they become requests of the model.

use corspec_model::initiator::element::{CorsAttribute, Element};
use corspec_model::initiator::fetch_method::RequestInit;
use corspec_model::initiator::xhr::XhrInit;
use corspec_model::initiator::{beacon, element, fetch_method, navigation, xhr};
use corspec_model::origin::Site;
use corspec_model::referrer_policy::ReferrerPolicy;
use corspec_model::request::{self as model, Body};
use corspec_model::{NetworkError, Origin, Request};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::DocumentError;
use crate::bytes::{ByteString, HeaderLines};

/// What a page asks its browser to fetch.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestDocument {
    /// Serialized origin of the page, or `null` in quotes for an opaque one.
    pub origin: String,
    /// Absolute URL.
    pub url: String,
    /// What the page asks for besides origin and URL.
    #[serde(flatten)]
    pub options: RequestOptions,
}

/// Everything about a client request but its origin and URL; the defaults are those of `fetch()`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct RequestOptions {
    /// As given to the API; `GET` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<ByteString>,
    /// As given to the API, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: HeaderLines,
    /// `cors` by default. Only for the initiator `fetch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// `same-origin` by default. Only for the initiator `fetch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// `follow` by default. Only for the initiator `fetch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<Redirect>,
    /// Whether there is a body, and of which kind.
    #[serde(default, skip_serializing_if = "BodyDocument::is_none")]
    pub body: BodyDocument,
    /// A referrer policy, or the empty string for the page's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub referrer_policy: String,
    /// Which API fetches.
    #[serde(default, skip_serializing_if = "Initiator::is_fetch")]
    pub initiator: Initiator,
    /// The `crossorigin` attribute of elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_origin: Option<CrossOrigin>,
    /// `withCredentials` of `XMLHttpRequest` and `EventSource`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_credentials: bool,
    /// Whether a listener is registered on `upload` of an `XMLHttpRequest`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub upload_listeners: bool,
    /// Origin of the top-level page, which partitions the preflight cache; the request's origin by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_level: Option<String>,
    /// The page's embedder policy.
    #[serde(default, skip_serializing_if = "EmbedderPolicy::is_unsafe_none")]
    pub embedder_policy: EmbedderPolicy,
}

/// A request mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the standard's own words")]
pub enum Mode {
    Cors,
    NoCors,
    SameOrigin,
    Navigate,
}

impl From<Mode> for model::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Cors => Self::Cors,
            Mode::NoCors => Self::NoCors,
            Mode::SameOrigin => Self::SameOrigin,
            Mode::Navigate => Self::Navigate,
        }
    }
}

/// A credentials mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the standard's own words")]
pub enum Credentials {
    Omit,
    #[default]
    SameOrigin,
    Include,
}

impl From<Credentials> for model::CredentialsMode {
    fn from(credentials: Credentials) -> Self {
        match credentials {
            Credentials::Omit => Self::Omit,
            Credentials::SameOrigin => Self::SameOrigin,
            Credentials::Include => Self::Include,
        }
    }
}

/// A redirect mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the standard's own words")]
pub enum Redirect {
    Follow,
    Error,
    Manual,
}

/// An embedder policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the standard's own words")]
pub enum EmbedderPolicy {
    #[default]
    UnsafeNone,
    Credentialless,
    RequireCorp,
}

impl EmbedderPolicy {
    fn is_unsafe_none(&self) -> bool {
        *self == Self::UnsafeNone
    }
}

impl From<EmbedderPolicy> for model::EmbedderPolicy {
    fn from(policy: EmbedderPolicy) -> Self {
        match policy {
            EmbedderPolicy::UnsafeNone => Self::UnsafeNone,
            EmbedderPolicy::Credentialless => Self::Credentialless,
            EmbedderPolicy::RequireCorp => Self::RequireCorp,
        }
    }
}

/// `true` (a body without a `Content-Type` of its own), `false`, or `"stream"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BodyDocument {
    /// A body that can be sent again, or none.
    Present(bool),
    /// A body from a `ReadableStream`.
    Stream(StreamWord),
}

/// `"stream"`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "one word")]
pub enum StreamWord {
    Stream,
}

impl Default for BodyDocument {
    fn default() -> Self {
        Self::Present(false)
    }
}

impl BodyDocument {
    fn is_none(&self) -> bool {
        *self == Self::Present(false)
    }
}

impl From<BodyDocument> for Body {
    fn from(body: BodyDocument) -> Self {
        match body {
            BodyDocument::Present(false) => Self::None,
            BodyDocument::Present(true) => Self::Source,
            BodyDocument::Stream(_) => Self::Stream,
        }
    }
}

/// The `crossorigin` attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "HTML's own words")]
pub enum CrossOrigin {
    Anonymous,
    UseCredentials,
}

/// The API that fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "named as in the README")]
pub enum Initiator {
    #[default]
    Fetch,
    Xhr,
    Eventsource,
    Img,
    Script,
    ModuleScript,
    Stylesheet,
    Video,
    Audio,
    Font,
    CssShape,
    CssImage,
    WebglTexture,
    CanvasImage,
    Beacon,
}

impl Initiator {
    fn is_fetch(&self) -> bool {
        *self == Self::Fetch
    }

    /// The element or style sheet property, for those initiators that are one.
    fn element(self) -> Option<Element> {
        Some(match self {
            Self::Fetch | Self::Xhr | Self::Beacon => return None,
            Self::Eventsource => Element::EventSource,
            Self::Img => Element::Img,
            Self::Script => Element::Script,
            Self::ModuleScript => Element::ModuleScript,
            Self::Stylesheet => Element::Stylesheet,
            Self::Video => Element::Video,
            Self::Audio => Element::Audio,
            Self::Font => Element::Font,
            Self::CssShape => Element::CssShape,
            Self::CssImage => Element::CssImage,
            Self::WebglTexture => Element::WebglTexture,
            Self::CanvasImage => Element::CanvasImage,
        })
    }
}

impl RequestDocument {
    /// The request of the model, or the error with which the API throws before anything is sent.
    ///
    /// # Errors
    /// [`DocumentError`] when the document makes no sense: no URL, no origin, a field its initiator does not have.
    pub fn prepare(&self) -> Result<Result<Request, NetworkError>, DocumentError> {
        let origin = Origin::parse(&self.origin).map_err(|error| DocumentError::new("origin", error))?;
        let url = Url::parse(&self.url).map_err(|error| DocumentError::new("url", error))?;
        self.options.prepare(origin, url)
    }
}

impl RequestOptions {
    /// As [`RequestDocument::prepare`], for an origin and a URL already at hand.
    ///
    /// # Errors
    /// As [`RequestDocument::prepare`].
    pub fn prepare(&self, origin: Origin, url: Url) -> Result<Result<Request, NetworkError>, DocumentError> {
        self.refuse_what_the_initiator_lacks()?;
        let referrer_policy = ReferrerPolicy::from_token(self.referrer_policy.as_bytes())
            .ok_or_else(|| DocumentError::new("referrer_policy", "not a referrer policy"))?;
        let top_level = match &self.top_level {
            Some(top_level) => {
                Origin::parse(top_level).map_err(|error| DocumentError::new("top_level", error))?
            }
            None => origin.clone(),
        };
        let mut request = match self.initiate(origin, url) {
            Ok(request) => request,
            Err(thrown) => return Ok(Err(thrown)),
        };
        request.referrer_policy = referrer_policy;
        request.client.embedder_policy = self.embedder_policy.into();
        if let Some(key) = &mut request.client.network_partition_key {
            key.site = Site::of(&top_level);
        }
        Ok(Ok(request))
    }

    fn initiate(&self, origin: Origin, url: Url) -> Result<Request, NetworkError> {
        let method = self.method.as_ref().map_or(&b"GET"[..], |method| &method.0);
        let headers: Vec<(Vec<u8>, Vec<u8>)> =
            self.headers.iter().map(|(name, value)| (name.0.clone(), value.0.clone())).collect();
        if let Some(kind) = self.initiator.element() {
            let attribute = match (self.cross_origin, self.with_credentials) {
                (Some(CrossOrigin::UseCredentials), _) | (_, true) => CorsAttribute::UseCredentials,
                (Some(CrossOrigin::Anonymous), _) => CorsAttribute::Anonymous,
                (None, false) => CorsAttribute::NoCors,
            };
            return Ok(element::element(origin, url, kind, attribute));
        }
        match self.initiator {
            Initiator::Xhr => {
                let init = XhrInit {
                    method,
                    headers: &headers,
                    body: Body::from(self.body) != Body::None,
                    with_credentials: self.with_credentials,
                    upload_listeners: self.upload_listeners,
                };
                xhr::xhr(origin, url, &init)
            }
            Initiator::Beacon => {
                let content_type =
                    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"content-type"));
                Ok(beacon::beacon(origin, url, content_type.map(|(_, value)| &**value)))
            }
            _ if self.mode == Some(Mode::Navigate) => {
                navigation::navigation(origin, url, method, Body::from(self.body) != Body::None)
            }
            _ => {
                let init = RequestInit {
                    method,
                    headers: &headers,
                    body: self.body.into(),
                    mode: self.mode.unwrap_or(Mode::Cors).into(),
                    credentials: self.credentials.unwrap_or_default().into(),
                    redirect: match self.redirect {
                        None | Some(Redirect::Follow) => model::RedirectMode::Follow,
                        Some(Redirect::Error) => model::RedirectMode::Error,
                        Some(Redirect::Manual) => model::RedirectMode::Manual,
                    },
                    referrer_policy: ReferrerPolicy::Empty,
                };
                fetch_method::fetch(origin, url, &init)
            }
        }
    }

    /// Each initiator decides some things by itself; a document that says otherwise is a mistake.
    fn refuse_what_the_initiator_lacks(&self) -> Result<(), DocumentError> {
        let fetch = self.initiator == Initiator::Fetch;
        let xhr = self.initiator == Initiator::Xhr;
        let element = self.initiator.element().is_some();
        let event_source = self.initiator == Initiator::Eventsource;
        let given = [
            ("mode", self.mode.is_some(), fetch),
            ("credentials", self.credentials.is_some(), fetch),
            ("redirect", self.redirect.is_some(), fetch),
            ("method", self.method.is_some(), fetch || xhr),
            ("headers", !self.headers.is_empty(), !element),
            ("body", !self.body.is_none(), !element),
            ("cross_origin", self.cross_origin.is_some(), element && !event_source),
            ("with_credentials", self.with_credentials, xhr || event_source),
            ("upload_listeners", self.upload_listeners, xhr),
        ];
        match given.into_iter().find(|&(_, given, applies)| given && !applies) {
            Some((field, ..)) => Err(DocumentError::new(field, "this initiator decides that by itself")),
            None => Ok(()),
        }
    }
}
