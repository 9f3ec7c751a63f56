//! Origins an audit tries: near misses of origins that may be trusted, and those that are careless to trust anywhere.

use corspec_model::Origin;
use corspec_model::origin::Site;
use corspec_model::policy::OriginPattern;
use corspec_vectors::meta::Reach;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::retarget::near_misses;

/// A page of somebody who has nothing to do with the server.
pub const STRANGER: &str = "https://attacker.test";
/// Another one: who shares with both shares with everybody.
pub const OTHER_STRANGER: &str = "https://corspec-stranger.example";

/// A label nobody gave a host: where it is let in, any is.
pub const ANY_LABEL: &str = "corspec-x7.";

/// A port nobody serves pages on: where it is let in, any is.
const ANY_PORT: u16 = 48_123;

/// Places where anybody can publish a page, from the lists of CORScanner and CORStest and today's usual ones.
const PUBLIC_HOSTING: [&str; 11] = [
    "https://whatever.github.io",
    "http://jsbin.com",
    "https://codepen.io",
    "https://s.codepen.io",
    "https://jsfiddle.net",
    "https://fiddle.jshell.net",
    "http://www.webdevout.net",
    "https://repl.it",
    "https://attacker.s3.amazonaws.com",
    "https://attacker.netlify.app",
    "https://attacker.vercel.app",
];

/// A developer's own machine, and apps that serve their pages from it.
const LOCAL: [&str; 7] = [
    "http://localhost",
    "https://localhost",
    "http://localhost:3000",
    "http://localhost:8080",
    "http://127.0.0.1",
    "capacitor://localhost",
    "ionic://localhost",
];

/// What kind of origin is tried: what it would mean if it were let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Named by the user, or by the server itself.
    Named,
    /// Somebody unrelated.
    Stranger,
    /// `null`: sandboxed frames and `data:` URLs of anybody.
    Null,
    /// Below a host that may be trusted.
    Subdomain,
    /// Another host of the same owner: parent, sibling, the host with a dot at its end.
    Relative,
    /// Begins with a host that may be trusted.
    Prefix,
    /// As before, and a character follows that few parsers expect in a host.
    SpecialCharacter,
    /// Ends with a host that may be trusted.
    Suffix,
    /// A dot of the host is another character.
    Dot,
    /// A part of the host.
    Substring,
    /// The host, or one of its subdomains, without TLS.
    PlainHttp,
    /// The host under a scheme that is not the web's.
    OtherScheme,
    /// Another port.
    Port,
    /// The user's own machine.
    Localhost,
    /// A place where anybody can publish pages.
    PublicHosting,
    /// Bytes that are no origin.
    Unserialized,
}

/// An origin to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Short name, for the plan.
    pub name: String,
    /// What is sent in `Origin`.
    pub origin: String,
    /// What kind it is.
    pub family: Family,
    /// The origin it resembles, if it is a near miss.
    pub resembles: Option<String>,
}

impl Candidate {
    fn new(name: &str, origin: impl Into<String>, family: Family) -> Self {
        Self { name: name.to_owned(), origin: origin.into(), family, resembles: None }
    }

    /// Who can send it.
    pub fn reach(&self) -> Reach {
        reach(&self.origin)
    }

    /// Whether only the owner of the origin it resembles can have a page there: both are of one site.
    pub fn is_same_owner(&self) -> bool {
        let site = |origin: &str| Origin::parse(origin).ok().map(|origin| Site::of(&origin));
        match (site(&self.origin), self.resembles.as_deref().and_then(site)) {
            (Some(Site::Scheme { host: own, .. }), Some(Site::Scheme { host: other, .. })) => own == other,
            _ => false,
        }
    }

    /// For a part of a host, the one that is shorter by another character: an origin that is listed itself may look like a
    /// part of another, its own part does not.
    pub fn shorter(&self) -> Option<Self> {
        let (scheme, host) = self.origin.split_once("://").filter(|_| self.family == Family::Substring)?;
        let (_, trusted) = self.resembles.as_deref()?.split_once("://")?;
        let (at_the_end, rest) = (trusted.ends_with(host), host.len().checked_sub(1)?);
        let part = if at_the_end { host.get(1..)? } else { host.get(..rest)? };
        let origin = format!("{scheme}://{part}");
        (!part.is_empty()).then(|| Self { name: format!("{}-again", self.name), origin, ..self.clone() })
    }

