//! [Requests](https://fetch.spec.whatwg.org/#requests).

use crate::header_list::HeaderList;
use crate::infra::isomorphic_decode;
use crate::origin::{Origin, Site};
use crate::referrer_policy::ReferrerPolicy;
use crate::url_list::FetchUrl;

/// A [request](https://fetch.spec.whatwg.org/#concept-request): what a client asks fetch to do.
///
/// Make one with [`crate::initiator`], which sets it up as `fetch()`, `XMLHttpRequest` or an element does, or with
/// [`Request::new`], which gives the standard's own defaults.
#[derive(Clone, Debug)]
pub struct Request {
    /// [Method](https://fetch.spec.whatwg.org/#concept-request-method); `GET` by default.
    pub method: Box<[u8]>,
    /// [Header list](https://fetch.spec.whatwg.org/#concept-request-header-list).
    pub headers: HeaderList,
    /// [Unsafe-request flag](https://fetch.spec.whatwg.org/#unsafe-request-flag): preflight by method and headers.
    pub unsafe_request: bool,
    /// [Body](https://fetch.spec.whatwg.org/#concept-request-body), as far as redirects care.
    pub body: Body,
    /// What stands for the [client](https://fetch.spec.whatwg.org/#concept-request-client).
    pub client: Client,
    /// [Destination](https://fetch.spec.whatwg.org/#concept-request-destination).
    pub destination: Destination,
    /// [Origin](https://fetch.spec.whatwg.org/#concept-request-origin).
    pub origin: Origin,
    /// [Referrer policy](https://fetch.spec.whatwg.org/#concept-request-referrer-policy).
    pub referrer_policy: ReferrerPolicy,
    /// [Mode](https://fetch.spec.whatwg.org/#concept-request-mode); `no-cors` by default.
    pub mode: Mode,
    /// [Use-CORS-preflight flag](https://fetch.spec.whatwg.org/#use-cors-preflight-flag).
    pub use_cors_preflight: bool,
    /// [Credentials mode](https://fetch.spec.whatwg.org/#concept-request-credentials-mode); `same-origin` by default.
    pub credentials_mode: CredentialsMode,
    /// [Redirect mode](https://fetch.spec.whatwg.org/#concept-request-redirect-mode); `follow` by default.
    pub redirect_mode: RedirectMode,
    /// [Response tainting](https://fetch.spec.whatwg.org/#concept-request-response-tainting), set by fetch.
    pub response_tainting: ResponseTainting,
    /// [Redirect count](https://fetch.spec.whatwg.org/#concept-request-redirect-count), set by fetch.
    pub redirect_count: u8,
    /// [Timing allow failed flag](https://fetch.spec.whatwg.org/#timing-allow-failed), set by fetch.
    pub timing_allow_failed: bool,
    first_url: FetchUrl,
    redirected_urls: Vec<FetchUrl>,
}

impl Request {
    /// A request for `url` on behalf of `origin`, everything else as the standard says it is by default. The client
    /// is a top-level page of `origin`.
    pub fn new(origin: Origin, url: impl Into<FetchUrl>) -> Self {
        Self {
            method: (*b"GET").into(),
            headers: HeaderList::new(),
            unsafe_request: false,
            body: Body::None,
            client: Client::top_level(&origin),
            destination: Destination::None,
            origin,
            referrer_policy: ReferrerPolicy::Empty,
            mode: Mode::NoCors,
            use_cors_preflight: false,
            credentials_mode: CredentialsMode::SameOrigin,
            redirect_mode: RedirectMode::Follow,
            response_tainting: ResponseTainting::Basic,
            redirect_count: 0,
            timing_allow_failed: false,
            first_url: url.into(),
            redirected_urls: Vec::new(),
        }
    }

    /// [URL list](https://fetch.spec.whatwg.org/#concept-request-url-list): the URL, then each redirect's.
    pub fn url_list(&self) -> impl Iterator<Item = &FetchUrl> {
        std::iter::once(&self.first_url).chain(&self.redirected_urls)
    }

    /// [Current URL](https://fetch.spec.whatwg.org/#concept-request-current-url): the last in the URL list.
    pub fn current_url(&self) -> &FetchUrl {
        self.redirected_urls.last().unwrap_or(&self.first_url)
    }

    /// Whether the URL list has more than one item.
    pub fn is_redirected(&self) -> bool {
        !self.redirected_urls.is_empty()
    }

    /// Appends to the URL list.
    pub fn push_url(&mut self, url: FetchUrl) {
        self.redirected_urls.push(url);
    }

    /// [Redirect-taint](https://fetch.spec.whatwg.org/#concept-request-tainted-origin): how far the chain of URLs
    /// strayed from the request's origin before its last URL.
    pub fn redirect_taint(&self) -> RedirectTaint {
        // 1. Assert: the origin is not `client`. (It never is here.)
        // 2.–3.
        let mut last_url: Option<&FetchUrl> = None;
        let mut taint = RedirectTaint::SameOrigin;
        // 4. For each URL:
        for url in self.url_list() {
            // 4.1. The first has no predecessor.
            let Some(last) = last_url else {
                last_url = Some(url);
                continue;
            };
            // 4.2. From a third site to another site.
            if !url.origin().is_same_site_with(last.origin()) && !self.origin.is_same_site_with(last.origin())
            {
                return RedirectTaint::CrossSite;
            }
            // 4.3. From a third origin to another origin.
            if !url.origin().is_same_origin_with(last.origin())
                && !self.origin.is_same_origin_with(last.origin())
            {
                taint = RedirectTaint::SameSite;
            }
            // 4.4.
            last_url = Some(url);
        }
        // 5.
        taint
    }

