//! Why a fetch fails: stable names, what engines call them, and what to change.

use std::fmt;

/// The texts that go with a [`Reason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What happened, in one sentence.
    pub what: &'static str,
    /// What to change so that it works.
    pub fix: &'static str,
    /// Chromium's `CorsError` (Chrome DevTools Protocol `corsErrorStatus.corsError`), where it has one.
    pub chromium: Option<&'static str>,
    /// Firefox's console category; MDN has a page of this name (without a trailing digit) under *CORS errors*.
    pub firefox: Option<&'static str>,
    /// What WebKit prints; `<…>` stands for a value.
    pub webkit: Option<&'static str>,
}

macro_rules! reasons {
    ($( $(#[$doc:meta])* $name:ident { $what:literal, fix: $fix:literal
        $(, chromium: $chromium:literal)? $(, firefox: $firefox:literal)? $(, webkit: $webkit:literal)? } )*) => {
        /// Why a fetch ended in a network error, or why the API threw before anything was sent.
        ///
        /// The names are stable. The standard has one failure where engines tell several apart (the CORS check's
        /// step 4); the reason keeps them apart, the step does not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Reason { $( #[doc = $what] $name, )* }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[ $( Self::$name, )* ];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$name => stringify!($name), )* }
            }

            /// The reason of this stable name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.as_str() == name)
            }

            /// What it means, what to do, and what engines call it.
            pub const fn explanation(self) -> Explanation {
                #[allow(unused_mut, unused_assignments, reason = "not every reason has every text")]
                match self { $( Self::$name => {
                    let mut explanation =
                        Explanation { what: $what, fix: $fix, chromium: None, firefox: None, webkit: None };
                    $( explanation.chromium = Some($chromium); )?
                    $( explanation.firefox = Some($firefox); )?
                    $( explanation.webkit = Some($webkit); )?
                    explanation
                } )* }
            }
        }
    };
}

