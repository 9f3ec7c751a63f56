//! `corspec up`: an embedded implementation on loopback, with the policy of a vector.

use std::net::{Ipv4Addr, SocketAddr};

use corspec_vectors::embedded;

use super::{Exit, Failure, runtime};
use crate::implementation;
use crate::transport::{Version, loopback};

/// Bring an embedded implementation up on loopback with the policy of a vector.
///
/// With a command after `--` the command is run and the implementation goes down with it; without one it stays up until
/// Ctrl-C.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of an embedded implementation
    name: String,
    /// Id of a server vector: its policy is put into force
    vector: String,
    /// Port of 127.0.0.1; 0 for any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Command to run while it is up, for instance `curl`
    #[arg(last = true)]
    command: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] when there is no such implementation or vector, or the port is taken.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let embedded = super::test::embedded_named(&args.name)?;
    let vectors = embedded::server_vectors();
    let vector = vectors
        .iter()
        .find(|vector| vector.meta.id == args.vector)
        .ok_or_else(|| Failure::usage(format_args!("there is no server vector `{}`", args.vector)))?;
    let policy = vector.policy.to_policy().map_err(Failure::broken)?;
    let service = implementation::configure(&*embedded, &policy).map_err(|not_served| {
        Failure::usage(format_args!("{} does not have this policy: {not_served}", args.name))
    })?;
    runtime()?.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
        let server = loopback::serve(service, address, Version::Http1, None)
            .await
            .map_err(|error| Failure::usage(format_args!("{address}: {error}")))?;
        let Some((program, arguments)) = args.command.split_first() else {
            anstream::println!("{} listens at {}plain", args.name, server.base);
            super::interrupted().await;
            return Ok(Exit::Clean);
        };
        let mut command = std::process::Command::new(program);
        command.args(arguments);
        let status = tokio::task::spawn_blocking(move || command.status())
            .await
            .map_err(Failure::broken)?
            .map_err(|error| Failure::usage(format_args!("{program}: {error}")))?;
        Ok(if status.success() { Exit::Clean } else { Exit::Findings })
    })
}
