//! Users and groups in an LDAP directory (RFC 4511), read page by page (RFC 2696).
//!
//! A read says whether it is whole. What a limit, a referral, a broken connection or a lost page hides is not taken for gone.

mod paging;
mod ranges;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError as Fault, Scope, SearchEntry, controls::RawControl};
use rustls::{ClientConfig, RootCertStore};
use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use url::Url;

/// For connecting, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For one page.
const PAGE_TIMEOUT: Duration = Duration::from_secs(120);
/// Pages of one read, at most: a server that never ends is not read for ever.
const PAGES_MAX: usize = 1_000_000;
/// What a server says where there is no entry of a name (RFC 4511, appendix A).
const NO_SUCH_OBJECT: u32 = 32;
/// What Active Directory says that it is, in `supportedCapabilities` of its root.
const ACTIVE_DIRECTORY: &str = "1.2.840.113556.1.4.800";

/// Where users are, and who asks for them.
#[derive(Clone)]
pub struct LdapServer {
    /// `ldaps://host:port`, or `ldap://host:port`.
    pub url: Url,
    /// Whether the connection of an `ldap://` URL is secured before anything is said.
    pub starttls: bool,
    /// Certificates to trust beside the machine's, as PEM.
    pub ca: Option<Vec<u8>>,
    /// Who asks; nobody where there is none.
    pub bind_dn: Option<String>,
    /// What proves it.
    pub password: String,
}

/// What is read.
#[derive(Clone, Debug)]
pub struct LdapQuery {
    /// Where the search begins.
    pub base: String,
    /// RFC 4515.
    pub filter: String,
    /// The attributes that are wanted.
    pub attributes: Vec<String>,
    /// Entries on one page.
    pub page_size: u16,
}

/// An entry, with its attributes by their names in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LdapEntry {
    /// Its distinguished name.
    pub dn: String,
    /// Values in the order in which they came.
    pub values: HashMap<String, Vec<Vec<u8>>>,
}

