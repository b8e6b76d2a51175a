//! API keys: `prv_<id>_<secret>`; only a hash is stored.
//!
//! The id says which account and which key, so that a request finds its account without a search over all accounts. The secret
//! is 256 random bits and a checksum, so that a mistyped key is refused before anything is read, and a leaked one can be
//! recognised. A hash without salt or stretching suffices for 256 random bits.

use jiff::Timestamp;
use provost_change::AccountId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use uuid::Uuid;

const PREFIX: &str = "prv_";
/// Account (16 bytes) and key number (8 bytes), in hexadecimal.
const ID_LENGTH: usize = 48;
/// Secret (32 bytes) and checksum (4 bytes), in hexadecimal.
const SECRET_LENGTH: usize = 72;
const CHECKSUM_LENGTH: usize = 8;

/// A new key in clear: shown once. Prints as `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey(String);

/// What is kept of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// The id part, which names the key in logs.
    pub id: String,
    /// SHA-256 of the whole key, in hexadecimal.
    pub hash: String,
    /// The last eight characters, to recognise a key by.
    pub last_eight: String,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it is refused.
    pub expires: Option<Timestamp>,
    /// Until when it is still taken although a newer one exists: set by rotation.
    pub replaced_until: Option<Timestamp>,
}

/// A key as a client presents it: well formed, not yet known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedKey {
    /// The account that it claims to belong to.
    pub account: AccountId,
    /// Its id part.
    pub id: String,
    hash: [u8; 32],
}

impl NewKey {
    /// Makes a key of an account from fresh random bytes.
    pub fn make(account: AccountId, number: [u8; 8], secret: [u8; 32]) -> Self {
        let body = format!("{PREFIX}{}{}_{}", hex(account.as_bytes()), hex(&number), hex(&secret));
        let checksum = checksum(&body);
        Self(body + &checksum)
    }

    /// The key in clear, for the one answer that shows it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn stored(&self, created: Timestamp, expires: Option<Timestamp>) -> StoredKey {
        StoredKey {
            id: self.0[PREFIX.len()..PREFIX.len() + ID_LENGTH].to_owned(),
            hash: hex(&Sha256::digest(self.0.as_bytes())),
            last_eight: self.0[self.0.len() - 8..].to_owned(),
            created,
            expires,
            replaced_until: None,
        }
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

impl PresentedKey {
    /// Reads a bearer token; `None` when it cannot be one of our keys.
    pub fn read(token: &str) -> Option<Self> {
        if token.len() != PREFIX.len() + ID_LENGTH + 1 + SECRET_LENGTH || !token.is_ascii() {
            return None;
        }
        let (id, secret) = token.strip_prefix(PREFIX)?.split_at_checked(ID_LENGTH)?;
        let secret = secret.strip_prefix('_')?;
        let lower_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !lower_hex(id) || !lower_hex(secret) {
            return None;
        }
        let (body, given) = token.split_at(token.len() - CHECKSUM_LENGTH);
        (checksum(body) == given).then_some(())?;
        let account = AccountId::new(Uuid::try_parse(&id[..32]).ok()?);
        Some(Self { account, id: id.to_owned(), hash: Sha256::digest(token.as_bytes()).into() })
    }
}

impl StoredKey {
    /// Whether a presented key is this one; takes the same time whether it is or not.
    pub fn is(&self, presented: &PresentedKey) -> bool {
        self.hash.as_bytes().ct_eq(hex(&presented.hash).as_bytes()).into()
    }

    /// Whether it is taken at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires) && self.replaced_until.is_none_or(|until| now < until)
    }
}

fn checksum(body: &str) -> String {
    hex(&Sha256::digest(body.as_bytes())[..CHECKSUM_LENGTH / 2])
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> NewKey {
        NewKey::make(AccountId::new(Uuid::from_u128(7)), [1; 8], [2; 32])
    }

    #[test]
    fn a_key_is_recognised_by_its_hash_alone() {
        let stored = key().stored(Timestamp::UNIX_EPOCH, None);
        let presented = PresentedKey::read(key().reveal()).unwrap();
        assert!(stored.is(&presented));
        assert_eq!(presented.account, AccountId::new(Uuid::from_u128(7)));
        assert_eq!(presented.id, stored.id);
        let kept = serde_json::to_string(&stored).unwrap();
        assert!(PresentedKey::read(&stored.hash).is_none() && !kept.contains(key().reveal()), "S-56");
        assert_eq!(format!("{:?}", key()), "[redacted]");
    }

    #[test]
    fn what_is_no_key_is_refused_before_anything_is_read() {
        let good = key().reveal().to_owned();
        let mistyped = good.replacen("02", "03", 1);
        for bad in
            ["", "prv_", "Bearer x", &good[1..], &good.to_uppercase(), &mistyped, &format!("{good} "), &"é".repeat(62)]
        {
            assert_eq!(PresentedKey::read(bad), None, "{bad}");
        }
    }
}
