//! What was asked and answered. Laws are judged from it, so that judging sends nothing.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use corspec_model::{HeaderList, Response};
use futures_util::future::BoxFuture;

use crate::transport::{Answer, Transport, TransportError, WireRequest};

type Answered = Result<Answer, TransportError>;

/// Requests with their answers. As a transport it answers from what it holds; what was never asked gets a response
/// without a header, which shares nothing.
#[derive(Debug, Default)]
pub struct Recording(Mutex<Vec<(WireRequest, Answered)>>);

impl Recording {
    /// Keeps an answer.
    pub fn add(&self, request: WireRequest, answered: Answered) {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((request, answered));
    }

    /// What came for the request, if it was asked.
    pub fn of(&self, request: &WireRequest) -> Option<Answered> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find(|(asked, _)| is_same(asked, request)).map(|(_, answered)| answered.clone())
    }

    /// The response to the request, if there was one.
    pub fn response(&self, request: &WireRequest) -> Option<Answer> {
        self.of(request)?.ok()
    }

    /// How many requests were asked.
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn is_same(a: &WireRequest, b: &WireRequest) -> bool {
    a.method == b.method && a.target == b.target && a.headers == b.headers && a.body == b.body
}

impl Transport for std::sync::Arc<Recording> {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Answered> {
        let withheld = Answer { response: Response::new(200, HeaderList::new()), body: Bytes::new() };
        Box::pin(std::future::ready(self.of(&request).unwrap_or(Ok(withheld))))
    }

    fn send_bytes(&self, _: Vec<u8>, _: usize) -> BoxFuture<'_, Result<Vec<Answer>, TransportError>> {
        let reason = "an audit sends no exact bytes".to_owned();
        Box::pin(std::future::ready(Err(TransportError::NotApplicable(reason))))
    }
}
