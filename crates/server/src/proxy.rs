//! Who calls, and under which URL, when reverse proxies stand in between (S-21).

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::uri::Authority;

use crate::network::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
const FORWARDED_HOST: &str = "x-forwarded-host";

/// A DNS name has at most 253 characters; with a port 259.
const HOST_BYTES_MAX: usize = 259;

/// The proxies whose `X-Forwarded-*` headers are believed. Empty: nobody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub Vec<Network>);

impl TrustedProxies {
    /// Whether a request from this address may say whom it speaks for.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// The URL under which clients reach this server, without a slash at the end: `https://scim.example.com`.
/// It may carry a path when a proxy mounts the server below one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

/// Why a text is not a public URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a public URL; write for example https://scim.example.com, without query or fragment")]
pub struct PublicUrlError(String);

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let fault = || PublicUrlError(text.chars().take(HOST_BYTES_MAX).collect());
        let (scheme, rest) = text.split_once("://").ok_or_else(fault)?;
        let scheme = Scheme::parse(scheme).ok_or_else(fault)?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte));
        if !is_host(host) || !plain {
            return Err(fault());
        }
        Ok(Self(format!("{}://{host}{}", scheme.name(), path.trim_end_matches('/'))))
    }
}

impl PublicUrl {
    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a listener is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

impl Scheme {
    fn parse(text: &str) -> Option<Self> {
        match text {
            _ if text.eq_ignore_ascii_case("http") => Some(Self::Http),
            _ if text.eq_ignore_ascii_case("https") => Some(Self::Https),
            _ => None,
        }
    }

    /// `http` or `https`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// What is configured about the way from clients to here.
#[derive(Clone, Debug)]
pub struct OriginRules {
    /// Whose forwarding headers count.
    pub trusted: TrustedProxies,
    /// When set, every location starts with it.
    pub public_url: Option<PublicUrl>,
    /// How the listener itself is reached.
    pub scheme: Scheme,
    /// The address the listener is bound to: the origin of last resort.
    pub bound: SocketAddr,
}

/// Who called, and what the caller calls us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicOrigin {
    /// The client's address, IPv4 in IPv4 form; behind trusted proxies the one they report.
    pub client_ip: IpAddr,
    /// What locations start with, without a slash at the end: `https://scim.example.com`.
    pub origin: String,
}

impl OriginRules {
    /// Reads the origin of a request from `peer` with these headers; `authority` is the one of the request target,
    /// which stands in for `Host` in HTTP/2.
    ///
    /// The URL is the configured one; else what a trusted proxy says; else the listener's scheme and the host the client
    /// named; else, when that is malformed, the bound address.
    pub fn of(&self, peer: IpAddr, headers: &HeaderMap, authority: Option<&Authority>) -> PublicOrigin {
        let peer = peer.to_canonical();
        let trusted = self.trusted.trusts(peer);
        let client_ip = if trusted { self.client_behind(peer, headers) } else { peer };
        let origin = match &self.public_url {
            Some(url) => url.0.clone(),
            None => self.origin_named(headers, authority, trusted),
        };
        PublicOrigin { client_ip, origin }
    }

    fn origin_named(&self, headers: &HeaderMap, authority: Option<&Authority>, trusted: bool) -> String {
        let forwarded = |name| if trusted { last_value(headers, name) } else { None };
        let scheme = forwarded(FORWARDED_PROTO).and_then(Scheme::parse).unwrap_or(self.scheme);
        let host = forwarded(FORWARDED_HOST)
            .filter(|host| is_host(host))
            .or_else(|| authority.map(Authority::as_str).filter(|host| is_host(host)))
            .or_else(|| headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| is_host(host)));
        match host {
            Some(host) => format!("{}://{host}", scheme.name()),
            None => format!("{}://{}", scheme.name(), self.bound),
        }
    }

    /// Walks `X-Forwarded-For` from its right end, where the nearest proxy wrote, to the first address that is not a
    /// trusted proxy. What stands left of it was written by the client and proves nothing. An entry that is no address
    /// ends the walk at the proxy that reported it.
    fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        for lines in headers.get_all(FORWARDED_FOR).iter().rev() {
            let Ok(line) = lines.to_str() else { return client };
            for hop in line.rsplit(',') {
                let Some(address) = hop_address(hop.trim()) else { return client };
                client = address;
                if !self.trusted.trusts(address) {
                    return client;
                }
            }
        }
        client
    }
}

/// The last of the comma-separated values of a header: the one the nearest proxy wrote.
fn last_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(str::trim)
}

