//! What was asked and answered. Laws are judged from it, so that judging sends nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use corspec_model::{HeaderList, Response};
use futures_util::future::BoxFuture;

use crate::transport::{Answer, Transport, TransportError, WireRequest};

type Answered = Result<Answer, TransportError>;
/// Method, target and header lines.
type Key = (Box<[u8]>, String, HeaderList);

/// Requests with their answers. As a transport it answers from what it holds.
///
/// What was never asked is what follows a preflight. It gets what a `GET` of the same page got, or where there was none a
/// response without a header, which shares nothing.
#[derive(Debug, Default)]
pub struct Recording(Mutex<HashMap<Key, Answered>>);

impl Recording {
    /// Keeps an answer.
    pub fn add(&self, request: WireRequest, answered: Answered) {
        let key = (request.method, request.target, request.headers);
        self.entries().insert(key, answered);
    }

    /// What came for the request, if it was asked.
    pub fn of(&self, request: &WireRequest) -> Option<Answered> {
        self.entries().get(&key(request)).cloned()
    }

    /// Whether the request was asked.
    pub fn has(&self, request: &WireRequest) -> bool {
        self.entries().contains_key(&key(request))
    }

    /// The response to the request, if there was one.
    pub fn response(&self, request: &WireRequest) -> Option<Answer> {
        self.of(request)?.ok()
    }

    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Answered>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a `GET` by the page that makes the request.
    fn of_page(&self, request: &WireRequest) -> Option<Answer> {
        let mut headers = HeaderList::new();
        headers.append("Accept", "*/*");
        headers.append("Origin", request.headers.get("Origin")?);
        let page =
            WireRequest { method: (*b"GET").into(), target: request.target.clone(), headers, body: false };
        self.response(&page)
    }
}

fn key(request: &WireRequest) -> Key {
    (request.method.clone(), request.target.clone(), request.headers.clone())
}

impl Transport for Arc<Recording> {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Answered> {
        let answered = self.of(&request).unwrap_or_else(|| {
            let nothing = Answer { response: Response::new(200, HeaderList::new()), body: Bytes::new() };
            Ok(self.of_page(&request).unwrap_or(nothing))
        });
        Box::pin(std::future::ready(answered))
    }

    fn send_bytes(&self, _: Vec<u8>, _: usize) -> BoxFuture<'_, Result<Vec<Answer>, TransportError>> {
        let reason = "an audit sends no exact bytes".to_owned();
        Box::pin(std::future::ready(Err(TransportError::NotApplicable(reason))))
    }
}
