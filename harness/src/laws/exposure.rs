//! Exposure: script can read exactly the response-headers the policy exposes besides the safelisted ones.

use corspec_model::HttpRequestKind;

use super::Case;
use super::sharing::{browser_does, policy_means};
use crate::browser::{Fetched, Prepared};
use crate::meaning;
use crate::verdict::{Finding, Judgement};

/// Headers that HTTP software adds after the application and the middleware; no policy is about them.
const NOT_THE_APPLICATIONS: [&str; 7] =
    ["connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "vary"];

/// Judges a fetch that the policy allows and the browser shares; nothing can be said of any other.
pub fn judge(case: &Case<'_>, prepared: &Prepared, fetched: &Fetched) -> Option<Judgement> {
    let law = "exposure";
    let permitted = meaning::permits(case.policy, &prepared.request);
    let response = fetched.outcome.result.as_ref().ok()?;
    if !fetched.outcome.is_shared() || permitted.is_err() {
        return None;
    }
    let sent = &fetched.last(HttpRequestKind::Request)?.response.headers;
    let mut hidden = Vec::new();
    let mut leaked = Vec::new();
    for header in sent {
        let name = String::from_utf8_lossy(&header.name).to_lowercase();
        if name.starts_with("access-control-") || NOT_THE_APPLICATIONS.contains(&&*name) {
            continue;
        }
        let readable = response.headers.iter().any(|readable| **readable == *name.as_bytes());
        let meant = meaning::may_read(case.policy, &name);
        if meant && !readable && !hidden.contains(&name) {
            hidden.push(name);
        } else if readable && !meant && !leaked.contains(&name) {
            leaked.push(name);
        }
    }
    let what = match (hidden.is_empty(), leaked.is_empty()) {
        (true, true) => return Some(Judgement::pass(law, case.level(law))),
        (false, _) => format!("script cannot read {}, which the policy exposes", hidden.join(", ")),
        (true, false) => format!("script can read {}, which the policy does not expose", leaked.join(", ")),
    };
    let finding = Finding {
        what,
        policy_means: policy_means(&permitted, &prepared.request),
        browser: browser_does(&fetched.outcome),
        step: Some("main-fetch/14.1".to_owned()),
        exchanges: fetched.exchanges.clone(),
    };
    Some(Judgement::fail(law, case.level(law), finding))
}
