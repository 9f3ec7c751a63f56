//! [Navigation](https://html.spec.whatwg.org/#navigate), as far as its `Origin` header and redirects go.

use url::Url;

use crate::methods;
use crate::origin::Origin;
use crate::outcome::NetworkError;
use crate::reason::Reason;
use crate::request::{Body, CredentialsMode, Destination, Mode, RedirectMode, Request};

use super::throw;

/// Makes the request of a navigation to `url` that a page of `origin` starts: a link (`GET`) or a form (`POST`).
///
/// # Errors
/// A [`NetworkError`] when `method` is neither.
pub fn navigation(origin: Origin, url: Url, method: &[u8], body: bool) -> Result<Request, NetworkError> {
    let mut request = Request::new(origin, url);
    request.method = match &*methods::normalize(method) {
        b"GET" => (*b"GET").into(),
        b"POST" => (*b"POST").into(),
        _ => return Err(throw(Reason::InvalidMethod, "navigate/1")),
    };
    request.mode = Mode::Navigate;
    request.destination = Destination::Document;
    request.credentials_mode = CredentialsMode::Include;
    request.redirect_mode = RedirectMode::Manual;
    request.body = if body { Body::Source } else { Body::None };
    Ok(request)
}
