//! [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch): the parts that decide
//! credentials and the `Origin` header.
//!
//! Left out: the HTTP cache and revalidation, `Referer`, `User-Agent`, `Content-Length`, fetch metadata and other
//! headers CORS does not look at, and prompting for passwords (nobody is there to answer).

use crate::http_request::{HttpRequest, HttpRequestKind};
use crate::origin_header::append_a_request_origin_header;
use crate::outcome::NetworkError;
use crate::reason::Reason;
use crate::request::{Body, CredentialsMode, EmbedderPolicy, Mode, RedirectTaint, Request, ResponseTainting};
use crate::response::Response;
use crate::trace::{Trace, step};

/// Steps 8.1 to 8.23: what goes over the wire for `request`.
pub(crate) fn request_for(request: &Request, trace: &mut impl Trace) -> HttpRequest {
    // 8.3. Credentials go along when the mode says so.
    let include_credentials = trace.test(
        step("http-network-or-cache-fetch/8.3"),
        request.credentials_mode == CredentialsMode::Include
            || (request.credentials_mode == CredentialsMode::SameOrigin
                && request.response_tainting == ResponseTainting::Basic),
    );
    // 8.4. Unless the embedder policy takes them away.
    let allowed = cross_origin_embedder_policy_allows_credentials(request);
    trace.record(step("http-network-or-cache-fetch/8.4"), !allowed);
    // 8.2. (A clone of the request.)
    let mut http_request = HttpRequest {
        kind: HttpRequestKind::Request,
        method: request.method.clone(),
        url: request.current_url().url().clone(),
        headers: request.headers.clone(),
        credentials: include_credentials && allowed,
        body: request.body != Body::None,
        new_connection: false,
    };
    // 8.12. Append a request `Origin` header.
    append_a_request_origin_header(request, &mut http_request, trace);
    http_request
}

/// What became of a request on the wire.
pub(crate) enum Received {
    /// It must be sent again.
    Again(HttpRequest),
    /// Its response, or a network error.
    Response(HttpRequestKind, Result<Response, NetworkError>),
}

/// Steps 15 to 19: the response to `sent`, which was made for `request`.
pub(crate) fn received(
    request: &Request,
    sent: HttpRequest,
    response: Result<Response, NetworkError>,
    trace: &mut impl Trace,
) -> Received {
    let response = match response {
        Ok(response) => response,
        Err(error) => return Received::Response(sent.kind, Err(error)),
    };
    // 15. (401: nobody is there to be asked for a password.)
    // 16. 407: nobody is there, so it is a network error.
    if trace.test(step("http-network-or-cache-fetch/16"), response.status == 407) {
        let error = NetworkError {
            reason: Reason::ProxyAuthenticationRequired,
            step: step("http-network-or-cache-fetch/16.1"),
        };
        return Received::Response(sent.kind, Err(error));
    }
    // 17. 421: once more, over a new connection.
    let replayable = sent.kind == HttpRequestKind::Preflight || request.body != Body::Stream;
    if trace.test(
        step("http-network-or-cache-fetch/17"),
        response.status == 421 && !sent.new_connection && replayable,
    ) {
        return Received::Again(HttpRequest { new_connection: true, ..sent });
    }
    // 19.
    Received::Response(sent.kind, Ok(response))
}

/// [Cross-Origin-Embedder-Policy allows
/// credentials](https://fetch.spec.whatwg.org/#cross-origin-embedder-policy-allows-credentials).
fn cross_origin_embedder_policy_allows_credentials(request: &Request) -> bool {
    // 1. Assert: the origin is not `client`. (It never is here.)
    // 2. Only no-CORS requests are held back.
    if request.mode != Mode::NoCors {
        return true;
    }
    // 3. (There is a client.) 4. Only by `credentialless`.
    if request.client.embedder_policy != EmbedderPolicy::Credentialless {
        return true;
    }
    // 5. Same origin again after a detour.
    if request.origin.is_same_origin_with(request.current_url().origin())
        && request.redirect_taint() != RedirectTaint::SameOrigin
    {
        return true;
    }
    // 6.
    false
}
