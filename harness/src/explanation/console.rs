//! What browsers print in their consoles when a fetch is blocked, with its own values.

use corspec_model::Reason;
use corspec_vectors::bytes::ByteString;
use corspec_vectors::client::RequestKind;
use corspec_vectors::request::Initiator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::mixed_content;
use super::recorded::{RecordedExchange, RecordedFetch};
use super::why::{header, not_listed, sent};

/// What each browser prints; absent where it prints nothing about CORS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Console {
    /// Chromium: Chrome, Edge, Opera.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chromium: Option<String>,
    /// Firefox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firefox: Option<String>,
    /// WebKit: Safari.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webkit: Option<String>,
}

/// What browsers print about `fetch`, which failed for `reason` or was refused; `None` when none prints anything.
pub fn console(fetch: &RecordedFetch, reason: Option<Reason>) -> Option<Console> {
    if let Some(url) = &fetch.refused {
        return Some(mixed_content::console(&fetch.request, url));
    }
    let reason = reason?;
    let seen = Seen::of(fetch);
    let console = Console {
        chromium: chromium(&seen, reason),
        firefox: firefox(&seen, reason),
        webkit: webkit(&seen, reason),
    };
    (console != Console::default()).then_some(console)
}

/// The values the messages are made of.
struct Seen<'a> {
    fetch: &'a RecordedFetch,
    last: Option<&'a RecordedExchange>,
    /// The URL as the page gave it, serialized.
    first_url: String,
    url: String,
    status: u16,
    allow_origin: String,
    location: Option<String>,
}

impl<'a> Seen<'a> {
    fn of(fetch: &'a RecordedFetch) -> Self {
        let last = fetch.last();
        let mut first_url = Url::parse(&fetch.request.url).map_or_else(
            |_| String::new(),
            |mut url| {
                url.set_fragment(None);
                url.into()
            },
        );
        if let Some(first) = fetch.exchanges.first() {
            first_url.clone_from(&first.request.url);
        }
        Self {
            fetch,
            last,
            url: last.map_or_else(|| first_url.clone(), |last| last.request.url.clone()),
            first_url,
            status: last.and_then(|last| last.response.as_ref()).map_or(0, |response| response.status),
            allow_origin: header(last, "Access-Control-Allow-Origin").unwrap_or_default(),
            location: header(last, "Location"),
        }
    }

    fn is_preflight(&self) -> bool {
        self.last.is_some_and(|last| last.kind == RequestKind::Preflight)
    }

    /// A preflight answered with a status that does not let the request through.
    fn is_refused_preflight(&self) -> bool {
        self.is_preflight() && self.status != 0 && !(200..=299).contains(&self.status)
    }

    fn is_redirected_preflight(&self) -> bool {
        self.is_preflight() && matches!(self.status, 301 | 302 | 303 | 307 | 308) && self.location.is_some()
    }

    /// The header refused, as a preflight names it.
    fn refused_header(&self) -> String {
        not_listed(self.fetch).into_iter().next().unwrap_or_default()
    }

    /// The header refused, as the page wrote it.
    fn refused_header_as_written(&self) -> String {
        let name = self.refused_header();
        let mut written = self.fetch.request.options.headers.iter().map(|(written, _)| written);
        written
            .find(|written| written.0.eq_ignore_ascii_case(name.as_bytes()))
            .map_or(name, ToString::to_string)
    }

    fn method(&self) -> String {
        sent(self.last, "Access-Control-Request-Method").unwrap_or_default()
    }
}

