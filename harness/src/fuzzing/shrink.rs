//! Simpler forms of a vector, one change each: what shrinking tries.

use corspec_vectors::bytes::ByteString;
use corspec_vectors::meta::Reach;
use corspec_vectors::policy::{ListDocument, PolicyDocument};
use corspec_vectors::request::{BodyDocument, RequestOptions};
use corspec_vectors::server::{PolicyVerdict, ServerExpected, ServerRequest, ServerVector};

use crate::meaning;

/// Every simpler form that still means the same: of the same law, with the same expectation.
pub fn simpler(vector: &ServerVector) -> Vec<ServerVector> {
    let mut forms: Vec<ServerVector> = Vec::new();
    for policy in simpler_policies(&vector.policy) {
        forms.push(ServerVector { policy, ..vector.clone() });
    }
    // Variants are other forms of the same request, and have to stay that.
    let has_variants = vector.stability.as_ref().is_some_and(|probe| !probe.variants.is_empty());
    let requests = if has_variants { Vec::new() } else { requests(vector) };
    for (index, request) in requests.into_iter().enumerate() {
        for simpler in simpler_requests(&request, vector.meta.reach) {
            let mut form = vector.clone();
            if let Some(place) = request_mut(&mut form, index) {
                *place = simpler;
                forms.push(form);
            }
        }
    }
    if let Some(wire) = &vector.wire {
        for headers in without_one(&wire.headers) {
            let mut form = vector.clone();
            form.wire = Some(corspec_vectors::server::WireRequest { headers, ..wire.clone() });
            forms.push(form);
        }
    }
    if let Some(probe) = &vector.stability {
        for after in without_one(&probe.after).into_iter().filter(|after| !after.is_empty()) {
            let mut form = vector.clone();
            form.stability =
                Some(Box::new(corspec_vectors::server::Stability { after, ..(**probe).clone() }));
            forms.push(form);
        }
        for alongside in without_one(&probe.alongside).into_iter().filter(|alongside| !alongside.is_empty()) {
            let mut form = vector.clone();
            form.stability =
                Some(Box::new(corspec_vectors::server::Stability { alongside, ..(**probe).clone() }));
            forms.push(form);
        }
    }
    forms.into_iter().filter_map(|form| means_the_same(vector, form)).collect()
}

/// The form with its own expectation, when its law and level are right for that too.
fn means_the_same(vector: &ServerVector, mut form: ServerVector) -> Option<ServerVector> {
    if vector.law == "routing" && form.policy.routes.is_empty() {
        return None;
    }
    form.expected = Some(meaning::expected(&form).ok()?);
    let same = match (&vector.expected, &form.expected) {
        (
            Some(ServerExpected::Request { verdict, .. }),
            Some(ServerExpected::Request { verdict: now, preflight, .. }),
        ) => {
            // What is changed on the way is changed in a preflight.
            verdict == now
                && (*preflight || form.request.as_ref().is_some_and(|request| request.on_wire.is_empty()))
        }
        (Some(ServerExpected::Stable { always }), Some(ServerExpected::Stable { always: now })) => {
            always == now
        }
        (Some(ServerExpected::Replay { verdicts }), Some(ServerExpected::Replay { verdicts: now })) => {
            verdicts == now
        }
        (Some(ServerExpected::Wire { answered_by }), Some(ServerExpected::Wire { answered_by: now })) => {
            answered_by == now
        }
        (Some(ServerExpected::Remember { .. }), Some(ServerExpected::Remember { .. })) => {
            is_remembered(&form)
        }
        (Some(ServerExpected::Robust { .. }), Some(ServerExpected::Robust { .. })) => true,
        _ => false,
    };
    same.then_some(form)
}

/// Whether the request to be remembered is allowed and needs a preflight.
fn is_remembered(form: &ServerVector) -> bool {
    let Some(remember) = &form.remember else { return false };
    let asked = ServerVector { request: Some(remember.request.clone()), remember: None, ..form.clone() };
    matches!(
        meaning::expected(&asked),
        Ok(ServerExpected::Request { verdict: PolicyVerdict::Allow, preflight: true, .. })
    )
}

