//! TLS of the listener: certificate files, protocol versions, and when plain HTTP will do.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing, unreadable or not PEM.
    #[error("cannot read {}: {source}", .file.display())]
    Read {
        /// Which file.
        file: PathBuf,
        /// What was wrong with it.
        source: pem::Error,
    },
    /// A file is PEM but holds no certificate.
    #[error("{} holds no certificate (a PEM block BEGIN CERTIFICATE)", .0.display())]
    NoCertificate(PathBuf),
    /// A file is PEM but holds no private key.
    #[error("{} holds no private key (a PEM block BEGIN PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY)", .0.display())]
    NoKey(PathBuf),
    /// Certificate and key do not go together, or are of a kind we cannot use.
    #[error("the certificate in {} cannot be used with the key in {}: {source}", .certificate.display(), .key.display())]
    Unusable {
        /// The file of the chain.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// The reason.
        source: rustls::Error,
    },
    /// The cryptography cannot do TLS 1.2 and 1.3.
    #[error("the cryptography in use offers no TLS 1.2 or 1.3: {0}")]
    Versions(rustls::Error),
}

/// A certificate chain and its key, from two PEM files that can be read again while connections come in.
pub struct Certificate {
    chain_file: PathBuf,
    key_file: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads both files; `provider` is the cryptography the binary chose.
    ///
    /// # Errors
    /// `TlsError`, which names the file at fault.
    pub fn load(chain_file: &Path, key_file: &Path, provider: Arc<CryptoProvider>) -> Result<Arc<Self>, TlsError> {
        let current = RwLock::new(read(chain_file, key_file, &provider)?);
        Ok(Arc::new(Self { chain_file: chain_file.into(), key_file: key_file.into(), provider, current }))
    }

    /// Reads the files again; new connections get the new certificate. After an error the old one stays.
    ///
    /// # Errors
    /// Those of [`load`](Self::load).
    pub fn reload(&self) -> Result<(), TlsError> {
        let renewed = read(&self.chain_file, &self.key_file, &self.provider)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }

    /// The listener's configuration: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN, no client certificates.
    ///
    /// # Errors
    /// `Versions` when the provider has no cipher suites for them.
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(TlsError::Versions)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain_file", &self.chain_file).finish_non_exhaustive()
    }
}

fn read(chain_file: &Path, key_file: &Path, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = read_chain(chain_file)?;
    let key = PrivateKeyDer::from_pem_file(key_file).map_err(|source| match source {
        pem::Error::NoItemsFound => TlsError::NoKey(key_file.into()),
        source => TlsError::Read { file: key_file.into(), source },
    })?;
    let certified = CertifiedKey::from_der(chain, key, provider).map_err(|source| TlsError::Unusable {
        certificate: chain_file.into(),
        key: key_file.into(),
        source,
    })?;
    Ok(Arc::new(certified))
}

fn read_chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    match chain {
        Ok(chain) if chain.is_empty() => Err(TlsError::NoCertificate(file.into())),
        Ok(chain) => Ok(chain),
        Err(source) => Err(TlsError::Read { file: file.into(), source }),
    }
}

/// A listener without TLS that others than this machine could reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} can be reached from other machines and API keys would cross the network in the clear: configure a certificate, \
     listen on a loopback address, or pass --allow-plain-http when a proxy in front does TLS"
)]
pub struct PlainHttpRefused(pub SocketAddr);

/// Plain HTTP is for loopback, unless the operator allowed more.
///
/// # Errors
/// `PlainHttpRefused`, whose message names the flag.
pub fn check_plain_http(address: SocketAddr, allowed: bool) -> Result<(), PlainHttpRefused> {
    if allowed || address.ip().to_canonical().is_loopback() { Ok(()) } else { Err(PlainHttpRefused(address)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_unless_allowed() {
        for (address, fine) in [
            ("127.0.0.1:80", true),
            ("127.9.9.9:80", true),
            ("[::1]:80", true),
            ("[::ffff:127.0.0.1]:80", true),
            ("0.0.0.0:80", false),
            ("[::]:80", false),
            ("192.0.2.1:80", false),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(check_plain_http(address, false).is_ok(), fine, "{address}");
            assert_eq!(check_plain_http(address, true), Ok(()), "{address}");
        }
        let refused = PlainHttpRefused("0.0.0.0:80".parse().unwrap());
        assert!(refused.to_string().contains("--allow-plain-http"));
    }
}
