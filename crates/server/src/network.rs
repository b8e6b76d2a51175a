//! Networks in CIDR notation: trusted proxies and the addresses a key may be used from (S-61).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An IPv4 or IPv6 network, such as `10.0.0.0/8` or `2001:db8::/32`; a single address is a network of one.
///
/// IPv4 addresses written as IPv6 (`::ffff:10.0.0.1`) are IPv4 here, in networks and in what is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

/// Why a text is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The part before the slash.
    #[error("`{0}` is not an IP address or network; write for example 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32")]
    Address(String),
    /// The part after the slash.
    #[error("`{text}`: the prefix length is a number from 0 to {max}")]
    Prefix {
        /// What was given.
        text: String,
        /// 32 or 128.
        max: u8,
    },
    /// Host bits are set, which is more often a slip than meant.
    #[error("`{text}` has bits set after its prefix; the network is {network}")]
    HostBits {
        /// What was given.
        text: String,
        /// What was probably meant.
        network: Network,
    },
}

/// No network or address in text form is longer.
const TEXT_BYTES_MAX: usize = 64;

impl Network {
    /// Whether the address lies in the network. An IPv4 network holds no IPv6 address and the other way round.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => masked_v4(address, self.prefix) == first,
            (IpAddr::V6(first), IpAddr::V6(address)) => masked_v6(address, self.prefix) == first,
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// The network of `prefix` bits that `address` lies in.
    fn around(address: IpAddr, prefix: u8) -> Self {
        let first = match address {
            IpAddr::V4(address) => IpAddr::V4(masked_v4(address, prefix)),
            IpAddr::V6(address) => IpAddr::V6(masked_v6(address, prefix)),
        };
        Self { first, prefix }
    }
}

fn masked_v4(address: Ipv4Addr, prefix: u8) -> Ipv4Addr {
    let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
    Ipv4Addr::from_bits(address.to_bits() & mask)
}

fn masked_v6(address: Ipv6Addr, prefix: u8) -> Ipv6Addr {
    let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
    Ipv6Addr::from_bits(address.to_bits() & mask)
}

fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(NetworkError::Address("…".into()));
        }
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().map_err(|_| NetworkError::Address(text.into()))?;
        let mut prefix = match prefix {
            None => bits(written),
            Some(digits) => prefix_length(digits, bits(written))
                .ok_or_else(|| NetworkError::Prefix { text: text.into(), max: bits(written) })?,
        };
        let mut address = written;
        let mapped_bits = bits(written) - bits(written.to_canonical());
        if prefix >= mapped_bits {
            address = written.to_canonical();
            prefix -= mapped_bits;
        }
        let network = Self::around(address, prefix);
        if network.first != address {
            return Err(NetworkError::HostBits { text: text.into(), network });
        }
        Ok(network)
    }
}

fn prefix_length(digits: &str, max: u8) -> Option<u8> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|prefix| plain && *prefix <= max)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_network_is_read_or_refused_with_what_to_write_instead() {
        for (text, shown) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("::1", "::1/128"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.0.0.1", "10.0.0.1/32"),
            ("10.0.0.1/8", "error: `10.0.0.1/8` has bits set after its prefix; the network is 10.0.0.0/8"),
            ("10.0.0.0/33", "error: `10.0.0.0/33`: the prefix length is a number from 0 to 32"),
            ("::/129", "error: `::/129`: the prefix length is a number from 0 to 128"),
            ("10.0.0.0/", "error: `10.0.0.0/`: the prefix length is a number from 0 to 32"),
            ("10.0.0.0/+8", "error: `10.0.0.0/+8`: the prefix length is a number from 0 to 32"),
            (
                "10.0.0/8",
                "error: `10.0.0/8` is not an IP address or network; write for example 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32",
            ),
            ("", "error: `` is not an IP address or network; write for example 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32"),
        ] {
            let read = text.parse::<Network>();
            assert_eq!(read.map_or_else(|error| format!("error: {error}"), |network| network.to_string()), shown);
        }
    }

    #[test]
    fn an_address_is_in_a_network_or_not() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.1.1.1", true), // S-61
            ("10.0.0.0/8", "192.0.2.1", false),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("10.0.0.0/8", "::10.1.1.1", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "::1", true),
            ("::/0", "10.0.0.1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("2001:db8::/33", "2001:db8:7fff::", true),
            ("2001:db8::/33", "2001:db8:8000::", false),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), inside, "{address} in {network}");
        }
    }

    proptest! {
        #[test]
        fn a_printed_network_reads_back(address: IpAddr, prefix in 0u8..=128) {
            let address = address.to_canonical();
            let network = Network::around(address, prefix.min(bits(address)));
            prop_assert!(network.contains(address));
            prop_assert_eq!(network.to_string().parse(), Ok(network));
        }

        #[test]
        fn no_text_panics(text in ".{0,80}") {
            let _ = text.parse::<Network>();
        }
    }
}
