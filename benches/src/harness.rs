//! The harness itself: over the wire beside `wrk`, and in process.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use corspec::implementation::{Embedded, Implementation, InProcess, OverHttp, Reference, embedded};
use corspec::known_failing::KnownFailing;
use corspec::run::{Options, run_on_all_cores};
use corspec::transport::{Http, Limits, Transport, Version, WireRequest};
use corspec_model::policy::{AllowList, OriginPattern};
use corspec_model::{HeaderList, Policy};
use corspec_vectors::embedded::server_vectors;
use corspec_vectors::server::ServerVector;
use tokio::runtime::{Builder, Runtime};

use crate::record::Figure;

pub(crate) const ORIGIN: &str = "https://app.example.com";

/// Why a measurement was not made.
pub type Problem = Box<dyn std::error::Error>;

pub(crate) fn runtime(cores: usize) -> std::io::Result<Runtime> {
    if cores == 1 {
        Builder::new_current_thread().enable_all().build()
    } else {
        Builder::new_multi_thread().worker_threads(cores).enable_all().build()
    }
}

pub(crate) fn policy() -> Policy {
    Policy {
        origins: AllowList::Only(OriginPattern::parse(ORIGIN).into_iter().collect()),
        methods: AllowList::Only(vec!["PUT".into()]),
        request_headers: AllowList::Only(vec!["x-token".into()]),
        ..Policy::default()
    }
}

/// The four requests of every comparison over the wire, by name.
pub(crate) fn requests() -> [(&'static str, WireRequest); 4] {
    let request = |method: &[u8], headers: &[(&str, &str)]| WireRequest {
        method: method.into(),
        target: "/plain".to_owned(),
        headers: headers.iter().copied().collect::<HeaderList>(),
        body: false,
    };
    let preflight = |origin| {
        [
            ("origin", origin),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "x-token"),
        ]
    };
    let evil = "https://app.example.com.evil.example";
    [
        ("actual-allowed", request(b"GET", &[("origin", ORIGIN)])),
        ("actual-disallowed", request(b"GET", &[("origin", evil)])),
        ("preflight-allowed", request(b"OPTIONS", &preflight(ORIGIN))),
        ("preflight-disallowed", request(b"OPTIONS", &preflight(evil))),
    ]
}

/// Server vectors a second, judged in process against the reference responder: by cores, and by how many there are. All of
/// them, and those without robustness, whose lists of tens of thousands of names tell how fast bytes are read.
///
/// # Errors
/// When a run breaks.
pub fn vectors_in_process(rounds: usize) -> Result<Vec<Figure>, Problem> {
    let vectors: Arc<[ServerVector]> = server_vectors().into();
    let ordinary = without_robustness(&vectors);
    let mut figures = Vec::new();
    for (which, vectors) in [("", &vectors), ("-without-robustness", &ordinary)] {
        for cores in [1, 2] {
            for size in [100, 1_000, 10_000, 100_000] {
                let repeated: Arc<[ServerVector]> = vectors.iter().cycle().take(size).cloned().collect();
                let measured = (0..if size == 100_000 { 1 } else { rounds })
                    .map(|_| {
                        let judging = || judge(Box::new(Reference), &repeated, cores);
                        Ok(size as f64 / seconds(judging)?)
                    })
                    .collect::<Result<_, Problem>>()?;
                let group = format!("harness/in-process-{cores}-cores{which}");
                figures.push(Figure::new("corspec", &group, size as u64, "vectors/s", measured));
            }
        }
    }
    let whole = (0..rounds)
        .map(|_| seconds(|| embedded().into_iter().try_for_each(|one| judge(one, &vectors, 2))))
        .collect::<Result<_, Problem>>()?;
    figures.push(Figure::new("corspec", "harness/embedded-run", vectors.len() as u64, "s", whole));
    Ok(figures)
}

fn without_robustness(vectors: &[ServerVector]) -> Arc<[ServerVector]> {
    vectors.iter().filter(|vector| vector.law != "robustness").cloned().collect()
}

