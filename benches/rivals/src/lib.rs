//! The CORS middlewares of Rust that run in this process, each behind the same small thing: a [`Policy`] in, an answer
//! to each request out.
//!
//! [`rivals`] lists them. [`Rival::serve`] configures one as its adapter does (`adapters/rust/`, for tower-http and warp
//! `harness/src/implementation/`), before an application that says the same to everybody:
//! 200 with [`APPLICATION_HEADERS`] and the body `plain\n`. Without a policy there is no middleware, which tells what the
//! framework itself costs.
//!
//! | rival | module |
//! |---|---|
//! | the reference responder of the model| `reference` |
//! | tower-http, which is axum's | `tower_http` |
//! | warp | `warp` |
//! | actix-cors | `actix` |
//! | ntex-cors | `ntex` |
//! | poem | `poem` |
//! | rocket_cors | `rocket` |
//! | salvo-cors | `salvo` |

#[cfg(feature = "actix-cors")]
mod actix;
mod adapted;
#[cfg(feature = "ntex-cors")]
mod ntex;
#[cfg(feature = "poem")]
mod poem;
mod reference;
#[cfg(feature = "rocket-cors")]
mod rocket;
#[cfg(feature = "salvo")]
mod salvo;
mod tower_http;
mod warp;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use corspec_model::Policy;

use corspec::implementation::Knob;
pub use corspec::implementation::NotServed;

/// A request, its body whole.
pub type Request = http::Request<Bytes>;
/// A response, its body whole.
pub type Response = http::Response<Bytes>;

/// The header lines of the application.
pub const APPLICATION_HEADERS: [(&str, &str); 3] =
    [("content-type", "text/plain"), ("etag", "\"v1\""), ("x-app", "corspec")];
/// The body of the application.
pub const APPLICATION_BODY: &str = "plain\n";

/// A middleware and its framework.
#[derive(Clone, Copy, Debug)]
pub struct Rival {
    /// Short name, that of the adapter.
    pub name: &'static str,
    build: fn(Option<&Policy>) -> Result<Served, NotServed>,
    judged: Option<Build>,
}

/// How a middleware is built for a policy.
type Build = fn(&Policy) -> Result<Served, NotServed>;

/// A middleware with a policy in force, before the application. Not shared between threads, as some frameworks are.
pub struct Served(Box<dyn Fn(Request) -> Response>);

impl Rival {
    /// The middleware configured for `policy`; without one, the application alone in the same framework.
    ///
    /// # Errors
    /// [`NotServed`] when it cannot express the policy or refuses it; a panic while it is configured is a refusal.
    pub fn serve(&self, policy: Option<&Policy>) -> Result<Served, NotServed> {
        if let Some(policy) = policy {
            no_routes(policy)?;
        }
        unwound(|| (self.build)(policy))
    }

    /// Whether it can stand before the application of its adapter, which is the one laws are judged with.
    pub const fn is_judged(&self) -> bool {
        self.judged.is_some()
    }

    /// The middleware configured for `policy` before the application of its adapter. May be called within a runtime.
    ///
    /// # Errors
    /// [`NotServed`] as for [`Rival::serve`].
    pub fn serve_adapters_application(&self, policy: &Policy) -> Result<Served, NotServed> {
        no_routes(policy)?;
        let Some(build) = self.judged else {
            return Err(NotServed::Setup(format!("{} is only timed", self.name)));
        };
        unwound(|| build(policy))
    }

    const fn timed(name: &'static str, build: fn(Option<&Policy>) -> Result<Served, NotServed>) -> Self {
        Self { name, build, judged: None }
    }

    const fn judged(mut self, build: Build) -> Self {
        self.judged = Some(build);
        self
    }
}

/// None of them has policies by path.
fn no_routes(policy: &Policy) -> Result<(), NotServed> {
    if policy.routes.is_empty() { Ok(()) } else { Err(NotServed::Unsupported(vec![Knob::Routes])) }
}

/// A panic while it is configured is a refusal.
fn unwound(build: impl FnOnce() -> Result<Served, NotServed>) -> Result<Served, NotServed> {
    catch_unwind(AssertUnwindSafe(build))
        .unwrap_or_else(|_| Err(NotServed::Refused("it panicked while it was configured".to_owned())))
}

impl Served {
    fn new(answer: impl Fn(Request) -> Response + 'static) -> Self {
        Self(Box::new(answer))
    }

    /// Answers one request.
    pub fn answer(&self, request: Request) -> Response {
        (self.0)(request)
    }
}

/// All of them, the reference responder first.
pub fn rivals() -> Vec<Rival> {
    vec![
        Rival::timed("reference", reference::literal),
        Rival::timed("reference-fast", reference::fast),
        Rival::timed("tower-http", tower_http::build),
        Rival::timed("warp", warp::build),
        #[cfg(feature = "actix-cors")]
        Rival::timed("actix-cors", actix::build).judged(actix::judged),
        #[cfg(feature = "ntex-cors")]
        Rival::timed("ntex-cors", ntex::build).judged(ntex::judged),
        #[cfg(feature = "poem")]
        Rival::timed("poem", poem::build).judged(poem::judged),
        #[cfg(feature = "rocket-cors")]
        Rival::timed("rocket-cors", rocket::build),
        #[cfg(feature = "salvo")]
        Rival::timed("salvo", salvo::build).judged(salvo::judged),
    ]
}

/// The rival of this name.
pub fn rival(name: &str) -> Option<Rival> {
    rivals().into_iter().find(|rival| rival.name == name)
}

/// What the application answers, in the types of the `http` crate.
fn application() -> Response {
    let mut response = Response::new(Bytes::from_static(APPLICATION_BODY.as_bytes()));
    for (name, value) in APPLICATION_HEADERS {
        response.headers_mut().append(name, http::HeaderValue::from_static(value));
    }
    response
}

/// The body of an answer whose reading cannot fail here; an empty one if it does.
async fn whole<B: http_body_util::BodyExt>(response: http::Response<B>) -> Response {
    let (head, body) = response.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Response::from_parts(head, body)
}
