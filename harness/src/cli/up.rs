//! `corspec up`: an embedded implementation on loopback, with the policy of a vector.

use std::net::{Ipv4Addr, SocketAddr};

use corspec_vectors::embedded;

use super::{Exit, Failure, runtime};
use crate::implementation::{self, NotServed};
use crate::transport::loopback;

/// Bring an embedded implementation up on loopback with the policy of a vector, until Ctrl-C.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of an embedded implementation
    name: String,
    /// Id of a server vector: its policy is put into force
    vector: String,
    /// Port of 127.0.0.1; 0 for any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
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
    let service = implementation::configure(&*embedded, &policy).map_err(|not_served| match not_served {
        NotServed::Unsupported(knobs) => {
            let knobs: Vec<String> = knobs.iter().map(ToString::to_string).collect();
            Failure::usage(format_args!("{} cannot express {}", args.name, knobs.join(", ")))
        }
        NotServed::Refused(message) => {
            Failure::usage(format_args!("{} refuses the policy: {message}", args.name))
        }
        NotServed::Setup(message) => Failure::broken(message),
    })?;
    runtime()?.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
        let server = loopback::serve(service, address)
            .await
            .map_err(|error| Failure::usage(format_args!("{address}: {error}")))?;
        anstream::println!("{} listens at {}plain", args.name, server.base);
        tokio::signal::ctrl_c().await.map_err(Failure::broken)?;
        Ok(Exit::Clean)
    })
}
