//! Requests and what must not change their verdict.

use arbitrary::{Result, Unstructured};
use corspec_model::Policy;
use corspec_model::request_headers::cors_unsafe_request_header_names;
use corspec_vectors::meta::{Level, Reach};
use corspec_vectors::server::{ServerRequest, ServerVector, Stability, WireForm};
use url::Url;

use super::{must_be_known, requests, words};
use crate::browser::prepare;

/// A request and one twist.
pub(super) fn stability(
    u: &mut Unstructured<'_>,
    policy: &Policy,
    mut draft: ServerVector,
) -> Result<Option<ServerVector>> {
    let request = asked(u, policy)?;
    let mut probe = Stability {
        request,
        variants: Vec::new(),
        wire_forms: Vec::new(),
        after: Vec::new(),
        alongside: Vec::new(),
        again: 0,
        permuted: false,
    };
    let (level, reach) = match u.int_in_range(0..=15)? {
        0..=2 => {
            probe.again = 3;
            (Level::Must, Reach::Browser)
        }
        3..=6 => {
            for _ in 0..u.int_in_range(1..=3)? {
                probe.after.push(asked(u, policy)?);
            }
            (Level::Security, Reach::Browser)
        }
        7 => {
            probe.alongside = vec![asked(u, policy)?, asked(u, policy)?];
            (Level::Security, Reach::Browser)
        }
        8 => {
            probe.wire_forms = vec![*u.choose(&[
                WireForm::AbsoluteForm,
                WireForm::UpperCaseNames,
                WireForm::LowerCaseNames,
                WireForm::NoSpaces,
                WireForm::Pipelined,
            ])?];
            (Level::Should, Reach::Legacy)
        }
        9 => {
            probe.wire_forms = vec![WireForm::Http10];
            (Level::Interop, Reach::None)
        }
        10..=12 => {
            // A server that echoes what any page asks for may echo one line: browsers send one.
            if policy.request_headers.is_any() {
                return Ok(None);
            }
            let Some(variant) = list_form(u, &probe.request)? else { return Ok(None) };
            probe.variants = vec![variant];
            (Level::Should, Reach::Legacy)
        }
        13 => {
            let &(name, value) = u.choose(&words::UNRELATED)?;
            probe.variants =
                vec![ServerRequest { on_wire: vec![(name.into(), value.into())], ..probe.request.clone() }];
            (Level::Should, Reach::None)
        }
        _ => {
            probe.permuted = true;
            (Level::Must, Reach::Browser)
        }
    };
    if !probe.requests().all(must_be_known) || (probe.permuted && policy.origins.items().len() < 2) {
        return Ok(None);
    }
    draft.meta.level = level;
    draft.meta.reach = reach;
    "stability".clone_into(&mut draft.law);
    draft.stability = Some(Box::new(probe));
    Ok(Some(draft))
}

/// A request with nothing special in its form, simple or not.
fn asked(u: &mut Unstructured<'_>, policy: &Policy) -> Result<ServerRequest> {
    let mut request = requests::simple(u, policy, requests::PLAIN, false)?;
    if u.arbitrary()? {
        request.options.method = Some((*u.choose(&["PUT", "DELETE"])?).into());
    }
    if u.arbitrary()? {
        request.options.headers = requests::listed_headers(u, policy)?;
    }
    Ok(request)
}

/// The same request with its list of requested headers in another form: what intermediaries make of it, sorted, unique
/// and in lower case as it was.
fn list_form(u: &mut Unstructured<'_>, request: &ServerRequest) -> Result<Option<ServerRequest>> {
    let Ok(base) = Url::parse("http://server.test/") else { return Ok(None) };
    let Ok(prepared) = prepare(request, &base) else { return Ok(None) };
    let names = cors_unsafe_request_header_names(&prepared.request.headers);
    if names.len() < 2 {
        return Ok(None);
    }
    let cut = if u.arbitrary()? { 1 } else { names.len() - 1 };
    let values = match u.int_in_range(0..=2)? {
        0 => vec![names.join(&b", "[..])],
        1 => vec![names[..cut].join(&b","[..]), names[cut..].join(&b","[..])],
        _ => names.iter().map(|name| name.to_vec()).collect(),
    };
    let lines = values
        .into_iter()
        .map(|value| ("Access-Control-Request-Headers".into(), corspec_vectors::bytes::ByteString(value)));
    Ok(Some(ServerRequest { on_wire: lines.collect(), ..request.clone() }))
}
