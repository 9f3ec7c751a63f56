//! Runs one algorithm of the model on the input of a model vector.

use crate::DocumentError;
use crate::bytes::{ByteString, to_header_list};
use crate::model::{Algorithm, Input, ModelVector, Tainting};
use corspec_model::cross_origin_resource_policy::{Checked, cross_origin_resource_policy_check};
use corspec_model::infra::isomorphic_decode;
use corspec_model::request::{Mode, RedirectTaint, Request, ResponseTainting};
use corspec_model::tao_check::tao_check;
use corspec_model::{
    HeaderList, Origin, abnf, cors_check, cors_preflight_fetch, header_value, methods, mime_type,
    origin_header, range, request_headers, response_headers,
};
use serde_json::{Value, json};
use url::Url;

/// The result of the vector's algorithm, in the shape of `expected`.
///
/// # Errors
/// [`DocumentError`] when the input lacks a field the algorithm takes, or a field makes no sense.
pub fn run(vector: &ModelVector) -> Result<Value, DocumentError> {
    let input = Fields(&vector.input);
    Ok(match vector.algorithm {
        Algorithm::Get => {
            let value = input.headers()?;
            json!(value.get(&input.name_str()?).map(|value| isomorphic_decode(&value)))
        }
        Algorithm::GetDecodeAndSplit => json!(input.headers()?.get_decode_and_split(&input.name_str()?)),
        Algorithm::CollectAnHttpQuotedString => {
            let text = input.bytes("input", vector.input.input.as_ref())?;
            let mut position = vector.input.position.unwrap_or(0);
            let value =
                header_value::collect_an_http_quoted_string(text, &mut position, vector.input.extract_value);
            json!({"value": isomorphic_decode(&value), "position": position})
        }
        Algorithm::ExtractHeaderListValues => {
            let (headers, name) = (input.headers()?, input.name_str()?);
            match abnf::extract_header_list_values(&name, &headers) {
                Err(_) => json!("failure"),
                Ok(values) => {
                    json!(values.map(|values| values.into_iter().map(isomorphic_decode).collect::<Vec<_>>()))
                }
            }
        }
        Algorithm::NormalizeAMethod => json!(isomorphic_decode(&methods::normalize(input.method()?))),
        Algorithm::CorsSafelistedMethod => json!(methods::is_cors_safelisted_method(input.method()?)),
        Algorithm::ForbiddenMethod => json!(methods::is_forbidden_method(input.method()?)),
        Algorithm::CorsSafelistedRequestHeader => {
            json!(request_headers::is_cors_safelisted_request_header(input.name()?, input.value()?))
        }
        Algorithm::CorsSafelistedRequestHeaderBytes => {
            let name = input.name()?;
            let before = input.bytes("before", vector.input.before.as_ref())?;
            let after = input.bytes("after", vector.input.after.as_ref())?;
            let safelisted: Vec<u8> = (0..=u8::MAX)
                .filter(|&byte| {
                    let value = [before, &[byte], after].concat();
                    request_headers::is_cors_safelisted_request_header(name, &value)
                })
                .collect();
            json!(isomorphic_decode(&safelisted))
        }
        Algorithm::NoCorsSafelistedRequestHeader => {
            json!(request_headers::is_no_cors_safelisted_request_header(input.name()?, input.value()?))
        }
        Algorithm::ForbiddenRequestHeader => {
            json!(request_headers::is_forbidden_request_header(input.name()?, input.value()?))
        }
        Algorithm::CorsNonWildcardRequestHeaderName => {
            json!(request_headers::is_cors_non_wildcard_request_header_name(input.name()?))
        }
        Algorithm::PrivilegedNoCorsRequestHeaderName => {
            json!(request_headers::is_privileged_no_cors_request_header_name(input.name()?))
        }
        Algorithm::ForbiddenResponseHeaderName => {
            json!(response_headers::is_forbidden_response_header_name(input.name()?))
        }
        Algorithm::CorsSafelistedResponseHeaderName => {
            let list = vector.input.list.as_deref().unwrap_or_default();
            json!(response_headers::is_cors_safelisted_response_header_name(input.name()?, list))
        }
        Algorithm::CorsUnsafeRequestHeaderNames => {
            let names = request_headers::cors_unsafe_request_header_names(&input.headers()?);
            json!(names.iter().map(|name| isomorphic_decode(name)).collect::<Vec<_>>())
        }
        Algorithm::ParseASingleRangeHeaderValue => {
            match range::parse_a_single_range_header_value(input.value()?, vector.input.allow_whitespace) {
                None => json!("failure"),
                Some(range) => json!([number(range.start), number(range.end)]),
            }
        }
        Algorithm::ParseAMimeType => {
            mime_type::essence(input.value()?).map_or(json!("failure"), |essence| json!(essence.to_string()))
        }
        Algorithm::SerializeAnOrigin => json!(Origin::of_url(&input.url()?).to_string()),
        Algorithm::OriginOrNull => json!(origin_header::is_origin_or_null(input.value()?)),
        Algorithm::RedirectTaint => json!(match input.redirected_request()?.redirect_taint() {
            RedirectTaint::SameOrigin => "same-origin",
            RedirectTaint::SameSite => "same-site",
            RedirectTaint::CrossSite => "cross-site",
        }),
        Algorithm::SerializeARequestOrigin => json!(input.redirected_request()?.serialize_origin()),
        Algorithm::CorsCheck => {
            let credentials = vector.input.credentials.unwrap_or_default().into();
            let origin = vector.input.origin.as_deref().unwrap_or_default();
            match cors_check::check(origin.as_bytes(), credentials, &input.headers()?, &mut ()) {
                Ok(step) => json!({"result": "success", "step": step.as_str()}),
                Err(error) => {
                    json!({"result": "failure", "step": error.step.as_str(), "reason": error.reason.as_str()})
                }
            }
        }
        Algorithm::TaoCheck => {
            let mut request = Request::new(input.origin()?, input.url()?);
            request.mode = vector.input.mode.map_or(Mode::Cors, Into::into);
            request.response_tainting = match vector.input.tainting {
                None | Some(Tainting::Cors) => ResponseTainting::Cors,
                Some(Tainting::Basic) => ResponseTainting::Basic,
                Some(Tainting::Opaque) => ResponseTainting::Opaque,
            };
            request.timing_allow_failed = vector.input.timing_allow_failed;
            match tao_check(&request, &input.headers()?, &mut ()) {
                Ok(step) => json!({"result": "success", "step": step.as_str()}),
                Err(step) => json!({"result": "failure", "step": step.as_str()}),
            }
        }
        Algorithm::CrossOriginResourcePolicyCheck => {
            let url_origin = Origin::of_url(&input.url()?);
            let headers = input.headers()?;
            let checked = Checked {
                url_origin: &url_origin,
                headers: &headers,
                request_includes_credentials: vector.input.request_includes_credentials,
            };
            let embedder_policy = vector.input.embedder_policy.unwrap_or_default().into();
            let for_navigation = vector.input.for_navigation;
            match cross_origin_resource_policy_check(
                &input.origin()?,
                embedder_policy,
                checked,
                for_navigation,
                &mut (),
            ) {
                Ok(()) => json!({"result": "allowed"}),
                Err(step) => json!({"result": "blocked", "step": step.as_str()}),
            }
        }
        Algorithm::PreflightMaxAge => json!(cors_preflight_fetch::max_age(&input.headers()?, &mut ())),
    })
}

