//! Many endpoints: several hosts at once, those of one host one after the other.

use corspec_model::Policy;
use futures_util::future::Shared;
use futures_util::{FutureExt, StreamExt, stream};
use indicatif::ProgressBar;

use super::super::Failure;
use super::Output;
use crate::check::{Audit, AuditEvent, Manners};
use crate::implementation::{Implementation, RunningServer};

/// Audits `servers`, which have their places with them, at most `jobs` hosts at once, and hands on what was found of each
/// as soon as it is done: nothing that is done waits, to be lost. Answers whether `interrupt` ended it early; what was found
/// until then is handed on all the same.
///
/// # Errors
/// [`Failure`] when what was found cannot be written.
pub(super) async fn audit_all<'a>(
    servers: &[(usize, &'a RunningServer)],
    manners: &Manners,
    jobs: usize,
    interrupt: impl Future<Output = ()>,
    output: &mut Output,
) -> Result<bool, Failure> {
    let interrupt = interrupt.shared();
    let progress = output.progress.clone();
    let one_host = |host: Host<'a>| {
        let (interrupt, progress) = (interrupt.clone(), progress.clone());
        let audits = stream::iter(host).filter_map(move |(place, server)| {
            let audit = audit(server, manners.clone(), interrupt.clone(), progress.clone());
            audit.map(move |audit| audit.map(|audit| AuditEvent { place, ..audit }))
        });
        // Only what is pinned can be asked by turns.
        Box::pin(audits)
    };
    let mut audits = stream::iter(by_host(servers)).map(one_host).flatten_unordered(jobs);
    while let Some(audit) = audits.next().await {
        output.audit(audit)?;
    }
    Ok(interrupt.peek().is_some())
}

/// The endpoints of one host, with their places.
type Host<'a> = Vec<(usize, &'a RunningServer)>;

/// The servers by host, in the order of the first of each.
fn by_host<'a>(servers: &[(usize, &'a RunningServer)]) -> Vec<Host<'a>> {
    let mut hosts: Vec<(&str, Host<'_>)> = Vec::new();
    for &(place, server) in servers {
        let name = server.url().host_str().unwrap_or_default();
        match hosts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, host)) => host.push((place, server)),
            None => hosts.push((name, vec![(place, server)])),
        }
    }
    hosts.into_iter().map(|(_, host)| host).collect()
}

/// Audits one endpoint; `None` when there was an interrupt before it began.
async fn audit(
    server: &RunningServer,
    manners: Manners,
    mut interrupt: Shared<impl Future<Output = ()>>,
    progress: ProgressBar,
) -> Option<AuditEvent> {
    if interrupt.peek().is_some() {
        return None;
    }
    let endpoint = match server.serve(&Policy::default(), manners.limits).await {
        Ok(endpoint) => endpoint,
        Err(not_served) => {
            let (url, problem) = (server.info().name, Some(not_served.to_string()));
            return Some(AuditEvent { url, problem, ..AuditEvent::default() });
        }
    };
    begin(server, &manners, &progress);
    let mut audit = Audit::new(server, endpoint, manners);
    let mut before = (0, 0);
    let mut told = |sent: usize, planned: usize| {
        progress.inc_length(planned.saturating_sub(before.1) as u64);
        progress.inc(sent.saturating_sub(before.0) as u64);
        before = (sent, planned.max(before.1));
    };
    let done = tokio::select! {
        () = audit.ask(&mut told) => true,
        () = &mut interrupt => false,
    };
    if !done {
        audit.interrupted();
    }
    Some(audit.judge().await)
}

/// Says what is about to be sent where, before it is.
fn begin(server: &RunningServer, manners: &Manners, progress: &ProgressBar) {
    let Manners { most, rate, user_agent, .. } = manners;
    let rate = rate.map_or_else(String::new, |rate| format!(", {rate} a second"));
    let host = server.url().authority();
    progress.set_message(host.to_owned());
    progress.suspend(|| {
        anstream::eprintln!(
            "corspec: at most {most} requests to {host}{rate}, as {user_agent}; --plan lists them"
        );
    });
}
