//! Runs every server vector. A file is one test; a failing file names every failing vector in it.
//!
//! The reference responder must satisfy every law, so a law that accuses a correct server fails here. Model and client
//! vectors are run beside the model, in `spec-model/tests/vectors.rs`.

use std::ops::ControlFlow;
use std::path::Path;

use corspec::implementation::{Implementation, InProcess, OverHttp, Reference};
use corspec::known_failing::KnownFailing;
use corspec::run::{self, Options};
use corspec::transport::Version;
use corspec::verdict::Verdict;
use corspec_vectors::run::vector_file;
use corspec_vectors::server::ServerVector;

/// Those that were written and those that `corspec fuzz promote` added, of which there may be none.
const SERVER_VECTORS: &str = r"^(server|regressions)/[^/]*\.json$";

type Result = datatest_stable::Result<()>;

fn server_in_process(path: &Path) -> Result {
    server(path, &InProcess(Box::new(Reference)), HasBytes::Yes)
}

fn server_over_http(path: &Path) -> Result {
    server(path, &OverHttp::new(Box::new(Reference), Version::Http1), HasBytes::Yes)
}

fn server_over_http2(path: &Path) -> Result {
    server(path, &OverHttp::new(Box::new(Reference), Version::Http2), HasBytes::No)
}

fn server_over_tls(path: &Path) -> Result {
    server(path, &OverHttp::tls(Box::new(Reference), Version::Http1)?, HasBytes::Yes)
}

fn server_over_tls_and_http2(path: &Path) -> Result {
    server(path, &OverHttp::tls(Box::new(Reference), Version::Http2)?, HasBytes::No)
}

/// Whether messages have bytes of HTTP/1.1, which some vectors write as they like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HasBytes {
    Yes,
    No,
}

fn server(path: &Path, reference: &dyn Implementation, has_bytes: HasBytes) -> Result {
    let mut vectors: Vec<ServerVector> = vector_file::read(path)?;
    if has_bytes == HasBytes::No {
        let writes_bytes = |vector: &ServerVector| {
            vector.raw.is_some()
                || vector.stability.as_ref().is_some_and(|probe| !probe.wire_forms.is_empty())
        };
        vectors.retain(|vector| !writes_bytes(vector));
    }
    let options = Options::default();
    let mut problems = Vec::new();
    let mut judged = std::collections::HashSet::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run::run(reference, &vectors, &options, &mut KnownFailing::default(), |result| {
        if result.verdict != Verdict::Pass {
            let what = result.finding.map(|finding| finding.what).unwrap_or_default();
            problems.push(format!("{}: {} {}: {what}", result.vector, result.law, result.verdict.as_str()));
        }
        judged.insert((result.vector, result.law));
        ControlFlow::Continue(())
    }))?;
    // Every vector is judged by the law it is about, so none passes by not being looked at.
    for vector in &vectors {
        if !judged.contains(&(vector.meta.id.clone(), vector.law.clone())) {
            problems.push(format!("{}: {} was not judged", vector.meta.id, vector.law));
        }
    }
    Ok(vector_file::report(&problems, vectors.len())?)
}

datatest_stable::harness! {
    { test = server_in_process, root = "../vectors", pattern = SERVER_VECTORS },
    { test = server_over_http, root = "../vectors", pattern = SERVER_VECTORS },
    { test = server_over_http2, root = "../vectors", pattern = SERVER_VECTORS },
    { test = server_over_tls, root = "../vectors", pattern = SERVER_VECTORS },
    { test = server_over_tls_and_http2, root = "../vectors", pattern = SERVER_VECTORS },
}
