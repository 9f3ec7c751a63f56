//! Middlewares that need a web framework, as `benches/rivals` has them: each answers in this thread, before the application
//! of its adapter and without the server of the framework.

use bytes::Bytes;
use corspec::implementation::{Embedded, Info, NotServed};
use corspec::transport::{Body, Service, ServiceError};
use corspec_model::Policy;
use corspec_rivals::{Rival, rivals};
use http_body_util::{BodyExt, Full};
use send_wrapper::SendWrapper;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Arc, Once};
use tower::service_fn;

/// Those there are.
pub fn all() -> impl Iterator<Item = Box<dyn Embedded>> {
    rivals().into_iter().filter(Rival::is_judged).map(|rival| Box::new(Framework(rival)) as Box<dyn Embedded>)
}

struct Framework(Rival);

impl Embedded for Framework {
    fn info(&self) -> Info {
        Info {
            name: self.0.name.to_owned(),
            version: String::new(),
            language: "Rust".to_owned(),
            homepage: String::new(),
        }
    }

    fn known_failing(&self) -> &'static str {
        match self.0.name {
            "actix-cors" => include_str!("../../../vectors/known-failing/actix-cors.toml"),
            "ntex-cors" => include_str!("../../../vectors/known-failing/ntex-cors.toml"),
            "poem" => include_str!("../../../vectors/known-failing/poem.toml"),
            "salvo" => include_str!("../../../vectors/known-failing/salvo.toml"),
            _ => "known = []",
        }
    }

    fn service(&self, policy: &Policy) -> Result<Service, NotServed> {
        // Frameworks keep to one thread, and so does a target.
        let served = caught(|| self.0.serve_adapters_application(policy))
            .ok_or_else(|| NotServed::Setup("it panicked".to_owned()))??;
        let served = Arc::new(SendWrapper::new(served));
        Ok(Service::new(service_fn(move |request: http::Request<Body>| {
            let served = Arc::clone(&served);
            async move {
                let (head, body) = request.into_parts();
                let body: Bytes = body.collect().await?.to_bytes();
                let answer = caught(|| served.answer(http::Request::from_parts(head, body)));
                // Its server would end the connection.
                let answer = answer.ok_or_else(|| ServiceError::new(std::io::Error::other("it panicked")))?;
                Ok::<_, ServiceError>(
                    answer.map(|body| Full::new(body).map_err(ServiceError::new).boxed_unsync()),
                )
            }
        })))
    }
}

thread_local! {
    static ASKS: Cell<bool> = const { Cell::new(false) };
}

/// What `ask` gives; none when it panics, which is judged like any other answer. The hook of the engine, which ends the
/// process at a panic, is for those of the target.
fn caught<T>(ask: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |panic| {
            if !ASKS.get() {
                others(panic);
            }
        }));
    });
    ASKS.set(true);
    let given = catch_unwind(AssertUnwindSafe(ask)).ok();
    ASKS.set(false);
    given
}
