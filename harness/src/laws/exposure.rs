//! Exposure: script can read exactly the response-headers the policy exposes besides the safelisted ones.

use corspec_model::HttpRequestKind;
use corspec_model::infra::byte_lowercase;
use corspec_model::policy::Forbidden;
use corspec_model::request::CredentialsMode;

use super::Case;
use super::sharing::{browser_does, policy_means};
use crate::application;
use crate::browser::{Fetched, Prepared};
use crate::meaning;
use crate::verdict::{Finding, Judgement};

/// Headers that HTTP software adds after the application and the middleware, which therefore cannot expose them.
const NOT_THE_APPLICATIONS: [&str; 7] =
    ["connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "vary"];

/// Whether a header of this name, in lower case, may come from HTTP software between application and browser.
pub(super) fn added_later(name: &[u8]) -> bool {
    NOT_THE_APPLICATIONS.iter().any(|added| added.as_bytes() == name)
}

/// Judges a fetch that the policy allows and the browser shares; nothing can be said of any other.
pub fn judge(
    case: &Case<'_>,
    prepared: &Prepared,
    permitted: &Result<(), Forbidden>,
    fetched: &Fetched,
) -> Option<Judgement> {
    let policy = case.policy.at(prepared.request.current_url().url().path());
    let response = fetched.outcome.result.as_ref().ok()?;
    if !fetched.outcome.is_shared() || permitted.is_err() {
        return None;
    }
    let sent = &fetched.last(HttpRequestKind::Request)?.response.headers;
    // Naming every header is what `*` needs with credentials; nobody can name those an outer layer adds later.
    let all_by_name = !case.endpoint.fixed_application
        && policy.expose.is_any()
        && prepared.request.credentials_mode == CredentialsMode::Include;
    let (mut hidden, mut leaked) = (Vec::<String>::new(), Vec::<String>::new());
    for header in sent {
        let name = byte_lowercase(&header.name);
        let name = String::from_utf8_lossy(&name);
        if name.starts_with("access-control-") {
            continue;
        }
        let readable = response.headers.iter().any(|readable| **readable == *name.as_bytes());
        let meant = meaning::may_read(policy, &name);
        // Headers the application does not have are nobody's secret, and nobody's to expose.
        let others =
            added_later(name.as_bytes()) || (case.endpoint.fixed_application && !application::sends(&name));
        let later = others || all_by_name;
        if meant && !readable && !later && !hidden.iter().any(|other| *other == name) {
            hidden.push(name.into_owned());
        } else if readable && !meant && !others && !leaked.iter().any(|other| *other == name) {
            leaked.push(name.into_owned());
        }
    }
    // A leak is worse.
    let requirement = if leaked.is_empty() { "exposure/hidden" } else { "exposure/leaked" };
    let mut what = Vec::new();
    if !hidden.is_empty() {
        what.push(format!("script cannot read {}, which the policy exposes", hidden.join(", ")));
    }
    if !leaked.is_empty() {
        what.push(format!("script can read {}, which the policy does not expose", leaked.join(", ")));
    }
    if what.is_empty() {
        return Some(case.pass("exposure"));
    }
    let finding = Finding {
        what: what.join("; "),
        policy_means: policy_means(permitted, &prepared.request),
        browser: browser_does(&fetched.outcome),
        step: Some("main-fetch/14.1".to_owned()),
        exchanges: fetched.exchanges.clone(),
        decides: None,
    };
    Some(case.breach(requirement, finding))
}
