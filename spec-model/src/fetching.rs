//! [Fetching](https://fetch.spec.whatwg.org/#fetching): one fetch as a state machine.
//!
//! The standard's algorithms call each other and wait for the network in between. Here each stands in a module of its
//! own, cut where it waits; this module holds what a fetch remembers across those cuts:
//!
//! ```text
//! fetch ─▶ main fetch ─▶ HTTP fetch ─┬─▶ CORS-preflight fetch ─▶ send … receive ─┐
//!             ▲                      └─▶ HTTP-network-or-cache fetch ◀───────────┘
//!             │                                   │ send … receive
//!             └── HTTP-redirect fetch ◀── CORS check, TAO check, CORP check
//! ```

use std::time::Duration;

use crate::http_request::{HttpRequest, HttpRequestKind};
use crate::outcome::{NetworkError, Outcome};
use crate::preflight_cache::PreflightCache;
use crate::reason::Reason;
use crate::request::{Request, ResponseTainting};
use crate::response::Response;
use crate::trace::{Step, Trace, step};
use crate::{cors_preflight_fetch, http_fetch, http_network_or_cache_fetch, main_fetch};

/// What a fetch wants next.
#[derive(Debug)]
pub enum Next {
    /// Send this request and hand the response to [`Fetch::receive`], or tell [`Fetch::fail`] that none came.
    Send(HttpRequest),
    /// The fetch is over.
    Done(Outcome),
}

/// One run of the [fetch](https://fetch.spec.whatwg.org/#concept-fetch) algorithm.
///
/// ```
/// use std::time::Duration;
/// use corspec_model::{Fetch, HeaderList, Next, Origin, PreflightCache, Request, Response, request::Mode};
///
/// let mut cache = PreflightCache::new();
/// let mut request = Request::new(Origin::parse("https://foo.example")?, url::Url::parse("https://bar.other/")?);
/// request.mode = Mode::Cors;
///
/// let (mut fetch, next) = Fetch::start(request, &mut cache, Duration::ZERO, ());
/// let Next::Send(sent) = next else { panic!("a request must be sent") };
/// assert_eq!(sent.headers.get("Origin").as_deref(), Some(&b"https://foo.example"[..]));
///
/// let response = Response::new(200, HeaderList::from_iter([("Access-Control-Allow-Origin", "*")]));
/// let Next::Done(outcome) = fetch.receive(response, &mut cache, Duration::ZERO) else { panic!("one exchange is enough") };
/// assert!(outcome.is_shared());
/// assert_eq!(outcome.step.as_str(), "cors-check/3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fetch<T: Trace = ()> {
    pub(crate) request: Request,
    /// The main fetches under way, the first one first; each redirect adds one.
    pub(crate) main_fetches: Vec<main_fetch::Frame>,
    /// The step that decides the outcome unless a later one does.
    pub(crate) decided: Step,
    pub(crate) trace: T,
    waiting: Waiting,
}

/// Whose response comes next.
#[derive(Clone, Debug)]
enum Waiting {
    Nobody,
    Network { sent: HttpRequest },
}

/// What an algorithm hands back to the one that called it, when it does not have to wait.
#[derive(Debug)]
pub(crate) enum Returned {
    /// A network error.
    Error(NetworkError),
    /// A response not yet filtered.
    Response(Response),
    /// An opaque-redirect filtered response; its internal response is of no more use.
    OpaqueRedirect(Response),
}

/// An algorithm either waits for the network or returns.
pub(crate) type Flow = std::ops::ControlFlow<Returned, HttpRequest>;

impl<T: Trace> Fetch<T> {
    /// Starts to [fetch](https://fetch.spec.whatwg.org/#concept-fetch) `request` at `now`, with the user agent's
    /// `cache`. Steps go to `trace`; `()` records none.
    pub fn start(mut request: Request, cache: &mut PreflightCache, now: Duration, trace: T) -> (Self, Next) {
        // What an earlier fetch of the same request left behind does not count.
        request.response_tainting = ResponseTainting::Basic;
        request.redirect_count = 0;
        request.timing_allow_failed = false;
        // 12. Every request says what it accepts. (Other values by destination are a *should*; left out.)
        if !request.headers.contains("Accept") {
            request.headers.append("Accept", "*/*");
        }
        let mut fetch = Self {
            request,
            main_fetches: Vec::new(),
            decided: step("main-fetch/12"),
            trace,
            waiting: Waiting::Nobody,
        };
        // 17. Run main fetch.
        let flow = main_fetch::main_fetch(&mut fetch, cache, now, false);
        let next = fetch.go_on(flow, cache);
        (fetch, next)
    }

