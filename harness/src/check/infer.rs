//! The policy that the answers add up to.

use std::collections::BTreeSet;

use corspec_model::abnf::{
    ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, EXPOSE_HEADERS, MAX_AGE, extract_header_list_values,
};
use corspec_model::methods::is_cors_safelisted_method;
use corspec_model::policy::{AllowList, OriginPattern};
use corspec_model::response_headers::is_cors_safelisted_response_header_name;
use corspec_model::{HeaderList, HttpRequestKind, Policy};

use super::evidence::{Evidence, named_origin};
use super::origins::{self, ANY_LABEL, Candidate, Domains, Family, STRANGER};
use super::plan::{HEADERS, METHODS, UNKNOWN_HEADER, UNKNOWN_METHOD};

/// An origin that is let in.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The origin.
    pub candidate: Candidate,
    /// Whether with credentials too.
    pub credentials: bool,
    /// Whether the answer is `*`, which is said to everybody.
    pub by_star: bool,
}

/// What is known of the origins an endpoint lets in.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// Those the user named, and those the server names of its own accord.
    pub named: Vec<String>,
    /// Those named that may be trusted, the server's own first: what near misses are made of.
    pub trusted: Vec<String>,
    /// Every origin that was tried or would be next.
    pub candidates: Vec<Candidate>,
    /// Those that are let in.
    pub accepted: Vec<Accepted>,
    /// Whether every stranger is let in.
    pub anybody: bool,
}

impl Origins {
    /// Reads the answers. `named` are the origins the user knows of.
    pub async fn read(evidence: &Evidence, named: &[String]) -> Self {
        let own = evidence.endpoint.base.origin().ascii_serialization();
        let mut origins = Self { named: named.to_vec(), ..Self::default() };
        origins.named.retain(|origin| *origin != own);
        for said in ["self", STRANGER, "null"] {
            let answer = evidence.answer(&evidence.requests.get(said));
            let origin = answer.and_then(|answer| named_origin(&answer.response));
            if let Some(origin) = origin.filter(|origin| *origin != own && origin != said)
                && !origins.named.contains(&origin)
            {
                origins.named.push(origin);
            }
        }
        origins.trusted = std::iter::once(own).chain(origins.named.clone()).collect();
        origins.candidates = origins::first(&origins.named);
        origins.accept(evidence, 0).await;
        let strangers = |family: &Family| *family == Family::Stranger;
        let met = origins.accepted.iter().filter(|accepted| strangers(&accepted.candidate.family)).count();
        origins.anybody = met > 1;
        if !origins.anybody {
            let known = origins.candidates.len();
            let further = origins::near_misses(&origins.trusted);
            origins.candidates.extend(further);
            origins.accept(evidence, known).await;
        }
        origins
    }

    async fn accept(&mut self, evidence: &Evidence, from: usize) {
        for candidate in self.candidates.iter().skip(from) {
            let request = evidence.requests.get(&candidate.origin);
            // Without the header nobody is let in (CORS check, step 2), which is the usual answer.
            let Some(answer) = evidence.answer(&request) else { continue };
            let Some(said) = answer.response.headers.get(ALLOW_ORIGIN) else { continue };
            let credentials = evidence.grants(&request, true).await;
            if credentials || evidence.grants(&request, false).await {
                let by_star = *said == *b"*";
                self.accepted.push(Accepted { candidate: candidate.clone(), credentials, by_star });
            }
        }
    }

    /// The origin in whose name further questions get furthest.
    pub fn speaker(&self) -> String {
        let rank = |family: Family| match family {
            Family::Named => 0,
            Family::Subdomain => 1,
            Family::Relative => 2,
            Family::Stranger => 3,
            Family::Null | Family::Unserialized => 5,
            _ => 4,
        };
        let best = self.accepted.iter().min_by_key(|accepted| rank(accepted.candidate.family));
        best.map(|accepted| accepted.candidate.origin.clone())
            .or_else(|| self.named.first().cloned())
            .unwrap_or_else(|| STRANGER.to_owned())
    }

    /// Whether an origin is let in, with credentials if asked so.
    pub fn has(&self, origin: &str, credentials: bool) -> bool {
        self.accepted
            .iter()
            .any(|accepted| accepted.candidate.origin == origin && (accepted.credentials || !credentials))
    }

    fn patterns(&self) -> AllowList<OriginPattern> {
        if self.anybody {
            return AllowList::Any;
        }
        let mut patterns: Vec<OriginPattern> = Vec::new();
        for origin in &self.trusted {
            for pattern in wildcards(origin) {
                // A name nobody has is let in: so is any other of one label. Deeper ones may not be, which few patterns say.
                let example = pattern.to_string().replacen("*.", ANY_LABEL, 1);
                let covered = patterns.iter().any(|wider: &OriginPattern| wider.matches(example.as_bytes()));
                if !covered && self.has(&example, false) {
                    patterns.push(pattern);
                }
            }
        }
        for accepted in &self.accepted {
            // What a careless comparison lets in is nobody's policy.
            let meant = matches!(
                accepted.candidate.family,
                Family::Named
                    | Family::Null
                    | Family::Relative
                    | Family::Subdomain
                    | Family::PlainHttp
                    | Family::OtherScheme
                    | Family::Localhost
                    | Family::PublicHosting
            );
            let origin = &accepted.candidate.origin;
            let covered = patterns.iter().any(|pattern| pattern.matches(origin.as_bytes()));
            if let (true, false, Ok(pattern)) = (meant, covered, OriginPattern::parse(origin)) {
                patterns.push(pattern);
            }
        }
        AllowList::Only(patterns)
    }
}

