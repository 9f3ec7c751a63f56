//! What the application behind every adapter answers, written by hand from its contract in `adapters/README.md`.

use corspec_model::HeaderList;

use super::CheckResult;
use crate::transport::{Answer, Http, Transport, WireRequest};

/// The header lines of every answer.
const COMMON: [(&str, &str); 7] = [
    ("Content-Type", "text/plain"),
    ("Cache-Control", "max-age=60"),
    ("ETag", "\"v1\""),
    ("Set-Cookie", "session=1"),
    ("X-App", "corspec"),
    ("X-Request-Id", "42"),
    ("X-Secret", "s"),
];

const MARKER: &str = "X-App";

/// One request, without `Origin`, and what the application answers.
pub(super) struct Route {
    method: &'static str,
    target: &'static str,
    header: Option<(&'static str, &'static str)>,
    body: bool,
    status: u16,
    answer: &'static str,
    extra: Option<(&'static str, &'static str)>,
    /// What the software or its server may do to it, so that another answer says nothing of the adapter.
    may_differ: Option<&'static str>,
}

impl Route {
    const fn get(target: &'static str, status: u16, answer: &'static str) -> Self {
        Self {
            method: "GET",
            target,
            header: None,
            body: false,
            status,
            answer,
            extra: None,
            may_differ: None,
        }
    }

    const fn plain(target: &'static str) -> Self {
        Self::get(target, 200, "plain\n")
    }

    pub(super) fn what(&self) -> String {
        let header = self.header.map(|(name, value)| format!(" with {name}: {value}")).unwrap_or_default();
        let body = if self.body { " with a body" } else { "" };
        format!("{} {}{header}{body}", self.method, self.target)
    }
}

/// Every route of the contract.
pub(super) fn routes() -> Vec<Route> {
    let resolved = Some("the server or framework does not resolve the path before it routes");
    vec![
        Route::plain("/plain"),
        Route::plain("/plain?query=1"),
        Route { method: "HEAD", answer: "", ..Route::plain("/plain") },
        Route { header: Some(("If-None-Match", "\"v1\"")), ..Route::get("/plain", 304, "") },
        Route {
            header: Some(("Range", "bytes=0-1")),
            extra: Some(("Content-Range", "bytes 0-1/6")),
            ..Route::get("/plain", 206, "pl")
        },
        Route::plain("/status/200"),
        Route::get("/status/201", 201, ""),
        Route::get("/status/204", 204, ""),
        Route::get("/status/400", 400, ""),
        Route::get("/status/401", 401, ""),
        Route::get("/status/403", 403, ""),
        Route::get("/status/404", 404, ""),
        Route::get("/status/500", 500, ""),
        Route::get("/status/503", 503, ""),
        Route { extra: Some(("Location", "/plain")), ..Route::get("/redirect", 302, "") },
        Route {
            extra: Some(("Vary", "Accept-Encoding")),
            may_differ: Some("right only if the software replaces Vary even without Origin"),
            ..Route::plain("/vary")
        },
        Route {
            extra: Some(("Access-Control-Allow-Origin", "https://own.example")),
            may_differ: Some("right only if the software replaces the header even without Origin"),
            ..Route::plain("/cors")
        },
        Route::get("/stream", 200, "one\ntwo\nthree\n"),
        Route::get("/echo", 200, "GET "),
        Route { method: "POST", body: true, ..Route::get("/echo", 200, "POST corspec") },
        Route { method: "PUT", body: true, ..Route::get("/echo", 200, "PUT corspec") },
        Route { method: "PATCH", body: true, ..Route::get("/echo", 200, "PATCH corspec") },
        Route { method: "DELETE", ..Route::get("/echo", 200, "DELETE ") },
        Route {
            method: "OPTIONS",
            may_differ: Some("right only if the software answers every OPTIONS itself"),
            ..Route::get("/echo", 200, "OPTIONS ")
        },
        Route {
            method: "CORSPEC",
            may_differ: Some("right only if the framework or server knows no methods but the usual"),
            ..Route::get("/echo", 200, "CORSPEC ")
        },
        Route::plain("/area/public/page"),
        Route::plain("/area/Private/a+b"),
        Route { may_differ: resolved, ..Route::plain("/area/../plain") },
        Route { may_differ: resolved, ..Route::plain("/%70lain") },
        Route::get("/no/such/route", 404, ""),
    ]
}

