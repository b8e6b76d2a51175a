//! Where the database is. A URL holds a password: nothing here repeats more of it than hosts and database.

use crate::OpenError;
use percent_encoding::percent_decode_str;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How long one host may take to accept a connection.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// How long a connection may stay silent before the system asks whether the other end is there.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How long what was sent may stay without a sign that it arrived.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// A PostgreSQL database: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETERS`.
///
/// `sslmode` is `disable`, or `require` and its other name `verify-full`: TLS with a certificate that names the host and that the
/// machine's authorities, or those in the file `sslrootcert`, have issued. Without it TLS is required, unless the host is this
/// machine. Several hosts, separated by commas, are tried in turn: together with `target_session_attrs=read-write` the one that is
/// the primary is found. Other parameters are those of libpq as far as the driver knows them.
#[derive(Clone)]
pub struct DatabaseUrl {
    config: Config,
    tls: Option<Arc<ClientConfig>>,
}

impl DatabaseUrl {
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn tls(&self) -> Option<&Arc<ClientConfig>> {
        self.tls.as_ref()
    }
}

impl FromStr for DatabaseUrl {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, OpenError> {
        let malformed = "give postgres://USER:PASSWORD@HOST:PORT/DATABASE, and write special characters in user and \
                         password as %40 for @, %2F for / and so on";
        let wrong = |why: &str| OpenError::Url(why.to_owned());
        if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(wrong(malformed));
        }
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => roots = Some(percent_decode_str(value).decode_utf8_lossy()),
                _ => rest.push(parameter),
            }
        }
        let mut config: Config = format!("{place}?{}", rest.join("&")).parse().map_err(|_| wrong(malformed))?;
        if config.get_hosts().is_empty() || !config.get_hosts().iter().all(is_host) {
            return Err(wrong(malformed));
        }
        let encrypted = match mode {
            Some("disable") => false,
            Some("require" | "verify-full") => true,
            None => roots.is_some() || !config.get_hosts().iter().all(is_local),
            Some(_) => return Err(wrong("its sslmode is `disable`, `require` or `verify-full`")),
        };
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        config.application_name(config.get_application_name().unwrap_or("provost").to_owned());
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_MAX);
        }
        config.keepalives_idle(KEEP_ALIVE).tcp_user_timeout(SILENCE_MAX);
        let tls = encrypted.then(|| client_config(roots.as_deref())).transpose()?;
        Ok(Self { config, tls: tls.map(Arc::new) })
    }
}

/// Whether it can be a host's name. A password with an `@` in it that is not written as `%40` ends up in the host.
fn is_host(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || ['.', '-', '_', ':'].contains(&c))
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// TLS that trusts the authorities in a file, or those of the machine.
fn client_config(roots: Option<&str>) -> Result<ClientConfig, OpenError> {
    let mut trusted = RootCertStore::empty();
    match roots {
        Some(file) => {
            let unread = |why: String| OpenError::Url(format!("its sslrootcert `{file}` cannot be read: {why}"));
            let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unread(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unread(error.to_string()))?;
                trusted.add(certificate).map_err(|error| unread(error.to_string()))?;
            }
            if trusted.is_empty() {
                return Err(unread("it holds no certificate".to_owned()));
            }
        }
        None => {
            trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Url(error.to_string()))?;
    Ok(config.with_root_certificates(trusted).with_no_client_auth())
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("postgres://")?;
        for (place, host) in self.config.get_hosts().iter().enumerate() {
            if place > 0 {
                out.write_str(",")?;
            }
            match host {
                Host::Tcp(name) => out.write_str(name)?,
                #[cfg(unix)]
                Host::Unix(folder) => write!(out, "{}", folder.display())?,
            }
            let ports = self.config.get_ports();
            if let Some(port) = ports.get(place).or(ports.first()) {
                write!(out, ":{port}")?;
            }
        }
        write!(out, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
