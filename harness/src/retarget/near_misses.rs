//! Origins that only resemble one a policy allows: the families of bugs in origin matching, made from the policy's own
//! origins.

use corspec_model::Policy;
use corspec_model::policy::OriginPattern;
use corspec_vectors::bytes::ByteString;
use corspec_vectors::meta::{Level, Meta, Reach};
use corspec_vectors::policy::PolicyDocument;
use corspec_vectors::request::{Credentials, RequestOptions};
use corspec_vectors::server::{PolicyVerdict, ServerExpected, ServerRequest, ServerVector};

use super::set_law;
use crate::meaning;

/// Characters a host may have and still be another host: the URL Standard serializes each of them.
const HOST_CHARACTERS: &str = "_-!$&'()*+,;=~`{}\"";

/// One probe for each near miss of each origin of the policy, with and without credentials.
pub(super) fn vectors(
    pattern: &ServerVector,
    document: &PolicyDocument,
    policy: &Policy,
    path: &str,
) -> Vec<ServerVector> {
    let mut vectors = Vec::new();
    for (index, configured) in policy.origins.items().iter().enumerate() {
        for (name, origin) in of_pattern(configured) {
            vectors.push((format!("origin-{}/{name}", index + 1), origin));
        }
    }
    for (a, b) in pairs(policy) {
        vectors.push((format!("origins-joined/{}", vectors.len()), format!("{a}{b}")));
    }
    vectors.push(("stranger/https".to_owned(), "https://attacker.test".to_owned()));
    vectors.push(("stranger/null".to_owned(), "null".to_owned()));
    vectors
        .into_iter()
        .flat_map(|(name, origin)| {
            [Credentials::Omit, Credentials::Include]
                .map(|credentials| (name.clone(), origin.clone(), credentials))
        })
        .filter_map(|(name, origin, credentials)| {
            vector(pattern, document, path, &name, &origin, credentials)
        })
        .collect()
}

fn vector(
    pattern: &ServerVector,
    document: &PolicyDocument,
    path: &str,
    name: &str,
    origin: &str,
    credentials: Credentials,
) -> Option<ServerVector> {
    // What parses as an origin a browser can send; whether a page can be there is another question.
    let reach = if corspec_model::Origin::parse(origin).is_ok() { Reach::Browser } else { Reach::None };
    let with = if credentials == Credentials::Include { "-credentials" } else { "" };
    let mut vector = ServerVector {
        meta: Meta {
            id: format!("near-miss/{}{with}", name.to_lowercase()),
            title: format!("Origin: {origin}"),
            level: Level::Must,
            citations: vec!["cors-check/4".to_owned()],
            source: "corspec".to_owned(),
            reach,
            importance: None,
            twin: None,
            accept: Vec::new(),
            note: None,
        },
        policy: document.clone(),
        request: Some(ServerRequest {
            origin: ByteString::from(origin),
            path: path.to_owned(),
            options: RequestOptions { credentials: Some(credentials), ..RequestOptions::default() },
            cookie: false,
            on_wire: Vec::new(),
        }),
        ..pattern.clone()
    };
    let expected = meaning::expected(&vector).ok()?;
    let ServerExpected::Request { verdict, .. } = &expected else { return None };
    // A server need not know every host the URL Standard can write.
    if *verdict == PolicyVerdict::Allow && !corspec_model::origin_header::is_origin_or_null(origin.as_bytes())
    {
        return None;
    }
    set_law(&mut vector, *verdict);
    vector.expected = Some(expected);
    Some(vector)
}

/// Every two configured hosts, one after the other: `foo.com` and `bar.com` must not admit `barfoo.com`.
fn pairs(policy: &Policy) -> Vec<(String, String)> {
    let parts: Vec<Parts> = policy.origins.items().iter().filter_map(Parts::of).take(8).collect();
    let mut pairs = Vec::new();
    for a in &parts {
        for b in &parts {
            if a.host != b.host {
                pairs.push((format!("{}://{}", a.scheme, a.host), format!("{}{}", b.host, b.port)));
            }
        }
    }
    pairs
}

/// An origin in three parts; `port` has its colon.
struct Parts {
    scheme: String,
    host: String,
    port: String,
    subdomains: bool,
}

