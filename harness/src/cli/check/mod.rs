//! `corspec check`: an audit of live endpoints whose policy nobody told.

mod many;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use corspec_vectors::bytes::ByteString;
use indicatif::ProgressBar;

use super::stream::{EventStream, Results, progress_bar};
use super::test::{Reaching, seconds};
use super::{Exit, Failure, Interrupts, read, report, runtime};
use crate::check::catalogue::Severity;
use crate::check::plan::Requests;
use crate::check::{Audit, AuditEvent, Manners};
use crate::event::Event;
use crate::implementation::{Implementation, RunningServer};
use crate::report::collected::Collected;
use crate::transport::Limits;

/// Audit live endpoints whose policy nobody told.
///
/// Asks as a browser would, in the name of origins that may be let in and of those that should not, infers the policy
/// from the answers, and checks them against it and against each other. Only safe requests are sent, to a host one after the
/// other, and only to the host that is named; redirects are not followed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Endpoints to audit
    #[arg(value_name = "URL", required_unless_present = "list")]
    urls: Vec<String>,
    /// File with further URLs, one a line; blank lines and lines that begin with # are passed over; `-` is standard input
    #[arg(long = "urls", value_name = "FILE")]
    list: Option<PathBuf>,
    /// An origin that is meant to be let in: near misses of it are tried too; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,

    /// Exit with 1 when something at least this grave is found
    #[arg(long, value_enum, default_value_t = Severity::Low, value_name = "SEVERITY")]
    fail_on: Severity,
    /// Write the inferred policy of the one URL as a file for `corspec test --url URL --policy FILE`; replaces the file
    #[arg(long, value_name = "FILE")]
    write_policy: Option<PathBuf>,
    /// List the requests that would be sent, and send none
    #[arg(long)]
    plan: bool,
    /// Pass over endpoints that the event file (see --output) already has, and add to it
    #[arg(long)]
    resume: bool,

    /// Hosts that are asked at once; each gets one request at a time
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Requests a second to one host at most
    #[arg(long, default_value_t = 10.0, value_parser = rate)]
    rate: f64,
    /// Requests to one endpoint at most
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    max_requests: u32,
    /// Also send the requests that preflights allow (PUT, DELETE, PATCH, without a body): they may change what the server
    /// holds
    #[arg(long)]
    active: bool,
    /// Header line to send along, but not with preflights; a login, for instance. Not shown in reports. May be repeated
    #[arg(short = 'H', long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// What to send as User-Agent
    #[arg(long, value_name = "TEXT", default_value = concat!("corspec-check/", env!("CARGO_PKG_VERSION")))]
    user_agent: String,
    /// Seconds one exchange may take
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    timeout: f64,
    #[command(flatten)]
    reaching: Reaching,

    #[command(flatten)]
    results: Results,
    /// Show the evidence of what is only good to know, and the fix for every server
    #[arg(short, long)]
    verbose: bool,
}

const EXAMPLES: &str = "Examples:
  corspec check https://api.example.com/me --origin https://app.example.com
  corspec check https://api.example.com/me -H 'Cookie: session=…' --write-policy policy.json
  corspec check --urls endpoints.txt --rate 2 --format sarif > cors.sarif
  corspec check https://api.example.com/me -o audit.html
  corspec check --urls endpoints.txt --resume
  corspec check https://api.example.com/me --plan

