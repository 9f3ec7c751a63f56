//! A fetch as people type it: fields for the request, heads as `curl -i` prints them for the responses; or a vector's id;
//! or a scenario in JSON.

use corspec_vectors::bytes::{ByteString, HeaderLines};
use corspec_vectors::client::{RequestKind, ScriptedFetch, ScriptedResponse};
use serde_json::{Map, Value, json};

use super::site::{Fields, Site, field};

/// Reads the fetches a form describes: of a `vector`, of a `scenario`, or of its fields.
///
/// # Errors
/// What cannot be understood, and how it is written.
pub(super) fn read(site: &Site, fields: &Fields) -> Result<Vec<ScriptedFetch>, String> {
    let vector = field(fields, "vector");
    if !vector.is_empty() {
        let found = site.client.iter().find(|known| known.meta.id == vector);
        return found
            .map(|vector| vector.fetches.clone())
            .ok_or_else(|| format!("there is no client vector `{vector}`"));
    }
    let scenario = field(fields, "scenario").trim();
    if !scenario.is_empty() {
        return of_json(scenario);
    }
    Ok(vec![of_fields(fields)?])
}

/// A scenario in JSON: a fetch, or an object with `fetches`, as vectors have them.
fn of_json(text: &str) -> Result<Vec<ScriptedFetch>, String> {
    let wrong = |error: serde_json::Error| {
        format!(
            "the scenario: {error}; it is written {{\"fetches\": [{{\"request\": {{\"origin\": …, \"url\": …}}, \"responses\": […]}}]}}"
        )
    };
    let value: Value = serde_json::from_str(text).map_err(wrong)?;
    match value.get("fetches") {
        Some(fetches) => serde_json::from_value(fetches.clone()).map_err(wrong),
        None => serde_json::from_value(value).map(|fetch| vec![fetch]).map_err(wrong),
    }
}

/// Fields of the form that are fields of a request's document, when they are not empty.
const PLAIN: [&str; 6] = ["origin", "url", "method", "mode", "credentials", "redirect"];

fn of_fields(fields: &Fields) -> Result<ScriptedFetch, String> {
    for (name, title) in [("origin", "the page's origin"), ("url", "the URL")] {
        if field(fields, name).trim().is_empty() {
            return Err(format!("{title} is missing"));
        }
    }
    let mut request = Map::new();
    for name in PLAIN {
        let value = field(fields, name).trim();
        if !value.is_empty() {
            request.insert(name.to_owned(), json!(value));
        }
    }
    let headers: Vec<Value> = field(fields, "headers")
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| format!("a request header is written `Name: value`, not `{line}`"))?;
            Ok(json!([name.trim(), value.trim()]))
        })
        .collect::<Result<_, String>>()?;
    request.insert("headers".to_owned(), headers.into());
    if !field(fields, "body").is_empty() {
        request.insert("body".to_owned(), json!(true));
    }
    let request = serde_json::from_value(request.into()).map_err(|error| format!("the request: {error}"))?;
    Ok(ScriptedFetch { at: 0.0, request, responses: responses(field(fields, "responses"))? })
}

/// Reads heads: a status line each, `HTTP/1.1 204 No Content` or only `204`, and header lines; a line `preflight` or
/// `request` before it says what it answers, `no response` stands for a broken connection.
fn responses(text: &str) -> Result<Vec<ScriptedResponse>, String> {
    let mut all: Vec<ScriptedResponse> = Vec::new();
    let mut answers = None;
    // What follows an empty line up to the next status line is a body.
    let mut in_head = false;
    for line in text.lines() {
        let line = line.trim_end();
        let word = line.trim_start_matches('#').trim();
        match word {
            "" => in_head = false,
            "preflight" => answers = Some(RequestKind::Preflight),
            "request" => answers = Some(RequestKind::Request),
            "no response" => {
                all.push(response(answers.take(), 200, true));
                in_head = false;
            }
            _ => {
                if let Some(status) = status_of(word) {
                    all.push(response(answers.take(), status, false));
                    in_head = true;
                } else if let Some(last) = all.last_mut().filter(|_| in_head) {
                    let (name, value) = line
                        .split_once(':')
                        .ok_or_else(|| format!("a response header is written `Name: value`, not `{line}`"))?;
                    last.headers.push((bytes(name)?, bytes(value.trim())?));
                } else if all.is_empty() {
                    return Err(format!(
                        "a response begins with its status, such as `HTTP/1.1 200 OK`, not with `{line}`"
                    ));
                }
            }
        }
    }
    Ok(all)
}

fn response(answers: Option<RequestKind>, status: u16, network_error: bool) -> ScriptedResponse {
    ScriptedResponse { answers, status, headers: HeaderLines::new(), wire: None, network_error }
}

fn status_of(line: &str) -> Option<u16> {
    let status = match line.strip_prefix("HTTP/") {
        Some(rest) => rest.split(' ').nth(1)?,
        None => line.split(' ').next()?,
    };
    status.parse().ok().filter(|status| (100..=999).contains(status))
}

fn bytes(text: &str) -> Result<ByteString, String> {
    let bytes = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>();
    bytes.map(ByteString).ok_or_else(|| format!("`{text}`: a header is made of bytes, U+0000 to U+00FF"))
}

/// The form's fields for fetches, as the address of the explainer has them: one fetch that the fields can hold as
/// fields, anything else as a scenario.
pub(super) fn state(fetches: &[ScriptedFetch]) -> String {
    let fields = match fetches {
        [fetch] => fields_of(fetch),
        _ => None,
    };
    let fields = fields.unwrap_or_else(|| {
        vec![(
            "scenario".to_owned(),
            serde_json::to_string_pretty(&json!({"fetches": fetches})).unwrap_or_default(),
        )]
    });
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn fields_of(fetch: &ScriptedFetch) -> Option<Fields> {
    let document = serde_json::to_value(&fetch.request).ok()?;
    let document = document.as_object()?;
    let mut fields = Fields::new();
    for (name, value) in document {
        let value = match (name.as_str(), value) {
            ("headers", Value::Array(_)) => text_of(&fetch.request.options.headers),
            ("body", Value::Bool(true)) => "on".to_owned(),
            (name, Value::String(text)) if PLAIN.contains(&name) => text.clone(),
            _ => return None,
        };
        fields.push((name.clone(), value));
    }
    let mut heads = Vec::new();
    for response in &fetch.responses {
        let kind = match response.answers {
            Some(RequestKind::Preflight) => "# preflight\n",
            Some(RequestKind::Request) => "# request\n",
            None => "",
        };
        if response.wire.is_some() || response.status < 100 {
            return None;
        }
        let head = if response.network_error {
            "no response".to_owned()
        } else {
            format!("HTTP/1.1 {}", response.status)
        };
        heads.push(format!("{kind}{head}\n{}", text_of(&response.headers)));
    }
    fields.push(("responses".to_owned(), heads.join("\n")));
    // Only what reads back as it was: line breaks in values and the like go as JSON.
    let again = of_fields(&fields).ok()?;
    (serde_json::to_value(again).ok()? == serde_json::to_value(fetch).ok()?).then_some(fields)
}

fn text_of(headers: &HeaderLines) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}
