//! Servers in process, audited as if nothing were known of them but an origin.

use corspec::check::{Audit, AuditEvent, Manners};
use corspec::implementation::{Embedded, Implementation, InProcess};
use corspec::transport::Limits;
use corspec_model::Policy;
use corspec_vectors::policy::PolicyDocument;
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
    Secret { name: "closed", policy: r#"{"origins": []}"#, named: &[] },
];

/// Audits an embedded responder with this policy, as `https://api.example.com/plain`.
pub(crate) fn audit(embedded: Box<dyn Embedded>, secret: &Secret) -> AuditEvent {
    let document: PolicyDocument = serde_json::from_str(secret.policy).unwrap();
    audit_with(embedded, &document.to_policy().unwrap(), secret.named)
}

/// As [`audit`], under any policy.
pub(crate) fn audit_with(embedded: Box<dyn Embedded>, policy: &Policy, named: &[&str]) -> AuditEvent {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let manners =
        Manners { named: named.iter().map(|&name| name.to_owned()).collect(), ..Manners::default() };
    runtime.block_on(async {
        let implementation = InProcess(embedded);
        let mut endpoint = implementation.serve(policy, Limits::default()).await.unwrap();
        endpoint.base = Url::parse("https://api.example.com/plain").unwrap();
        endpoint.fixed_application = false;
        let mut audit = Audit::new(&implementation, endpoint, manners);
        audit.ask(&mut |_, _| {}).await;
        audit.judge().await
    })
}
