//! Middlewares in this process that do not behave.

use std::collections::BTreeMap;

use bytes::Bytes;
use corspec::application;
use corspec::implementation::{Embedded, InProcess, Info, NotServed};
use corspec::transport::{Body, Service, ServiceError};
use corspec::verdict::Verdict;
use corspec_model::Policy;
use corspec_vectors::embedded;
use corspec_vectors::server::ServerVector;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;

use super::{limits, results};

/// What a middleware does at requests with `Origin`; the application answers the others.
#[derive(Clone, Copy, Debug)]
enum Odd {
    Panics,
    PanicsInTheBody,
    NeverAnswers,
    EmptyPartsWithoutEnd,
    PartsWithoutEnd,
    BodyFails,
}

impl Odd {
    #[expect(clippy::panic, reason = "that is what is tested")]
    async fn answer(self, request: http::Request<Body>) -> Result<http::Response<Body>, ServiceError> {
        let asks_for_it = request.headers().contains_key("origin");
        let answer = application::answer(request).await?;
        if !asks_for_it {
            return Ok(answer);
        }
        let parts = |part: fn() -> Result<Frame<Bytes>, ServiceError>| {
            StreamBody::new(stream::repeat_with(part)).boxed_unsync()
        };
        let body = match self {
            Self::Panics => panic!("on purpose"),
            Self::PanicsInTheBody => parts(|| panic!("on purpose")),
            Self::NeverAnswers => std::future::pending().await,
            Self::EmptyPartsWithoutEnd => parts(|| Ok(Frame::data(Bytes::new()))),
            Self::PartsWithoutEnd => parts(|| Ok(Frame::data(Bytes::from_static(&[b'x'; 1024])))),
            Self::BodyFails => parts(|| Err(ServiceError::new("on purpose"))),
        };
        Ok(answer.map(|_| body))
    }
}

impl Embedded for Odd {
    fn info(&self) -> Info {
        Info { name: "odd".into(), version: String::new(), language: "Rust".into(), homepage: String::new() }
    }

    fn service(&self, _: &Policy) -> Result<Service, NotServed> {
        let odd = *self;
        Ok(Service::new(tower::service_fn(move |request| odd.answer(request))))
    }
}

#[test]
fn a_middleware_has_its_verdict_and_the_rest_is_judged() {
    let with_origin = |vector: &&ServerVector| vector.law == "soundness";
    let without = |vector: &&ServerVector| vector.meta.id == "server-classification/post-self-no-origin";
    let all = embedded::server_vectors();
    let vectors: Vec<_> =
        all.iter().filter(with_origin).take(30).chain(all.iter().filter(without)).cloned().collect();
    for (odd, verdict) in [
        (Odd::Panics, Verdict::Crash),
        (Odd::PanicsInTheBody, Verdict::Crash),
        (Odd::NeverAnswers, Verdict::Hang),
        (Odd::EmptyPartsWithoutEnd, Verdict::Hang),
        (Odd::PartsWithoutEnd, Verdict::Hang),
        (Odd::BodyFails, Verdict::Crash),
    ] {
        // One worker: whoever keeps it from going on keeps everybody.
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let middleware = InProcess(Box::new(odd));
        let mut found = BTreeMap::<_, usize>::new();
        for (.., is) in runtime.block_on(results(&middleware, &vectors, limits(verdict == Verdict::Hang))) {
            *found.entry(is).or_default() += 1;
        }
        runtime.shutdown_background();
        assert_eq!(found, BTreeMap::from([(Verdict::Pass, 1), (verdict, 30)]), "{odd:?}");
    }
}
