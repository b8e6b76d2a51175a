//! Where a log can be sent: `syslog://HOST:PORT`, `syslog+tls://HOST:PORT`, `https://…` or `http://…`.

use crate::SyslogTarget;
use std::{fmt, str::FromStr};
use url::{Host, Url};

/// Port of syslog over TCP, by custom (RFC 6587 §3.4 registers none).
const SYSLOG: u16 = 514;
/// Port of syslog over TLS (RFC 5425 §4.1).
const SYSLOG_TLS: u16 = 6514;
/// Longest URL of a sink, in bytes.
const URL_BYTES_MAX: usize = 2_048;

/// A receiver of a log. `Debug` and `Display` show scheme, host and port only: a path may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub enum SinkUrl {
    /// Takes messages of RFC 5424.
    Syslog(SyslogTarget),
    /// Takes JSON lines by POST.
    Web(Url),
}

/// Why a text names no sink. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; expected syslog://HOST:PORT, syslog+tls://HOST:PORT or https://HOST/PATH")]
pub struct SinkUrlError(&'static str);

/// Why something did not arrive, in one bounded line without secrets. It may have arrived all the same, in part or whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SinkError(pub(crate) String);

impl FromStr for SinkUrl {
    type Err = SinkUrlError;

    fn from_str(text: &str) -> Result<Self, SinkUrlError> {
        if text.len() > URL_BYTES_MAX {
            return Err(SinkUrlError("it is longer than 2,048 bytes"));
        }
        let url = Url::parse(text).map_err(|_| SinkUrlError("it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SinkUrlError("a URL with a user or a password is not taken: send them in a header"));
        }
        let host = url.host().filter(|host| *host != Host::Domain("")).ok_or(SinkUrlError("it names no host"))?;
        let (tls, port) = match url.scheme() {
            "syslog" => (false, SYSLOG),
            "syslog+tls" => (true, SYSLOG_TLS),
            "http" | "https" if url.fragment().is_some() => return Err(SinkUrlError("nothing may stand behind a `#`")),
            "http" | "https" => return Ok(Self::Web(url)),
            _ => return Err(SinkUrlError("its scheme is not one of syslog, syslog+tls, https and http")),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(SinkUrlError("nothing may stand behind the host and port of a syslog server"));
        }
        let host = match host {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        Ok(Self::Syslog(SyslogTarget { host, port: url.port().unwrap_or(port), tls }))
    }
}

impl fmt::Display for SinkUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syslog(target) => target.fmt(out),
            Self::Web(url) => out.write_str(&url.origin().ascii_serialization()),
        }
    }
}

impl fmt::Debug for SinkUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::SinkUrl;

    #[test]
    fn s_73_a_sink_is_named_by_a_url_and_shown_without_what_may_be_secret() {
        for (url, shown) in [
            ("syslog://siem.example:1514", "syslog://siem.example:1514"),
            ("syslog://siem.example", "syslog://siem.example:514"),
            ("syslog+tls://siem.example/", "syslog+tls://siem.example:6514"),
            ("syslog://[::1]:1514", "syslog://[::1]:1514"),
            ("https://siem.example/in/s3cret?key=s3cret", "https://siem.example"),
            ("http://10.0.0.7:8088/in", "http://10.0.0.7:8088"),
        ] {
            let sink: SinkUrl = url.parse().unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!((sink.to_string(), format!("{sink:?}")), (shown.to_owned(), shown.to_owned()), "{url}");
        }
        for bad in [
            "",
            "siem.example:514",
            "syslog://",
            "syslog://siem.example/s3cret",
            "syslog://siem.example?s3cret",
            "ftp://siem.example",
            "https://ann:s3cret@siem.example",
            "https://s3cret@siem.example",
            "https://siem.example/#s3cret",
            &format!("https://siem.example/{}", "s3cret".repeat(400)),
        ] {
            let error = bad.parse::<SinkUrl>().expect_err(bad).to_string();
            assert!(!error.contains("s3cret"), "{bad}: {error}");
        }
    }
}
