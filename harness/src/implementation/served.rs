//! An embedded middleware, called directly or served on loopback.

use std::net::Ipv4Addr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use corspec_model::Policy;
use futures_util::future::BoxFuture;
use url::Url;

use super::{Embedded, Endpoint, Implementation, Info, NotServed};
use crate::transport::{self, Limits, Service, loopback};

/// An embedded middleware called in this process.
pub struct InProcess(pub Box<dyn Embedded>);

/// An embedded middleware served over HTTP/1.1 on loopback.
pub struct OverHttp(pub Box<dyn Embedded>);

/// Configures the middleware; a panic while it is configured is a refusal, as some document it.
///
/// # Errors
/// [`NotServed`] when it cannot express the policy or refuses it.
pub fn configure(embedded: &dyn Embedded, policy: &Policy) -> Result<Service, NotServed> {
    catch_unwind(AssertUnwindSafe(|| embedded.service(policy))).unwrap_or_else(|panic| {
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
            let service = configure(&*self.0, policy)?;
            let base = Url::parse(&format!("http://{}/", transport::IN_PROCESS_AUTHORITY))
                .map_err(|error| NotServed::Setup(error.to_string()))?;
            Ok(Endpoint {
                base,
                transport: Box::new(transport::InProcess::new(service, limits)),
                fixed_application: true,
                own_max_age: false,
                guard: None,
            })
        })
    }
}

impl Implementation for OverHttp {
    fn info(&self) -> Info {
        self.0.info()
    }

    fn serve<'a>(&'a self, policy: &'a Policy, limits: Limits) -> BoxFuture<'a, Result<Endpoint, NotServed>> {
        Box::pin(async move {
            let service = configure(&*self.0, policy)?;
            let server = loopback::serve(service, (Ipv4Addr::LOCALHOST, 0).into())
                .await
                .map_err(|error| NotServed::Setup(error.to_string()))?;
            Ok(Endpoint {
                base: server.base.clone(),
                transport: Box::new(transport::Http1::new(&server.base, limits)),
                fixed_application: true,
                own_max_age: false,
                guard: Some(Box::new(server)),
            })
        })
    }
}
