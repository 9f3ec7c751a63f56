//! Which page a request gets.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use corspec_vectors::client::ClientVector;
use corspec_vectors::embedded;
use corspec_vectors::model::ModelVector;
use corspec_vectors::server::ServerVector;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use maud::{Markup, html};
use tower::service_fn;
use url::form_urlencoded;

use super::{browse, explainer, guard, har, page, reports, vector};
use crate::transport::{Body, Service, ServiceError};

/// Bytes a request may bring: a HAR file of a long session.
const MOST: usize = 32 << 20;

/// What the pages show.
#[derive(Debug)]
pub struct Site {
    /// The folder of event files whose reports can be opened.
    pub reports: PathBuf,
    /// Where the server listens.
    pub ip: IpAddr,
    /// Its port.
    pub port: u16,
    pub(super) client: Vec<ClientVector>,
    pub(super) server: Vec<ServerVector>,
    pub(super) model: Vec<ModelVector>,
}

impl Site {
    /// The site of a server at `ip` and `port`, with the reports in a folder.
    pub fn new(reports: PathBuf, ip: IpAddr, port: u16) -> Self {
        Self {
            reports,
            ip,
            port,
            client: embedded::client_vectors(),
            server: embedded::server_vectors(),
            model: embedded::model_vectors(),
        }
    }
}

/// The answer to a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// A page of the site.
    Page(Markup),
    /// A part of a page, for a script that asked for it.
    Part(Markup),
    /// A document that brings its own Content-Security-Policy.
    Document(String),
    /// A file of the site itself, with its type.
    File(&'static str, &'static str),
    /// No page; why.
    Problem(StatusCode, String),
}

/// Name and value pairs of a query or a form.
pub(super) type Fields = Vec<(String, String)>;

/// The value of a field; empty when there is none.
pub(super) fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
}

/// The site as a service.
pub fn service(site: Arc<Site>) -> Service {
    Service::new(service_fn(move |request: Request<Body>| {
        let site = Arc::clone(&site);
        async move { Ok::<_, ServiceError>(respond(site, request).await) }
    }))
}

async fn respond(site: Arc<Site>, request: Request<Body>) -> Response<Body> {
    let answer = match guard::refusal(request.headers(), site.ip, site.port) {
        Some(why) => Answer::Problem(StatusCode::FORBIDDEN, why.to_owned()),
        None => {
            let (head, body) = request.into_parts();
            match read(body).await {
                // The model and large reports take their time.
                Ok(body) => tokio::task::spawn_blocking(move || route(&site, &head, &body))
                    .await
                    .unwrap_or_else(|error| problem(StatusCode::INTERNAL_SERVER_ERROR, &error)),
                Err(answer) => answer,
            }
        }
    };
    write(answer)
}

async fn read(body: Body) -> Result<Bytes, Answer> {
    Limited::new(body, MOST).collect().await.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.is::<LengthLimitError>() {
            let most = MOST >> 20;
            let what = format!("that is larger than {most} MiB: export fewer requests, or without content");
            return Answer::Problem(StatusCode::PAYLOAD_TOO_LARGE, what);
        }
        problem(StatusCode::BAD_REQUEST, &error)
    })
}

fn problem(status: StatusCode, error: &dyn std::fmt::Display) -> Answer {
    Answer::Problem(status, error.to_string())
}

fn route(site: &Site, head: &http::request::Parts, body: &[u8]) -> Answer {
    let fields = |text: &[u8]| -> Fields { form_urlencoded::parse(text).into_owned().collect() };
    let query = fields(head.uri.query().unwrap_or_default().as_bytes());
    let path = percent_decoded(head.uri.path());
    match (&head.method, path.as_str()) {
        (&Method::POST, "/explain") => {
            explainer::answer(site, &fields(body), !field(&query, "part").is_empty())
        }
        (&Method::POST, "/har") => har::answer(body),
        (&Method::GET | &Method::HEAD, path) => show(site, path, &query),
        (method, _) => {
            Answer::Problem(StatusCode::METHOD_NOT_ALLOWED, format!("{method} is not for this page: GET is"))
        }
    }
}

fn show(site: &Site, path: &str, query: &Fields) -> Answer {
    match path {
        "/" => explainer::page(),
        "/style.css" => Answer::File("text/css; charset=utf-8", &page::STYLE),
        "/steps.js" => Answer::File("text/javascript; charset=utf-8", page::STEPS),
        "/explain.js" => Answer::File("text/javascript; charset=utf-8", explainer::SCRIPT),
        "/vectors" => browse::vectors(site, query),
        "/laws" => browse::laws(),
        "/reports" => reports::list(&site.reports),
        _ => {
            if let Some(id) = path.strip_prefix("/vectors/") {
                vector::page(site, id)
            } else if let Some(name) = path.strip_prefix("/reports/") {
                reports::open(&site.reports, name)
            } else {
                Answer::Problem(StatusCode::NOT_FOUND, "there is no such page".to_owned())
            }
        }
    }
}

fn percent_decoded(path: &str) -> String {
    // A form has `+` for a space, a path has not.
    let path = path.replace('+', "%2B");
    form_urlencoded::parse(path.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

fn write(answer: Answer) -> Response<Body> {
    let html = "text/html; charset=utf-8";
    let (status, kind, text) = match answer {
        Answer::Page(page) | Answer::Part(page) => (StatusCode::OK, html, page.into_string()),
        Answer::Document(text) => {
            let mut response = response(StatusCode::OK, html, text);
            // Its policy is stricter than ours; ours would forbid its inline script.
            response
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
            guard::protect(response.headers_mut());
            return response;
        }
        Answer::File(kind, text) => (StatusCode::OK, kind, text.to_owned()),
        Answer::Problem(status, what) => {
            let body = html! { p.error role="alert" { (what) } p { a href="/" { "To the explainer" } } };
            (status, html, page::page("Not shown", "", &body).into_string())
        }
    };
    let mut response = response(status, kind, text);
    guard::protect(response.headers_mut());
    response
}

fn response(status: StatusCode, kind: &'static str, text: String) -> Response<Body> {
    let body = Full::from(text).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
