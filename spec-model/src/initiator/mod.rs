//! How each API that fetches sets up its request.
//!
//! | initiator | module | mode and credentials |
//! |---|---|---|
//! | `fetch()` | [`fetch_method`] | as its options say; `cors`, `same-origin` by default |
//! | `XMLHttpRequest` | [`xhr`] | `cors`; `include` with `withCredentials` |
//! | `EventSource` | [`element`] | `cors`; `include` with `withCredentials` |
//! | `<img>`, `<script>`, `<link rel=stylesheet>`, `<audio>`, `<video>` | [`element`] | by the `crossorigin` attribute |
//! | module scripts, `@font-face`, CSS shapes | [`element`] | always `cors` |
//! | CSS images | [`element`] | `no-cors` |
//! | WebGL textures, canvas `drawImage()` | [`element`] | those of the `<img>` they are taken from; an `opaque` response taints them |
//! | `navigator.sendBeacon()` | [`beacon`] | `no-cors` or, for other content types than a form's, `cors`; `include` |
//! | navigation | [`navigation`] | `navigate`, `include` |

pub mod beacon;
pub mod element;
pub mod fetch_method;
mod headers_class;
pub mod navigation;
pub mod xhr;

use crate::outcome::NetworkError;
use crate::reason::Reason;
use crate::trace::step;

/// The API throws, or fails before anything is sent: nothing reaches the network.
fn throw(reason: Reason, at: &'static str) -> NetworkError {
    NetworkError { reason, step: step(at) }
}
