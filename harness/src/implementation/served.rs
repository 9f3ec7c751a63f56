//! An embedded middleware, called directly or served on loopback.

use std::net::Ipv4Addr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use corspec_model::Policy;
use futures_util::future::BoxFuture;
use tokio_rustls::rustls::ClientConfig;
use url::Url;

use super::{Embedded, Endpoint, Implementation, Info, NotServed};
use crate::tls::{Authority, TlsError, Trust};
use crate::transport::{self, Http, Limits, Service, Version, loopback};

/// An embedded middleware called in this process.
pub struct InProcess(pub Box<dyn Embedded>);

/// An embedded middleware served over HTTP on loopback.
pub struct OverHttp {
    embedded: Box<dyn Embedded>,
    version: Version,
    tls: Option<(Authority, Arc<ClientConfig>)>,
}

impl OverHttp {
    /// Serves `embedded` without TLS.
    pub fn new(embedded: Box<dyn Embedded>, version: Version) -> Self {
        Self { embedded, version, tls: None }
    }

    /// Serves `embedded` over TLS, with a certificate that lasts as long as this.
    ///
    /// # Errors
    /// When no certificate can be made.
    pub fn tls(embedded: Box<dyn Embedded>, version: Version) -> Result<Self, TlsError> {
        let authority = Authority::new()?;
        let settings = Trust::only(authority.certificate().as_bytes())?.settings(&[version.alpn()])?;
        Ok(Self { embedded, version, tls: Some((authority, settings)) })
    }
}

/// Configures the middleware; a panic while it is configured is a refusal, as some document it.
///
/// # Errors
/// [`NotServed`] when it cannot express the policy or refuses it.
pub fn configure(embedded: &dyn Embedded, policy: &Policy) -> Result<Service, NotServed> {
    caught(|| embedded.service(policy))
}

fn caught<T>(configure: impl FnOnce() -> Result<T, NotServed>) -> Result<T, NotServed> {
    catch_unwind(AssertUnwindSafe(configure)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it panicked");
        Err(NotServed::Refused(message.to_owned()))
    })
}

impl Implementation for InProcess {
    fn info(&self) -> Info {
        self.0.info()
    }

    fn serve<'a>(&'a self, policy: &'a Policy, limits: Limits) -> BoxFuture<'a, Result<Endpoint, NotServed>> {
        Box::pin(async move {
            let transport = caught(|| self.0.in_process(policy, limits))?;
            let base = Url::parse(&format!("http://{}/", transport::IN_PROCESS_AUTHORITY))
                .map_err(|error| NotServed::Setup(error.to_string()))?;
            Ok(Endpoint { base, transport, fixed_application: true, own_max_age: false, guard: None })
        })
    }
}

impl Implementation for OverHttp {
    fn info(&self) -> Info {
        self.embedded.info()
    }

    fn serve<'a>(&'a self, policy: &'a Policy, limits: Limits) -> BoxFuture<'a, Result<Endpoint, NotServed>> {
        Box::pin(async move {
            let service = configure(&*self.embedded, policy)?;
            let (authority, settings) = self.tls.as_ref().map(|(a, s)| (a, Arc::clone(s))).unzip();
            let server = loopback::serve(service, (Ipv4Addr::LOCALHOST, 0).into(), self.version, authority)
                .await
                .map_err(|error| NotServed::Setup(error.to_string()))?;
            let http = Http::new(&server.base, self.version, settings, limits)
                .map_err(|error| NotServed::Setup(error.to_string()))?;
            Ok(Endpoint {
                base: server.base.clone(),
                transport: Box::new(http),
                fixed_application: true,
                own_max_age: false,
                guard: Some(Box::new(server)),
            })
        })
    }
}