fn number(digits: Option<&[u8]>) -> Option<u64> {
    digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
}

/// The fields of an input, as the algorithms take them.
struct Fields<'a>(&'a Input);

impl<'a> Fields<'a> {
    fn bytes(&self, field: &str, value: Option<&'a ByteString>) -> Result<&'a [u8], DocumentError> {
        value
            .map(|value| &*value.0)
            .ok_or_else(|| DocumentError::new(field, "the algorithm takes this field"))
    }

    fn name(&self) -> Result<&'a [u8], DocumentError> {
        self.bytes("name", self.0.name.as_ref())
    }

    fn name_str(&self) -> Result<String, DocumentError> {
        self.name().map(isomorphic_decode)
    }

    fn value(&self) -> Result<&'a [u8], DocumentError> {
        self.bytes("value", self.0.value.as_ref())
    }

    fn method(&self) -> Result<&'a [u8], DocumentError> {
        self.bytes("method", self.0.method.as_ref())
    }

    fn headers(&self) -> Result<HeaderList, DocumentError> {
        let lines = self.0.headers.as_ref();
        lines
            .map(|lines| to_header_list(lines))
            .ok_or_else(|| DocumentError::new("headers", "the algorithm takes this field"))
    }

    fn origin(&self) -> Result<Origin, DocumentError> {
        Origin::parse(self.0.origin.as_deref().unwrap_or_default())
            .map_err(|error| DocumentError::new("origin", error))
    }

    fn url(&self) -> Result<Url, DocumentError> {
        Url::parse(self.0.url.as_deref().unwrap_or_default())
            .map_err(|error| DocumentError::new("url", error))
    }

    /// A request that was redirected through `urls`.
    fn redirected_request(&self) -> Result<Request, DocumentError> {
        let mut urls = self.0.urls.iter().flatten().map(|url| Url::parse(url));
        let none = DocumentError::new("urls", "one URL at least");
        let bad = |error| DocumentError::new("urls", error);
        let mut request = Request::new(self.origin()?, urls.next().ok_or(none)?.map_err(bad)?);
        for url in urls {
            request.push_url(url.map_err(bad)?.into());
        }
        Ok(request)
    }
}
