//! Where a target is: the SCIM base that requests go below.

use super::Reach;
use hyper::{
    Uri,
    http::uri::{Authority, PathAndQuery, Scheme},
};
use std::fmt;
use url::{Host, Url};

/// Longest path of a request below it, in bytes: longer than any filter by one value that fits a record.
const PATH_BYTES_MAX: usize = 16_384;

/// A target's SCIM base that may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetBase {
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at its end.
    path: String,
}

/// Why a text is no base that can be called, or a path none below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TargetBaseError(&'static str);

impl TargetBase {
    /// Judges where a base leads. It is what a tenant URL has before its flags; reading those is for who knows what they mean.
    ///
    /// # Errors
    /// What is no plain base; one that [`Reach::Public`] does not reach: plain HTTP, and a literal address that is not public.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, TargetBaseError> {
        let wrong = TargetBaseError("a tenant URL looks like https://scim.example.com/scim/v2");
        let base = Url::parse(text).map_err(|_| wrong)?;
        match (base.scheme(), reach) {
            ("https", _) | ("http", Reach::Anywhere) => {}
            ("http", Reach::Public) => return Err(TargetBaseError("a tenant URL begins with https://")),
            _ => return Err(wrong),
        }
        let has_credentials = !base.username().is_empty() || base.password().is_some();
        if has_credentials || base.query().is_some() || base.fragment().is_some() {
            return Err(wrong);
        }
        let address = match base.host().ok_or(wrong)? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        };
        if address.is_some_and(|address| !reach.allows(address)) {
            return Err(TargetBaseError("the tenant URL leads to an address that is not public"));
        }
        let uri = Uri::try_from(base.as_str()).map_err(|_| wrong)?.into_parts();
        let (Some(scheme), Some(authority)) = (uri.scheme, uri.authority) else { return Err(wrong) };
        Ok(Self { scheme, authority, path: base.path().trim_end_matches('/').to_owned() })
    }

    /// The URI of a request. `path` begins with a slash and is percent-encoded.
    ///
    /// # Errors
    /// A path that would lead somewhere else than below the base, or is too long.
    pub fn join(&self, path: &str) -> Result<Uri, TargetBaseError> {
        if path.len() > PATH_BYTES_MAX {
            return Err(TargetBaseError("the path of a request has at most 16,384 bytes"));
        }
        let elsewhere = TargetBaseError("the path of a request leads out of the tenant URL");
        if !stays_below(path) {
            return Err(elsewhere);
        }
        let path = PathAndQuery::from_maybe_shared(format!("{}{path}", self.path)).map_err(|_| elsewhere)?;
        let uri = Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query(path);
        uri.build().map_err(|_| elsewhere)
    }
}

/// Whether a path begins with a slash, has no character that anybody might read as an end or a separator, and no step upwards in whatever
/// spelling.
fn stays_below(path: &str) -> bool {
    let ends_or_parts = |byte| matches!(byte, b'"' | b'#' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}');
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !ends_or_parts(byte);
    // Two dots are six characters at most.
    let is_step = |segment: &str| {
        if segment.len() > 6 {
            return false;
        }
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        dots == "." || dots == ".."
    };
    let steps = path.split('?').next().unwrap_or_default();
    path.starts_with('/') && path.bytes().all(is_plain) && !steps.split('/').any(is_step)
}

impl fmt::Display for TargetBase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_below_the_base() {
        for (text, base) in [
            ("https://scim.example.com", "https://scim.example.com"),
            ("https://scim.example.com/", "https://scim.example.com"),
            ("https://scim.example.com/scim/v2/", "https://scim.example.com/scim/v2"),
            ("https://SCIM.example.com:8443/a%20b", "https://scim.example.com:8443/a%20b"),
            ("https://1.1.1.1/scim", "https://1.1.1.1/scim"),
        ] {
            let url = TargetBase::parse(text, Reach::Public).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(url.to_string(), base, "{text}");
            let joined = url.join("/Users?filter=userName%20eq%20%22a%22").unwrap();
            assert_eq!(joined.to_string(), format!("{base}/Users?filter=userName%20eq%20%22a%22"));
        }
    }

    #[test]
    fn f_3_2_5_plain_http_and_private_addresses_are_refused_unless_permitted() {
        let private = "the tenant URL leads to an address that is not public";
        for (text, said) in [
            ("http://scim.example.com", "a tenant URL begins with https://"),
            ("https://127.0.0.1/scim", private),
            ("https://2130706433/scim", private),
            ("https://0x7f.1/scim", private),
            ("https://0177.0.0.1/scim", private),
            ("https://[::1]/scim", private),
            ("https://[::ffff:10.0.0.1]/scim", private),
            ("https://169.254.169.254/latest", private),
        ] {
            assert_eq!(TargetBase::parse(text, Reach::Public).unwrap_err().to_string(), said, "{text}");
            assert!(TargetBase::parse(text, Reach::Anywhere).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_base_is_refused_wherever_it_leads() {
        for text in [
            "",
            "scim.example.com",
            "ftp://scim.example.com",
            "file:///etc/passwd",
            "https://",
            "https://ann:s3cret@scim.example.com",
            "https://s3cret@scim.example.com",
            "https://scim.example.com/#s3cret",
            "https://scim.example.com/?s3cret",
        ] {
            let error = TargetBase::parse(text, Reach::Anywhere).expect_err(text).to_string();
            assert!(!error.contains("s3cret"), "{text}: {error}");
        }
    }

    #[test]
    fn no_path_leads_out_of_the_base() {
        let url = TargetBase::parse("https://scim.example.com/scim", Reach::Public).unwrap();
        assert!(url.join("/Users/a%2Fb").is_ok());
        let long = format!("/{}", "x".repeat(PATH_BYTES_MAX));
        for path in [
            "",
            "Users",
            "@evil.example/",
            "/Users/..",
            "/Users/%2e%2e/x",
            "/Users/.%2E",
            "/../x",
            "/./x",
            "/%2e",
            "/a\\..\\b",
            "/a b",
            "/#a",
            "/a\nb",
            "/\u{e4}",
            "/a\u{7f}",
            &long,
        ] {
            assert!(url.join(path).is_err(), "{path}");
        }
        let root = TargetBase::parse("https://scim.example.com", Reach::Public).unwrap();
        for path in ["@evil.example/", ".evil.example/", ":8443/"] {
            assert!(root.join(path).is_err(), "{path}");
        }
    }
}