/// How a read ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LdapEnd {
    /// Everything that there is was read.
    Whole,
    /// There is more than was read, for this reason.
    Partial(String),
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum LdapError {
    /// It would go over the network in the clear.
    #[error("the password would be sent in the clear: use ldaps://, or --starttls")]
    Clear,
    /// A URL of another kind.
    #[error("the URL of an LDAP server begins with ldaps:// or ldap:// and names a host")]
    Url,
    /// Certificates that cannot be read.
    #[error("the certificates to trust cannot be read: {0}")]
    Certificates(String),
    /// No connection, or no TLS.
    #[error("the LDAP server cannot be reached: {0}")]
    Unreachable(String),
    /// The server does not let us in.
    #[error("the LDAP server refuses {0}: {1}")]
    Refused(&'static str, String),
}

/// A connection to an LDAP server.
pub struct LdapReader {
    ldap: Ldap,
    driving: JoinHandle<()>,
}

impl LdapReader {
    /// Connects and says who asks.
    ///
    /// # Errors
    /// See [`LdapError`].
    pub async fn connect(server: &LdapServer) -> Result<Self, LdapError> {
        let secure = server.url.scheme() == "ldaps" || server.starttls;
        if !matches!(server.url.scheme(), "ldap" | "ldaps") || server.url.host().is_none() {
            return Err(LdapError::Url);
        }
        if !secure && server.bind_dn.is_some() && !is_loopback(&server.url) {
            return Err(LdapError::Clear);
        }
        let settings = LdapConnSettings::new().set_conn_timeout(CONNECT_TIMEOUT);
        let settings = settings.set_starttls(server.starttls).set_config(Arc::new(trusting(server.ca.as_deref())?));
        let connected = LdapConnAsync::from_url_with_settings(settings, &server.url).await;
        let (connection, ldap) = connected.map_err(|error| LdapError::Unreachable(said(&error)))?;
        let driving = tokio::spawn(async move {
            // What breaks is seen by whoever waits for an answer.
            drop(connection.drive().await);
        });
        let mut reader = Self { ldap, driving };
        if let Some(dn) = &server.bind_dn {
            let bound = reader.ldap.with_timeout(CONNECT_TIMEOUT).simple_bind(dn, &server.password).await;
            let bound = bound.map_err(|error| LdapError::Unreachable(said(&error)))?;
            if bound.rc != 0 {
                return Err(LdapError::Refused("the bind DN and its password", result(bound.rc, &bound.text)));
            }
        }
        Ok(reader)
    }

    /// Whether the server is an Active Directory.
    ///
    /// # Errors
    /// When its root cannot be read.
    pub async fn is_active_directory(&mut self) -> Result<bool, LdapError> {
        let asked = self.ldap.with_timeout(PAGE_TIMEOUT);
        let found = asked.search("", Scope::Base, "(objectClass=*)", ["supportedCapabilities"]).await;
        let found = found.map_err(|error| LdapError::Unreachable(said(&error)))?.0;
        let mut entries = found.into_iter().filter(|entry| !entry.is_ref()).map(SearchEntry::construct);
        Ok(entries.any(|entry| entry.attrs.values().flatten().any(|value| value == ACTIVE_DIRECTORY)))
    }

    /// Reads the entries that a query finds, and gives each page to `take`, which says whether it wants more. A page comes whole or not at
    /// all.
    ///
    /// # Errors
    /// When not even the first page comes: an unknown base, a filter that is none.
    pub async fn read(
        &mut self,
        query: &LdapQuery,
        mut take: impl AsyncFnMut(Vec<LdapEntry>) -> bool,
    ) -> Result<LdapEnd, LdapError> {
        let mut cookie = Vec::new();
        for page in 0..PAGES_MAX {
            let control = RawControl {
                ctype: paging::OID.to_owned(),
                crit: false,
                val: Some(paging::asked(query.page_size, &cookie)),
            };
            let asked = self.ldap.with_controls(control).with_timeout(PAGE_TIMEOUT);
            let answer = asked.search(&query.base, Scope::Subtree, &query.filter, &query.attributes).await;
            let (entries, end) = match answer {
                Ok(answer) => (answer.0, answer.1),
                Err(error) if page == 0 => return Err(LdapError::Refused("the search", said(&error))),
                Err(error) => return Ok(LdapEnd::Partial(format!("page {}: {}", page + 1, said(&error)))),
            };
            let referred = !end.refs.is_empty() || entries.iter().any(|entry| entry.is_ref());
            let entries: Vec<LdapEntry> = entries.into_iter().filter(is_entry).map(LdapEntry::of).collect();
            // Where a limit stops a read, what came before it is there.
            let limited = matches!(end.rc, 3 | 4 | 11);
            if end.rc != 0 && !limited && page == 0 {
                return Err(LdapError::Refused("the search", result(end.rc, &end.text)));
            }
            let wanted = take(entries).await;
            if end.rc != 0 {
                return Ok(LdapEnd::Partial(result(end.rc, &end.text)));
            }
            if referred {
                return Ok(LdapEnd::Partial("a part of it is on another server, to which this one refers".to_owned()));
            }
            if !wanted {
                return Ok(LdapEnd::Partial("it was ended early".to_owned()));
            }
            let answered = end.ctrls.iter().find(|control| control.1.ctype == paging::OID);
            cookie = match answered.map(|control| paging::cookie(control.1.val.as_deref().unwrap_or_default())) {
                // A server without pages sends everything at once, or says that it does not.
                None => return Ok(LdapEnd::Whole),
                Some(Some(cookie)) if cookie.is_empty() => return Ok(LdapEnd::Whole),
                Some(Some(cookie)) => cookie,
                Some(None) => return Ok(LdapEnd::Partial("the server's answer about pages cannot be read".to_owned())),
            };
        }
        Ok(LdapEnd::Partial(format!("more than {PAGES_MAX} pages")))
    }

    /// The entry with a distinguished name; `None` where the server says that there is none.
    ///
    /// # Errors
    /// When it cannot be told: a lost connection, a referral, a name that is none.
    pub async fn entry(&mut self, dn: &str, attributes: &[String]) -> Result<Option<LdapEntry>, LdapError> {
        let asked = self.ldap.with_timeout(PAGE_TIMEOUT).search(dn, Scope::Base, "(objectClass=*)", attributes);
        let answer = asked.await.map_err(|error| LdapError::Unreachable(said(&error)))?;
        let (entries, end) = (answer.0, answer.1);
        match (end.rc, entries.into_iter().find(is_entry)) {
            (0, Some(entry)) => Ok(Some(LdapEntry::of(entry))),
            (NO_SUCH_OBJECT, _) => Ok(None),
            (rc, _) => Err(LdapError::Refused("an entry", result(rc, &end.text))),
        }
    }

    /// Reads what is missing of an attribute whose values the server gives in parts, as Active Directory does those of a large group
    /// (`member;range=0-1499`). One that is there whole is left as it is.
    ///
    /// # Errors
    /// When a part does not come: then the values are not all.
    pub async fn complete(&mut self, entry: &mut LdapEntry, name: &str) -> Result<(), LdapError> {
        for _ in 0..ranges::PARTS_MAX {
            let Some(next) = ranges::take(entry, name) else { return Ok(()) };
            let wanted = ranges::from(name, next);
            let part = self.entry(&entry.dn, &[wanted]).await?;
            let gone = || LdapError::Refused("a part of an attribute", format!("`{name}` from value {next} on"));
            ranges::put(entry, name, part.ok_or_else(gone)?, next).ok_or_else(gone)?;
        }
        Err(LdapError::Refused("a part of an attribute", format!("`{name}` has no end")))
    }

    /// Ends the connection.
    pub async fn close(mut self) {
        drop(self.ldap.unbind().await);
        self.driving.abort();
    }
}

fn is_entry(entry: &ldap3::ResultEntry) -> bool {
    !entry.is_ref() && !entry.is_intermediate()
}

impl LdapEntry {
    fn of(entry: ldap3::ResultEntry) -> Self {
        let SearchEntry { dn, attrs, bin_attrs } = SearchEntry::construct(entry);
        let texts =
            attrs.into_iter().map(|(name, values)| (name, values.into_iter().map(String::into_bytes).collect()));
        let mut values: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
        for (name, more) in texts.chain(bin_attrs) {
            values.entry(name.to_ascii_lowercase()).or_default().extend(more);
        }
        Self { dn, values }
    }

    /// The first value of an attribute as text; nothing where it is none.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.first(name)?).ok()
    }

    /// The values of an attribute; none where it is not there.
    pub fn all(&self, name: &str) -> &[Vec<u8>] {
        self.values.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The first value of an attribute.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.values.get(&name.to_ascii_lowercase())?.first().map(Vec::as_slice)
    }
}

