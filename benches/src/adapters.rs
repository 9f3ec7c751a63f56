//! What software of other languages costs over the wire.

use std::path::Path;
use std::time::Duration;

use corspec::implementation::adapter::Manifest;
use corspec::implementation::{Adapter, Endpoint, Implementation, OverHttp, embedded};
use corspec::transport::{Limits, Version, WireRequest};
use corspec_model::request::CredentialsMode;
use corspec_model::{HeaderList, cors_check};

use crate::harness::{ORIGIN, Problem, per_second, policy, requests, runtime};
use crate::record::Figure;

/// How many turns each request has.
const TURNS: u32 = 9;

/// Microseconds a request takes over one connection, for each installed adapter in `directory` and the embedded
/// implementations, or those `named`: each of the four requests, and one without `Origin`, in which a middleware has
/// nothing to do. Who is not installed, or answers otherwise than a browser needs it, is named and left out.
///
/// # Errors
/// When the manifests cannot be read.
pub fn measure(directory: &Path, named: &[String], each: Duration) -> Result<Vec<Figure>, Problem> {
    let mut implementations: Vec<Box<dyn Implementation>> = Vec::new();
    for one in embedded() {
        implementations.push(Box::new(OverHttp::new(one, Version::Http1)));
    }
    for manifest in Manifest::all(directory)? {
        implementations.push(Box::new(Adapter::of(&manifest, manifest.name.clone())));
    }
    implementations.retain(|one| named.is_empty() || named.contains(&one.info().name));
    let mut figures = Vec::new();
    for implementation in &implementations {
        let name = implementation.info().name;
        eprintln!("{name}");
        match runtime(2)?.block_on(one(&**implementation, &name, each)) {
            Ok(more) => figures.extend(more),
            Err(error) => eprintln!("  left out: {error}"),
        }
    }
    Ok(figures)
}

async fn one(
    implementation: &dyn Implementation,
    name: &str,
    each: Duration,
) -> Result<Vec<Figure>, Problem> {
    implementation.start().await;
    let policy = policy();
    let measured = match implementation.serve(&policy, Limits::default()).await {
        Ok(endpoint) => turns(&endpoint, name, each).await,
        Err(error) => Err(error.to_string().into()),
    };
    // Whatever came of it, nothing is left running.
    implementation.end().await;
    measured
}

async fn turns(endpoint: &Endpoint, name: &str, each: Duration) -> Result<Vec<Figure>, Problem> {
    let mut requests: Vec<(&str, WireRequest)> = requests().into();
    for (what, request) in &mut requests {
        request.target = endpoint.target(&request.target);
        let answer = endpoint.transport.send(request.clone()).await?;
        let headers = &answer.response.headers;
        let allows = cors_check::check(ORIGIN.as_bytes(), CredentialsMode::Omit, headers, &mut ()).is_ok();
        if allows != what.ends_with("-allowed") {
            return Err(format!("{what} is answered with {} {headers:?}", answer.response.status).into());
        }
    }
    let plain = WireRequest { headers: HeaderList::new(), ..requests[0].1.clone() };
    requests.push(("no-origin", plain));
    let mut turns = vec![Vec::new(); requests.len()];
    for _ in 0..TURNS {
        for ((_, request), turns) in requests.iter().zip(&mut turns) {
            turns.push(1e6 / per_second(&*endpoint.transport, request, 1, each / TURNS).await?);
        }
    }
    let figure = |((what, _), turns): (&(&str, _), Vec<f64>)| {
        Figure::new(name, &format!("wire/{what}"), 1, "us", turns)
    };
    Ok(requests.iter().zip(turns).map(figure).collect())
}
