//! The model's hot paths.

use std::hint::black_box;
use std::time::Duration;

use corspec_model::abnf::Abnf;
use corspec_model::request::{CredentialsMode, Mode};
use corspec_model::request_headers::cors_unsafe_request_header_names;
use corspec_model::{Fetch, HeaderList, Next, Origin, PreflightCache, Request, Response, cors_check};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn token_lists(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("token-list");
    for names in [1, 16, 256] {
        let value: Vec<u8> = (0..names).map(|n| format!("x-name-{n}")).collect::<Vec<_>>().join(", ").into();
        group.throughput(Throughput::Bytes(value.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(names), &value, |bencher, value| {
            bencher.iter(|| {
                let mut values = Vec::new();
                Abnf::TokenList.extract(black_box(value), &mut values).is_ok()
            });
        });
    }
    group.finish();
}

fn checks(criterion: &mut Criterion) {
    let headers = HeaderList::from_iter([
        ("Content-Type", "application/json"),
        ("Access-Control-Allow-Origin", "https://app.example.com"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
    ]);
    criterion.bench_function("cors-check", |bencher| {
        bencher.iter(|| {
            cors_check::check(
                black_box(b"https://app.example.com"),
                CredentialsMode::Include,
                black_box(&headers),
                &mut (),
            )
        });
    });
    let author = HeaderList::from_iter([
        ("Accept", "*/*"),
        ("Content-Type", "text/plain;charset=utf-8"),
        ("X-Token", "1"),
    ]);
    criterion.bench_function("cors-unsafe-request-header-names", |bencher| {
        bencher.iter(|| cors_unsafe_request_header_names(black_box(&author)));
    });
}

fn preflighted_fetch(criterion: &mut Criterion) {
    let url: url::Url = "https://api.example.net/doc".parse().expect("a URL");
    let mut request = Request::new(Origin::parse("https://app.example.com").expect("an origin"), url);
    request.mode = Mode::Cors;
    request.unsafe_request = true;
    request.method = (*b"PUT").into();
    let preflight = Response::new(
        204,
        HeaderList::from_iter([
            ("Access-Control-Allow-Origin", "https://app.example.com"),
            ("Access-Control-Allow-Methods", "PUT"),
        ]),
    );
    let response = Response::new(
        200,
        HeaderList::from_iter([("Access-Control-Allow-Origin", "https://app.example.com")]),
    );
    criterion.bench_function("preflighted-fetch", |bencher| {
        bencher.iter(|| {
            let mut cache = PreflightCache::new();
            let (mut fetch, mut next) = Fetch::start(request.clone(), &mut cache, Duration::ZERO, ());
            let mut answers = [&preflight, &response].into_iter();
            loop {
                next = match (next, answers.next()) {
                    (Next::Done(outcome), _) => break outcome,
                    (Next::Send(_), Some(answer)) => {
                        fetch.receive(answer.clone(), &mut cache, Duration::ZERO)
                    }
                    (Next::Send(_), None) => fetch.fail(&mut cache, Duration::ZERO),
                };
            }
        });
    });
}

criterion_group!(benches, token_lists, checks, preflighted_fetch);
criterion_main!(benches);
