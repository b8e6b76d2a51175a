//! The server that is tried.

use hyper::header::HeaderValue;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use std::{fmt, sync::Arc};
use tokio_rustls::TlsConnector;
use url::Url;

/// The base of a SCIM service, such as `https://scim.example/scim/v2`, and who asks. `Debug` leaves the token out.
pub struct Target {
    url: String,
    /// Name or address, without the brackets of IPv6.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Path of the base, without a slash at its end.
    pub(crate) path: String,
    /// What the header `Host` says.
    pub(crate) authority: HeaderValue,
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// Why a target cannot be used. Never repeats the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No URL of a SCIM service.
    #[error("`{0}` is not the base of a SCIM service: write for example https://scim.example/scim/v2")]
    Url(String),
    /// A token that cannot stand in a header.
    #[error("the token is empty, or has characters that no token has")]
    Token,
    /// A file of certificates without any.
    #[error("the certificates cannot be read: {0}")]
    Certificates(String),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl Target {
    /// The service at `url`, for whoever has `token`; without one no `Authorization` is sent. Over HTTPS its certificate must be by
    /// one of the `authorities` (PEM), or by one that this machine trusts when none are given.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn new(url: &str, token: Option<&str>, authorities: Option<&[u8]>) -> Result<Self, TargetError> {
        let refused = || TargetError::Url(without_password(url));
        let read = Url::parse(url).map_err(|_| refused())?;
        let has_more = read.query().is_some() || read.fragment().is_some() || !read.username().is_empty();
        let secure = match read.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(refused()),
        };
        let (Some(host), Some(port), false) = (read.host_str(), read.port_or_known_default(), has_more) else {
            return Err(refused());
        };
        let path = read.path().trim_end_matches('/').to_owned();
        let authority = read.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = if secure { Some(tls(&host, authorities)?) } else { None };
        Ok(Self {
            url: format!("{}://{authority}{path}", read.scheme()),
            authority: HeaderValue::try_from(authority).map_err(|_| refused())?,
            authorization: token.map(authorization).transpose()?,
            host,
            port,
            path,
            tls,
        })
    }

    /// The URL, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The text without the token: a server may repeat what it was sent.
    pub(crate) fn redacted(&self, text: &str) -> String {
        let token = self.authorization.as_ref().and_then(|header| header.to_str().ok()?.strip_prefix("Bearer "));
        token.map_or_else(|| text.to_owned(), |token| text.replace(token, "[token]"))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Target").field("url", &self.url).finish_non_exhaustive()
    }
}

/// What stands before an `@` may be a password.
fn without_password(url: &str) -> String {
    url.rsplit_once('@').map_or(url, |(_, behind)| behind).to_owned()
}

fn authorization(token: &str) -> Result<HeaderValue, TargetError> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TargetError::Token);
    }
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| TargetError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

fn tls(host: &str, authorities: Option<&[u8]>) -> Result<(TlsConnector, ServerName<'static>), TargetError> {
    let mut roots = RootCertStore::empty();
    match authorities {
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|error| TargetError::Certificates(error.to_string()))?;
                roots.add(certificate).map_err(|error| TargetError::Certificates(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(TargetError::Certificates("there are none in PEM form".to_owned()));
            }
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TargetError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| TargetError::Tls(error.to_string()))?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}

#[cfg(test)]
mod tests {
    use super::{Target, TargetError};

    #[test]
    fn a_base_is_a_url_of_the_web_without_anything_behind_its_path() {
        for (url, shown) in [
            ("http://127.0.0.1:8080/scim/v2", "http://127.0.0.1:8080/scim/v2"),
            ("https://scim.example/scim/v2/", "https://scim.example/scim/v2"),
            ("https://scim.example:443", "https://scim.example"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
        ] {
            assert_eq!(Target::new(url, None, None).unwrap().url(), shown);
        }
        for url in ["scim.example", "ftp://scim.example", "http://a/?x=1", "http://a/#x", "http:///", "mailto:a"] {
            assert_eq!(Target::new(url, None, None).unwrap_err(), TargetError::Url(url.to_owned()));
        }
        let told = Target::new("http://ann:secret@a/", None, None).unwrap_err();
        assert_eq!(told, TargetError::Url("a/".to_owned()));
    }

    #[test]
    fn a_token_stands_in_a_header_and_is_not_shown() {
        let target = Target::new("http://a/", Some("secret"), None).unwrap();
        assert!(!format!("{target:?}").contains("secret"));
        for token in ["", "a b", "a\nb", "ä"] {
            assert_eq!(Target::new("http://a/", Some(token), None).unwrap_err(), TargetError::Token);
        }
    }

    #[test]
    fn a_file_of_certificates_must_hold_one() {
        let told = Target::new("https://a/", None, Some(b"none here")).unwrap_err();
        assert_eq!(told.to_string(), "the certificates cannot be read: there are none in PEM form");
    }
}
