//! What the model as a browser makes of the recorded answers.

use std::sync::Arc;
use std::time::Duration;

use corspec_model::abnf::ALLOW_ORIGIN;
use corspec_model::request::CredentialsMode;
use corspec_model::{Origin, PreflightCache, Response};
use corspec_vectors::server::{ServerRequest, WireRequest as WireDocument};
use url::Url;

use super::plan::Requests;
use super::recording::Recording;
use crate::browser::{self, Exchange, Fetched, Prepared};
use crate::implementation::Endpoint;
use crate::laws;
use crate::transport::Answer;

/// The answers there are, and the requests they belong to.
pub struct Evidence {
    /// The requests that can be made.
    pub requests: Requests,
    /// An endpoint that answers from the recording.
    pub endpoint: Endpoint,
    recording: Arc<Recording>,
}

impl Evidence {
    /// Of the endpoint at `base`.
    pub fn new(base: &Url, recording: &Arc<Recording>) -> Self {
        Self {
            requests: Requests::of(base),
            endpoint: Endpoint {
                base: base.clone(),
                transport: Box::new(Arc::clone(recording)),
                fixed_application: false,
                own_max_age: false,
                guard: None,
            },
            recording: Arc::clone(recording),
        }
    }

    /// The request as the model makes it, with or without credentials; none when it was not answered.
    pub fn prepared(&self, request: &ServerRequest, credentials: bool) -> Option<Prepared> {
        self.answer(request)?;
        let mut prepared = browser::prepare(request, &self.endpoint.base).ok()?;
        prepared.request.credentials_mode =
            if credentials { CredentialsMode::Include } else { CredentialsMode::Omit };
        Some(prepared)
    }

    /// The answer to the first message of a request.
    pub fn answer(&self, request: &ServerRequest) -> Option<Answer> {
        self.recording.response(&self.requests.wire(request).ok()??)
    }

    /// The answer to a request made by hand.
    pub fn answer_by_hand(&self, document: &WireDocument) -> Option<Answer> {
        self.recording.response(&laws::wire_request(document))
    }

    /// What the browser makes of a request; none when it was not answered.
    pub async fn fetched(&self, request: &ServerRequest, credentials: bool) -> Option<Fetched> {
        let prepared = self.prepared(request, credentials)?;
        let mut cache = PreflightCache::new();
        let fetched = browser::fetch(&self.endpoint, &prepared, &mut cache, Duration::ZERO, None).await;
        fetched.ok()
    }

    /// For how long the browser remembers the preflight of a request, in seconds; none when it remembers nothing.
    pub async fn remembered(&self, request: &ServerRequest, credentials: bool) -> Option<u64> {
        let prepared = self.prepared(request, credentials)?;
        let mut cache = PreflightCache::new();
        browser::fetch(&self.endpoint, &prepared, &mut cache, Duration::ZERO, None).await.ok()?;
        cache.entries().map(|entry| entry.max_age).max()
    }

    /// Whether the browser lets a page have what it asks for: the response, or what follows its preflight.
    pub async fn grants(&self, request: &ServerRequest, credentials: bool) -> bool {
        self.fetched(request, credentials).await.is_some_and(|fetched| is_granted(&fetched))
    }

    /// Those of the exchanges that were on the wire: the request after a preflight is never sent.
    pub fn on_the_wire(&self, exchanges: &[Exchange]) -> Vec<Exchange> {
        let was_asked = |exchange: &&Exchange| self.recording.has(&exchange.request);
        exchanges.iter().filter(was_asked).cloned().collect()
    }
}

/// Whether the browser shares the response, or goes on after the preflight.
pub fn is_granted(fetched: &Fetched) -> bool {
    fetched.outcome.is_shared() || fetched.passed_preflight()
}

/// The origin a response names, if it names one other than `*`.
pub fn named_origin(response: &Response) -> Option<String> {
    let value = response.headers.get(ALLOW_ORIGIN)?;
    let text = std::str::from_utf8(&value).ok()?;
    matches!(Origin::parse(text), Ok(Origin::Tuple(_))).then(|| text.to_owned())
}