    /// [Byte-serialize a request origin](https://fetch.spec.whatwg.org/#byte-serializing-a-request-origin): the
    /// origin's serialization, or `null` once redirects tainted the request.
    pub fn byte_serialize_origin(&self) -> &[u8] {
        // Serializing a request origin, 2.
        if self.redirect_taint() != RedirectTaint::SameOrigin {
            return b"null";
        }
        // Serializing a request origin, 3.
        self.origin.serialize()
    }

    /// [Serialize a request origin](https://fetch.spec.whatwg.org/#serializing-a-request-origin) as a string.
    pub fn serialize_origin(&self) -> String {
        isomorphic_decode(self.byte_serialize_origin())
    }

    /// Whether this is a [navigation request](https://fetch.spec.whatwg.org/#navigation-request).
    pub fn is_navigation_request(&self) -> bool {
        self.destination == Destination::Document
    }
}

/// What the model needs of a request's client, an environment settings object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// The key of the preflight cache's partition; `None` when there is no client.
    pub network_partition_key: Option<NetworkPartitionKey>,
    /// The [embedder policy](https://html.spec.whatwg.org/#embedder-policy-value-2) of the client's policy container.
    pub embedder_policy: EmbedderPolicy,
    /// The referrer policy of the client's policy container.
    pub referrer_policy: ReferrerPolicy,
}

impl Client {
    /// A page of `origin` shown at the top level, with default policies.
    pub fn top_level(origin: &Origin) -> Self {
        Self {
            network_partition_key: Some(NetworkPartitionKey { site: Site::of(origin), second: None }),
            embedder_policy: EmbedderPolicy::UnsafeNone,
            referrer_policy: ReferrerPolicy::default(),
        }
    }
}

/// A [network partition key](https://fetch.spec.whatwg.org/#network-partition-key).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NetworkPartitionKey {
    /// Site of the top-level page.
    pub site: Site,
    /// The implementation-defined second key.
    pub second: Option<Box<str>>,
}

/// A request's [mode](https://fetch.spec.whatwg.org/#concept-request-mode). WebSocket and WebTransport are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the standard's own words")]
pub enum Mode {
    SameOrigin,
    Cors,
    NoCors,
    Navigate,
}

/// A request's [credentials mode](https://fetch.spec.whatwg.org/#concept-request-credentials-mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the standard's own words")]
pub enum CredentialsMode {
    Omit,
    SameOrigin,
    Include,
}

/// A request's [redirect mode](https://fetch.spec.whatwg.org/#concept-request-redirect-mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the standard's own words")]
pub enum RedirectMode {
    Follow,
    Error,
    Manual,
}

/// A request's [response tainting](https://fetch.spec.whatwg.org/#concept-request-response-tainting).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the standard's own words")]
pub enum ResponseTainting {
    Basic,
    Cors,
    Opaque,
}

/// A request's [redirect-taint](https://fetch.spec.whatwg.org/#concept-request-tainted-origin).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the standard's own words")]
pub enum RedirectTaint {
    SameOrigin,
    SameSite,
    CrossSite,
}

/// A request's [body](https://fetch.spec.whatwg.org/#concept-request-body), as far as redirects care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// No body.
    None,
    /// A body with a source, which can be sent again.
    Source,
    /// A body whose source is null: a `ReadableStream`, which can be sent once.
    Stream,
}

/// A request's [destination](https://fetch.spec.whatwg.org/#concept-request-destination), those the initiators use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the standard's own words")]
pub enum Destination {
    /// The empty string.
    None,
    Audio,
    Document,
    Font,
    Image,
    Script,
    Style,
    Video,
}

/// An [embedder policy value](https://html.spec.whatwg.org/#embedder-policy-value).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the standard's own words")]
pub enum EmbedderPolicy {
    UnsafeNone,
    RequireCorp,
    Credentialless,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let url: url::Url = "https://b.example/".parse().unwrap();
        Request::new(Origin::parse("https://a.example").unwrap(), url)
    }

    #[test]
    fn a_request_is_redirected_once_it_has_a_second_url() {
        let mut request = request();
        assert!(!request.is_redirected());
        let second: url::Url = "https://c.example/".parse().unwrap();
        request.push_url(second.clone().into());
        assert!(request.is_redirected());
        assert_eq!(request.current_url().url(), &second);
        assert_eq!(request.url_list().count(), 2);
    }

    #[test]
    fn only_a_document_makes_a_navigation() {
        let mut request = request();
        assert!(!request.is_navigation_request());
        request.destination = Destination::Document;
        assert!(request.is_navigation_request());
    }
}
