//! Whom people may ask.

use std::str::FromStr;

/// Longest address, in bytes (RFC 5321 §4.5.3.1.3).
const BYTES_MAX: usize = 254;

/// The e-mail address of those who help the people of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportAddress(String);

/// Why a text is no address.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no e-mail address: give one such as support@example.com")]
pub struct NoAddress(String);

impl SupportAddress {
    /// The address, such as `support@example.com`; nothing in it has a meaning in an address of the web or in HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SupportAddress {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let is_plain = |part: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
            !part.is_empty() && part.bytes().all(plain)
        };
        match text.split_once('@') {
            Some((local, domain)) if text.len() <= BYTES_MAX && is_plain(local) && is_plain(domain) => {
                Ok(Self(text.to_owned()))
            }
            Some(_) | None => Err(NoAddress(text.chars().take(BYTES_MAX).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_3_a_support_address_is_plain() {
        let long = format!("{}@example.com", "a".repeat(BYTES_MAX));
        for (text, is_one) in [
            ("support@example.com", true),
            ("help+scim@desk.example", true),
            ("support", false),
            ("@example.com", false),
            ("a@", false),
            ("a@b@c", false),
            ("a b@example.com", false),
            ("a@example.com?subject=x", false),
            (long.as_str(), false),
        ] {
            assert_eq!(text.parse::<SupportAddress>().is_ok(), is_one, "{text}");
        }
    }
}
