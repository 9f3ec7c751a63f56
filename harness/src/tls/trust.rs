//! Whose certificates a connection to a server accepts.

use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
};

use super::TlsError;

/// Whose certificates are accepted.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Those the system's trusted authorities signed.
    #[default]
    System,
    /// Those these authorities signed, and no others.
    Only(Vec<CertificateDer<'static>>),
    /// Any, for any name and any time.
    Any,
}

impl Trust {
    /// The authorities whose certificates are in `pem`.
    ///
    /// # Errors
    /// When there is no certificate, or one that cannot be read.
    pub fn only(pem: &[u8]) -> Result<Self, TlsError> {
        let authorities = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| TlsError::new(format_args!("not certificates in PEM form: {error:?}")))?;
        if authorities.is_empty() {
            return Err(TlsError::new("no certificate in PEM form (-----BEGIN CERTIFICATE-----) is in it"));
        }
        for authority in &authorities {
            RootCertStore::empty().add(authority.clone()).map_err(TlsError::new)?;
        }
        Ok(Self::Only(authorities))
    }

    /// The settings of a client that speaks these protocols, ALPN protocol ids, the first ones rather.
    ///
    /// # Errors
    /// When the system has no trusted authorities.
    pub fn settings(&self, protocols: &[&[u8]]) -> Result<Arc<ClientConfig>, TlsError> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::new)?;
        let builder = match self {
            Self::System => builder.with_root_certificates(system_authorities()?),
            Self::Only(authorities) => {
                let mut roots = RootCertStore::empty();
                for authority in authorities {
                    roots.add(authority.clone()).map_err(TlsError::new)?;
                }
                builder.with_root_certificates(roots)
            }
            Self::Any => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate::default()))
            }
        };
        let mut settings = builder.with_no_client_auth();
        settings.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(Arc::new(settings))
    }
}

fn system_authorities() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // One the library cannot use is left out, as browsers do.
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = found.errors.first().map_or_else(String::new, |error| format!(" ({error})"));
        return Err(TlsError::new(format_args!(
            "this system has no trusted authorities{why}: install its package of CA certificates, or name some with \
             --cacert FILE"
        )));
    }
    Ok(roots)
}

/// Says why a handshake with `host` failed, and what to do about it.
pub fn explain(error: &std::io::Error, host: &str) -> String {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return format!("the TLS handshake with {host} breaks off: {error}");
    };
    let why = match error {
        Error::InvalidCertificate(why) => why,
        Error::InvalidMessage(_) => return format!("what {host} answers is not TLS: is it an http: server?"),
        Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
            return format!(
                "{host} does not speak the version of HTTP that is asked for (ALPN): try --http2, or leave it out"
            );
        }
        _ => return format!("the TLS handshake with {host} fails: {error}"),
    };
    let why = match why {
        // A bad signature is what a trusted authority's name on another one's certificate amounts to.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "no trusted authority signed it".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name".to_owned()
        }
        other => other.to_string(),
    };
    format!(
        "the certificate of {host} is not trusted: {why}; --cacert FILE trusts the authorities in FILE, --insecure any \
         certificate"
    )
}

/// Accepts every certificate. Who holds its key is still checked, so that a broken handshake is noticed.
#[derive(Debug)]
struct AnyCertificate(CryptoProvider);

impl Default for AnyCertificate {
    fn default() -> Self {
        Self(ring::default_provider())
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