    /// Hands in the final response to the request last sent; interim ones (status 100 to 199) are the driver's to pass
    /// over. After the end it answers with the network error a driver's mistake deserves, and never panics.
    pub fn receive(&mut self, response: Response, cache: &mut PreflightCache, now: Duration) -> Next {
        self.resume(Ok(response), cache, now)
    }

    /// Tells that no response came for the request last sent.
    pub fn fail(&mut self, cache: &mut PreflightCache, now: Duration) -> Next {
        let error = NetworkError { reason: Reason::NetworkFailure, step: step("http-network-fetch/8.1") };
        self.resume(Err(error), cache, now)
    }

    /// The request as it stands: redirects change it.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The trace given to [`start`](Self::start).
    pub fn trace(&self) -> &T {
        &self.trace
    }

    fn resume(
        &mut self,
        response: Result<Response, NetworkError>,
        cache: &mut PreflightCache,
        now: Duration,
    ) -> Next {
        let Waiting::Network { sent } = std::mem::replace(&mut self.waiting, Waiting::Nobody) else {
            let error = NetworkError { reason: Reason::NetworkFailure, step: self.decided };
            return self.go_on(Flow::Break(Returned::Error(error)), cache);
        };
        let includes_credentials = sent.credentials;
        let flow = match http_network_or_cache_fetch::received(&self.request, sent, response, &mut self.trace)
        {
            http_network_or_cache_fetch::Received::Again(request) => Flow::Continue(request),
            http_network_or_cache_fetch::Received::Response(kind, response) => match kind {
                HttpRequestKind::Preflight => {
                    let result = response.and_then(|response| {
                        cors_preflight_fetch::received(&self.request, &response, cache, now, &mut self.trace)
                    });
                    http_fetch::after_preflight(self, result)
                }
                HttpRequestKind::Request => {
                    http_fetch::after_network(self, response, includes_credentials, cache, now)
                }
            },
        };
        self.go_on(flow, cache)
    }

