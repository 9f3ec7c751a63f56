//! Client requests.

use arbitrary::{Result, Unstructured};
use corspec_model::Policy;
use corspec_model::policy::AllowList;
use corspec_vectors::bytes::{ByteString, HeaderLines};
use corspec_vectors::request::{BodyDocument, Credentials, CrossOrigin, Initiator, RequestOptions};
use corspec_vectors::server::ServerRequest;

use super::{one_in, origins, paths, words};

/// The route that answers 200 and nothing special.
pub(super) const PLAIN: &str = "/plain";

/// Any request.
pub(super) fn any(u: &mut Unstructured<'_>, policy: &Policy) -> Result<ServerRequest> {
    let path = paths::any(u, policy)?;
    if one_in(u, 32)? {
        return own_page(u, &path);
    }
    if !policy.routes.is_empty() {
        return routed(u, policy, path);
    }
    let origin = origins::any(u, policy)?;
    if one_in(u, 16)? {
        return of_an_element(u, &origin, &path);
    }
    let method = method(u, &policy.methods)?;
    let headers = headers(u, policy, &method)?;
    // With a type, some servers would want the body to be of it.
    let typed = headers.iter().any(|(name, _)| name.0.eq_ignore_ascii_case(b"content-type"));
    let body = path == "/echo" && matches!(&*method, "POST" | "PUT") && !typed;
    let mut request = fetched(u, &origin, path, Some(method), headers)?;
    request.options.body = BodyDocument::Present(body);
    if one_in(u, 16)? {
        request.on_wire = vec![("Access-Control-Request-Private-Network".into(), "true".into())];
    }
    Ok(request)
}

/// A request with nothing special but its path, so that a failure is one of the path.
fn routed(u: &mut Unstructured<'_>, policy: &Policy, path: String) -> Result<ServerRequest> {
    let origin = origins::plain(u, policy)?;
    let method = *u.choose(&["GET", "PUT", "DELETE"])?;
    fetched(u, &origin, path, Some(method.to_owned()), Vec::new())
}

/// A request the policy probably allows, with something that needs a preflight.
pub(super) fn likely_allowed(u: &mut Unstructured<'_>, policy: &Policy) -> Result<ServerRequest> {
    let origin = origins::allowed(u, policy)?;
    let method = match &policy.methods {
        AllowList::Any => "PUT".to_owned(),
        AllowList::Only(listed) => {
            // What is not remembered because it is refused is a matter of another law.
            let usual = listed.iter().find(|method| words::USUAL_METHODS.contains(&&***method));
            usual.map_or_else(|| "GET".to_owned(), ToString::to_string)
        }
    };
    let headers = listed_headers(u, policy)?;
    let mut request = fetched(u, &origin, PLAIN.to_owned(), Some(method), headers)?;
    if !policy.credentials && request.options.credentials == Some(Credentials::Include) {
        request.options.credentials = None;
        request.cookie = false;
    }
    Ok(request)
}

/// A GET or HEAD without headers of its own; where `own` says so also from the server's own page, which sends no `Origin`.
pub(super) fn simple(
    u: &mut Unstructured<'_>,
    policy: &Policy,
    path: &str,
    own: bool,
) -> Result<ServerRequest> {
    let origin = if own && u.arbitrary()? { "self".to_owned() } else { origins::plain(u, policy)? };
    let method = one_in(u, 8)?.then(|| "HEAD".to_owned());
    fetched(u, &origin, path.to_owned(), method, Vec::new())
}

/// `fetch()` with a credentials mode and perhaps a cookie.
fn fetched(
    u: &mut Unstructured<'_>,
    origin: &str,
    path: String,
    method: Option<String>,
    headers: HeaderLines,
) -> Result<ServerRequest> {
    let credentials = *u.choose(&[None, Some(Credentials::Include), Some(Credentials::Omit)])?;
    Ok(ServerRequest {
        origin: ByteString::from(origin),
        path,
        options: RequestOptions {
            method: method.filter(|method| method != "GET").map(|method| ByteString::from(&*method)),
            headers,
            credentials,
            ..RequestOptions::default()
        },
        cookie: credentials == Some(Credentials::Include) && u.arbitrary()?,
        on_wire: Vec::new(),
    })
}

/// A GET of a page of the server itself. Servers may want their own pages listed for anything else.
fn own_page(u: &mut Unstructured<'_>, path: &str) -> Result<ServerRequest> {
    fetched(u, "self", path.to_owned(), None, Vec::new())
}

