//! A server that is already running, with the policy it is meant to have.

use corspec_model::Policy;
use futures_util::future::BoxFuture;
use url::Url;

use super::{Endpoint, Implementation, Info, NotServed};
use crate::tls::Trust;
use crate::transport::{Http, Limits, Version};

/// A server at a URL.
#[derive(Clone, Debug)]
pub struct RunningServer {
    url: Url,
    version: Version,
    trust: Trust,
}

impl RunningServer {
    /// The server at `url`, asked over HTTP/1.1 and trusted as the system trusts it.
    ///
    /// # Errors
    /// Says what is wrong with the URL.
    pub fn new(url: &str) -> Result<Self, String> {
        let url = Url::parse(url)
            .map_err(|error| format!("`{url}` is not a URL: {error}; write http://… or https://…"))?;
        if !matches!(url.scheme(), "http" | "https") {
            let scheme = url.scheme();
            return Err(format!(
                "`{url}`: write http://… or https://…; {scheme}: is not a scheme of servers"
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!(
                "`{url}`: a browser refuses a URL with a username or password; leave them out, and send a login as a header"
            ));
        }
        Ok(Self { url, version: Version::Http1, trust: Trust::System })
    }

    /// Asks over `version`.
    #[must_use]
    pub fn over(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Trusts otherwise than the system does.
    ///
    /// # Errors
    /// When the URL is not an `https` one: there is nothing to trust.
    pub fn trusting(mut self, trust: Trust) -> Result<Self, String> {
        if self.url.scheme() != "https" {
            return Err(format!(
                "`{}` has no certificate: --cacert and --insecure are for https://…",
                self.url
            ));
        }
        self.trust = trust;
        Ok(self)
    }

    /// The URL.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Path and query of the URL.
    pub fn path(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }

    fn transport(&self, limits: Limits) -> Result<Http, String> {
        let tls = match self.url.scheme() {
            "https" => Some(self.trust.settings(&[self.version.alpn()]).map_err(|error| error.to_string())?),
            _ => None,
        };
        Http::new(&self.url, self.version, tls, limits).map_err(|error| error.to_string())
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
                transport: Box::new(self.transport(limits).map_err(NotServed::Setup)?),
                fixed_application: false,
                own_max_age: false,
                guard: None,
            })
        })
    }

    fn curl_options(&self) -> String {
        let mut options = String::new();
        match (self.version, self.url.scheme()) {
            (Version::Http1, _) => {}
            (Version::Http2, "https") => options.push_str("--http2 "),
            (Version::Http2, _) => options.push_str("--http2-prior-knowledge "),
        }
        match self.trust {
            Trust::System => {}
            Trust::Only(_) => options.push_str("--cacert FILE "),
            Trust::Any => options.push_str("--insecure "),
        }
        options
    }
}
