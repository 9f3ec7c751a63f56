//! [Responses](https://fetch.spec.whatwg.org/#responses): the response handed in, its filtered views, its location.

use url::Url;

use crate::abnf::ParseFailure;
use crate::header_list::{HeaderList, convert_header_names_to_a_sorted_lowercase_set};
use crate::response_headers::{ExposedNames, is_forbidden_response_header_name};
use crate::url_list::FetchUrl;

/// An HTTP response as it came over the wire: what a driver hands to the model. The body is of no interest here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// [Status](https://fetch.spec.whatwg.org/#concept-response-status), 0 to 999.
    pub status: u16,
    /// [Header list](https://fetch.spec.whatwg.org/#concept-response-header-list).
    pub headers: HeaderList,
}

impl Response {
    /// A response of `status` with `headers`.
    pub fn new(status: u16, headers: HeaderList) -> Self {
        Self { status, headers }
    }

    /// Whether the status is an [ok status](https://fetch.spec.whatwg.org/#ok-status): 200 to 299.
    pub const fn has_ok_status(&self) -> bool {
        self.status >= 200 && self.status <= 299
    }

    /// Whether the status is a [redirect status](https://fetch.spec.whatwg.org/#redirect-status).
    pub const fn has_redirect_status(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }

    /// [Location URL](https://fetch.spec.whatwg.org/#concept-response-location-url), given the response's URL and the
    /// request's fragment. `Ok(None)` is the standard's null: no redirect, or no `Location`.
    ///
    /// `Location` is taken as one value without its ABNF being enforced, as engines do: what the URL parser accepts is
    /// followed. Its bytes are read as UTF-8; the standard does not say how.
    ///
    /// # Errors
    /// [`ParseFailure`] when there are several `Location` lines or the value is no URL.
    pub fn location_url(
        &self,
        response_url: &Url,
        request_fragment: Option<&str>,
    ) -> Result<Option<FetchUrl>, ParseFailure> {
        // 1. Not a redirect status: null.
        if !self.has_redirect_status() {
            return Ok(None);
        }
        // 2. Extract `Location`.
        let mut lines = self.headers.lines("Location");
        let Some(location) = lines.next() else { return Ok(None) };
        if lines.next().is_some() {
            return Err(ParseFailure);
        }
        // 3. Parse it against the response's URL.
        let mut location = response_url.join(&String::from_utf8_lossy(location)).map_err(|_| ParseFailure)?;
        // 4. Without a fragment it takes the request's.
        if location.fragment().is_none() {
            location.set_fragment(request_fragment);
        }
        // 5.
        Ok(Some(location.into()))
    }
}

/// The [type](https://fetch.spec.whatwg.org/#concept-response-type) of the response script gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the standard's own words")]
pub enum ResponseType {
    Basic,
    Cors,
    Opaque,
    OpaqueRedirect,
}

impl ResponseType {
    /// The standard's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Cors => "cors",
            Self::Opaque => "opaque",
            Self::OpaqueRedirect => "opaqueredirect",
        }
    }
}

/// A [filtered response](https://fetch.spec.whatwg.org/#concept-filtered-response): what script sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredResponse {
    /// Its type.
    pub response_type: ResponseType,
    /// Its status; 0 when it is opaque.
    pub status: u16,
    /// Its URL without fragment; `None` when it is opaque.
    pub url: Option<Url>,
    /// Whether it came after a redirect.
    pub redirected: bool,
    /// The names of the headers script can read: lower-cased, sorted, each once.
    pub headers: Vec<Box<[u8]>>,
}

impl FilteredResponse {
    /// Filters `internal` for script.
    ///
    /// `exposed` is the [CORS-exposed header-name
    /// list](https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list).
    pub(crate) fn new(
        response_type: ResponseType,
        internal: &Response,
        url: &Url,
        redirected: bool,
        exposed: &ExposedNames,
    ) -> Self {
        let names = internal.headers.iter().map(|header| &*header.name);
        let headers = match response_type {
            ResponseType::Basic => convert_header_names_to_a_sorted_lowercase_set(
                names.filter(|name| !is_forbidden_response_header_name(name)),
            ),
            ResponseType::Cors => {
                convert_header_names_to_a_sorted_lowercase_set(names.filter(|name| exposed.may_read(name)))
            }
            ResponseType::Opaque | ResponseType::OpaqueRedirect => Vec::new(),
        };
        let readable = matches!(response_type, ResponseType::Basic | ResponseType::Cors);
        let url = (response_type != ResponseType::Opaque).then(|| {
            let mut url = url.clone();
            url.set_fragment(None);
            url
        });
        Self {
            response_type,
            status: if readable { internal.status } else { 0 },
            redirected: redirected && url.is_some(),
            url,
            headers,
        }
    }
}