    /// Whether the dot before the top-level domain is the one that is another character: no name ends so.
    pub fn has_no_such_suffix(&self) -> bool {
        let last = |origin: &str| origin.rsplit('.').next().map(str::to_owned);
        self.family == Family::Dot && last(&self.origin) != self.resembles.as_deref().and_then(last)
    }
}

/// Who can send an origin: browsers send what the URL Standard serializes, for the schemes their pages have.
pub fn reach(origin: &str) -> Reach {
    match Origin::parse(origin) {
        Ok(Origin::Opaque) => Reach::Browser,
        Ok(Origin::Tuple(tuple)) => match tuple.scheme() {
            "http" | "https" | "chrome-extension" | "moz-extension" | "safari-web-extension" => {
                Reach::Browser
            }
            "capacitor" | "ionic" | "app" | "tauri" | "vscode-webview" => Reach::Legacy,
            _ => Reach::None,
        },
        _ => Reach::None,
    }
}

/// What is tried first: origins somebody named, strangers, and `null`.
pub fn first(named: &[String]) -> Vec<Candidate> {
    let mut candidates = vec![
        Candidate::new("stranger", STRANGER, Family::Stranger),
        Candidate::new("other-stranger", OTHER_STRANGER, Family::Stranger),
        Candidate::new("null", "null", Family::Null),
    ];
    for (index, origin) in named.iter().enumerate() {
        candidates.push(Candidate::new(&format!("named-{}", index + 1), origin, Family::Named));
    }
    candidates
}

/// What is tried where not everybody is let in: near misses of each of `trusted`, then what is careless anywhere.
pub fn near_misses(trusted: &[String]) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut add = |candidate: Candidate| {
        let known = |other: &Candidate| other.origin == candidate.origin;
        if !trusted.contains(&candidate.origin) && !candidates.iter().any(known) {
            candidates.push(candidate);
        }
    };
    for origin in trusted {
        around(origin).into_iter().for_each(&mut add);
    }
    for (name, origin) in LOCAL.iter().map(|origin| ("localhost", origin)) {
        add(Candidate::new(name, *origin, Family::Localhost));
    }
    let local = Some("https://localhost".to_owned());
    let past_localhost =
        Candidate::new("localhost-suffix", "https://localhost.attacker.test", Family::Prefix);
    add(Candidate { resembles: local, ..past_localhost });
    for origin in PUBLIC_HOSTING {
        add(Candidate::new("public-hosting", origin, Family::PublicHosting));
    }
    for origin in trusted {
        of_one(origin).into_iter().for_each(&mut add);
    }
    joined(trusted).into_iter().for_each(&mut add);
    add(Candidate::new("null-upper", "NULL", Family::Unserialized));
    let injecting = format!("{STRANGER}%0d%0aX-Injected:%201");
    add(Candidate::new("line-end", injecting, Family::Unserialized));
    let shorter: Vec<Candidate> = candidates.iter().filter_map(Candidate::shorter).collect();
    candidates.extend(shorter);
    candidates
}

/// An origin with the domains its host is part of.
pub(super) struct Domains {
    /// Its scheme.
    pub(super) scheme: String,
    /// Its host, and what is above it, up to the domain that can be registered.
    pub(super) domains: Vec<String>,
    /// Its port with the colon; empty when it is the scheme's own.
    pub(super) port: String,
}

impl Domains {
    /// Those of an origin; none of an address or of a name alone, which have nothing above or below them.
    pub(super) fn of(origin: &str) -> Option<Self> {
        let Ok(Origin::Tuple(tuple)) = Origin::parse(origin) else { return None };
        let (scheme, host) = (tuple.scheme(), tuple.host());
        let port = tuple.as_str()[scheme.len() + 3 + host.len()..].to_owned();
        let Site::Scheme { host: registrable, .. } = Site::of(&Origin::Tuple(tuple.clone())) else {
            return None;
        };
        if !host.contains('.') || host.parse::<std::net::Ipv4Addr>().is_ok() {
            return None;
        }
        let mut domains = vec![host.to_owned()];
        let mut domain = host;
        while let Some((_, parent)) = domain.split_once('.').filter(|_| *domain != *registrable) {
            domains.push(parent.to_owned());
            domain = parent;
        }
        Some(Self { scheme: scheme.to_owned(), domains, port })
    }
}