/// The client requests of a vector.
fn requests(vector: &ServerVector) -> Vec<ServerRequest> {
    let mut vector = vector.clone();
    (0..).map_while(|index| request_mut(&mut vector, index).cloned()).collect()
}

/// The client request in this place.
fn request_mut(vector: &mut ServerVector, index: usize) -> Option<&mut ServerRequest> {
    let alone = vector.request.iter_mut();
    let pair = vector.replay.iter_mut().flat_map(|pair| pair.iter_mut());
    let remembered = vector.remember.iter_mut().map(|remember| &mut remember.request);
    let twisted = vector.stability.iter_mut().flat_map(|probe| probe.requests_mut());
    alone.chain(pair).chain(remembered).chain(twisted).nth(index)
}

fn simpler_policies(policy: &PolicyDocument) -> Vec<PolicyDocument> {
    let mut simpler = Vec::new();
    for routes in without_one(&policy.routes) {
        simpler.push(PolicyDocument { routes, ..policy.clone() });
    }
    if policy.credentials {
        simpler.push(PolicyDocument { credentials: false, ..policy.clone() });
    }
    if policy.max_age.is_some() {
        simpler.push(PolicyDocument { max_age: None, ..policy.clone() });
    }
    for methods in simpler_lists(&policy.methods) {
        simpler.push(PolicyDocument { methods, ..policy.clone() });
    }
    for request_headers in simpler_lists(&policy.request_headers) {
        simpler.push(PolicyDocument { request_headers, ..policy.clone() });
    }
    for expose in simpler_lists(&policy.expose) {
        simpler.push(PolicyDocument { expose, ..policy.clone() });
    }
    if let ListDocument::Only(origins) = &policy.origins {
        for origins in without_one(origins).into_iter().filter(|origins| !origins.is_empty()) {
            simpler.push(PolicyDocument { origins: ListDocument::Only(origins), ..policy.clone() });
        }
        let simplest = ListDocument::Only(vec!["https://app.example.com".to_owned()]);
        if policy.origins != simplest && origins.len() == 1 {
            simpler.push(PolicyDocument { origins: simplest, ..policy.clone() });
        }
    }
    simpler
}

fn simpler_lists(list: &ListDocument) -> Vec<ListDocument> {
    match list {
        ListDocument::Any(_) => vec![ListDocument::default()],
        ListDocument::Only(items) => without_one(items).into_iter().map(ListDocument::Only).collect(),
    }
}

fn simpler_requests(request: &ServerRequest, reach: Reach) -> Vec<ServerRequest> {
    let mut simpler = Vec::new();
    let mut with = |options: RequestOptions| simpler.push(ServerRequest { options, ..request.clone() });
    let options = &request.options;
    for headers in without_one(&options.headers) {
        with(RequestOptions { headers, ..options.clone() });
    }
    if options.method.is_some() {
        with(RequestOptions { method: None, body: BodyDocument::default(), ..options.clone() });
    }
    if options.credentials.is_some() {
        with(RequestOptions { credentials: None, ..options.clone() });
    }
    if options.body != BodyDocument::default() {
        with(RequestOptions { body: BodyDocument::default(), ..options.clone() });
    }
    if request.cookie {
        simpler.push(ServerRequest { cookie: false, ..request.clone() });
    }
    if request.path != "/plain" {
        simpler.push(ServerRequest { path: "/plain".to_owned(), ..request.clone() });
    }
    // One that no browser sends is not made one that browsers send: the level would no longer be right.
    if reach == Reach::Browser && request.origin.0 != b"self" {
        let usual = ["https://app.example.com", "https://attacker.test"];
        for origin in usual.iter().take_while(|usual| request.origin.0 != usual.as_bytes()) {
            simpler.push(ServerRequest { origin: ByteString::from(*origin), ..request.clone() });
        }
    }
    simpler
}

/// The list without each of its items.
fn without_one<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    (0..items.len())
        .map(|index| {
            let mut shorter: Vec<T> = items.to_vec();
            shorter.remove(index);
            shorter
        })
        .collect()
}

/// How long a vector is to read: what shrinking makes less.
pub fn length(vector: &ServerVector) -> usize {
    corspec_vectors::canonical::line(vector).map_or(usize::MAX, |line| line.len())
}
