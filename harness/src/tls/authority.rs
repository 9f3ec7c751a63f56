//! A certificate authority that lives as long as the run: nobody's trust store learns of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::TlsError;

fn text(error: impl std::fmt::Display) -> TlsError {
    TlsError::new(format_args!("cannot make a certificate: {error}"))
}

/// A throw-away certificate authority and the TLS settings of every host it was asked for.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
    /// One key for all hosts: making keys is the slow part.
    key: KeyPair,
    hosts: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl Authority {
    /// Makes one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new() -> Result<Self, TlsError> {
        let key = KeyPair::generate().map_err(text)?;
        let mut params = CertificateParams::new([]).map_err(text)?;
        params.distinguished_name.push(DnType::CommonName, "corspec throw-away CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).map_err(text)?.pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            certificate,
            key: KeyPair::generate().map_err(text)?,
            hosts: Mutex::default(),
        })
    }

    /// Its own certificate, as PEM: for a client that wants to trust it.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The TLS settings for `host`, a name or an address.
    ///
    /// # Errors
    /// When `host` cannot stand in a certificate.
    pub fn settings_for(&self, host: &str) -> Result<Arc<ServerConfig>, TlsError> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(settings) = hosts.get(host) {
            return Ok(Arc::clone(settings));
        }
        let mut params = CertificateParams::new([host.to_owned()]).map_err(text)?;
        params.distinguished_name.push(DnType::CommonName, "corspec");
        // By default the number comes from the key, which all hosts share; Firefox refuses one used twice.
        params.serial_number = Some((hosts.len() as u64 + 2).into());
        let certificate = params.signed_by(&self.key, &self.issuer).map_err(text)?;
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        let settings = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.into()], key.into())
            .map_err(text)?;
        let settings = Arc::new(settings);
        hosts.insert(host.to_owned(), Arc::clone(&settings));
        Ok(settings)
    }
}
