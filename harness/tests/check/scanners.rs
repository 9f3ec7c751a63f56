//! Corsy and CORScanner, rebuilt from the checks they document: an origin each sends, and when it says that something is
//! wrong.

use std::time::Duration;

use corspec::implementation::{Embedded, Implementation, InProcess};
use corspec::transport::{Limits, WireRequest};
use corspec_model::{HeaderList, Policy};

use crate::seeds::HOST;

/// The response headers a scanner looks at.
pub(crate) struct Said {
    origin: String,
    allow_origin: Option<String>,
}

/// One check.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    sends: fn() -> Vec<String>,
    fires: fn(&Said) -> bool,
}

/// A scanner.
pub(crate) struct Scanner {
    checks: &'static [Check],
    /// Whether it ends at the first check that fires, and asks at all only when its own origin is answered.
    stops_early: bool,
}

fn echoed(said: &Said) -> bool {
    said.allow_origin.as_deref() == Some(&said.origin)
}

/// CORScanner compares without regard to case, and host names only.
fn echoed_host(said: &Said) -> bool {
    let host = |origin: &str| {
        let host = origin.split_once("://").map_or(origin, |(_, host)| host).to_lowercase();
        host.split(':').next().unwrap_or_default().to_owned()
    };
    said.allow_origin.as_deref().is_some_and(|allowed| host(allowed) == host(&said.origin))
}

macro_rules! origins {
    ($($origin:expr),*) => { || vec![$($origin.into()),*] };
}

/// Revision 2985ae2.
pub(crate) const CORSY: Scanner = Scanner {
    stops_early: true,
    checks: &[
        Check { name: "origin reflected", sends: origins!["https://example.org"], fires: echoed },
        Check {
            name: "post-domain wildcard",
            sends: origins![format!("https://{HOST}.example.org")],
            fires: echoed,
        },
        Check { name: "pre-domain wildcard", sends: origins![format!("https://d3v{HOST}")], fires: echoed },
        Check {
            name: "null origin",
            sends: origins!["null"],
            fires: |said| said.allow_origin.as_deref() == Some("null"),
        },
        Check {
            name: "underscore bypass",
            sends: origins![format!("https://{HOST}_.example.org")],
            fires: echoed,
        },
        Check {
            name: "broken parser",
            sends: origins![format!("https://{HOST}%60.example.org")],
            fires: |said| {
                said.allow_origin.as_deref().is_some_and(|allowed| {
                    allowed.contains("`.example.org") || allowed.contains("%60.example.org")
                })
            },
        },
        Check {
            name: "unescaped regex",
            sends: origins![format!("https://{}", HOST.replacen('.', "x", 1))],
            fires: echoed,
        },
        Check {
            name: "http allowed",
            sends: origins![format!("http://{HOST}")],
            fires: |said| said.allow_origin.as_deref().is_some_and(|allowed| allowed.starts_with("http://")),
        },
        Check {
            name: "wildcard value",
            sends: origins![format!("https://{HOST}")],
            fires: |said| said.allow_origin.as_deref() == Some("*"),
        },
        Check {
            name: "third party allowed",
            sends: origins![format!("https://{HOST}")],
            fires: |said| {
                said.allow_origin.as_deref().is_some_and(|allowed| allowed != "*" && !allowed.contains(HOST))
            },
        },
    ],
};

/// Revision 593043f.
pub(crate) const CORSCANNER: Scanner = Scanner {
    stops_early: false,
    checks: &[
        Check { name: "reflect origin", sends: origins!["https://evil.com"], fires: echoed_host },
        Check {
            name: "prefix match",
            sends: origins![format!("https://{HOST}.evil.com")],
            fires: echoed_host,
        },
        Check { name: "suffix match", sends: origins!["https://evilexample.com"], fires: echoed_host },
        Check { name: "trust null", sends: origins!["null"], fires: echoed_host },
        Check { name: "include match", sends: origins!["https://xample.com"], fires: echoed_host },
        Check { name: "not escape dot", sends: origins!["https://api.exampleacom"], fires: echoed_host },
        Check {
            name: "third parties",
            sends: origins![
                "https://whatever.github.io",
                "http://jsbin.com",
                "https://codepen.io",
                "https://jsfiddle.net",
                "http://www.webdevout.net",
                "https://repl.it"
            ],
            fires: echoed_host,
        },
        Check {
            name: "special characters",
            sends: || {
                let characters = [
                    "_", "-", "\"", "{", "}", "+", "^", "%60", "!", "~", "`", ";", "|", "&", "'", "(", ")",
                    "*", ",", "$", "=",
                ];
                characters.iter().map(|character| format!("https://{HOST}{character}.evil.com")).collect()
            },
            fires: echoed_host,
        },
        Check { name: "any subdomain", sends: origins![format!("https://evil.{HOST}")], fires: echoed_host },
        Check { name: "https trusts http", sends: origins![format!("http://{HOST}")], fires: echoed_host },
    ],
};

impl Scanner {
    /// The checks that fire at a server with this policy.
    pub(crate) fn says(&self, embedded: Box<dyn Embedded>, policy: &Policy) -> Vec<&'static str> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let implementation = InProcess(embedded);
            let limits = Limits { timeout: Duration::from_secs(5), ..Limits::default() };
            let endpoint = implementation.serve(policy, limits).await.unwrap();
            let ask = async |origin: String| {
                let mut headers = HeaderList::new();
                headers.append("Origin", &origin);
                let request = WireRequest {
                    method: (*b"GET").into(),
                    target: "/plain".to_owned(),
                    headers,
                    body: false,
                };
                let answer = endpoint.transport.send(request).await.ok();
                let allowed = answer.and_then(|answer| {
                    answer.response.headers.get("Access-Control-Allow-Origin").map(|value| value.to_vec())
                });
                let allow_origin = allowed.map(|value| String::from_utf8_lossy(&value).into_owned());
                Said { origin, allow_origin }
            };
            let mut fired = Vec::new();
            if self.stops_early && ask(format!("https://{HOST}")).await.allow_origin.is_none() {
                return fired;
            }
            for check in self.checks {
                for origin in (check.sends)() {
                    let said = ask(origin).await;
                    if (check.fires)(&said) && !fired.contains(&check.name) {
                        fired.push(check.name);
                    }
                }
                if self.stops_early && !fired.is_empty() {
                    break;
                }
            }
            fired
        })
    }
}