fn chromium(seen: &Seen<'_>, reason: Reason) -> Option<String> {
    let xhr = seen.fetch.request.options.initiator == Initiator::Xhr;
    let with_credentials = if xhr {
        " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute."
    } else {
        ""
    };
    let error = match reason.explanation().chromium? {
        _ if seen.is_redirected_preflight() => "PreflightDisallowedRedirect",
        "PreflightDisallowedRedirect" => "PreflightInvalidStatus",
        // Anything that is a URL is compared; only what is none is called invalid.
        "InvalidAllowOriginValue" if Url::parse(&seen.allow_origin).is_ok() => "AllowOriginMismatch",
        "PreflightInvalidAllowOriginValue" if Url::parse(&seen.allow_origin).is_ok() => {
            "PreflightAllowOriginMismatch"
        }
        error => error,
    };
    let allowed = &seen.allow_origin;
    let (preflight, error) = match error.strip_prefix("Preflight") {
        Some(error) => ("Response to preflight request doesn't pass access control check: ", error),
        None => ("", error),
    };
    let message = match error {
        "MissingAllowOriginHeader" => {
            "No 'Access-Control-Allow-Origin' header is present on the requested resource.".to_owned()
        }
        "WildcardOriginNotAllowed" => format!(
            "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the \
             request's credentials mode is 'include'.{with_credentials}"
        ),
        "MultipleAllowOriginValues" => format!(
            "The 'Access-Control-Allow-Origin' header contains multiple values '{allowed}', but only one is allowed."
        ),
        "InvalidAllowOriginValue" => {
            format!("The 'Access-Control-Allow-Origin' header contains the invalid value '{allowed}'.")
        }
        "AllowOriginMismatch" => format!(
            "The 'Access-Control-Allow-Origin' header has a value '{allowed}' that is not equal to the supplied origin."
        ),
        "InvalidAllowCredentials" => format!(
            "The value of the 'Access-Control-Allow-Credentials' header in the response is '{}' which must be 'true' when \
             the request's credentials mode is 'include'.{with_credentials}",
            header(seen.last, "Access-Control-Allow-Credentials").unwrap_or_default()
        ),
        "InvalidStatus" => "It does not have HTTP ok status.".to_owned(),
        "DisallowedRedirect" => "Redirect is not allowed for a preflight request.".to_owned(),
        "InvalidAllowMethodsPreflightResponse" => {
            "Cannot parse Access-Control-Allow-Methods response header field in preflight response."
                .to_owned()
        }
        "InvalidAllowHeadersPreflightResponse" => {
            "Cannot parse Access-Control-Allow-Headers response header field in preflight response."
                .to_owned()
        }
        "MethodDisallowedByPreflightResponse" => format!(
            "Method {} is not allowed by Access-Control-Allow-Methods in preflight response.",
            seen.method()
        ),
        "HeaderDisallowedByPreflightResponse" => format!(
            "Request header field {} is not allowed by Access-Control-Allow-Headers in preflight response.",
            seen.refused_header()
        ),
        "RedirectContainsCredentials" => format!(
            "Redirect location '{}' contains a username and password, which is disallowed for cross-origin requests.",
            seen.location.as_deref().unwrap_or_default()
        ),
        // What else blocks before anything is sent is told in words of each API.
        _ => return None,
    };
    let kind = kind(seen.fetch.request.options.initiator);
    let redirected = match &seen.first_url {
        first if *first != seen.url => format!("(redirected from '{first}') "),
        _ => String::new(),
    };
    let origin = &seen.fetch.request.origin;
    Some(format!(
        "Access to {kind} at '{}' {redirected}from origin '{origin}' has been blocked by CORS policy: {preflight}{message}",
        seen.url
    ))
}

/// What Chromium calls a resource.
const fn kind(initiator: Initiator) -> &'static str {
    match initiator {
        Initiator::Fetch => "fetch",
        Initiator::Xhr => "XMLHttpRequest",
        Initiator::Img
        | Initiator::CssShape
        | Initiator::CssImage
        | Initiator::WebglTexture
        | Initiator::CanvasImage => "image",
        Initiator::Script | Initiator::ModuleScript => "script",
        Initiator::Stylesheet => "CSS stylesheet",
        Initiator::Video => "video",
        Initiator::Audio => "audio",
        Initiator::Font => "font",
        Initiator::Eventsource | Initiator::Beacon => "resource",
    }
}

