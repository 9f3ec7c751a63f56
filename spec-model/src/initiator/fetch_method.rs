//! [`fetch()`](https://fetch.spec.whatwg.org/#fetch-method): the steps of [`new Request(input,
//! init)`](https://fetch.spec.whatwg.org/#dom-request) for a URL and options.

use url::Url;

use crate::header_list::HeaderList;
use crate::methods;
use crate::origin::Origin;
use crate::outcome::NetworkError;
use crate::reason::Reason;
use crate::referrer_policy::ReferrerPolicy;
use crate::request::{Body, CredentialsMode, Mode, RedirectMode, Request};
use crate::url_list::FetchUrl;

use super::headers_class::{Guard, append};
use super::throw;

/// The options of `fetch()` that CORS cares about.
#[derive(Clone, Debug)]
pub struct RequestInit<'a> {
    /// `method`
    pub method: &'a [u8],
    /// `headers`, in order; a name may repeat.
    pub headers: &'a [(Vec<u8>, Vec<u8>)],
    /// `body`; one without a `Content-Type` of its own.
    pub body: Body,
    /// `mode`
    pub mode: Mode,
    /// `credentials`
    pub credentials: CredentialsMode,
    /// `redirect`
    pub redirect: RedirectMode,
    /// `referrerPolicy`
    pub referrer_policy: ReferrerPolicy,
}

impl Default for RequestInit<'_> {
    fn default() -> Self {
        Self {
            method: b"GET",
            headers: &[],
            body: Body::None,
            mode: Mode::Cors,
            credentials: CredentialsMode::SameOrigin,
            redirect: RedirectMode::Follow,
            referrer_policy: ReferrerPolicy::Empty,
        }
    }
}

/// Makes the request of `fetch(url, init)` called on a page of `origin`.
///
/// # Errors
/// A [`NetworkError`] where the constructor throws: the reason and the step.
pub fn fetch(origin: Origin, url: Url, init: &RequestInit<'_>) -> Result<Request, NetworkError> {
    // 5. The input is a string. 5.3. A URL with credentials: throw.
    let url = FetchUrl::from(url);
    if url.includes_credentials() {
        return Err(throw(Reason::UrlIncludesCredentials, "dom-request/5.3"));
    }
    // 12. A new request, with the unsafe-request flag set.
    let mut request = Request::new(origin, url);
    request.unsafe_request = true;
    // 15. Referrer policy.
    request.referrer_policy = init.referrer_policy;
    // 17. Mode `navigate`: throw.
    if init.mode == Mode::Navigate {
        return Err(throw(Reason::ModeNotAllowed, "dom-request/17"));
    }
    // 18. Mode. 19. Credentials. 22. Redirect.
    request.mode = init.mode;
    request.credentials_mode = init.credentials;
    request.redirect_mode = init.redirect;
    // 25. Method: not one, or forbidden: throw; else normalized.
    if !methods::is_method(init.method) {
        return Err(throw(Reason::InvalidMethod, "dom-request/25.2"));
    }
    if methods::is_forbidden_method(init.method) {
        return Err(throw(Reason::ForbiddenMethod, "dom-request/25.2"));
    }
    request.method = methods::normalize(init.method).into_owned().into();
    // 31. The guard of the headers.
    let mut guard = Guard::Request;
    // 32. Mode `no-cors`:
    if request.mode == Mode::NoCors {
        // 32.1. Only safelisted methods.
        if !methods::is_cors_safelisted_method(&request.method) {
            return Err(throw(Reason::MethodNotAllowedInNoCors, "dom-request/32.1"));
        }
        // 32.2. A stricter guard.
        guard = Guard::RequestNoCors;
    }
    // 33. Fill the headers.
    request.headers = HeaderList::new();
    for (name, value) in init.headers {
        append(&mut request.headers, guard, name, value)?;
    }
    // 35. A body with GET or HEAD: throw.
    if init.body != Body::None && matches!(&*request.method, b"GET" | b"HEAD") {
        return Err(throw(Reason::BodyNotAllowedWithMethod, "dom-request/35"));
    }
    // 39. A body without source:
    if init.body == Body::Stream {
        // 39.2. Not in no-CORS mode.
        if !matches!(request.mode, Mode::SameOrigin | Mode::Cors) {
            return Err(throw(Reason::StreamNotAllowedInMode, "dom-request/39.2"));
        }
        // 39.3. Set the use-CORS-preflight flag.
        request.use_cors_preflight = true;
    }
    // 42.
    request.body = init.body;
    Ok(request)
}