/// Origins around the domains of one origin.
fn around(origin: &str) -> Vec<Candidate> {
    let Some(Domains { scheme, domains, port }) = Domains::of(origin) else { return Vec::new() };
    let mut candidates = Vec::new();
    for (index, domain) in domains.iter().enumerate() {
        let mut add = |name: &str, origin_near: String, family| {
            let candidate = Candidate::new(&format!("{name}:{domain}"), origin_near, family);
            candidates.push(Candidate { resembles: Some(origin.to_owned()), ..candidate });
        };
        add("subdomain", format!("{scheme}://{ANY_LABEL}{domain}{port}"), Family::Subdomain);
        add("deep-subdomain", format!("{scheme}://a.b.{domain}{port}"), Family::Subdomain);
        if index == 0 {
            add("any-port", format!("{scheme}://{domain}:{ANY_PORT}"), Family::Port);
        } else {
            add("parent", format!("{scheme}://{domain}{port}"), Family::Relative);
        }
        add("before-domain", format!("{scheme}://evil{domain}{port}"), Family::Suffix);
        add("domain-cut", format!("{scheme}://{}{port}", &domain[1..]), Family::Substring);
        if scheme == "https" {
            add("plain-http-subdomain", format!("http://{ANY_LABEL}{domain}{port}"), Family::PlainHttp);
        }
    }
    candidates
}

/// The start of one trusted origin and the host of another, as where entries of a list run together: `foo.com` and
/// `bar.com` must not admit `foobar.com`.
fn joined(trusted: &[String]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for first in trusted {
        for second in trusted.iter().filter(|second| *second != first) {
            let stem = first.rsplit_once('.').map_or(&**first, |(stem, _)| stem);
            let host = second.split_once("://").map_or(&**second, |(_, host)| host);
            let candidate = Candidate::new("joined", format!("{stem}{host}"), Family::Suffix);
            candidates.push(Candidate { resembles: Some(second.clone()), ..candidate });
        }
    }
    candidates
}

/// The near misses that a policy with this origin is asked.
fn of_one(origin: &str) -> Vec<Candidate> {
    let Ok(pattern) = OriginPattern::parse(origin) else { return Vec::new() };
    let secure = origin.starts_with("https:");
    near_misses::of_pattern(&pattern)
        .into_iter()
        .filter(|(name, _)| name != "exact")
        .map(|(name, near)| {
            let family =
                if reach(&near) == Reach::None { Family::Unserialized } else { family(&name, secure) };
            Candidate { resembles: Some(origin.to_owned()), ..Candidate::new(&name, near, family) }
        })
        .collect()
}

/// The family of a near miss, by its name there.
fn family(name: &str, secure: bool) -> Family {
    match name {
        "suffix" | "suffix-no-dot" | "suffix-letter" | "subdomain-of-attacker" => Family::Prefix,
        "prefix" | "prefix-hyphen" | "parent-prefix" | "no-dot" => Family::Suffix,
        "first-character-missing" | "last-character-missing" => Family::Substring,
        "subdomain" | "deep" => Family::Subdomain,
        "parent" | "sibling" | "apex" | "empty-label" | "trailing-dot" => Family::Relative,
        "scheme" if secure => Family::PlainHttp,
        "scheme" => Family::Relative,
        "scheme-extension" | "scheme-longer" => Family::OtherScheme,
        // A list may well have these.
        "port" | "port-other" | "port-missing" => Family::Relative,
        _ if name.starts_with("character-") => Family::SpecialCharacter,
        _ if name.starts_with("dot-") => Family::Dot,
        _ if name.starts_with("port") => Family::Port,
        _ => Family::Unserialized,
    }
}