impl Parts {
    fn of(pattern: &OriginPattern) -> Option<Self> {
        let (text, subdomains) = match pattern {
            OriginPattern::Null => return None,
            OriginPattern::Exact(origin) => (origin.to_string(), false),
            OriginPattern::Subdomains { scheme, suffix } => (format!("{scheme}{}", &suffix[1..]), true),
        };
        let (scheme, rest) = text.split_once("://")?;
        let host_end = rest.rfind(':').filter(|&colon| !rest[colon..].contains(']')).unwrap_or(rest.len());
        Some(Self {
            scheme: scheme.to_owned(),
            host: rest[..host_end].to_owned(),
            port: rest[host_end..].to_owned(),
            subdomains,
        })
    }
}

/// The near misses of one entry of a policy, and the origins it allows, each with a name.
pub(crate) fn of_pattern(pattern: &OriginPattern) -> Vec<(String, String)> {
    let Some(Parts { scheme, host, port, subdomains }) = Parts::of(pattern) else { return Vec::new() };
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, origin: String| found.push((name.to_owned(), origin));
    let at = |host: &str| format!("{scheme}://{host}{port}");

    if subdomains {
        add("apex", at(&host));
        add("no-dot", at(&format!("evil{host}")));
        add("deep", at(&format!("a.b.{host}")));
        add("empty-label", at(&format!(".{host}")));
        add("subdomain-of-attacker", at(&format!("app.{host}.attacker.test")));
    }
    // From here on one allowed origin is looked at: the entry itself, or a subdomain.
    let host = if subdomains { format!("app.{host}") } else { host };
    add("exact", at(&host));
    add("suffix", at(&format!("{host}.attacker.test")));
    add("suffix-no-dot", at(&format!("{host}attacker.test")));
    add("suffix-letter", at(&format!("{host}m")));
    add("prefix", at(&format!("evil{host}")));
    add("prefix-hyphen", at(&format!("evil-{host}")));
    add("subdomain", at(&format!("x.{host}")));
    if let Some((_, parent)) = host.split_once('.').filter(|(_, parent)| parent.contains('.')) {
        add("parent", at(parent));
        add("sibling", at(&format!("other.{parent}")));
        add("parent-prefix", at(&format!("evil{parent}")));
    }
    for (index, _) in host.match_indices('.') {
        for (word, by) in [("letter", "x"), ("hyphen", "-")] {
            add(&format!("dot-{index}-{word}"), at(&format!("{}{by}{}", &host[..index], &host[index + 1..])));
        }
    }
    if host.is_ascii() && !host.starts_with('[') && host.len() > 1 {
        add("first-character-missing", at(&host[1..]));
        add("last-character-missing", at(&host[..host.len() - 1]));
    }
    for (index, character) in HOST_CHARACTERS.chars().enumerate() {
        add(&format!("character-{index}"), at(&format!("{host}{character}.attacker.test")));
    }
    add("trailing-dot", at(&format!("{host}.")));
    let flipped = if scheme == "https" { "http" } else { "https" };
    add("scheme", format!("{flipped}://{host}{port}"));
    add("scheme-extension", format!("chrome-extension://{host}{port}"));
    add("scheme-longer", format!("{scheme}s://{host}{port}"));
    if port.is_empty() {
        add("port", format!("{scheme}://{host}:8443"));
        add("port-default", format!("{scheme}://{host}:{}", if scheme == "https" { 443 } else { 80 }));
    } else {
        add("port-missing", format!("{scheme}://{host}"));
        add("port-longer", format!("{scheme}://{host}{port}0"));
        add("port-shorter", format!("{scheme}://{host}{}", &port[..port.len() - 1]));
        add("port-other", format!("{scheme}://{host}:8443"));
    }
    // Forms no browser sends: what a careless parser makes of them.
    add("upper-host", at(&host.to_uppercase()));
    add("upper-scheme", format!("{}://{host}{port}", scheme.to_uppercase()));
    add("slash", format!("{}/", at(&host)));
    add("path", format!("{}/x", at(&host)));
    add("userinfo", format!("{}@attacker.test", at(&host)));
    add("user", format!("{scheme}://user@{host}{port}"));
    add("fragment", format!("https://attacker.test#{}", at(&host)));
    add("query", format!("https://attacker.test?{}", at(&host)));
    add("in-path", format!("https://attacker.test/{}", at(&host)));
    add("backslash", format!("https://attacker.test\\{host}{port}"));
    add("percent", at(&format!("{host}%60.attacker.test")));
    add("list", format!("{}, https://attacker.test", at(&host)));
    add("list-reversed", format!("https://attacker.test, {}", at(&host)));
    add("spaces", format!("{} https://attacker.test", at(&host)));
    add("no-scheme", format!("{host}{port}"));
    found
}
