//! rocket_cors as a fairing, asked through rocket's own client for tests.

use ::rocket::config::LogLevel;
use ::rocket::http::{Header, Method};
use ::rocket::local::asynchronous::Client;
use ::rocket::route::{Handler, Outcome};
use ::rocket::{Config, Data, Request, Route};
use corspec_model::Policy;
use rocket_cors_adapter::{METHODS, SOFTWARE, cors};

use crate::{APPLICATION_BODY, APPLICATION_HEADERS, NotServed, Response, Served, adapted};

#[derive(Clone)]
struct Application;

#[::rocket::async_trait]
impl Handler for Application {
    async fn handle<'r>(&self, _: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        let mut response = ::rocket::Response::build();
        for (name, value) in APPLICATION_HEADERS {
            response.raw_header_adjoin(name, value);
        }
        response.sized_body(APPLICATION_BODY.len(), std::io::Cursor::new(APPLICATION_BODY));
        Outcome::Success(response.finalize())
    }
}

pub(crate) fn build(policy: Option<&Policy>) -> Result<Served, NotServed> {
    let routes = METHODS.map(|method| Route::ranked(100, method, "/<path..>", Application));
    let config = Config { log_level: LogLevel::Off, ..Config::release_default() };
    let mut rocket = ::rocket::custom(config).mount("/", routes);
    if let Some(policy) = policy {
        let policy = adapted::policy(&SOFTWARE, policy)?;
        rocket = rocket.attach(cors(&policy).map_err(adapted::not_served)?);
    }
    let runtime = adapted::runtime()?;
    let client =
        runtime.block_on(Client::untracked(rocket)).map_err(|error| NotServed::Setup(error.to_string()))?;
    Ok(Served::new(move |request| runtime.block_on(answer(&client, request))))
}

/// A method rocket does not know is none it could be asked with: it is answered as its server does, by 400.
async fn answer(client: &Client, request: crate::Request) -> Response {
    let mut response = Response::default();
    let Ok(method) = request.method().as_str().parse::<Method>() else {
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        return response;
    };
    let mut rocket = client.req(method, request.uri().to_string());
    for (name, value) in request.headers() {
        // Values are text in rocket: its server leaves out those that are not.
        if let Ok(value) = std::str::from_utf8(value.as_bytes()) {
            rocket.add_header(Header::new(name.as_str().to_owned(), value.to_owned()));
        }
    }
    rocket.set_body(request.body());
    let answered = rocket.dispatch().await;
    *response.status_mut() = http::StatusCode::from_u16(answered.status().code).unwrap_or_default();
    for header in answered.headers().iter() {
        if let (Ok(name), Ok(value)) = (
            http::HeaderName::from_bytes(header.name().as_str().as_bytes()),
            http::HeaderValue::from_str(header.value()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    *response.body_mut() = answered.into_bytes().await.unwrap_or_default().into();
    response
}
