//! What makes a behaviour new: steps of the model that follow each other, the form of answers, verdicts.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use corspec_model::abnf::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, EXPOSE_HEADERS, MAX_AGE,
};

use super::execute::Executed;
use crate::transport::{Answer, WireRequest};

/// The behaviours seen so far.
#[derive(Default)]
pub struct Behaviours {
    seen: HashSet<u64>,
    pairs: HashSet<u64>,
}

impl Behaviours {
    /// Takes note of one execution and tells whether anything in it is new.
    pub fn note(&mut self, executed: &Executed) -> bool {
        let mut new = false;
        for pair in executed.trace.windows(2) {
            let hash = hash_of(&("steps", pair));
            self.pairs.insert(hash);
            new |= self.seen.insert(hash);
        }
        for (request, answer) in &executed.exchanges {
            new |= self.seen.insert(hash_of(&("answer", form(request, answer))));
        }
        for judgement in &executed.judgements {
            let verdict = (judgement.law, judgement.requirement, judgement.verdict);
            new |= self.seen.insert(hash_of(&("verdict", verdict)));
        }
        new
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// How many of them are two steps of the model, one after the other.
    pub fn step_pairs(&self) -> usize {
        self.pairs.len()
    }
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The form of an answer: its status, and of each header that CORS and caches read how often it came and the form of its
/// value.
fn form(request: &WireRequest, answer: &Answer) -> (bool, u16, Vec<(usize, &'static str)>) {
    let headers = &answer.response.headers;
    let origin = request.headers.get("Origin");
    let forms =
        [ALLOW_ORIGIN, ALLOW_CREDENTIALS, ALLOW_METHODS, ALLOW_HEADERS, EXPOSE_HEADERS, MAX_AGE, "Vary"];
    let forms = forms.map(|name| {
        let form = match headers.get(name).as_deref() {
            None => "none",
            Some(b"") => "empty",
            Some(b"*") => "any",
            Some(b"null") => "null",
            Some(b"true") => "true",
            Some(value) if origin.as_deref() == Some(value) => "echo",
            Some(value) if value.iter().all(u8::is_ascii_digit) => "number",
            Some(value) if value.contains(&b',') => "list",
            Some(_) => "other",
        };
        (headers.lines(name).count().min(2), form)
    });
    (*request.method == *b"OPTIONS", answer.response.status, forms.to_vec())
}
