//! Servers in process, audited as if nothing were known of them but an origin.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use corspec::check::{Audit, AuditEvent, Manners};
use corspec::implementation::{Embedded, Implementation, InProcess};
use corspec::transport::{Answer, Limits, Transport, TransportError, WireRequest};
use corspec_model::Policy;
use corspec_vectors::policy::PolicyDocument;
use futures_util::future::BoxFuture;
use url::Url;

/// A policy a server is given, and which the audit is not told.
#[derive(Debug)]
pub(crate) struct Secret {
    pub(crate) name: &'static str,
    pub(crate) policy: &'static str,
    /// The origins the user of the audit knows of.
    pub(crate) named: &'static [&'static str],
}

/// Policies whose holes are the server's, not their own.
pub(crate) const POLICIES: &[Secret] = &[
    Secret {
        name: "listed",
        policy: r#"{"origins": ["https://app.example.com", "https://partner.example"], "credentials": true,
            "methods": ["PUT"], "request_headers": ["x-api-key", "content-type"], "expose": ["etag"], "max_age": 600}"#,
        named: &["https://app.example.com", "https://partner.example"],
    },
    Secret {
        name: "any method",
        policy: r#"{"origins": ["https://app.example.com:8443", "null"], "methods": "*", "max_age": 600}"#,
        named: &["https://app.example.com:8443"],
    },
    Secret {
        name: "all but origins",
        policy: r#"{"origins": ["https://app.example.com"], "credentials": true, "methods": "*", "request_headers": "*",
            "expose": "*"}"#,
        named: &["https://app.example.com"],
    },
    Secret {
        name: "subdomains",
        policy: r#"{"origins": ["https://*.example.com"], "credentials": true, "methods": ["PUT", "DELETE", "PATCH"],
            "request_headers": ["authorization", "x-api-key"], "max_age": 600}"#,
        named: &[],
    },
    Secret {
        name: "open",
        policy: r#"{"origins": "*", "methods": "*", "request_headers": "*", "expose": "*"}"#,
        named: &[],
    },
    Secret { name: "own", policy: r#"{"origins": ["https://api.example.com"]}"#, named: &[] },
    // What is dangerous by itself: for animals only.
    Secret { name: "reckless", policy: r#"{"origins": "*", "credentials": true}"#, named: &[] },
    Secret { name: "closed", policy: r#"{"origins": []}"#, named: &[] },
];

impl Secret {
    pub(crate) fn policy(&self) -> Policy {
        serde_json::from_str::<PolicyDocument>(self.policy).unwrap().to_policy().unwrap()
    }
}

pub(crate) fn policy_named(name: &str) -> &'static Secret {
    POLICIES.iter().find(|secret| secret.name == name).unwrap()
}

/// What `ask` says of each item, one thread a core: auditing is work, not waiting.
pub(crate) fn on_every_core<T: Sync, R: Send>(items: &[T], ask: impl Fn(&T) -> Option<R> + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let mut said: Vec<(usize, R)> = std::thread::scope(|scope| {
        let work = || {
            let mut said = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(index) else { return said };
                said.extend(ask(item).map(|answer| (index, answer)));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    said.sort_by_key(|(index, _)| *index);
    said.into_iter().map(|(_, answer)| answer).collect()
}

/// Audits an embedded responder with this policy, as `https://api.example.com/plain`.
pub(crate) fn audit(embedded: Box<dyn Embedded>, secret: &Secret) -> AuditEvent {
    audit_with(embedded, &secret.policy(), secret.named)
}

/// As [`audit`], under any policy.
pub(crate) fn audit_with(embedded: Box<dyn Embedded>, policy: &Policy, named: &[&str]) -> AuditEvent {
    run(embedded, policy, named, false, |transport| transport)
}

/// As [`audit`], with the requests that preflights allow.
pub(crate) fn audit_actively(embedded: Box<dyn Embedded>, secret: &Secret) -> AuditEvent {
    run(embedded, &secret.policy(), secret.named, true, |transport| transport)
}

/// The requests that an audit sends.
pub(crate) fn sent_to(embedded: Box<dyn Embedded>, secret: &Secret) -> Vec<WireRequest> {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&sent);
    run(embedded, &secret.policy(), secret.named, false, |inner| Box::new(Watched { inner, sent: kept }));
    std::mem::take(&mut *sent.lock().unwrap())
}

/// Notes what is sent.
struct Watched {
    inner: Box<dyn Transport>,
    sent: Arc<Mutex<Vec<WireRequest>>>,
}

impl Transport for Watched {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<Answer, TransportError>> {
        self.sent.lock().unwrap().push(request.clone());
        self.inner.send(request)
    }

    fn send_bytes(&self, bytes: Vec<u8>, most: usize) -> BoxFuture<'_, Result<Vec<Answer>, TransportError>> {
        self.inner.send_bytes(bytes, most)
    }
}

fn run(
    embedded: Box<dyn Embedded>,
    policy: &Policy,
    named: &[&str],
    active: bool,
    watched: impl FnOnce(Box<dyn Transport>) -> Box<dyn Transport>,
) -> AuditEvent {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let named = named.iter().map(|&name| name.to_owned()).collect();
    let manners = Manners { named, active, ..Manners::default() };
    runtime.block_on(async {
        let implementation = InProcess(embedded);
        let mut endpoint = implementation.serve(policy, Limits::default()).await.unwrap();
        endpoint.base = Url::parse("https://api.example.com/plain").unwrap();
        endpoint.fixed_application = false;
        endpoint.transport = watched(endpoint.transport);
        let mut audit = Audit::new(&implementation, endpoint, manners);
        audit.ask(&mut |_, _| {}).await;
        audit.judge().await
    })
}
