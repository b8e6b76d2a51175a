//! Where mail is handed over: `smtp://user:password@host:port` or `smtps://…`.

use percent_encoding::percent_decode_str;
use std::{fmt, net::IpAddr, str::FromStr};
use url::{Host, Url};

/// Port of the submission service with STARTTLS (RFC 6409 §3.1).
const SUBMISSION: u16 = 587;
/// Port of the submission service over TLS (RFC 8314 §7.3).
const SUBMISSIONS: u16 = 465;

/// An SMTP server and how to sign in there. `Debug` and `Display` leave the password out.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// How the connection is protected.
    pub protection: Protection,
    pub(crate) credentials: Option<(String, String)>,
}

/// How the connection to an SMTP server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not: the server is on this machine.
    None,
    /// By STARTTLS where the server offers it: nothing secret is said to sign in.
    StartTlsIfOffered,
    /// By STARTTLS, or nothing is sent: a password must not be overheard.
    StartTls,
    /// By TLS from the first byte.
    Tls,
}

/// Why a text is no SMTP URL. Does not repeat the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an SMTP URL: {0}; expected smtp://USER:PASSWORD@HOST:PORT or smtps://USER:PASSWORD@HOST:PORT")]
pub struct SmtpUrlError(&'static str);

impl FromStr for SmtpUrl {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text).map_err(|_| SmtpUrlError("it cannot be read"))?;
        let host = url.host().filter(|host| *host != Host::Domain("")).ok_or(SmtpUrlError("it names no host"))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(SmtpUrlError("nothing may stand behind the host and port"));
        }
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => Some((decoded(user)?, decoded(password)?)),
            _ => return Err(SmtpUrlError("user and password come together")),
        };
        let (protection, port) = match url.scheme() {
            "smtps" => (Protection::Tls, SUBMISSIONS),
            "smtp" if is_local(&host) => (Protection::None, SUBMISSION),
            "smtp" if credentials.is_some() => (Protection::StartTls, SUBMISSION),
            "smtp" => (Protection::StartTlsIfOffered, SUBMISSION),
            _ => return Err(SmtpUrlError("the scheme is neither smtp nor smtps")),
        };
        let host = match host {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        Ok(Self { host, port: url.port().unwrap_or(port), protection, credentials })
    }
}

/// Whether a connection to the host stays on this machine.
fn is_local(host: &Host<&str>) -> bool {
    match host {
        // The host of a scheme that is not the web's is a name even where it reads as an IPv4 address.
        Host::Domain(name) => {
            name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn decoded(text: &str) -> Result<String, SmtpUrlError> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned).map_err(|_| SmtpUrlError("user or password is not UTF-8"))
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self} ({:?}, credentials: {})", self.protection, self.credentials.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_how() {
        let signed_in = Some(("ann".to_owned(), "p@ss".to_owned()));
        for (url, host, port, protection, credentials) in [
            ("smtp://mail.example.com", "mail.example.com", 587, Protection::StartTlsIfOffered, None),
            ("smtp://mail.example.com:25/", "mail.example.com", 25, Protection::StartTlsIfOffered, None),
            ("smtp://ann:p%40ss@mail.example.com", "mail.example.com", 587, Protection::StartTls, signed_in.clone()),
            ("smtp://ann:p%40ss@127.0.0.1:2525", "127.0.0.1", 2525, Protection::None, signed_in.clone()),
            ("smtp://[::1]:2525", "::1", 2525, Protection::None, None),
            ("smtp://localhost", "localhost", 587, Protection::None, None),
            ("smtps://ann:p%40ss@mail.example.com", "mail.example.com", 465, Protection::Tls, signed_in),
        ] {
            let expected = SmtpUrl { host: host.to_owned(), port, protection, credentials };
            assert_eq!(url.parse(), Ok(expected), "{url}");
        }
    }

    #[test]
    fn what_is_no_smtp_url_is_refused_without_repeating_it() {
        for bad in [
            "",
            "mail.example.com:25",
            "http://mail.example.com",
            "smtp://",
            "smtp://secret@host",
            "smtp://:secret@host",
            "smtp://u:secret@host/path",
            "smtp://u:secret@host?tls=none",
            "smtp://u:secret%FF@host",
        ] {
            let error = bad.parse::<SmtpUrl>().map(|url| format!("{url:?}")).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{bad}: {error}");
        }
    }

    #[test]
    fn s_66_a_url_prints_without_its_password() {
        let url: SmtpUrl = "smtps://ann:hunter2@mail.example.com".parse().unwrap();
        assert_eq!(url.to_string(), "mail.example.com:465");
        assert_eq!(format!("{url:?}"), "mail.example.com:465 (Tls, credentials: true)");
    }
}
