//! Tenant URLs: a SCIM base, with flags for the client behind a `?`.

use super::Reach;
use reqwest::Url;
use std::fmt;
use url::Host;

/// Longest tenant URL, in bytes.
const URL_BYTES_MAX: usize = 2_048;
/// Longest path of a request below it, in bytes: longer than any filter by one value that fits a record.
const PATH_BYTES_MAX: usize = 16_384;

/// Where a target's SCIM base is. What stands behind a `?` are flags for the client (`aadOptscim062020`), of which nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantUrl {
    /// Without a slash at its end, and without a query.
    base: Url,
}

/// Why a text is no tenant URL that can be used, or a path none below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TenantUrlError(&'static str);

impl TenantUrl {
    /// Reads a tenant URL and judges where it leads.
    ///
    /// # Errors
    /// What is no such URL; one that [`Reach::Public`] does not reach: plain HTTP, and a literal address that is not public.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, TenantUrlError> {
        if text.len() > URL_BYTES_MAX {
            return Err(TenantUrlError("a tenant URL has at most 2,048 bytes"));
        }
        let wrong = TenantUrlError("a tenant URL looks like https://scim.example.com/scim/v2");
        let mut base = Url::parse(text).map_err(|_| wrong)?;
        match (base.scheme(), reach) {
            ("https", _) | ("http", Reach::Anywhere) => {}
            ("http", Reach::Public) => return Err(TenantUrlError("a tenant URL begins with https://")),
            _ => return Err(wrong),
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(TenantUrlError("a tenant URL has no user or password: give the token as the secret token"));
        }
        if base.fragment().is_some() {
            return Err(TenantUrlError("a tenant URL has nothing behind a `#`"));
        }
        let address = match base.host().ok_or(wrong)? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        };
        if address.is_some_and(|address| !reach.allows(address)) {
            return Err(TenantUrlError("the tenant URL leads to an address that is not public"));
        }
        base.set_query(None);
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        Ok(Self { base })
    }

    /// The URL of a request. `path` begins with a slash and is percent-encoded.
    ///
    /// # Errors
    /// A path that would lead somewhere else than below the base, or is too long.
    pub fn join(&self, path: &str) -> Result<Url, TenantUrlError> {
        if path.len() > PATH_BYTES_MAX {
            return Err(TenantUrlError("the path of a request has at most 16,384 bytes"));
        }
        let elsewhere = TenantUrlError("the path of a request leads out of the tenant URL");
        let wanted = format!("{}{path}", self.base.path().trim_end_matches('/'));
        let url = Url::parse(&format!("{}{path}", self.base.as_str().trim_end_matches('/'))).map_err(|_| elsewhere)?;
        // Steps such as `..`, in whatever spelling, would be taken by now.
        let is_below = url.origin() == self.base.origin() && wanted.split('?').next() == Some(url.path());
        let stays = path.starts_with('/') && is_below && url.fragment().is_none();
        if stays { Ok(url) } else { Err(elsewhere) }
    }
}

/// Without the flags.
impl fmt::Display for TenantUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.base.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_5_4_5_a_tenant_url_is_a_base_without_its_flags() {
        for (text, base) in [
            ("https://scim.example.com", "https://scim.example.com"),
            ("https://scim.example.com/?aadOptscim062020", "https://scim.example.com"),
            ("https://scim.example.com/scim/v2/", "https://scim.example.com/scim/v2"),
            ("https://scim.example.com/scim?aadOptscim062020", "https://scim.example.com/scim"),
            ("https://scim.example.com/scim/?aadOptscim062020&other=1", "https://scim.example.com/scim"),
            ("https://SCIM.example.com:8443/a%20b", "https://scim.example.com:8443/a%20b"),
            ("https://1.1.1.1/scim", "https://1.1.1.1/scim"),
        ] {
            let url = TenantUrl::parse(text, Reach::Public).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(url.to_string(), base, "{text}");
            let joined = url.join("/Users?filter=userName%20eq%20%22a%22").unwrap();
            assert_eq!(joined.as_str(), format!("{base}/Users?filter=userName%20eq%20%22a%22"));
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
            assert_eq!(TenantUrl::parse(text, Reach::Public).unwrap_err().to_string(), said, "{text}");
            assert!(TenantUrl::parse(text, Reach::Anywhere).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_tenant_url_is_refused_wherever_it_leads() {
        let long = format!("https://scim.example.com/{}", "x".repeat(2_048));
        for text in [
            "",
            "scim.example.com",
            "ftp://scim.example.com",
            "file:///etc/passwd",
            "https://",
            "https://ann:s3cret@scim.example.com",
            "https://s3cret@scim.example.com",
            "https://scim.example.com/#s3cret",
            &long,
        ] {
            let error = TenantUrl::parse(text, Reach::Anywhere).expect_err(text).to_string();
            assert!(!error.contains("s3cret"), "{text}: {error}");
        }
    }

    #[test]
    fn no_path_leads_out_of_the_base() {
        let url = TenantUrl::parse("https://scim.example.com/scim", Reach::Public).unwrap();
        assert!(url.join("/Users/a%2Fb").is_ok());
        let long = format!("/{}", "x".repeat(PATH_BYTES_MAX));
        for path in
            ["", "Users", "@evil.example/", "/Users/..", "/Users/%2e%2e/x", "/../x", "/a\\..\\b", "/a b", "/#a", &long]
        {
            assert!(url.join(path).is_err(), "{path}");
        }
        let root = TenantUrl::parse("https://scim.example.com", Reach::Public).unwrap();
        for path in ["@evil.example/", ".evil.example/", ":8443/"] {
            assert!(root.join(path).is_err(), "{path}");
        }
    }
}
