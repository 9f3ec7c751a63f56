//! `corspec up`: an implementation on loopback, with the policy of a vector.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use corspec_model::Policy;
use corspec_vectors::embedded;
use corspec_vectors::server::ServerVector;
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::adapter::find::{Directory, by_command};
use super::{Exit, Failure, interrupted, runtime, suggest};
use crate::fuzzing::state;
use crate::implementation::{Endpoint, Implementation, OverHttp};
use crate::transport::{Limits, Version};

/// Bring an implementation up on loopback with the policy of a vector.
///
/// With a command after `--` the command is run and the implementation goes down with it; without one it stays up until
/// Ctrl-C.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of an embedded implementation or an adapter; with --adapter only VECTOR
    #[arg(value_name = "NAME")]
    name_or_vector: String,
    /// Id of a server vector, or a file with one: its policy is put into force
    vector: Option<String>,
    /// Bring up the software behind the adapter that this command starts
    #[arg(long, value_name = "CMD")]
    adapter: Option<String>,
    #[command(flatten)]
    directory: Directory,
    /// Port of 127.0.0.1; 0 for any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Command to run while it is up, for instance `curl`
    #[arg(last = true)]
    command: Vec<String>,
}

const EXAMPLES: &str = "Examples:
  corspec up tower-http server-soundness/exact-allowed -- curl -si -H 'Origin: https://evil.example' http://127.0.0.1:8998/plain
  corspec up my-cors server-soundness/exact-allowed --port 8080";

/// Runs the command.
///
/// # Errors
/// [`Failure`] when there is no such implementation or vector, or the port is taken.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let (implementation, vector): (Box<dyn Implementation>, &str) = match (&args.adapter, &args.vector) {
        (Some(command), None) => (Box::new(by_command(command)?), &args.name_or_vector),
        (None, Some(vector)) => (named(&args.name_or_vector, &args.directory)?, vector),
        (Some(_), Some(_)) => return Err(Failure::usage("with --adapter only a vector is named")),
        (None, None) => return Err(Failure::usage("the id of a server vector is needed")),
    };
    let vector = vector_named(vector)?;
    let policy = vector.policy.to_policy().map_err(Failure::broken)?;
    runtime()?.block_on(async {
        let exit = tokio::select! {
            exit = up(&*implementation, &policy, args) => exit,
            () = interrupted() => Ok(Exit::Clean),
        };
        implementation.end().await;
        exit
    })
}

/// The server vector with this id, or the first of a file, as `corspec fuzz` writes one.
fn vector_named(id: &str) -> Result<ServerVector, Failure> {
    let path = Path::new(id);
    if path.extension().is_some_and(|extension| extension == "json") {
        let first = state::read(path).map_err(Failure::usage)?.into_iter().next();
        return first.ok_or_else(|| Failure::usage(format_args!("{id}: there is no vector in it")));
    }
    let vectors = embedded::server_vectors();
    vectors.iter().find(|known| known.meta.id == id).cloned().ok_or_else(|| {
        let near = suggest::nearest(id, vectors.iter().map(|known| known.meta.id.as_str()));
        Failure::usage(format_args!(
            "there is no server vector `{id}`{near}; see `corspec vectors list 'server-*'`"
        ))
    })
}

fn named(name: &str, directory: &Directory) -> Result<Box<dyn Implementation>, Failure> {
    if directory.has(name) {
        return Ok(Box::new(directory.adapter(&directory.named(name)?)));
    }
    Ok(Box::new(OverHttp::new(super::test::embedded_named(name, &directory.names())?, Version::Http1)))
}

async fn up(implementation: &dyn Implementation, policy: &Policy, args: &Args) -> Result<Exit, Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let taken = |error: std::io::Error| Failure::usage(format_args!("{address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    implementation.start().await;
    let name = implementation.info().name;
    let endpoint: Endpoint = implementation.serve(policy, Limits::default()).await.map_err(|not_served| {
        Failure::usage(format_args!("{name} does not have this policy: {not_served}"))
    })?;
    let relay = relay(listener, &endpoint.base);
    let Some((program, arguments)) = args.command.split_first() else {
        anstream::println!("{name} listens at http://{address}/plain");
        relay.await;
        return Ok(Exit::Clean);
    };
    let status = tokio::process::Command::new(program).args(arguments).kill_on_drop(true).status();
    let status = tokio::select! {
        status = status => status.map_err(|error| Failure::usage(format_args!("{program}: {error}")))?,
        () = relay => return Ok(Exit::Clean),
    };
    Ok(if status.success() { Exit::Clean } else { Exit::Findings })
}

/// Passes connections on as they are, so that the port can be chosen whoever listens.
async fn relay(listener: TcpListener, base: &Url) {
    let host = base.host_str().unwrap_or_default();
    let target = format!("{host}:{}", base.port_or_known_default().unwrap_or(80));
    loop {
        if let Ok((mut client, _)) = listener.accept().await {
            let target = target.clone();
            tokio::spawn(async move {
                if let Ok(mut server) = TcpStream::connect(target).await {
                    // Whichever side breaks off, both are closed.
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    }
}