Severities: high any page the user visits gets in, medium somebody in the right place does, low clients break or another
hole is needed first, info good to know.

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage, 3 an endpoint could not be checked, 130 interrupted.";

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 1000.0 => Ok(rate),
        _ => Err("requests a second above 0 and up to 1000 are needed".to_owned()),
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as `Name: value`")?;
    let (name, value) = (name.trim(), value.trim());
    if name.eq_ignore_ascii_case("origin") || name.to_lowercase().starts_with("access-control-") {
        return Err(format!("{name} is what an audit sends itself"));
    }
    http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))?;
    http::HeaderValue::from_str(value).map_err(|_| format!("the value of {name} cannot be sent"))?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] when the command line or a file it names cannot be used, or the event stream cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let servers = servers(args)?;
    if args.write_policy.is_some() && servers.len() != 1 {
        return Err(Failure::usage("--write-policy is for one URL: name one"));
    }
    let manners = manners(args)?;
    if args.plan {
        return plan(&servers, &manners);
    }
    let runtime = runtime()?;
    let interrupts = {
        let _inside = runtime.enter();
        Interrupts::listen().map_err(Failure::broken)?
    };
    let mut output =
        if args.resume { Output::go_on(args, before(args, &servers)?)? } else { Output::new(args)? };
    let known = |server: &RunningServer| {
        let url = server.info().name;
        output.collected.audits.iter().any(|audit| audit.url == url)
    };
    let left: Vec<(usize, &RunningServer)> =
        servers.iter().enumerate().filter(|(_, server)| !known(server)).collect();
    let jobs = usize::from(args.jobs);
    let interrupted =
        runtime.block_on(many::audit_all(&left, &manners, jobs, interrupts.first(), &mut output))?;
    runtime.shutdown_background();
    if let Some(path) = &args.write_policy {
        write_policy(path, &output.collected.audits)?;
    }
    output.finish(args, interrupted)
}

fn manners(args: &Args) -> Result<Manners, Failure> {
    for origin in &args.origin {
        if corspec_model::Origin::parse(origin).is_err() {
            return Err(Failure::usage(format_args!(
                "--origin `{origin}` is not an origin: write scheme://host[:port], without a slash at its end"
            )));
        }
    }
    let bytes = |text: &String| ByteString(text.as_bytes().to_vec());
    Ok(Manners {
        named: args.origin.clone(),
        most: usize::try_from(args.max_requests).unwrap_or(usize::MAX),
        rate: Some(args.rate),
        user_agent: args.user_agent.clone(),
        headers: args.header.iter().map(|(name, value)| (bytes(name), bytes(value))).collect(),
        active: args.active,
        limits: Limits { timeout: Duration::from_secs_f64(args.timeout), ..Limits::default() },
    })
}

/// Every server that is named, once.
fn servers(args: &Args) -> Result<Vec<RunningServer>, Failure> {
    let mut servers: Vec<RunningServer> = Vec::new();
    let mut add = |url: &str, place: &str| -> Result<(), Failure> {
        let wrong = |problem: String| Failure::usage(format_args!("{place}{problem}"));
        let server = args.reaching.server(url).map_err(|failure| wrong(failure.to_string()))?;
        if !servers.iter().any(|known| known.info().name == server.info().name) {
            servers.push(server);
        }
        Ok(())
    };
    for url in &args.urls {
        add(url, "")?;
    }
    if let Some(path) = &args.list {
        let (name, text) = list(path)?;
        for (number, line) in (1..).zip(text.lines()) {
            let url = line.trim();
            if !url.is_empty() && !url.starts_with('#') {
                add(url, &format!("{name}:{number}: "))?;
            }
        }
    }
    if servers.is_empty() {
        return Err(Failure::usage(
            "there is no URL to check: name one, or write some in the file of --urls, one a line",
        ));
    }
    Ok(servers)
}

fn list(path: &Path) -> Result<(String, String), Failure> {
    if path != Path::new("-") {
        return Ok((path.display().to_string(), read(path)?));
    }
    let mut text = String::new();
    let told = std::io::stdin().read_to_string(&mut text);
    told.map_err(|error| Failure::usage(format_args!("standard input: {error}")))?;
    Ok(("standard input".to_owned(), text))
}

fn plan(servers: &[RunningServer], manners: &Manners) -> Result<Exit, Failure> {
    use std::fmt::Write;

    let mut out = String::new();
    for server in servers {
        let probes = Audit::plan(&Requests::of(server.url()), manners);
        let _ = writeln!(
            out,
            "{}: {} requests if nobody is let in, at most {}",
            server.url(),
            probes.len(),
            manners.most
        );
        for probe in probes {
            let origin = probe.wire.headers.get("Origin").unwrap_or_default();
            let (method, target) = (probe.wire.method.escape_ascii(), &probe.wire.target);
            let _ =
                writeln!(out, "  {method:7} {target}  Origin: {}  ({})", origin.escape_ascii(), probe.about);
        }
    }
    super::stream::print(&out, None)?;
    Ok(Exit::Clean)
}