/// Asks for a route and compares.
pub(super) async fn look_at(http: &Http, route: &Route) -> CheckResult {
    let request = WireRequest {
        method: route.method.as_bytes().into(),
        target: route.target.to_owned(),
        headers: route.header.into_iter().collect(),
        body: route.body,
    };
    match http.send(request).await {
        Err(error) => CheckResult::wrong(error, "see what the adapter says on standard error"),
        Ok(answer) => match (difference(route, &answer), route.may_differ) {
            (None, _) => CheckResult::Ok,
            (Some(difference), Some(why)) => CheckResult::Note(format!("{difference}: {why}")),
            (Some(difference), None) => {
                CheckResult::wrong(difference, "the contract of the application is in adapters/README.md")
            }
        },
    }
}

/// The first thing that is not as the contract has it. Further headers are the software's business.
fn difference(route: &Route, answer: &Answer) -> Option<String> {
    let headers = &answer.response.headers;
    let status = answer.response.status;
    if status != route.status {
        return Some(format!("the status is {status}, not {}", route.status));
    }
    if *answer.body != *route.answer.as_bytes() {
        let body: String = answer.body.escape_ascii().to_string().chars().take(80).collect();
        return Some(format!("the body is `{body}`, not `{}`", route.answer.escape_default()));
    }
    // Frameworks leave headers that describe a body out where there is none.
    let bodiless = matches!(status, 204 | 304);
    let wanted = COMMON.iter().filter(|(name, _)| !bodiless || *name == MARKER);
    for (name, value) in wanted.chain(&route.extra) {
        if let Some(problem) = lacks(headers, name, value) {
            return Some(problem);
        }
    }
    (route.target == "/stream" && headers.contains("Content-Length"))
        .then(|| "it has Content-Length: the body is sent in three pieces".to_owned())
}

fn lacks(headers: &HeaderList, name: &str, value: &str) -> Option<String> {
    let lines: Vec<String> =
        headers.lines(name).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    let is_there = if name == "Vary" {
        headers
            .get_decode_and_split(name)
            .unwrap_or_default()
            .iter()
            .any(|item| item.eq_ignore_ascii_case(value))
    } else {
        lines == [value]
    };
    match (is_there, lines.is_empty()) {
        (true, _) => None,
        (false, true) => Some(format!("`{name}: {value}` is not there")),
        (false, false) => Some(format!("`{name}` is `{}`, not `{value}`", lines.join("`, `"))),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use corspec_model::Response;

    use super::*;

    fn answer(status: u16, body: &'static str, extra: &[(&str, &str)]) -> Answer {
        let headers = COMMON.iter().chain(extra).copied().collect();
        Answer { response: Response::new(status, headers), body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn an_answer_as_the_contract_has_it_may_have_further_headers() {
        let right = answer(200, "plain\n", &[("Vary", "Origin"), ("Date", "now")]);
        assert_eq!(difference(&Route::plain("/plain"), &right), None);
    }

    #[test]
    fn each_difference_is_named() {
        let route = Route::plain("/plain");
        let named = |answer: &Answer| difference(&route, answer).unwrap();
        assert!(named(&answer(404, "plain\n", &[])).contains("status is 404"));
        assert!(named(&answer(200, "plain", &[])).contains("not `plain\\n`"));
        assert!(named(&answer(200, "plain\n", &[("ETag", "\"v2\"")])).contains("`ETag` is"));
        let bare = Answer { response: Response::new(200, HeaderList::new()), body: "plain\n".into() };
        assert!(named(&bare).contains("`Content-Type: text/plain` is not there"));
        let stream = Route::get("/stream", 200, "");
        assert!(difference(&stream, &answer(200, "", &[("Content-Length", "14")])).is_some());
    }

    #[test]
    fn an_item_of_vary_is_enough() {
        let route = routes().into_iter().find(|route| route.target == "/vary").unwrap();
        assert_eq!(difference(&route, &answer(200, "plain\n", &[("Vary", "Origin, accept-encoding")])), None);
        assert!(difference(&route, &answer(200, "plain\n", &[("Vary", "Origin")])).is_some());
    }
}