/// Judges as many server vectors against the reference responder.
///
/// # Errors
/// When the run breaks.
pub fn judge_once(vectors: usize, ordinary: bool, cores: usize) -> Result<(), Problem> {
    let mut all: Arc<[ServerVector]> = server_vectors().into();
    if ordinary {
        all = without_robustness(&all);
    }
    let repeated: Arc<[ServerVector]> = all.iter().cycle().take(vectors).cloned().collect();
    let took = seconds(|| judge(Box::new(Reference), &repeated, cores))?;
    println!("{:.0} vectors/s", vectors as f64 / took);
    Ok(())
}

fn seconds(work: impl FnOnce() -> Result<(), Problem>) -> Result<f64, Problem> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

fn judge(embedded: Box<dyn Embedded>, vectors: &Arc<[ServerVector]>, cores: usize) -> Result<(), Problem> {
    let implementation: Arc<dyn Implementation> = Arc::new(InProcess(embedded));
    let mut known = KnownFailing::parse("known = []")?;
    let mut events = 0;
    let sink = |_| {
        events += 1;
        ControlFlow::Continue(())
    };
    let options = Options::default();
    let judging = run_on_all_cores(&implementation, vectors, &options, &mut known, sink);
    runtime(cores)?.block_on(judging)?;
    if events < vectors.len() {
        Err(format!("{events} results of {} vectors", vectors.len()).into())
    } else {
        Ok(())
    }
}

/// Serves the reference responder until it is killed. For the process that is measured.
///
/// # Errors
/// When it cannot listen.
pub fn serve() -> Result<(), Problem> {
    runtime(2)?.block_on(async {
        let served = OverHttp::new(Box::new(Reference), Version::Http1);
        let policy = policy();
        let endpoint = served.serve(&policy, Limits::default()).await.map_err(|error| error.to_string())?;
        println!("{}", endpoint.base);
        std::future::pending::<()>().await;
        Ok(())
    })
}

/// A server of its own process, killed when this is dropped.
struct Served {
    child: Child,
    base: url::Url,
}

impl Served {
    fn start() -> Result<Self, Problem> {
        let mut child = Command::new(std::env::current_exe()?).arg("serve").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            std::io::BufReader::new(output).read_line(&mut line)?;
        }
        match line.trim().parse() {
            Ok(base) => Ok(Self { child, base }),
            Err(error) => {
                let _ = child.kill();
                Err(format!("the server did not start: {error}").into())
            }
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Requests a second over loopback, one thread and as many connections as `connections` says, by the harness and by
/// `wrk` in turns.
///
/// # Errors
/// When the server does not start or `wrk` is not installed.
pub fn beside_wrk(connections: usize, each: Duration, rounds: usize) -> Result<Vec<Figure>, Problem> {
    let served = Served::start()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        theirs.push(wrk(&served.base, connections, each)?);
        let request = &requests()[0].1;
        ours.push(runtime(1)?.block_on(async {
            let http = Http::new(&served.base, Version::Http1, None, Limits::default())?;
            per_second(&http, request, connections, each).await
        })?);
    }
    let figure = |name, measured| {
        Figure::new(name, "harness/over-the-wire", connections as u64, "requests/s", measured)
    };
    Ok(vec![figure("corspec", ours), figure("wrk", theirs)])
}

fn wrk(base: &url::Url, connections: usize, each: Duration) -> Result<f64, Problem> {
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{connections}"), &format!("-d{}s", each.as_secs().max(1))])
        .args(["-H", &format!("Origin: {ORIGIN}")])
        .arg(base.join("/plain")?.as_str())
        .output()
        .map_err(|error| format!("wrk: {error}; it is a package of most distributions"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    Ok(line.ok_or_else(|| format!("wrk said:\n{said}"))?.trim().parse()?)
}

/// Requests a second for as long as `each`, with `connections` of them in flight.
pub(crate) async fn per_second(
    transport: &dyn Transport,
    request: &WireRequest,
    connections: usize,
    each: Duration,
) -> Result<f64, Problem> {
    let start = Instant::now();
    let one = async || -> Result<u64, Problem> {
        let mut answered = 0;
        while start.elapsed() < each {
            transport.send(request.clone()).await?;
            answered += 1;
        }
        Ok(answered)
    };
    let answered = futures_util::future::try_join_all((0..connections).map(|_| one())).await?;
    Ok(answered.iter().sum::<u64>() as f64 / start.elapsed().as_secs_f64())
}
