//! Elements, style sheets and `EventSource`: [potential-CORS
//! requests](https://html.spec.whatwg.org/#create-a-potential-cors-request) and requests that always use CORS.

use url::Url;

use crate::origin::Origin;
use crate::request::{CredentialsMode, Destination, Mode, Request};

/// The state of a [CORS settings attribute](https://html.spec.whatwg.org/#cors-settings-attribute).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CorsAttribute {
    /// No CORS: no `crossorigin` attribute.
    #[default]
    NoCors,
    /// Anonymous.
    Anonymous,
    /// Use Credentials.
    UseCredentials,
}

/// What fetches a subresource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// `<img>`
    Img,
    /// A classic `<script>`.
    Script,
    /// `<script type=module>`
    ModuleScript,
    /// `<link rel=stylesheet>`
    Stylesheet,
    /// `<audio>`
    Audio,
    /// `<video>`
    Video,
    /// `@font-face` in a style sheet.
    Font,
    /// `shape-outside: url()` in a style sheet.
    CssShape,
    /// `background-image: url()` in a style sheet.
    CssImage,
    /// An `<img>` given to `texImage2D()`.
    WebglTexture,
    /// An `<img>` given to `drawImage()`.
    CanvasImage,
    /// `EventSource`; [`CorsAttribute::UseCredentials`] is `withCredentials`.
    EventSource,
}

/// Makes the request `element` makes for `url` on a page of `origin`.
pub fn element(origin: Origin, url: Url, element: Element, attribute: CorsAttribute) -> Request {
    use Element as E;
    let destination = match element {
        E::Img | E::CssShape | E::CssImage | E::WebglTexture | E::CanvasImage => Destination::Image,
        E::Script | E::ModuleScript => Destination::Script,
        E::Stylesheet => Destination::Style,
        E::Audio => Destination::Audio,
        E::Video => Destination::Video,
        E::Font => Destination::Font,
        E::EventSource => Destination::None,
    };
    let attribute = match element {
        // Fetch a module script: cors, and credentials as the attribute says.
        // EventSource(): a potential-CORS request, Anonymous or Use Credentials.
        E::ModuleScript | E::EventSource if attribute == CorsAttribute::NoCors => CorsAttribute::Anonymous,
        // Fonts and shapes are read back by the page, so CSS always fetches them with CORS.
        E::Font | E::CssShape => CorsAttribute::Anonymous,
        E::CssImage => CorsAttribute::NoCors,
        _ => attribute,
    };
    let mut request = create_a_potential_cors_request(origin, url, destination, attribute);
    if element == E::EventSource {
        request.headers.append("Accept", "text/event-stream");
    }
    request
}

/// [Create a potential-CORS request](https://html.spec.whatwg.org/#create-a-potential-cors-request).
fn create_a_potential_cors_request(
    origin: Origin,
    url: Url,
    destination: Destination,
    attribute: CorsAttribute,
) -> Request {
    let mut request = Request::new(origin, url);
    // 1. Mode: `no-cors` without the attribute, else `cors`.
    request.mode = if attribute == CorsAttribute::NoCors { Mode::NoCors } else { Mode::Cors };
    // 3.–4. Credentials: `include`, but `same-origin` when Anonymous.
    request.credentials_mode = if attribute == CorsAttribute::Anonymous {
        CredentialsMode::SameOrigin
    } else {
        CredentialsMode::Include
    };
    // 5. Destination.
    request.destination = destination;
    request
}