/// A value in a filter, escaped (RFC 4515, section 3).
pub fn escaped(value: &str) -> String {
    ldap3::ldap_escape(value).into_owned()
}

fn is_loopback(url: &Url) -> bool {
    // Addresses in URLs of this scheme are not read as such.
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn trusting(ca: Option<&[u8]>) -> Result<ClientConfig, LdapError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = ca {
        use rustls::pki_types::{CertificateDer, pem::PemObject};
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| LdapError::Certificates(error.to_string()))?;
            roots.add(certificate).map_err(|error| LdapError::Certificates(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| LdapError::Certificates(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The innermost cause: what people can do something about.
fn said(error: &Fault) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// A result code in words, with what the server says of it.
fn result(rc: u32, text: &str) -> String {
    let name = match rc {
        3 => "its time limit is exceeded",
        4 => "its size limit is exceeded",
        7 | 48 => "it does not take this way to authenticate",
        8 => "it wants somebody to say who asks",
        10 => "what is wanted is on another server",
        11 => "an administrative limit is exceeded",
        32 => "there is no such entry",
        34 => "the distinguished name is none",
        49 => "they are not right",
        50 => "access is not allowed",
        51 | 52 => "it is not available now",
        53 => "it does not want to",
        _ => "it answers an error",
    };
    let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    if text.is_empty() { format!("{name} ({rc})") } else { format!("{name} ({rc}): {text}") }
}
