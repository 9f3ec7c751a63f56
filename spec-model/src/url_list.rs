//! A URL with its origin at hand, as a request's [URL list](https://fetch.spec.whatwg.org/#concept-request-url-list)
//! holds it.

use url::Url;

use crate::origin::Origin;

/// A URL and its origin, computed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchUrl {
    url: Url,
    origin: Origin,
}

impl FetchUrl {
    /// The URL record.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The [origin of the URL](https://url.spec.whatwg.org/#concept-url-origin).
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// [HTTP(S) scheme](https://fetch.spec.whatwg.org/#http-scheme).
    pub fn has_http_scheme(&self) -> bool {
        matches!(self.url.scheme(), "http" | "https")
    }

    /// [Includes credentials](https://url.spec.whatwg.org/#include-credentials): a username or a password.
    pub fn includes_credentials(&self) -> bool {
        !self.url.username().is_empty() || self.url.password().is_some_and(|password| !password.is_empty())
    }
}

impl From<Url> for FetchUrl {
    fn from(url: Url) -> Self {
        let origin = Origin::of_url(&url);
        Self { url, origin }
    }
}
