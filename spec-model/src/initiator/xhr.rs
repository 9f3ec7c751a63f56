//! [`XMLHttpRequest`](https://xhr.spec.whatwg.org/): `open()`, `setRequestHeader()` and `send()`.

use url::Url;

use crate::abnf::is_token;
use crate::header_value::{is_header_value, normalize};
use crate::methods;
use crate::origin::Origin;
use crate::outcome::NetworkError;
use crate::reason::Reason;
use crate::request::{Body, CredentialsMode, Mode, Request};
use crate::request_headers::is_forbidden_request_header;

use super::throw;

/// What script does with an `XMLHttpRequest` before `send()`.
#[derive(Clone, Debug, Default)]
pub struct XhrInit<'a> {
    /// The method given to `open()`.
    pub method: &'a [u8],
    /// Calls of `setRequestHeader()`, in order.
    pub headers: &'a [(Vec<u8>, Vec<u8>)],
    /// Whether `send()` is given a body; one without a `Content-Type` of its own.
    pub body: bool,
    /// `withCredentials`
    pub with_credentials: bool,
    /// Whether a listener is registered on `upload`.
    pub upload_listeners: bool,
}

/// Makes the request of an `XMLHttpRequest` on a page of `origin`.
///
/// # Errors
/// A [`NetworkError`] where a method throws: the reason and the step.
pub fn xhr(origin: Origin, url: Url, init: &XhrInit<'_>) -> Result<Request, NetworkError> {
    // open() 2.–4. The method: not one, or forbidden: throw; else normalized.
    if !methods::is_method(init.method) {
        return Err(throw(Reason::InvalidMethod, "dom-xmlhttprequest-open/2"));
    }
    if methods::is_forbidden_method(init.method) {
        return Err(throw(Reason::ForbiddenMethod, "dom-xmlhttprequest-open/3"));
    }
    // send() 6. A new request.
    let mut request = Request::new(origin, url);
    request.method = methods::normalize(init.method).into_owned().into();
    request.unsafe_request = true;
    request.mode = Mode::Cors;
    // send() 3. No body with GET or HEAD.
    if init.body && !matches!(&*request.method, b"GET" | b"HEAD") {
        request.body = Body::Source;
    }
    // send() 6. A preflight when script listens to the upload, whether there is one or not.
    request.use_cors_preflight = init.upload_listeners;
    if init.with_credentials {
        request.credentials_mode = CredentialsMode::Include;
    }
    for (name, value) in init.headers {
        // setRequestHeader() 3. Normalize. 4. Not a name or not a value: throw.
        let value = normalize(value);
        if !is_token(name) {
            return Err(throw(Reason::InvalidHeaderName, "dom-xmlhttprequest-setrequestheader/4"));
        }
        if !is_header_value(value) {
            return Err(throw(Reason::InvalidHeaderValue, "dom-xmlhttprequest-setrequestheader/4"));
        }
        // 5. Forbidden ones are ignored. 6. Combine.
        if !is_forbidden_request_header(name, value) {
            request.headers.combine(name, value);
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_goes_with_neither_get_nor_head() {
        for (method, body, expected) in [
            ("POST", true, Body::Source),
            ("POST", false, Body::None),
            ("GET", true, Body::None),
            ("head", true, Body::None),
            ("GET", false, Body::None),
        ] {
            let init = XhrInit {
                method: method.as_bytes(),
                headers: &[],
                body,
                with_credentials: false,
                upload_listeners: false,
            };
            let request = xhr(Origin::Opaque, "https://a.example/".parse().unwrap(), &init).unwrap();
            assert_eq!(request.body, expected, "{method} {body}");
        }
    }
}