/// What an element or `XMLHttpRequest` asks for.
fn of_an_element(u: &mut Unstructured<'_>, origin: &str, path: &str) -> Result<ServerRequest> {
    let initiator = *u.choose(&[
        Initiator::Xhr,
        Initiator::Eventsource,
        Initiator::ModuleScript,
        Initiator::Img,
        Initiator::Font,
    ])?;
    let attribute = *u.choose(&[CrossOrigin::Anonymous, CrossOrigin::UseCredentials])?;
    let with_credentials = u.arbitrary()?;
    let with_switch = matches!(initiator, Initiator::Xhr | Initiator::Eventsource);
    Ok(ServerRequest {
        origin: origin.into(),
        path: path.to_owned(),
        options: RequestOptions {
            initiator,
            cross_origin: matches!(initiator, Initiator::Img | Initiator::ModuleScript).then_some(attribute),
            with_credentials: with_switch && with_credentials,
            upload_listeners: initiator == Initiator::Xhr && u.arbitrary()?,
            ..RequestOptions::default()
        },
        cookie: u.arbitrary()?,
        on_wire: Vec::new(),
    })
}

/// A method: one the policy lists, one that resembles it, or another.
fn method(u: &mut Unstructured<'_>, listed: &AllowList<Box<str>>) -> Result<String> {
    let items = listed.items();
    Ok(match u.int_in_range(0..=7)? {
        3..=4 if !items.is_empty() => u.choose(items)?.to_string(),
        5 if !items.is_empty() => resembling(u, items)?,
        _ => (*u.choose(&words::OTHER_METHODS)?).to_owned(),
    })
}

/// Up to three headers: some the policy lists, some that resemble them, some others.
fn headers(u: &mut Unstructured<'_>, policy: &Policy, method: &str) -> Result<HeaderLines> {
    let listed = policy.request_headers.items();
    let mut lines = HeaderLines::new();
    let how_many = [0, 0, 0, 1, 1, 2, 3][u.int_in_range(0..=6)?];
    for _ in 0..how_many {
        let (name, value) = match u.int_in_range(0..=7)? {
            0..=2 if !listed.is_empty() => {
                let name = u.choose(listed)?.to_string();
                let conditional =
                    words::CONDITIONAL_HEADERS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
                let value = conditional
                    .filter(|_| method == "GET" && lines.is_empty())
                    .map_or("1", |(_, value)| value);
                (name, value.to_owned())
            }
            3..=4 if !listed.is_empty() => (resembling(u, listed)?, "1".to_owned()),
            5 if method == "GET" && lines.is_empty() => {
                let (name, value) = *u.choose(&words::CONDITIONAL_HEADERS)?;
                (name.to_owned(), value.to_owned())
            }
            _ => {
                let (name, value) = *u.choose(&words::OTHER_HEADERS)?;
                (name.to_owned(), value.to_owned())
            }
        };
        // One line a name: what two lines of the same name make is no matter of CORS.
        if !lines.iter().any(|(taken, _)| taken.0.eq_ignore_ascii_case(name.as_bytes())) {
            lines.push((name.as_str().into(), value.as_str().into()));
        }
    }
    Ok(lines)
}

/// Whether the request names `Authorization` where the policy allows any header: a server that takes its `*` literally
/// does not cover it (`cors-preflight-fetch/7.6`), which is a fact and no failure.
pub(super) fn is_authorized_by_star(request: &ServerRequest, policy: &Policy) -> bool {
    policy.request_headers.is_any()
        && request.options.headers.iter().any(|(name, _)| name.0.eq_ignore_ascii_case(b"authorization"))
}

/// Whether every server knows the method.
pub(super) fn has_usual_method(request: &ServerRequest) -> bool {
    let usual = |method: &ByteString| words::USUAL_METHODS.iter().any(|usual| method.0 == usual.as_bytes());
    request.options.method.as_ref().is_none_or(usual)
}

/// Whether the application answers to a header of the request in its own way.
pub(super) fn is_conditional(request: &ServerRequest) -> bool {
    let known = |name: &ByteString, value: &ByteString| {
        words::CONDITIONAL_HEADERS
            .iter()
            .any(|(own, says)| name.0.eq_ignore_ascii_case(own.as_bytes()) && value.0 == says.as_bytes())
    };
    request.options.headers.iter().any(|(name, value)| known(name, value))
}

/// Every header the policy lists, or some where it allows any.
pub(super) fn listed_headers(u: &mut Unstructured<'_>, policy: &Policy) -> Result<HeaderLines> {
    let names: Vec<&str> = match &policy.request_headers {
        AllowList::Any => vec!["X-A", "X-B", "X-C"],
        AllowList::Only(names) => names.iter().map(|name| &**name).collect(),
    };
    let how_many = u.int_in_range(0..=names.len())?;
    // Values no application answers to.
    Ok(names.iter().take(how_many).map(|&name| (name.into(), "1".into())).collect())
}

/// A word that resembles one of the list: a part of it, more than it, in another case.
fn resembling(u: &mut Unstructured<'_>, items: &[Box<str>]) -> Result<String> {
    let item = u.choose(items)?;
    Ok(match u.int_in_range(0..=5)? {
        0 => item.to_uppercase(),
        1 => item.to_lowercase(),
        2 => format!("{item}s"),
        3 => item[..item.len() - 1].to_owned(),
        4 => format!("{item}-2"),
        _ => format!("x{item}"),
    })
}