/// What an earlier run found out, with the places the endpoints have now; one that did not answer then is asked again.
fn before(args: &Args, servers: &[RunningServer]) -> Result<Vec<AuditEvent>, Failure> {
    let path = args.results.file(EVENTS).ok_or_else(|| {
        Failure::usage(
            "--resume reads the event file: name it with --output, or print another format than jsonl",
        )
    })?;
    let mut collected = Collected::default();
    if path.exists() {
        report::collect(&path, &mut collected).map_err(|failure| {
            Failure::usage(format_args!("{failure}; move the file away, or name another one with --output"))
        })?;
    }
    collected.audits.retain(|audit| audit.reached && audit.problem.is_none());
    for (further, audit) in collected.audits.iter_mut().enumerate() {
        let now = servers.iter().position(|server| server.info().name == audit.url);
        audit.place = now.unwrap_or(servers.len() + further);
    }
    Ok(collected.audits)
}

fn write_policy(path: &Path, audits: &[AuditEvent]) -> Result<(), Failure> {
    let Some(policy) = audits.iter().find_map(|audit| audit.policy.as_ref()) else { return Ok(()) };
    let text = serde_json::to_string_pretty(policy).map_err(Failure::broken)?;
    std::fs::write(path, format!("{text}\n"))
        .map_err(|error| Failure::usage(format_args!("{}: {error}", path.display())))
}

/// The usual event file.
const EVENTS: &str = "corspec-check.jsonl";

struct Output {
    stream: EventStream,
    collected: Collected,
    progress: ProgressBar,
}

impl Output {
    fn new(args: &Args) -> Result<Self, Failure> {
        let stream = args.results.stream(EVENTS)?;
        let mut output = Self { stream, collected: Collected::default(), progress: progress_bar(0) };
        output.event(&Event::start(None))?;
        Ok(output)
    }

    /// Begins with what an earlier run found out.
    fn go_on(args: &Args, before: Vec<AuditEvent>) -> Result<Self, Failure> {
        let audits = before.into_iter().map(|audit| Event::Audit(Box::new(audit)));
        let events: Vec<Event> = std::iter::once(Event::start(None)).chain(audits).collect();
        let stream = args.results.stream_after(EVENTS, &events)?;
        let mut collected = Collected::default();
        for event in &events {
            collected.note(event);
        }
        Ok(Self { stream, collected, progress: progress_bar(0) })
    }

    fn event(&mut self, event: &Event) -> Result<(), Failure> {
        self.stream.write(event)?;
        self.collected.note(event);
        Ok(())
    }

    /// Keeps what was found of an endpoint, whatever comes after.
    fn audit(&mut self, audit: AuditEvent) -> Result<(), Failure> {
        self.event(&Event::Audit(Box::new(audit)))?;
        self.stream.flush()
    }

    fn finish(mut self, args: &Args, interrupted: bool) -> Result<Exit, Failure> {
        let audits = &self.collected.audits;
        let found = audits.iter().any(|audit| audit.worst() >= Some(args.fail_on));
        let exit = match () {
            () if interrupted => Exit::Interrupted,
            () if found => Exit::Findings,
            () if audits.iter().any(|audit| !audit.reached) => Exit::Broken,
            () => Exit::Clean,
        };
        self.event(&Event::End { complete: !interrupted, exit_code: exit.code() })?;
        self.stream.flush()?;
        self.progress.finish_and_clear();
        let remark = interrupted.then_some("interrupted: --resume goes on with the next endpoint");
        args.results.report(&self.collected, &self.stream, args.verbose, remark)?;
        Ok(exit)
    }
}
