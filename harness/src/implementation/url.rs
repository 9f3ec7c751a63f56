//! A server that is already running, with the policy it is meant to have.

use corspec_model::Policy;
use futures_util::future::BoxFuture;
use url::Url;

use super::{Endpoint, Implementation, Info, NotServed};
use crate::transport::{Http1, Limits};

/// A server at a URL.
pub struct RunningServer {
    url: Url,
}

impl RunningServer {
    /// The server at `url`.
    ///
    /// # Errors
    /// Says what is wrong with the URL.
    pub fn new(url: &str) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|error| format!("`{url}` is not a URL: {error}"))?;
        if url.scheme() != "http" {
            let scheme = url.scheme();
            return Err(format!(
                "`{url}`: write http://…; {scheme}: is not a scheme that can be tested so far"
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!("`{url}`: a browser refuses a URL with a username or password"));
        }
        Ok(Self { url })
    }

    /// Path and query of the URL.
    pub fn path(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }
}

impl Implementation for RunningServer {
    fn info(&self) -> Info {
        Info {
            name: self.url.to_string(),
            version: String::new(),
            language: String::new(),
            homepage: self.url.to_string(),
        }
    }

    fn serve<'a>(&'a self, _: &'a Policy, limits: Limits) -> BoxFuture<'a, Result<Endpoint, NotServed>> {
        Box::pin(async move {
            Ok(Endpoint {
                base: self.url.clone(),
                transport: Box::new(Http1::new(&self.url, limits)),
                fixed_application: false,
                own_max_age: false,
                guard: None,
            })
        })
    }
}
