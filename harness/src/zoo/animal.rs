//! What an animal is: the reference responder with one thing changed.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use corspec_model::policy::{AllowList, OriginPattern};
use corspec_model::reference::{Answer, respond};
use corspec_model::{HeaderList, Policy, Response};
use http_body_util::{BodyExt, Full};
use tower::service_fn;

use crate::application;
use crate::implementation::{Embedded, Info, NotServed};
use crate::transport::{Body, Service, ServiceError};

/// A responder that differs from the reference in one thing.
#[derive(Clone, Copy)]
pub struct Animal {
    /// Short name.
    pub name: &'static str,
    /// What it does otherwise, in one sentence.
    pub does: &'static str,
    /// The real software that does, or did.
    pub source: &'static str,
    /// The requirement it breaks; none for a legal variant.
    pub breaks: Option<&'static str>,
    /// The difference.
    pub bug: Bug,
}

/// The difference to the reference responder; each part is the reference's own in [`CORRECT`].
#[derive(Clone, Copy)]
pub struct Bug {
    /// Changes the request before it is looked at.
    pub reads: fn(&mut Asked),
    /// Finds the policy of the request's path.
    pub routes: fn(&Policy, &Asked) -> Policy,
    /// That policy as it is understood for the request.
    pub believes: fn(&Policy, &Asked, &Memory) -> Policy,
    /// Changes the answer. The policy is the one that really holds.
    pub answers: fn(&Policy, &Asked, &mut Answered),
    /// Whether a preflight is passed on to the application, whose answer gets the headers.
    pub passes_preflights: fn(&Policy, &Asked) -> bool,
    /// Whether the connection ends without an answer.
    pub dies: fn(&Asked, &Memory) -> bool,
}

/// The reference responder.
pub const CORRECT: Bug = Bug {
    reads: |_| {},
    routes: |site, asked| site.at(&asked.path).clone(),
    believes: |policy, _, _| policy.clone(),
    answers: |_, _, _| {},
    passes_preflights: |_, _| false,
    dies: |_, _| false,
};

/// An animal that understands the policy otherwise.
pub(super) const fn believing(
    name: &'static str,
    breaks: &'static str,
    does: &'static str,
    source: &'static str,
    believes: fn(&Policy, &Asked, &Memory) -> Policy,
) -> Animal {
    Animal { name, does, source, breaks: Some(breaks), bug: Bug { believes, ..CORRECT } }
}

/// An animal that reads the request otherwise.
pub(super) const fn reading(
    name: &'static str,
    breaks: &'static str,
    does: &'static str,
    source: &'static str,
    reads: fn(&mut Asked),
) -> Animal {
    Animal { name, does, source, breaks: Some(breaks), bug: Bug { reads, ..CORRECT } }
}

/// An animal that answers otherwise.
pub(super) const fn answering(
    name: &'static str,
    breaks: &'static str,
    does: &'static str,
    source: &'static str,
    answers: fn(&Policy, &Asked, &mut Answered),
) -> Animal {
    Animal { name, does, source, breaks: Some(breaks), bug: Bug { answers, ..CORRECT } }
}

/// A request as a responder sees it.
#[derive(Clone)]
pub struct Asked {
    /// The method.
    pub method: Vec<u8>,
    /// The path as it was sent.
    pub path: String,
    /// The header lines.
    pub headers: HeaderList,
    /// Whether the request line had the whole URL.
    pub absolute_form: bool,
    /// Whether it was sent by HTTP/1.0.
    pub http10: bool,
}

impl Asked {
    /// The value of a header as text; empty when it is absent.
    pub fn get(&self, name: &str) -> String {
        self.headers.get(name).map(|value| String::from_utf8_lossy(&value).into_owned()).unwrap_or_default()
    }

    /// The value of `Origin`; empty when it is absent.
    pub fn origin(&self) -> String {
        self.get("Origin")
    }

    /// Whether it is a preflight.
    pub fn is_preflight(&self) -> bool {
        self.method == b"OPTIONS"
            && self.headers.contains("Origin")
            && self.headers.contains("Access-Control-Request-Method")
    }

    /// Whether it comes from the server's own pages.
    pub fn is_same_origin(&self) -> bool {
        self.origin().split_once("://").is_some_and(|(_, authority)| authority == self.get("Host"))
    }
}

/// An answer on its way out.
pub struct Answered {
    /// Status and header lines.
    pub response: Response,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the application's own answer is in it.
    pub by_application: bool,
}

impl Answered {
    /// Whether an origin is granted access.
    pub fn grants(&self) -> bool {
        self.response.headers.contains("Access-Control-Allow-Origin")
    }

    /// The value of a header as text.
    pub fn get(&self, name: &str) -> Option<String> {
        self.response.headers.get(name).map(|value| String::from_utf8_lossy(&value).into_owned())
    }

