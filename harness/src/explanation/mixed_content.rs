//! [Mixed content](https://www.w3.org/TR/mixed-content/): what browsers refuse a secure page before CORS has a say. The model
//! leaves it to whoever drives it.

use corspec_vectors::request::{Initiator, RequestDocument};
use url::{Host, Url};

use super::console::Console;

/// The name of the reason.
pub const REASON: &str = "MixedContent";
/// The step of main fetch that asks whether a request is mixed content.
pub const STEP: &str = "main-fetch/7";
/// MDN's page about it.
pub const MDN: &str = "https://developer.mozilla.org/en-US/docs/Web/Security/Mixed_content";

/// Whether browsers refuse to send what the page of `request` asks of `url`, first or after a redirect.
pub fn is_refused(request: &RequestDocument, url: &Url) -> bool {
    is_mixed(request, url) && !is_upgraded(request, url)
}

/// Whether browsers ask for the `https:` URL in place of `url`: they do for images, audio and video.
pub fn is_upgraded(request: &RequestDocument, url: &Url) -> bool {
    let options = &request.options;
    let shown = matches!(
        options.initiator,
        Initiator::Img
            | Initiator::Video
            | Initiator::Audio
            | Initiator::CssImage
            | Initiator::WebglTexture
            | Initiator::CanvasImage
    );
    is_mixed(request, url)
        && shown
        && options.cross_origin.is_none()
        && matches!(url.host(), Some(Host::Domain(_)))
}

fn is_mixed(request: &RequestDocument, url: &Url) -> bool {
    let secure = |origin: &str| origin.starts_with("https:");
    let page = secure(&request.origin) || request.options.top_level.as_deref().is_some_and(secure);
    page && url.scheme() == "http" && !is_of_this_machine(url)
}

/// Whether the host is potentially trustworthy without TLS, as [Secure Contexts](https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy)
/// has it.
fn is_of_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Why `url` is refused, in one sentence.
pub fn why(request: &RequestDocument, url: &str) -> String {
    format!(
        "Browsers do not send this: a page of {} may not fetch {url}, which is not encrypted (mixed content), and CORS is \
         not asked.",
        page(request)
    )
}

/// What browsers print.
pub fn console(request: &RequestDocument, url: &str) -> Console {
    let page = page(request);
    Console {
        chromium: Some(format!(
            "Mixed Content: The page at '{page}/' was loaded over HTTPS, but requested an insecure resource '{url}'. This \
             request has been blocked; the content must be served over HTTPS."
        )),
        firefox: Some(format!("Blocked loading mixed active content “{url}”")),
        webkit: Some(format!(
            "[blocked] The page at {page}/ requested insecure content from {url}. This content was blocked and must be \
             served over HTTPS."
        )),
    }
}

/// The page whose scheme decides.
fn page(request: &RequestDocument) -> &str {
    match &request.options.top_level {
        Some(top_level) if !request.origin.starts_with("https:") => top_level,
        _ => &request.origin,
    }
}