fn firefox(seen: &Seen<'_>, reason: Reason) -> Option<String> {
    let several_lines = seen.last.and_then(|last| last.response.as_ref()).is_some_and(|response| {
        response
            .headers
            .iter()
            .filter(|(name, _)| name.0.eq_ignore_ascii_case(b"access-control-allow-origin"))
            .count()
            > 1
    });
    let message = match reason.explanation().firefox? {
        "CORSRequestNotHttp" if reason == Reason::RedirectSchemeNotHttp => "CORSDidNotSucceed2",
        "CORSExternalRedirectNotAllowed" if seen.location.is_none() => "CORSPreflightDidNotSucceed3",
        // Only lines are counted; several values in one are compared.
        "CORSMultipleAllowOriginNotAllowed" if !several_lines => "CORSAllowOriginNotMatchingOrigin",
        message => message,
    };
    let status = seen.status;
    let (why, code) = match message {
        "CORSMissingAllowOrigin2" => {
            ("CORS header ‘Access-Control-Allow-Origin’ missing".to_owned(), Some(status.to_string()))
        }
        "CORSMultipleAllowOriginNotAllowed" => {
            ("Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed".to_owned(), None)
        }
        "CORSAllowOriginNotMatchingOrigin" => (
            format!("CORS header ‘Access-Control-Allow-Origin’ does not match ‘{}’", seen.allow_origin),
            None,
        ),
        "CORSNotSupportingCredentials" => (
            "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’".to_owned(),
            None,
        ),
        "CORSMissingAllowCredentials" => {
            ("expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’".to_owned(), None)
        }
        "CORSPreflightDidNotSucceed3" => {
            ("CORS preflight response did not succeed".to_owned(), Some(status.to_string()))
        }
        "CORSExternalRedirectNotAllowed" => ("CORS request external redirect not allowed".to_owned(), None),
        "CORSMethodNotFound" => {
            ("Did not find method in CORS header ‘Access-Control-Allow-Methods’".to_owned(), None)
        }
        "CORSInvalidAllowMethod" => (invalid_token(seen, "Access-Control-Allow-Methods"), None),
        "CORSInvalidAllowHeader" => (invalid_token(seen, "Access-Control-Allow-Headers"), None),
        "CORSMissingAllowHeaderFromPreflight2" => (
            format!(
                "header ‘{}’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response",
                seen.refused_header()
            ),
            None,
        ),
        "CORSRequestNotHttp" => ("CORS request not http".to_owned(), None),
        "CORSDidNotSucceed2" => ("CORS request did not succeed".to_owned(), Some("(null)".to_owned())),
        _ => return None,
    };
    let code = code.map(|code| format!(" Status code: {code}.")).unwrap_or_default();
    Some(format!(
        "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {}. (Reason: {why}).{code}",
        seen.url
    ))
}

/// The first item of a list that is no token.
fn invalid_token(seen: &Seen<'_>, name: &str) -> String {
    let value = seen.last.and_then(|last| last.response.as_ref()).and_then(|response| response.header(name));
    let value = value.unwrap_or_default();
    let mut items = value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    let item =
        items.find(|item| !item.is_empty() && !corspec_model::abnf::is_token(item)).unwrap_or_default();
    format!("invalid token ‘{}’ in CORS header ‘{name}’", ByteString(item.to_vec()))
}

fn webkit(seen: &Seen<'_>, reason: Reason) -> Option<String> {
    // It looks at a preflight's status before anything else.
    let words = if seen.is_refused_preflight() {
        Reason::PreflightInvalidStatus.explanation().webkit
    } else if matches!(reason, Reason::MultipleAllowOriginValues | Reason::PreflightMultipleAllowOriginValues)
        && !seen.allow_origin.contains(',')
    {
        Reason::AllowOriginMismatch.explanation().webkit
    } else {
        reason.explanation().webkit
    };
    let origin = sent(seen.last, "Origin").unwrap_or_else(|| seen.fetch.request.origin.clone());
    let list = match reason {
        Reason::InvalidAllowMethods => "Access-Control-Allow-Methods",
        _ => "Access-Control-Allow-Headers",
    };
    let filled = words?
        .replace("<origin>", &origin)
        .replace("<status>", &seen.status.to_string())
        .replace("<value>", &header(seen.last, list).unwrap_or_default())
        .replace("<method>", &seen.method())
        .replace("<name>", &seen.refused_header_as_written())
        .replace("<url>", &seen.url);
    let api = match seen.fetch.request.options.initiator {
        Initiator::Fetch => "Fetch API",
        Initiator::Xhr => "XMLHttpRequest",
        Initiator::Eventsource => "EventSource",
        _ => return Some(filled),
    };
    Some(format!("{filled}\n{api} cannot load {} due to access control checks.", seen.url))
}