    fn go_on(&mut self, flow: Flow, cache: &mut PreflightCache) -> Next {
        match flow {
            Flow::Continue(request) => {
                self.waiting = Waiting::Network { sent: request.clone() };
                Next::Send(request)
            }
            Flow::Break(returned) => Next::Done(main_fetch::returned(self, returned, cache)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Origin;
    use crate::request::{Body, Mode};

    fn accepts(own: Option<&str>) -> Vec<Vec<u8>> {
        let url: url::Url = "https://a.example/".parse().unwrap();
        let mut request = Request::new(Origin::Opaque, url);
        if let Some(own) = own {
            request.headers.append("accept", own);
        }
        let (_, next) = Fetch::start(request, &mut PreflightCache::new(), Duration::ZERO, ());
        let Next::Send(sent) = next else { panic!("a request is sent") };
        sent.headers.lines("Accept").map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn every_request_says_once_what_it_accepts() {
        assert_eq!(accepts(None), [b"*/*"]);
        assert_eq!(accepts(Some("text/plain")), [b"text/plain"]);
    }

    #[test]
    fn a_response_nobody_waits_for_ends_the_fetch_again() {
        let mut cache = PreflightCache::new();
        let url: url::Url = "https://a.example/".parse().unwrap();
        let (mut fetch, _) = Fetch::start(Request::new(Origin::Opaque, url), &mut cache, Duration::ZERO, ());
        for _ in 0..3 {
            let next =
                fetch.receive(Response::new(200, crate::HeaderList::new()), &mut cache, Duration::ZERO);
            assert!(matches!(next, Next::Done(_)));
        }
    }

    #[test]
    fn timing_is_hidden_after_a_failed_connection_but_for_the_page_itself() {
        for (url, mode, passed) in [
            ("https://page.example/", Mode::NoCors, true),
            ("https://api.example/", Mode::NoCors, false),
            ("https://api.example/", Mode::Cors, true),
        ] {
            let mut cache = PreflightCache::new();
            let page = Origin::parse("https://page.example").unwrap();
            let url: url::Url = url.parse().unwrap();
            let mut request = Request::new(page, url);
            request.mode = mode;
            let (mut fetch, _) = Fetch::start(request, &mut cache, Duration::ZERO, ());
            let Next::Done(outcome) = fetch.fail(&mut cache, Duration::ZERO) else { panic!("it is over") };
            // With CORS the network error ends HTTP fetch before the TAO check.
            assert_eq!(outcome.timing_allow_passed, passed, "{mode:?}");
        }
    }

    fn traced(request: Request, responses: &[(u16, &[(&str, &str)])]) -> (Outcome, Vec<(String, bool)>) {
        let mut trace: Vec<(Step, bool)> = Vec::new();
        let mut cache = PreflightCache::new();
        let (mut fetch, mut next) = Fetch::start(request, &mut cache, Duration::ZERO, &mut trace);
        for &(status, headers) in responses {
            assert!(matches!(next, Next::Send(_)), "a request for {status}");
            let response = Response::new(status, headers.iter().copied().collect());
            next = fetch.receive(response, &mut cache, Duration::ZERO);
        }
        let Next::Done(outcome) = next else { panic!("it is over") };
        drop(fetch);
        (outcome, trace.into_iter().map(|(step, held)| (step.to_string(), held)).collect())
    }

    fn request_of_a(url: &str) -> Request {
        let url: url::Url = url.parse().unwrap();
        Request::new(Origin::parse("https://a.example").unwrap(), url)
    }

    #[test]
    fn the_trace_has_each_step_in_order_with_its_result() {
        let mut request = request_of_a("https://b.example/");
        request.mode = Mode::Cors;
        let headers = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "x-a")];
        let (outcome, trace) = traced(request, &[(200, &headers)]);
        assert!(outcome.is_shared());
        let expected = [
            ("main-fetch/7", false),
            ("main-fetch/12.basic", false),
            ("main-fetch/12.same-origin", false),
            ("main-fetch/12.no-cors", false),
            ("main-fetch/12.non-http", false),
            ("main-fetch/12.preflight", false),
            ("main-fetch/12.otherwise", true),
            ("http-network-or-cache-fetch/8.3", false),
            ("http-network-or-cache-fetch/8.4", false),
            ("append-a-request-origin-header/3", true),
            ("http-network-or-cache-fetch/16", false),
            ("http-network-or-cache-fetch/17", false),
            ("cors-check/2", false),
            ("cors-check/3", true),
            ("http-fetch/4.4", false),
            ("tao-check/2", false),
            ("tao-check/4", false),
            ("tao-check/5", false),
            ("tao-check/6", false),
            ("tao-check/7", false),
            ("tao-check/8", true),
            ("http-fetch/4.5", true),
            ("http-fetch/6", false),
            ("main-fetch/13", false),
            ("main-fetch/14.1.1", true),
            ("main-fetch/14.1.2", false),
            ("main-fetch/14.1.3", true),
            ("main-fetch/14.2", true),
        ];
        assert_eq!(trace, expected.map(|(step, held)| (step.to_owned(), held)));
    }

    #[test]
    fn the_trace_of_a_redirected_preflighted_request_says_what_did_not_hold() {
        let mut request = request_of_a("https://b.example/");
        request.mode = Mode::Cors;
        request.unsafe_request = true;
        request.method = (*b"PUT").into();
        let allow = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "PUT")];
        let redirect = [("Access-Control-Allow-Origin", "*"), ("Location", "https://b.example/2")];
        let broken = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Headers", "a b")];
        let (outcome, trace) = traced(request, &[(204, &allow), (307, &redirect), (204, &broken)]);
        assert_eq!(outcome.result, Err(Reason::InvalidAllowHeaders));
        assert!(!outcome.is_shared());
        let results = |step: &str| -> Vec<bool> {
            trace.iter().filter(|(taken, _)| taken == step).map(|&(_, held)| held).collect()
        };
        // The first preflight parses, the second does not.
        assert_eq!(results("cors-preflight-fetch/7.3"), [false, true]);
        assert_eq!(results("http-redirect-fetch/4"), [false]);
        assert_eq!(results("main-fetch/12.preflight"), [true, true]);
        assert_eq!(results("main-fetch/12.otherwise"), []);
        // Both main fetches end with the error.
        assert_eq!(results("main-fetch/12.preflight.3"), [true, true]);
        assert_eq!(results("main-fetch/13"), [true, false]);
    }

    #[test]
    fn a_list_of_exposed_headers_that_does_not_parse_exposes_nothing() {
        let mut request = request_of_a("https://b.example/");
        request.mode = Mode::Cors;
        let headers = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "a b")];
        let (_, trace) = traced(request, &[(200, &headers)]);
        assert!(trace.contains(&("main-fetch/14.1.1".to_owned(), false)));
        assert!(trace.contains(&("main-fetch/14.1.3".to_owned(), false)));
    }

    #[test]
    fn a_request_on_the_wire_says_whether_it_has_a_body() {
        for body in [Body::None, Body::Source, Body::Stream] {
            let url: url::Url = "https://a.example/".parse().unwrap();
            let mut request = Request::new(Origin::Opaque, url);
            request.body = body;
            let (_, next) = Fetch::start(request, &mut PreflightCache::new(), Duration::ZERO, ());
            let Next::Send(sent) = next else { panic!("a request is sent") };
            assert_eq!(sent.body, body != Body::None);
        }
    }
}
