//! Where requests may go that administrators of accounts have sent: into the internet, and not into the network of this installation.
//!
//! The addresses that are judged are those that are connected to: the resolver hands on only what may be reached, so that a name that
//! means something else a moment later gains nothing. A URL with a literal address asks no resolver; it is judged when it is read.

use hyper_util::client::legacy::connect::dns::Name;
use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
};
use tower_service::Service;

/// Where requests to targets may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, by HTTPS.
    Public,
    /// Every address, by HTTP too.
    Anywhere,
}

/// Addresses that a name has, none of which may be reached.
#[derive(Debug)]
pub(super) struct Forbidden(String);

impl fmt::Display for Forbidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} leads to no public address, and requests to others are not permitted here", self.0)
    }
}

impl Error for Forbidden {}

/// A name that could not be looked up.
#[derive(Debug)]
pub(super) struct Unresolved(io::Error);

impl fmt::Display for Unresolved {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Error for Unresolved {}

/// Looks names up and hands on the addresses that may be reached.
#[derive(Clone, Copy)]
pub(super) struct GuardedResolver(pub Reach);

impl Service<Name> for GuardedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.0;
        Box::pin(async move {
            // The port is set by whoever connects.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(Unresolved)?;
            Ok(reach.among(name.as_str(), found)?.into_iter())
        })
    }
}

impl Reach {
    /// Whether a literal address may be reached.
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public(address),
            Self::Anywhere => true,
        }
    }

    /// Those addresses of a name that may be reached.
    ///
    /// # Errors
    /// When there are some, and none of them may.
    fn among(self, name: &str, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, Forbidden> {
        let mut found = found.peekable();
        let has_any = found.peek().is_some();
        let allowed: Vec<SocketAddr> = found.filter(|address| self.allows(address.ip())).collect();
        if has_any && allowed.is_empty() { Err(Forbidden(name.to_owned())) } else { Ok(allowed) }
    }
}

/// Networks of IPv4 that are not the internet's, or that machines of a cloud find their secrets under: first address, length.
const NOT_PUBLIC_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Azure answers its machines here.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    // Link-local, where AWS, Google and others answer their machines.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast, and what was never given out.
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Networks inside the one of IPv6 that is given out which are not the internet's.
const NOT_PUBLIC_V6: &[(Ipv6Addr, u32)] = &[
    // Teredo, benchmarking, ORCHID and other protocols.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4: an IPv4 address inside.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// What of IPv6 is given out to networks of the internet.
const UNICAST_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Whether an address is one of the internet's. Forms of IPv6 that hold an address of IPv4 are none, whichever it is: they could lead
/// to what that one may not.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|network| contains_v4(network, address)),
        IpAddr::V6(address) => {
            contains_v6(&UNICAST_V6, address) && !NOT_PUBLIC_V6.iter().any(|network| contains_v6(network, address))
        }
    }
}

fn contains_v4((network, length): &(Ipv4Addr, u32), address: Ipv4Addr) -> bool {
    (network.to_bits() ^ address.to_bits()) >> (32 - length) == 0
}

fn contains_v6((network, length): &(Ipv6Addr, u32), address: Ipv6Addr) -> bool {
    (network.to_bits() ^ address.to_bits()) >> (128 - length) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2a00::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:1.1.1.1",
            "64:ff9b::7f00:1",
            "64:ff9b::1.1.1.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
            assert!(Reach::Anywhere.allows(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn of_the_addresses_of_a_name_those_are_handed_on_that_may_be_reached() {
        let named = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect()
        };
        let mixed = named(&["10.0.0.1", "1.1.1.1", "::1"]);
        let handed_on = |reach: Reach, found: &[SocketAddr]| reach.among("name.example", found.iter().copied());
        assert_eq!(handed_on(Reach::Public, &mixed).unwrap(), named(&["1.1.1.1"]));
        assert_eq!(handed_on(Reach::Anywhere, &mixed).unwrap(), mixed);
        assert!(handed_on(Reach::Public, &[]).unwrap().is_empty(), "a name without addresses is not forbidden");
        let refused = handed_on(Reach::Public, &named(&["10.0.0.1", "::1"])).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "name.example leads to no public address, and requests to others are not permitted here"
        );
    }
}
