//! [`navigator.sendBeacon()`](https://w3c.github.io/beacon/#sendbeacon-method).

use url::Url;

use crate::origin::Origin;
use crate::request::{Body, CredentialsMode, Mode, Request};
use crate::request_headers::is_cors_safelisted_request_header;

/// Makes the request of `sendBeacon(url, data)` on a page of `origin`; `content_type` is that of the data, if any.
pub fn beacon(origin: Origin, url: Url, content_type: Option<&[u8]>) -> Request {
    let mut request = Request::new(origin, url);
    request.method = (*b"POST").into();
    request.body = Body::Source;
    request.credentials_mode = CredentialsMode::Include;
    // 6.3. A content type a form cannot send needs CORS. The steps do not set the unsafe-request flag, but the text on
    // privacy and security says there is a preflight, and engines send one.
    if let Some(content_type) = content_type {
        if !is_cors_safelisted_request_header(b"Content-Type", content_type) {
            request.mode = Mode::Cors;
            request.unsafe_request = true;
        }
        request.headers.append("Content-Type", content_type);
    }
    request
}