reasons! {
    MissingAllowOrigin {
        "The response has no `Access-Control-Allow-Origin`.",
        fix: "Send `Access-Control-Allow-Origin` with the request's origin (and `Vary: Origin`), or `*`; on error pages and redirects too.",
        chromium: "MissingAllowOriginHeader", firefox: "CORSMissingAllowOrigin2",
        webkit: "Origin <origin> is not allowed by Access-Control-Allow-Origin. Status code: <status>"
    }
    WildcardOriginNotAllowed {
        "`Access-Control-Allow-Origin` is `*` but the request includes credentials.",
        fix: "Send the request's own origin instead of `*` and `Access-Control-Allow-Credentials: true`, or make the request without credentials.",
        chromium: "WildcardOriginNotAllowed", firefox: "CORSNotSupportingCredentials",
        webkit: "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."
    }
    MultipleAllowOriginValues {
        "`Access-Control-Allow-Origin` holds more than one value.",
        fix: "Send the header once, with one origin: pick the request's origin from your list. Check that a proxy and the application do not both add it.",
        chromium: "MultipleAllowOriginValues", firefox: "CORSMultipleAllowOriginNotAllowed",
        webkit: "Access-Control-Allow-Origin cannot contain more than one origin."
    }
    InvalidAllowOriginValue {
        "`Access-Control-Allow-Origin` is neither `*`, `null` nor a serialized origin.",
        fix: "Send `scheme://host[:port]` exactly as the request's `Origin` has it: lower case, no path, no trailing slash, no default port, no pattern.",
        chromium: "InvalidAllowOriginValue", firefox: "CORSAllowOriginNotMatchingOrigin",
        webkit: "Origin <origin> is not allowed by Access-Control-Allow-Origin. Status code: <status>"
    }
    AllowOriginMismatch {
        "`Access-Control-Allow-Origin` names another origin than the request's.",
        fix: "Allow this origin: echo the request's `Origin` when it is on your list, with `Vary: Origin`. Scheme, host and port must all match.",
        chromium: "AllowOriginMismatch", firefox: "CORSAllowOriginNotMatchingOrigin",
        webkit: "Origin <origin> is not allowed by Access-Control-Allow-Origin. Status code: <status>"
    }
    InvalidAllowCredentials {
        "The request includes credentials and `Access-Control-Allow-Credentials` is not exactly `true`.",
        fix: "Send `Access-Control-Allow-Credentials: true` (lower case, once), or make the request without credentials.",
        chromium: "InvalidAllowCredentials", firefox: "CORSMissingAllowCredentials",
        webkit: "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\"."
    }
    PreflightMissingAllowOrigin {
        "The response to the preflight has no `Access-Control-Allow-Origin`.",
        fix: "Answer `OPTIONS` with the CORS headers too, before authentication and routing can refuse it.",
        chromium: "PreflightMissingAllowOriginHeader", firefox: "CORSMissingAllowOrigin2",
        webkit: "Origin <origin> is not allowed by Access-Control-Allow-Origin. Status code: <status>"
    }
    PreflightWildcardOriginNotAllowed {
        "The preflight allows origin `*` but the request includes credentials.",
        fix: "Send the request's own origin and `Access-Control-Allow-Credentials: true` in the answer to the preflight too.",
        chromium: "PreflightWildcardOriginNotAllowed", firefox: "CORSNotSupportingCredentials",
        webkit: "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."
    }
    PreflightMultipleAllowOriginValues {
        "The response to the preflight has more than one value in `Access-Control-Allow-Origin`.",
        fix: "Send the header once, with one origin. Check that a proxy and the application do not both add it.",
        chromium: "PreflightMultipleAllowOriginValues", firefox: "CORSMultipleAllowOriginNotAllowed",
        webkit: "Access-Control-Allow-Origin cannot contain more than one origin."
    }
    PreflightInvalidAllowOriginValue {
        "The response to the preflight has an `Access-Control-Allow-Origin` that is neither `*`, `null` nor a serialized origin.",
        fix: "Send `scheme://host[:port]` exactly as the request's `Origin` has it.",
        chromium: "PreflightInvalidAllowOriginValue", firefox: "CORSAllowOriginNotMatchingOrigin",
        webkit: "Origin <origin> is not allowed by Access-Control-Allow-Origin. Status code: <status>"
    }
    PreflightAllowOriginMismatch {
        "The response to the preflight names another origin than the request's.",
        fix: "Allow this origin in the answer to `OPTIONS` too.",
        chromium: "PreflightAllowOriginMismatch", firefox: "CORSAllowOriginNotMatchingOrigin",
        webkit: "Origin <origin> is not allowed by Access-Control-Allow-Origin. Status code: <status>"
    }
    PreflightInvalidAllowCredentials {
        "The request includes credentials and the response to the preflight lacks `Access-Control-Allow-Credentials: true`.",
        fix: "Send `Access-Control-Allow-Credentials: true` in the answer to the preflight too; the preflight itself never carries credentials.",
        chromium: "PreflightInvalidAllowCredentials", firefox: "CORSMissingAllowCredentials",
        webkit: "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\"."
    }
    PreflightInvalidStatus {
        "The response to the preflight does not have an ok status (200 to 299).",
        fix: "Answer the preflight with 204 or 200, without asking for authentication.",
        chromium: "PreflightInvalidStatus", firefox: "CORSPreflightDidNotSucceed3",
        webkit: "Preflight response is not successful. Status code: <status>"
    }
    PreflightDisallowedRedirect {
        "The response to the preflight is a redirect.",
        fix: "Answer the preflight where it arrives, or request the final URL (check http against https and the trailing slash).",
        chromium: "PreflightDisallowedRedirect", firefox: "CORSExternalRedirectNotAllowed",
        webkit: "Preflight response is not successful. Status code: <status>"
    }
    InvalidAllowMethods {
        "`Access-Control-Allow-Methods` is not a comma-separated list of methods.",
        fix: "Send method names separated by commas, without quotes or spaces inside.",
        chromium: "InvalidAllowMethodsPreflightResponse", firefox: "CORSInvalidAllowMethod",
        webkit: "Header Access-Control-Allow-Methods has an invalid value: <value>"
    }
    InvalidAllowHeaders {
        "`Access-Control-Allow-Headers` is not a comma-separated list of header names.",
        fix: "Send header names separated by commas, without quotes or spaces inside.",
        chromium: "InvalidAllowHeadersPreflightResponse", firefox: "CORSInvalidAllowHeader",
        webkit: "Header Access-Control-Allow-Headers has an invalid value: <value>"
    }
    MethodDisallowed {
        "The response to the preflight does not allow the method.",
        fix: "Name the method in `Access-Control-Allow-Methods`, in the same case; `*` counts only without credentials.",
        chromium: "MethodDisallowedByPreflightResponse", firefox: "CORSMethodNotFound",
        webkit: "Method <method> is not allowed by Access-Control-Allow-Methods."
    }
    AuthorizationDisallowed {
        "The response to the preflight does not name `Authorization`, which `*` does not cover.",
        fix: "Name `Authorization` in `Access-Control-Allow-Headers`.",
        chromium: "HeaderDisallowedByPreflightResponse", firefox: "CORSMissingAllowHeaderFromPreflight2",
        webkit: "Request header field <name> is not allowed by Access-Control-Allow-Headers."
    }
    HeaderDisallowed {
        "The response to the preflight does not allow a request header.",
        fix: "Name the header in `Access-Control-Allow-Headers`; `*` counts only without credentials.",
        chromium: "HeaderDisallowedByPreflightResponse", firefox: "CORSMissingAllowHeaderFromPreflight2",
        webkit: "Request header field <name> is not allowed by Access-Control-Allow-Headers."
    }
    DisallowedByMode {
        "The request's mode is `same-origin` and its URL is not.",
        fix: "Use mode `cors`.",
        chromium: "DisallowedByMode"
    }
    SchemeNotHttp {
        "A CORS request can only go to an `http:` or `https:` URL.",
        fix: "Serve the page and the resource over HTTP.",
        chromium: "CorsDisabledScheme", firefox: "CORSRequestNotHttp"
    }
    SchemeNotFetched {
        "The URL's scheme is not one that is fetched over the network.",
        fix: "Use an `http:` or `https:` URL."
    }
    NoCorsRedirectMode {
        "A `no-cors` request must follow redirects.",
        fix: "Use redirect mode `follow`, or mode `cors`."
    }
    BadPort {
        "The URL's port is blocked: it belongs to another protocol.",
        fix: "Serve on a port that is not on the standard's list of bad ports."
    }
    CrossOriginResourcePolicy {
        "`Cross-Origin-Resource-Policy`, or the page's embedder policy, forbids this no-CORS use.",
        fix: "Send `Cross-Origin-Resource-Policy: cross-origin` (or `same-site`), or request the resource with CORS."
    }
    RedirectModeError {
        "The response is a redirect and the request's redirect mode is `error`.",
        fix: "Request the final URL, or use redirect mode `follow`.",
        webkit: "Not allowed to follow a redirection while loading <url>"
    }
    InvalidLocation {
        "The redirect's `Location` is not a URL, or is sent more than once.",
        fix: "Send one `Location` with a valid URL."
    }
    RedirectSchemeNotHttp {
        "The redirect leads to a URL that is neither `http:` nor `https:`.",
        fix: "Redirect to an `http:` or `https:` URL.",
        firefox: "CORSRequestNotHttp"
    }
    TooManyRedirects {
        "More than 20 redirects.",
        fix: "Break the loop, or request the final URL."
    }
    RedirectContainsCredentials {
        "The redirect leads to a URL with a username or password.",
        fix: "Redirect to a URL without `user:password@`.",
        chromium: "RedirectContainsCredentials", firefox: "CORSDidNotSucceed2"
    }
    RedirectBodyNotReplayable {
        "The redirect asks to send a streamed body again.",
        fix: "Answer with 303, or request the final URL."
    }
    ProxyAuthenticationRequired {
        "The response is 407 and nobody is there to answer it.",
        fix: "Only a proxy may answer with 407."
    }
    NetworkFailure {
        "No response arrived.",
        fix: "Look at DNS, TLS, the connection, and extensions that block requests: CORS was not reached.",
        firefox: "CORSDidNotSucceed2"
    }
    UrlIncludesCredentials {
        "The API refuses a URL with a username or password.",
        fix: "Send `Authorization` instead."
    }
    ModeNotAllowed {
        "The API refuses mode `navigate`.",
        fix: "Use mode `cors`, `no-cors` or `same-origin`."
    }
    InvalidMethod {
        "The API refuses a method that is not a token.",
        fix: "Use a method made of letters, digits and ``!#$%&'*+-.^_`|~``."
    }
    ForbiddenMethod {
        "The API refuses `CONNECT`, `TRACE` and `TRACK`.",
        fix: "Use another method."
    }
    MethodNotAllowedInNoCors {
        "A `no-cors` request can only be `GET`, `HEAD` or `POST`.",
        fix: "Use mode `cors`."
    }
    InvalidHeaderName {
        "The API refuses a header name that is not a token.",
        fix: "Use a name made of letters, digits and ``!#$%&'*+-.^_`|~``."
    }
    InvalidHeaderValue {
        "The API refuses a header value with NUL, CR or LF inside.",
        fix: "Remove those bytes."
    }
    BodyNotAllowedWithMethod {
        "The API refuses a body with `GET` or `HEAD`.",
        fix: "Use `POST`, or no body."
    }
    StreamNotAllowedInMode {
        "The API refuses a stream as the body unless the mode is `cors` or `same-origin`.",
        fix: "Use mode `cors`, or a body that is not a stream."
    }
}

impl Reason {
    /// The reason a failed CORS check has when the response answers a preflight.
    pub(crate) const fn in_preflight(self) -> Self {
        match self {
            Self::MissingAllowOrigin => Self::PreflightMissingAllowOrigin,
            Self::WildcardOriginNotAllowed => Self::PreflightWildcardOriginNotAllowed,
            Self::MultipleAllowOriginValues => Self::PreflightMultipleAllowOriginValues,
            Self::InvalidAllowOriginValue => Self::PreflightInvalidAllowOriginValue,
            Self::AllowOriginMismatch => Self::PreflightAllowOriginMismatch,
            Self::InvalidAllowCredentials => Self::PreflightInvalidAllowCredentials,
            other => other,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable_and_find_their_reason() {
        assert_eq!(Reason::MissingAllowOrigin.to_string(), "MissingAllowOrigin");
        assert_eq!(Reason::named("AllowOriginMismatch"), Some(Reason::AllowOriginMismatch));
        assert_eq!(Reason::named("missingalloworigin"), None);
        for &reason in Reason::ALL {
            assert_eq!(Reason::named(reason.as_str()), Some(reason));
        }
    }
}