    /// Replaces all lines of a header by one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.response.headers.set(name, value);
    }

    /// Adds a line.
    pub fn append(&mut self, name: &str, value: &str) {
        self.response.headers.append(name, value);
    }

    /// Removes all lines of a header.
    pub fn delete(&mut self, name: &str) {
        self.response.headers.delete(name.as_bytes());
    }

    /// Removes every header of CORS.
    pub fn delete_cors(&mut self) {
        let kept = self.response.headers.iter().filter(|header| {
            !String::from_utf8_lossy(&header.name).to_lowercase().starts_with("access-control-")
        });
        self.response.headers = kept.map(|header| (header.name.to_vec(), header.value.to_vec())).collect();
    }
}

/// What a responder keeps between requests, and should not.
#[derive(Default)]
pub struct Memory {
    /// Requests so far.
    pub requests: AtomicUsize,
    /// Some text of an earlier request.
    pub text: Mutex<String>,
}

impl Memory {
    /// Whether this is the text that is kept.
    pub fn is(&self, text: &str) -> bool {
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) == text
    }

    /// Keeps a text and gives back the one before.
    pub fn replace(&self, text: String) -> String {
        std::mem::replace(&mut *self.text.lock().unwrap_or_else(PoisonError::into_inner), text)
    }
}

/// The policy with exactly this origin allowed besides its own.
pub fn and_origin(policy: &Policy, origin: String) -> Policy {
    if policy.origins.is_any() {
        return policy.clone();
    }
    let mut origins = policy.origins.items().to_vec();
    origins.push(OriginPattern::Exact(origin.into()));
    Policy { origins: AllowList::Only(origins), ..policy.clone() }
}

/// The policy with the request's origin allowed when it `matches` a configured one.
pub fn lenient(policy: &Policy, asked: &Asked, matches: fn(&str, &str) -> bool) -> Policy {
    let origin = asked.origin();
    if policy.origins.items().iter().any(|listed| matches(&listed.to_string(), &origin)) {
        and_origin(policy, origin)
    } else {
        policy.clone()
    }
}

impl Embedded for Animal {
    fn info(&self) -> Info {
        Info {
            name: self.name.into(),
            version: String::new(),
            language: String::new(),
            homepage: self.source.into(),
        }
    }

    fn service(&self, policy: &Policy) -> Result<Service, NotServed> {
        let policy = Arc::new(policy.clone());
        let memory = Arc::new(Memory::default());
        let bug = self.bug;
        Ok(Service::new(service_fn(move |request: http::Request<Body>| {
            let policy = Arc::clone(&policy);
            let memory = Arc::clone(&memory);
            async move { answer(bug, &policy, &memory, request).await }
        })))
    }
}

async fn answer(
    bug: Bug,
    policy: &Policy,
    memory: &Memory,
    request: http::Request<Body>,
) -> Result<http::Response<Body>, ServiceError> {
    let as_sent = Asked {
        method: request.method().as_str().as_bytes().to_vec(),
        path: request.uri().path().to_owned(),
        headers: request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect(),
        absolute_form: request.uri().scheme().is_some() && request.headers().contains_key("host"),
        http10: request.version() == http::Version::HTTP_10,
    };
    if (bug.dies)(&as_sent, memory) {
        return Err(ServiceError::new("the responder is gone"));
    }
    let mut asked = as_sent.clone();
    (bug.reads)(&mut asked);
    let believed = (bug.believes)(&(bug.routes)(policy, &asked), &asked, memory);
    let mut answered = match respond(&believed, &asked.method, &asked.headers) {
        Answer::Preflight(response) if !(bug.passes_preflights)(&believed, &asked) => {
            Answered { response, body: Vec::new(), by_application: false }
        }
        Answer::Preflight(preflight) => {
            let mut answered = ask_application(request).await?;
            for header in &preflight.headers {
                answered.response.headers.append(&header.name, &header.value);
            }
            answered
        }
        Answer::Application(additions) => {
            let mut answered = ask_application(request).await?;
            additions.apply(&mut answered.response.headers);
            answered
        }
    };
    (bug.answers)(policy.at(&as_sent.path), &as_sent, &mut answered);
    let mut response = http::Response::new(
        Full::new(Bytes::from(answered.body)).map_err(|never| match never {}).boxed_unsync(),
    );
    *response.status_mut() =
        http::StatusCode::from_u16(answered.response.status).map_err(ServiceError::new)?;
    for header in &answered.response.headers {
        let name = http::HeaderName::from_bytes(&header.name).map_err(ServiceError::new)?;
        let value = http::HeaderValue::from_bytes(&header.value).map_err(ServiceError::new)?;
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

async fn ask_application(request: http::Request<Body>) -> Result<Answered, ServiceError> {
    let (head, body) = application::answer(request).await?.into_parts();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let body = body.collect().await?.to_bytes().to_vec();
    Ok(Answered { response: Response::new(head.status.as_u16(), headers), body, by_application: true })
}
