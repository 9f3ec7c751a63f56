//! rocket_cors as a fairing, used as its example shows.

use std::net::{Ipv4Addr, SocketAddr};

use common::application::{self, Body};
use common::{NotServed, Origin, Policy, Software};
use rocket::config::LogLevel;
use rocket::data::ToByteUnit;
use rocket::fairing::AdHoc;
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome};
use rocket::tokio::sync::oneshot;
use rocket::{Config, Data, Request, Response, Route};
use rocket_cors::{AllowedHeaders, AllowedOrigins, Cors, CorsOptions, Origins};

/// What it is and can express.
pub const SOFTWARE: Software = Software {
    name: "rocket-cors",
    package: "rocket_cors",
    homepage: "https://github.com/lawliet89/rocket_cors",
    lacks: &["methods.any", "methods.any-with-credentials", "expose.any", "expose.any-with-credentials"],
};

/// Not OPTIONS: where a route answers that, the fairing leaves preflights to it.
pub const METHODS: [Method; 6] =
    [Method::Get, Method::Head, Method::Post, Method::Put, Method::Delete, Method::Patch];

/// The fairing for a policy.
pub fn cors(policy: &Policy) -> Result<Cors, NotServed> {
    let mut origins = Origins::default();
    for origin in policy.origins() {
        match origin {
            Origin::Exact(origin) => _ = origins.exact.get_or_insert_default().insert(origin),
            Origin::Null => origins.allow_null = true,
            Origin::Subdomains { scheme, suffix } => {
                let regex = format!(r"^{scheme}([a-z0-9_-]+\.)*[a-z0-9_-]+{}$", suffix.replace('.', r"\."));
                origins.regex.get_or_insert_default().insert(regex);
            }
        }
    }
    let (any_origin, any_header) = (policy.origins.is_any(), policy.request_headers.is_any());
    let allowed_methods = policy
        .methods()
        .map(|method| {
            // Its parser folds case: `patch` would become PATCH.
            let parsed = method.parse::<Method>().ok().filter(|parsed| parsed.as_str() == method);
            parsed.map(From::from).ok_or_else(|| NotServed::refused(format!("rocket has no method {method}")))
        })
        .collect::<Result<_, _>>()?;
    let names: Vec<&str> = policy.request_headers.items().iter().map(String::as_str).collect();
    CorsOptions {
        allowed_origins: if any_origin { AllowedOrigins::all() } else { AllowedOrigins::Some(origins) },
        allowed_methods,
        allowed_headers: if any_header { AllowedHeaders::all() } else { AllowedHeaders::some(&names) },
        allow_credentials: policy.credentials,
        expose_headers: policy.expose.items().iter().cloned().collect(),
        max_age: policy.max_age.map(usize::try_from).transpose().map_err(NotServed::refused)?,
        ..Default::default()
    }
    .to_cors()
    .map_err(NotServed::refused)
}

#[derive(Clone)]
struct Application;

#[rocket::async_trait]
impl Handler for Application {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let body = data.open(1.mebibytes()).into_bytes().await.map(|body| body.into_inner());
        let header = |name: &str| request.headers().get_one(name).map(str::as_bytes);
        let answer = application::answer(
            request.method().as_str(),
            request.uri().path().as_str(),
            header,
            &body.unwrap_or_default(),
        );
        let mut response = Response::build();
        response.status(Status::new(answer.status));
        for (name, value) in answer.headers {
            response.raw_header_adjoin(name, value);
        }
        match answer.body {
            Body::Whole(body) => response.sized_body(body.len(), std::io::Cursor::new(body)),
            Body::Pieces(pieces) => response.streamed_body(std::io::Cursor::new(pieces.concat())),
        };
        Outcome::Success(response.finalize())
    }
}

/// Serves a policy on loopback.
pub async fn serve(policy: Policy) -> Result<SocketAddr, NotServed> {
    // After the routes that the fairing adds.
    let routes = METHODS.map(|method| Route::ranked(100, method, "/<path..>", Application));
    let config = Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: 0,
        log_level: LogLevel::Off,
        shutdown: rocket::config::Shutdown { ctrlc: false, ..Default::default() },
        ..Config::release_default()
    };
    let (sender, port) = oneshot::channel();
    let liftoff = AdHoc::on_liftoff("port", |rocket| {
        Box::pin(async {
            let _ = sender.send(rocket.config().port);
        })
    });
    let rocket = rocket::custom(config).mount("/", routes).attach(cors(&policy)?).attach(liftoff);
    rocket::tokio::spawn(rocket.launch());
    let port = port.await.map_err(|_| NotServed::failed("rocket did not launch"))?;
    Ok((Ipv4Addr::LOCALHOST, port).into())
}