/// Every pattern of subdomains an origin may be part of.
fn wildcards(origin: &str) -> Vec<OriginPattern> {
    let Some(Domains { scheme, domains, port }) = Domains::of(origin) else { return Vec::new() };
    let schemes: &[&str] = if scheme == "https" { &["https", "http"] } else { &["http"] };
    let mut patterns = Vec::new();
    // The widest first: it makes narrower ones superfluous.
    for domain in domains.iter().rev() {
        for scheme in schemes {
            patterns.extend(OriginPattern::parse(&format!("{scheme}://*.{domain}{port}")).ok());
        }
    }
    patterns
}

/// The policy, and what was found on the way to it.
#[derive(Clone, Debug)]
pub struct Inferred {
    /// What is let in.
    pub origins: Origins,
    /// In whose name methods and headers were asked for.
    pub speaker: String,
    /// Whether requests with credentials are what counts.
    pub credentials: bool,
    /// The request headers that are allowed, of those asked for.
    pub headers: Vec<&'static str>,
    /// The whole.
    pub policy: Policy,
}

/// The request headers allowed for `speaker`.
pub async fn allowed_headers(evidence: &Evidence, speaker: &str, credentials: bool) -> Vec<&'static str> {
    let mut allowed = Vec::new();
    for (name, value) in HEADERS {
        if evidence.grants(&evidence.requests.with(speaker, "GET", &[(name, value)]), credentials).await {
            allowed.push(name);
        }
    }
    allowed
}

/// Reads the answers.
pub async fn infer(evidence: &Evidence, named: &[String]) -> Inferred {
    let origins = Origins::read(evidence, named).await;
    let speaker = origins.speaker();
    let credentials = origins.accepted.iter().any(|accepted| accepted.credentials);
    let headers = allowed_headers(evidence, &speaker, credentials).await;
    let mut policy = Policy {
        origins: origins.patterns(),
        credentials,
        methods: methods(evidence, &speaker, credentials).await,
        request_headers: request_headers(evidence, &speaker, &headers),
        ..Policy::default()
    };
    let shown = evidence.answer(&evidence.requests.get(&speaker));
    if let Some(answer) = shown.filter(|_| origins.has(&speaker, false)) {
        policy.expose = exposed(&answer.response.headers, credentials);
    }
    policy.max_age = max_age(evidence, &speaker, credentials, &headers).await;
    Inferred { origins, speaker, credentials, headers, policy }
}

async fn methods(evidence: &Evidence, speaker: &str, credentials: bool) -> AllowList<Box<str>> {
    let mut allowed: BTreeSet<String> = BTreeSet::new();
    for method in METHODS {
        let request = evidence.requests.with(speaker, method, &[]);
        if !evidence.grants(&request, credentials).await {
            continue;
        }
        if method == UNKNOWN_METHOD {
            return AllowList::Any;
        }
        allowed.insert(method.to_owned());
        let answer = evidence.answer(&request);
        allowed.extend(answer.into_iter().flat_map(|answer| listed(&answer.response.headers, ALLOW_METHODS)));
    }
    allowed.retain(|method| method != "*" && !is_cors_safelisted_method(method.as_bytes()));
    AllowList::Only(allowed.into_iter().map(Into::into).collect())
}

fn request_headers(evidence: &Evidence, speaker: &str, allowed: &[&str]) -> AllowList<Box<str>> {
    if allowed.contains(&UNKNOWN_HEADER) {
        return AllowList::Any;
    }
    let mut names: BTreeSet<String> = allowed.iter().map(|name| name.to_lowercase()).collect();
    for name in allowed {
        let value = HEADERS.iter().find(|(known, _)| known == name).map_or("x", |(_, value)| value);
        let answer = evidence.answer(&evidence.requests.with(speaker, "GET", &[(name, value)]));
        let listed = answer.into_iter().flat_map(|answer| listed(&answer.response.headers, ALLOW_HEADERS));
        names.extend(listed.map(|name| name.to_lowercase()));
    }
    names.remove("*");
    AllowList::Only(names.into_iter().map(Into::into).collect())
}

/// The items of a list header; none when it does not parse.
pub fn listed(headers: &HeaderList, name: &str) -> Vec<String> {
    let items = extract_header_list_values(name, headers).ok().flatten().unwrap_or_default();
    items.into_iter().map(|item| String::from_utf8_lossy(item).into_owned()).collect()
}

fn exposed(headers: &HeaderList, credentials: bool) -> AllowList<Box<str>> {
    let names = listed(headers, EXPOSE_HEADERS);
    if names.iter().any(|name| name == "*") && !credentials {
        return AllowList::Any;
    }
    let named: BTreeSet<String> = names.into_iter().map(|name| name.to_lowercase()).collect();
    let beyond =
        |name: &String| name != "*" && !is_cors_safelisted_response_header_name::<&str>(name.as_bytes(), &[]);
    AllowList::Only(named.into_iter().filter(beyond).map(Into::into).collect())
}

/// The max-age that is sent with preflights that are granted.
async fn max_age(evidence: &Evidence, speaker: &str, credentials: bool, headers: &[&str]) -> Option<u64> {
    let by_method = METHODS.into_iter().map(|method| evidence.requests.with(speaker, method, &[]));
    let by_header =
        headers.iter().map(|name| evidence.requests.with(speaker, "GET", &[(name, "application/json")]));
    for request in by_method.chain(by_header) {
        let Some(fetched) = evidence.fetched(&request, credentials).await else { continue };
        let says = fetched
            .last(HttpRequestKind::Preflight)
            .is_some_and(|preflight| !listed(&preflight.response.headers, MAX_AGE).is_empty());
        if fetched.passed_preflight() {
            return if says { evidence.remembered(&request, credentials).await } else { None };
        }
    }
    None
}
