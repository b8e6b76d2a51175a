//! The tenant URL: where a target is, and which dialect it wants.

use std::fmt;
use url::Url;

/// A tenant URL, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantUrl {
    base: String,
    is_https: bool,
    flags: Vec<Flag>,
}

/// A flag in the query of a tenant URL. The client reads it; it is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `aadOptscim062020`: PATCH as RFC 7644 wants it.
    AadOptscim062020,
    /// `AzureAdScimPatch2017`: the older PATCH, which is also what is sent without a flag.
    AzureAdScimPatch2017,
}

/// How PATCH requests are written (reference: "Wire profiles").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Without a flag: `Add`, `Replace`, `Remove`; booleans as texts; members removed by value.
    Legacy,
    /// With `aadOptscim062020`.
    Compliant,
}

/// Longest tenant URL in bytes: what proxies and browsers still take.
pub(crate) const URL_BYTES_MAX: usize = 2_000;

impl Flag {
    /// All that are known.
    pub const ALL: [Self; 2] = [Self::AadOptscim062020, Self::AzureAdScimPatch2017];

    /// As written in the query.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AadOptscim062020 => "aadOptscim062020",
            Self::AzureAdScimPatch2017 => "AzureAdScimPatch2017",
        }
    }
}

impl TenantUrl {
    /// Reads `https://host/scim`, with or without a slash at its end, and with flags behind a question mark.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence: no URL, neither http nor https, with a name and password, with a fragment, with a query
    /// that is no flag, with both flags, or too long. Whether plain HTTP is allowed is for who connects.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > URL_BYTES_MAX {
            return Err(format!("the tenant URL may have {URL_BYTES_MAX} bytes, and this one has more"));
        }
        let url = Url::parse(text.trim())
            .map_err(|error| format!("the tenant URL is not a URL ({error}); write it as https://host/scim"))?;
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err("the tenant URL must begin with https:// and name a host".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the tenant URL holds a name or password; the secret token is what authenticates".to_owned());
        }
        if url.fragment().is_some() {
            return Err("the tenant URL holds a `#`; leave out what stands behind it".to_owned());
        }
        let flags = flags(url.query().unwrap_or_default())?;
        let is_https = url.scheme() == "https";
        let mut base = url;
        base.set_query(None);
        Ok(Self { base: base.as_str().trim_end_matches('/').to_owned(), is_https, flags })
    }

    /// What paths such as `/Users` are appended to: no slash at its end, no query.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether it is HTTPS.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// How cycles write PATCH requests.
    pub fn dialect(&self) -> Dialect {
        if self.flags.contains(&Flag::AadOptscim062020) { Dialect::Compliant } else { Dialect::Legacy }
    }

    /// How provision on demand writes PATCH requests: like Entra it does not look at the flag.
    pub fn dialect_on_demand(&self) -> Dialect {
        Dialect::Legacy
    }
}

impl fmt::Display for TenantUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.base)?;
        for (position, flag) in self.flags.iter().enumerate() {
            write!(out, "{}{}", if position == 0 { '?' } else { '&' }, flag.as_str())?;
        }
        Ok(())
    }
}

fn flags(query: &str) -> Result<Vec<Flag>, String> {
    let mut flags = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let name = part.split('=').next().unwrap_or_default();
        let known = Flag::ALL.into_iter().find(|flag| flag.as_str().eq_ignore_ascii_case(name));
        let Some(flag) = known else {
            return Err(format!(
                "the tenant URL's query holds something else than a flag; the flags are {} and {}",
                Flag::AadOptscim062020.as_str(),
                Flag::AzureAdScimPatch2017.as_str(),
            ));
        };
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    if flags.len() > 1 {
        return Err("the tenant URL has both flags, which contradict each other; keep one of them".to_owned());
    }
    Ok(flags)
}
