//! `corspec fetch`: over the network what a browser would do.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use corspec_vectors::bytes::ByteString;
use corspec_vectors::client::OutcomeDocument;
use url::Url;

use super::explain::json;
use super::request::RequestArgs;
use super::test::{Reaching, seconds};
use super::{Exit, Failure, interrupted, runtime, terminal_width};
use crate::explanation::live::{Browser, Fetched, Settings};
use crate::explanation::recorded::Conditions;
use crate::explanation::{Explanation, Verdict, explain, text};
use crate::transport::Limits;

/// Fetch over the network as a browser would, and say what script sees and why.
///
/// Sends a preflight where one is due, follows redirects, and applies the CORS check to what comes back. Mixed content, an
/// http: URL to a page of https:, is not sent. Over TLS the server chooses HTTP/2 or HTTP/1.1. Nothing is kept: each run
/// begins with an empty preflight cache.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// URL
    url: String,
    #[command(flatten)]
    request: RequestArgs,
    /// Body; the method is then POST unless -X says otherwise. `@FILE` sends a file
    #[arg(short, long, value_name = "DATA")]
    data: Option<String>,
    /// Cookies of the URL's host, sent where the browser would: `name=value; name=value`
    #[arg(long, value_name = "COOKIES")]
    cookie: Option<String>,
    /// Print what script sees, status, readable headers and body; the explanation goes to standard error
    #[arg(short, long)]
    include: bool,
    /// Write the body script sees to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the explanation as one line of JSON, see `corspec explain --schema`
    #[arg(long, conflicts_with = "include")]
    json: bool,
    #[command(flatten)]
    reaching: Reaching,
    /// Connect to this address whatever the URL's host: try a server before its name leads to it
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = address)]
    connect_to: Option<SocketAddr>,
    /// Seconds for one exchange
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = seconds)]
    timeout: f64,
}

const EXAMPLES: &str = "Examples:
  Would a page of app.example.com get this?
    corspec fetch https://api.example.com/x --from https://app.example.com
  With a preflight, a cookie and a body:
    corspec fetch https://api.example.com/x --from https://app.example.com -X PUT -H 'X-Token: 1' \\
      -H 'Content-Type: application/json' -d '{}' --credentials include --cookie 'session=1'
  Only what script sees:
    corspec fetch -i https://api.example.com/x --from https://app.example.com 2>/dev/null

Exit codes: 0 script may use the response, 1 blocked, 2 usage, 3 a server gave no usable response, 130 interrupted.";

/// Bytes of a body that are read.
const LARGEST_BODY: usize = 64 << 20;

/// Runs the command.
///
/// # Errors
/// [`Failure`] when the command line makes no sense or a file cannot be read or written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let mut document = args.request.document(&args.url, args.data.is_some())?;
    if args.data.is_some()
        && !document.options.headers.iter().any(|(name, _)| name.0.eq_ignore_ascii_case(b"content-type"))
    {
        // What fetch() gives a string.
        document.options.headers.push(("Content-Type".into(), "text/plain;charset=UTF-8".into()));
    }
    let mut browser = Browser::new(settings(args)?);
    let conditions = Conditions::default();
    let fetched = runtime()?.block_on(async {
        tokio::select! {
            fetched = browser.fetch(&document, &conditions) => fetched.map(Some),
            () = interrupted() => Ok(None),
        }
    });
    let Some(Fetched { record, body, trouble, .. }) = fetched.map_err(Failure::usage)? else {
        return Ok(Exit::Interrupted);
    };
    let mut explanation = explain(record, &conditions).map_err(Failure::usage)?;
    if let Some(trouble) = &trouble {
        explanation.notes.insert(0, format!("The server: {trouble}."));
    }
    let seen = explanation.verdict == Verdict::Shared;
    if args.json {
        anstream::println!("{}", json(&explanation));
    } else if args.include {
        anstream::eprint!("{}", text::text(&explanation, terminal_width()));
    } else {
        anstream::print!("{}", text::text(&explanation, terminal_width()));
    }
    match &args.output {
        Some(path) if seen => std::fs::write(path, &body)
            .map_err(|error| Failure::usage(format_args!("{}: {error}", path.display())))?,
        Some(path) => {
            anstream::eprintln!("corspec: script does not see the body: {} is not written", path.display());
        }
        None => {}
    }
    if args.include && seen {
        let shown = if args.output.is_some() { Bytes::new() } else { body };
        // Whoever reads it may have gone away.
        let _ = print_seen(&explanation, &shown);
    }
    Ok(match explanation.verdict {
        _ if trouble.is_some() => Exit::Broken,
        Verdict::Shared | Verdict::Opaque => Exit::Clean,
        Verdict::Blocked | Verdict::Unanswered => Exit::Findings,
    })
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "write an IP address and a port, such as 127.0.0.1:8443 or [::1]:8443".to_owned())
}

fn settings(args: &Args) -> Result<Settings, Failure> {
    let timeout = Duration::from_secs_f64(args.timeout);
    let body = match args.data.as_deref() {
        None => None,
        Some(data) => Some(match data.strip_prefix('@') {
            Some(path) => Bytes::from(std::fs::read(path).map_err(|error| {
                Failure::usage(format_args!(
                    "--data @{path}: {error}; behind @ is the name of a file to send"
                ))
            })?),
            None => Bytes::copy_from_slice(data.as_bytes()),
        }),
    };
    let host = Url::parse(&args.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    Ok(Settings {
        version: args.reaching.version(),
        trust: args.reaching.trust()?,
        limits: Limits { timeout, body: LARGEST_BODY, kept: LARGEST_BODY },
        connect_to: args.connect_to,
        cookies: args.cookie.clone().map(|cookies| (Some(host.unwrap_or_default()), cookies)),
        body,
    })
}

/// Prints what script sees. To a terminal nothing goes that is more than text.
fn print_seen(explanation: &Explanation, body: &[u8]) -> std::io::Result<()> {
    let Some(OutcomeDocument::Response { status, headers, .. }) = &explanation.fetch.outcome else {
        return Ok(());
    };
    let mut output = std::io::stdout().lock();
    writeln!(output, "{status}")?;
    let response = explanation.fetch.last().and_then(|last| last.response.as_ref());
    for (name, value) in response.iter().flat_map(|response| &response.headers) {
        if headers.iter().any(|seen| seen.0.eq_ignore_ascii_case(&name.0)) {
            writeln!(output, "{}: {value}", ByteString(name.0.to_ascii_lowercase()))?;
        }
    }
    writeln!(output)?;
    if output.is_terminal() {
        for line in body.split(|&byte| byte == b'\n') {
            writeln!(output, "{}", ByteString(line.to_vec()))?;
        }
        Ok(())
    } else {
        output.write_all(body)
    }
}
