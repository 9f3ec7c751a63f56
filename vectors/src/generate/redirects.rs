//! Chains of up to three redirects over {same origin, another origin, back to the page} × method × credentials × grant.

use super::{API, ClientDraft, ClientFile, PAGE, actual, fetch, lines, preflight};
use crate::client::ScriptedResponse;
use crate::request::{Credentials, RequestDocument, RequestOptions};

const OTHERS: [&str; 3] = ["https://b.example", "https://c.example", "https://d.example"];

#[derive(Clone, Copy)]
enum Hop {
    Same,
    Other,
    Back,
}

impl Hop {
    const ALL: [Self; 3] = [Self::Same, Self::Other, Self::Back];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Other => "other",
            Self::Back => "back",
        }
    }
}

pub(super) fn files() -> Vec<ClientFile> {
    let mut drafts = Vec::new();
    for (start, longest) in [("api", 3), ("page", 2)] {
        for chain in chains(longest) {
            for method in ["get", "put-authorization"] {
                for (credentials, credentials_name) in
                    [(Credentials::Omit, "omit"), (Credentials::Include, "include")]
                {
                    for grant in ["star", "page", "null"] {
                        // What fails at the first cross-origin hop fails whatever follows: `*` with credentials, and
                        // `null` for an origin no redirect has tainted yet.
                        let fails_at_once = (grant == "star" && credentials == Credentials::Include)
                            || (grant == "null" && start == "api");
                        if fails_at_once && chain.len() > 1 {
                            continue;
                        }
                        drafts.push(draft(start, &chain, method, credentials, credentials_name, grant));
                    }
                }
            }
        }
    }
    vec![(
        "generated-redirects.json",
        "Chains of redirects: what each hop is sent, and whether the end is shared.",
        "redirect",
        drafts,
    )]
}

/// Every chain of one to `longest` hops.
fn chains(longest: usize) -> Vec<Vec<Hop>> {
    let mut all: Vec<Vec<Hop>> = Vec::new();
    let mut current: Vec<Vec<Hop>> = vec![Vec::new()];
    for _ in 0..longest {
        current = current
            .iter()
            .flat_map(|chain| Hop::ALL.map(|hop| [chain.as_slice(), &[hop]].concat()))
            .collect();
        all.extend(current.iter().cloned());
    }
    all
}

fn draft(
    start: &str,
    chain: &[Hop],
    method: &str,
    credentials: Credentials,
    credentials_name: &str,
    grant: &str,
) -> ClientDraft {
    let allow_origin = match grant {
        "star" => "*",
        "page" => PAGE,
        _ => "null",
    };
    let mut grants = vec![("Access-Control-Allow-Origin", allow_origin)];
    if credentials == Credentials::Include {
        grants.push(("Access-Control-Allow-Credentials", "true"));
    }
    let shared = grants.clone();
    grants
        .extend([("Access-Control-Allow-Methods", "PUT"), ("Access-Control-Allow-Headers", "authorization")]);
    let mut at = if start == "api" { API } else { PAGE };
    let first = format!("{at}/0");
    let mut others = OTHERS.iter();
    let mut responses: Vec<ScriptedResponse> = Vec::new();
    for (index, hop) in chain.iter().enumerate() {
        at = match hop {
            Hop::Same => at,
            Hop::Other => others.next().unwrap_or(&OTHERS[2]),
            Hop::Back => PAGE,
        };
        if method != "get" {
            responses.push(preflight(204, &grants));
        }
        let mut redirect = actual(307, &shared);
        redirect.headers.extend(lines(&[("Location", &format!("{at}/{}", index + 1))]));
        responses.push(redirect);
    }
    if method != "get" {
        responses.push(preflight(204, &grants));
    }
    responses.push(actual(200, &shared));
    let hops: Vec<&str> = chain.iter().map(|hop| hop.as_str()).collect();
    let options = RequestOptions {
        method: (method != "get").then(|| "PUT".into()),
        headers: if method == "put-authorization" {
            lines(&[("Authorization", "Basic eA==")])
        } else {
            Vec::new()
        },
        credentials: Some(credentials),
        ..RequestOptions::default()
    };
    let request = RequestDocument { origin: PAGE.to_owned(), url: first, options };
    ClientDraft {
        axes: [start, &hops.join("."), method, credentials_name, grant].map(str::to_owned).to_vec(),
        title: format!(
            "{method}, {credentials_name}: {start}, then {}; each allows {allow_origin}",
            hops.join(", ")
        ),
        citation: "http-redirect-fetch/22",
        fetches: vec![fetch(request, responses)],
    }
}
