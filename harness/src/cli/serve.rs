//! `corspec serve`: a local page over the model.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::{Exit, Failure, interrupted, runtime};
use crate::serve::{Site, service};
use crate::transport::{Version, loopback};

/// Serve a page on this machine: explain a fetch step by step, browse vectors and laws, open reports.
///
/// Only browsers on this machine reach it, and no page of another origin. It ends with Ctrl-C.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Port; 0 for any free one
    #[arg(short, long, default_value_t = 8997)]
    port: u16,
    /// Address to listen at. Whoever can reach it can use the page; there is no password
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Folder of event files whose reports can be opened
    #[arg(long, value_name = "DIR", default_value = ".")]
    reports: PathBuf,
}

const EXAMPLES: &str = "Examples:
  corspec serve
  corspec serve --port 0 --reports results";

/// Runs the command.
///
/// # Errors
/// [`Failure`] when the port is taken or the folder is none.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    if !args.reports.is_dir() {
        return Err(Failure::usage(format_args!("--reports {}: not a folder", args.reports.display())));
    }
    runtime()?.block_on(async {
        let wanted = SocketAddr::from((args.address, args.port));
        let taken =
            |error: std::io::Error| Failure::usage(format_args!("{wanted}: {error}; --port chooses another"));
        let listener = TcpListener::bind(wanted).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let site = Site::new(args.reports.clone(), address.ip(), address.port());
        let _server =
            loopback::accept(listener, service(Arc::new(site)), Version::Http1, None).map_err(taken)?;
        anstream::println!("http://{address}/");
        interrupted().await;
        Ok(Exit::Clean)
    })
}
