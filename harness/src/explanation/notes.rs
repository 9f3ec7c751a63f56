//! What else is worth knowing about a fetch: headers script does not see, cookies that stay away, errors hidden behind CORS.

use corspec_model::Reason;
use corspec_model::abnf::EXPOSE_HEADERS;
use corspec_model::request_headers::is_forbidden_request_header;
use corspec_model::response_headers::is_forbidden_response_header_name;
use corspec_vectors::DocumentError;
use corspec_vectors::bytes::{ByteString, to_header_list};
use corspec_vectors::client::{OutcomeDocument, RequestKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::is_same_origin;
use super::mixed_content;
use super::recorded::{Conditions, RecordedFetch, RecordedResponse, Recorder};

/// Response headers that script does not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hidden {
    /// Their names, as they were sent.
    pub names: Vec<ByteString>,
    /// The value of `Access-Control-Expose-Headers` that shows them.
    pub expose: ByteString,
}

/// Headers that are of no use to script: what transports, caches and security policies need.
const NOT_FOR_SCRIPT: [&str; 22] = [
    "accept-ranges",
    "age",
    "alt-svc",
    "connection",
    "content-encoding",
    "content-security-policy",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "keep-alive",
    "nel",
    "permissions-policy",
    "referrer-policy",
    "report-to",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "via",
    "x-content-type-options",
    "x-frame-options",
];

/// The headers of a shared response that script does not see, and what would show them, tried in the model.
///
/// # Errors
/// [`DocumentError`] when the request of the record makes no sense.
pub fn hidden(fetch: &RecordedFetch, conditions: &Conditions) -> Result<Option<Hidden>, DocumentError> {
    let (Some(OutcomeDocument::Response { outcome_type, headers: seen, .. }), Some(response)) =
        (&fetch.outcome, fetch.last().and_then(|last| last.response.as_ref()))
    else {
        return Ok(None);
    };
    if outcome_type != "cors" {
        return Ok(None);
    }
    let mut names: Vec<ByteString> = Vec::new();
    for (name, _) in &response.headers {
        let lower = name.0.to_ascii_lowercase();
        if !seen.iter().any(|seen| seen.0 == lower)
            && !is_forbidden_response_header_name(&name.0)
            && !lower.starts_with(b"access-control-")
            && !NOT_FOR_SCRIPT.iter().any(|boring| boring.as_bytes() == lower)
            && !names.iter().any(|listed| listed.0.eq_ignore_ascii_case(&name.0))
        {
            names.push(name.clone());
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    let listed = to_header_list(&response.headers).get(EXPOSE_HEADERS).unwrap_or_default().into_owned();
    let listed = listed.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    let listed =
        listed.filter(|item| corspec_model::abnf::is_token(item) && *item != b"*").map(<[u8]>::to_vec);
    let value = listed.chain(names.iter().map(|name| name.0.clone())).collect::<Vec<_>>().join(&b", "[..]);
    Ok(shows(fetch, conditions, &names, &value)?.then_some(Hidden { names, expose: ByteString(value) }))
}

/// Whether the model shows script `names` when the last response exposes `value`.
fn shows(
    fetch: &RecordedFetch,
    conditions: &Conditions,
    names: &[ByteString],
    value: &[u8],
) -> Result<bool, DocumentError> {
    let mut recorder = Recorder::start(&fetch.request, conditions)?;
    let last = fetch.exchanges.len().saturating_sub(1);
    for (index, exchange) in fetch.exchanges.iter().enumerate() {
        let mut response = exchange.response.as_ref().map(RecordedResponse::to_response);
        if let Some(response) = response.as_mut().filter(|_| index == last) {
            response.headers.set(EXPOSE_HEADERS, value);
        }
        recorder.answer(response);
    }
    let (record, _) = recorder.finish();
    let Some(OutcomeDocument::Response { headers, .. }) = record.outcome else { return Ok(false) };
    Ok(names.iter().all(|name| headers.iter().any(|seen| seen.0.eq_ignore_ascii_case(&name.0))))
}

/// What else is worth knowing, a sentence each; `reason` is that of a failure.
pub fn notes(fetch: &RecordedFetch, reason: Option<Reason>) -> Vec<String> {
    let mut notes = Vec::new();
    let last = fetch.last();
    if let (Some(Reason::MissingAllowOrigin), Some(status)) =
        (reason, last.and_then(|last| last.response.as_ref()).map(|response| response.status))
        && status >= 400
    {
        notes.push(format!(
            "The server answers {status}: this error is the first thing to look at. Error pages need the CORS headers too, or \
             script cannot tell what went wrong."
        ));
    }
    if last.is_some_and(|last| last.kind == RequestKind::Preflight)
        && last.and_then(|last| last.response.as_ref()).is_some_and(|response| response.status >= 400)
    {
        notes.push(
            "A preflight never carries cookies or Authorization: answer OPTIONS before authentication and routing."
                .to_owned(),
        );
    }
    let forbidden =
        |(name, value): &&(ByteString, ByteString)| is_forbidden_request_header(&name.0, &value.0);
    for (name, _) in fetch.request.options.headers.iter().filter(forbidden) {
        notes.push(format!("`{name}` is the browser's own: what script sets is ignored."));
    }
    let urls = || fetch.exchanges.iter().filter_map(|exchange| Url::parse(&exchange.request.url).ok());
    if urls().any(|url| mixed_content::is_refused(&fetch.request, &url)) {
        notes.insert(
            0,
            "Before CORS has a say, browsers refuse http: URLs to https: pages (mixed content): serve it over https."
                .to_owned(),
        );
    }
    if urls().any(|url| mixed_content::is_upgraded(&fetch.request, &url)) {
        notes.push(
            "For an image, audio or video of an http: URL in an https: page browsers ask for the https: URL instead, and \
             show nothing where there is none."
                .to_owned(),
        );
    }
    let requests = fetch.exchanges.iter().filter(|exchange| exchange.kind == RequestKind::Request);
    for exchange in requests.filter(|exchange| !is_same_origin(&fetch.request.origin, &exchange.request.url))
    {
        let set_cookie = exchange.response.as_ref().is_some_and(|response| {
            response.headers.iter().any(|(name, _)| name.0.eq_ignore_ascii_case(b"set-cookie"))
        });
        if set_cookie && !exchange.request.credentials {
            notes.push("`Set-Cookie` is ignored: the request does not include credentials.".to_owned());
        } else if exchange.request.credentials {
            notes.push(
                "Cookies go along only if they are `SameSite=None; Secure`, or page and server are of one site; browsers may \
                 block those of third parties altogether."
                    .to_owned(),
            );
        }
    }
    notes.dedup();
    notes
}