/// An address as proxies write it: with or without a port, IPv6 with or without brackets.
fn hop_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// `host[:port]` in the characters of names and addresses, so that it can stand in a URL as it is.
fn is_host(text: &str) -> bool {
    if text.len() > HOST_BYTES_MAX {
        return false;
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if address.parse::<std::net::Ipv6Addr>().is_ok() => (address, port),
            Some(_) | None => return false,
        },
        None => {
            let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
                return false;
            }
            (name, port)
        }
    };
    let port_fits = match port.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    !host.is_empty() && port_fits
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    const PROXY: &str = "10.0.0.1";
    const STRANGER: &str = "192.0.2.9";

    /// Headers as `name: value` lines; shows `client origin`.
    #[track_caller]
    fn check(public_url: Option<&str>, peer: &str, lines: &str, shown: &str) {
        let rules = OriginRules {
            trusted: TrustedProxies(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]),
            public_url: public_url.map(|url| url.parse().unwrap()),
            scheme: Scheme::Http,
            bound: "127.0.0.1:8080".parse().unwrap(),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in lines.lines().filter_map(|line| line.trim().split_once(": ")) {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let seen = rules.of(peer.parse().unwrap(), &headers, None);
        assert_eq!(format!("{} {}", seen.client_ip, seen.origin), shown, "from {peer} with {lines}");
    }

    #[test]
    fn s_21_the_url_is_the_one_a_trusted_proxy_names() {
        let all = "host: inner:8080\nx-forwarded-for: 203.0.113.5\nx-forwarded-proto: https\nx-forwarded-host: scim.example.com";
        check(None, PROXY, all, "203.0.113.5 https://scim.example.com");
        check(None, "fd00::1", all, "203.0.113.5 https://scim.example.com");
        check(None, "::ffff:10.0.0.1", all, "203.0.113.5 https://scim.example.com");
        check(None, PROXY, "host: inner:8080\nx-forwarded-proto: HTTPS", "10.0.0.1 https://inner:8080");
        check(None, PROXY, "host: a\nx-forwarded-proto: ftp\nx-forwarded-host: b/c", "10.0.0.1 http://a");
        check(
            None,
            PROXY,
            "host: a\nx-forwarded-host: forged.example, scim.example.com",
            "10.0.0.1 http://scim.example.com",
        );
        check(None, PROXY, "host: a\nx-forwarded-host: forged.example\nx-forwarded-host: b", "10.0.0.1 http://b");
    }

    #[test]
    fn s_21_forwarding_headers_from_anybody_else_are_ignored() {
        let all =
            "host: scim.example.com\nx-forwarded-for: 203.0.113.5\nx-forwarded-proto: https\nx-forwarded-host: forged";
        check(None, STRANGER, all, "192.0.2.9 http://scim.example.com");
        check(Some("https://id.example.org"), STRANGER, all, "192.0.2.9 https://id.example.org");
    }

    #[test]
    fn the_configured_url_comes_first_and_the_bound_address_last() {
        check(
            Some("https://id.example.org/base/"),
            PROXY,
            "x-forwarded-host: b",
            "10.0.0.1 https://id.example.org/base",
        );
        check(None, STRANGER, "", "192.0.2.9 http://127.0.0.1:8080");
        for host in
            ["a b", "a/../b", "user@host", "host:port", "host:99999", ":80", "[::1", "[::1]x", "<b>", "a?b", "a\\b"]
        {
            check(None, STRANGER, &format!("host: {host}"), "192.0.2.9 http://127.0.0.1:8080");
        }
        for host in ["localhost", "LOCALHOST:1", "[::1]:8080", "192.0.2.1:80", "a_b.example"] {
            check(None, STRANGER, &format!("host: {host}"), &format!("192.0.2.9 http://{host}"));
        }
        check(None, STRANGER, &format!("host: {}", "a".repeat(260)), "192.0.2.9 http://127.0.0.1:8080");
    }

    #[test]
    fn the_client_is_the_rightmost_hop_that_is_no_trusted_proxy() {
        for (forwarded_for, client) in [
            ("203.0.113.5", "203.0.113.5"),
            ("1.1.1.1, 203.0.113.5, 10.2.2.2", "203.0.113.5"),
            ("10.3.3.3,10.2.2.2", "10.3.3.3"),
            ("203.0.113.5:4711", "203.0.113.5"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:203.0.113.5", "203.0.113.5"),
            ("203.0.113.5, unknown, 10.2.2.2", "10.2.2.2"),
            ("203.0.113.5, unknown", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            check(None, PROXY, &format!("host: a\nx-forwarded-for: {forwarded_for}"), &format!("{client} http://a"));
        }
        let two_lines = "host: a\nx-forwarded-for: 1.1.1.1\nx-forwarded-for: 203.0.113.5, 10.2.2.2";
        check(None, PROXY, two_lines, "203.0.113.5 http://a");
    }

    #[test]
    fn http_2_names_the_host_in_the_target() {
        let rules = OriginRules {
            trusted: TrustedProxies::default(),
            public_url: None,
            scheme: Scheme::Https,
            bound: "[::]:443".parse().unwrap(),
        };
        let authority = Authority::from_static("scim.example.com");
        let peer: IpAddr = STRANGER.parse().unwrap();
        assert_eq!(rules.of(peer, &HeaderMap::new(), Some(&authority)).origin, "https://scim.example.com");
        let with_user = Authority::from_static("user@scim.example.com");
        assert_eq!(rules.of(peer, &HeaderMap::new(), Some(&with_user)).origin, "https://[::]:443");
    }

    #[test]
    fn a_public_url_is_scheme_host_and_perhaps_a_path() {
        for (text, url) in [
            ("https://scim.example.com", Some("https://scim.example.com")),
            ("HTTPS://scim.example.com/", Some("https://scim.example.com")),
            ("http://[::1]:8080/a/b", Some("http://[::1]:8080/a/b")),
            ("scim.example.com", None),
            ("ftp://scim.example.com", None),
            ("https://", None),
            ("https://a?b", None),
            ("https://a/b?c", None),
            ("https://a/b#c", None),
            ("https://user:pw@a", None),
        ] {
            assert_eq!(text.parse::<PublicUrl>().ok().as_ref().map(PublicUrl::as_str), url, "{text}");
        }
    }
}
