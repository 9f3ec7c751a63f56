//! Policies.

use arbitrary::{Result, Unstructured};
use corspec_vectors::policy::{ListDocument, PolicyDocument, RouteDocument, Star};

use super::{one_in, words};

/// A policy, sometimes with routes.
///
/// # Errors
/// Never for want of bytes; only what [`arbitrary`] itself refuses.
pub fn policy(u: &mut Unstructured<'_>) -> Result<PolicyDocument> {
    let mut policy = PolicyDocument {
        origins: origins(u)?,
        credentials: u.arbitrary()?,
        methods: list(u, &words::METHODS)?,
        request_headers: list(u, &words::HEADERS)?,
        expose: list(u, &words::EXPOSED)?,
        max_age: if u.arbitrary()? { Some(*u.choose(&words::MAX_AGES)?) } else { None },
        routes: Vec::new(),
    };
    if one_in(u, 6)? {
        // With nothing special but the paths, so that a failure is one of the path.
        policy = PolicyDocument {
            methods: some(u, &words::METHODS[..2], 1)?,
            request_headers: ListDocument::default(),
            expose: ListDocument::default(),
            max_age: None,
            routes: routes(u)?,
            ..policy
        };
    }
    Ok(policy)
}

fn origins(u: &mut Unstructured<'_>) -> Result<ListDocument> {
    let how_many = match u.int_in_range(0..=9)? {
        0..=3 => 1,
        4..=5 => 2,
        6..=7 => 3,
        8 => return Ok(ListDocument::Any(Star::Star)),
        _ => 0,
    };
    some(u, &words::ORIGINS, how_many)
}

/// None, any, or up to three of the words.
fn list(u: &mut Unstructured<'_>, words: &[&str]) -> Result<ListDocument> {
    match u.int_in_range(0..=7)? {
        0..=1 => some(u, words, 0),
        2..=3 => some(u, words, 1),
        4 => some(u, words, 2),
        5 => some(u, words, 3),
        _ => Ok(ListDocument::Any(Star::Star)),
    }
}

/// So many of the words, none of them twice, also not in another case where that is the same to some.
fn some(u: &mut Unstructured<'_>, words: &[&str], how_many: usize) -> Result<ListDocument> {
    let mut chosen: Vec<String> = Vec::with_capacity(how_many);
    for _ in 0..how_many {
        let word = *u.choose(words)?;
        if !chosen.iter().any(|taken| taken.eq_ignore_ascii_case(word)) {
            chosen.push(word.to_owned());
        }
    }
    Ok(ListDocument::Only(chosen))
}

/// One to three routes with small policies.
fn routes(u: &mut Unstructured<'_>) -> Result<Vec<RouteDocument>> {
    let mut routes: Vec<RouteDocument> = Vec::new();
    for _ in 0..u.int_in_range(1..=3)? {
        let path = *u.choose(&words::ROUTES)?;
        let methods = usize::from(u.arbitrary::<bool>()?);
        let policy = PolicyDocument {
            origins: if u.arbitrary()? {
                some(u, &words::ORIGINS[..6], 1)?
            } else {
                ListDocument::Any(Star::Star)
            },
            credentials: u.arbitrary()?,
            methods: some(u, &words::METHODS[..2], methods)?,
            request_headers: ListDocument::default(),
            expose: ListDocument::default(),
            max_age: None,
            routes: Vec::new(),
        };
        if !routes.iter().any(|route| route.path == path) {
            routes.push(RouteDocument { path: path.to_owned(), policy });
        }
    }
    Ok(routes)
}
