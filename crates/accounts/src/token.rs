//! Tokens that name a record: `prv_<purpose>_<account><record><secret>` in hexadecimal.
//!
//! They begin like our keys, so that logs redact them. Account and record say where the token's hash is kept, without an index over
//! accounts.

use crate::api_key::hex;
use provost_change::{AccountId, ResourceId};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// An id (16 bytes) in hexadecimal.
const ID_LENGTH: usize = 32;
/// The secret (16 bytes) in hexadecimal.
const SECRET_LENGTH: usize = 32;

/// What a token is for; one for another purpose is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Proves a user's address.
    Verification,
    /// Lets a user set a password.
    Password,
    /// Is a session of a user in the console.
    Session,
}

impl Purpose {
    fn prefix(self) -> &'static str {
        match self {
            Self::Verification => "prv_verify_",
            Self::Password => "prv_password_",
            Self::Session => "prv_session_",
        }
    }
}

/// A new token in clear, for the one who is to have it. Prints as `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct NewToken(String);

/// A token as somebody presents it: well formed, not yet known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedToken {
    /// The account that it claims to belong to.
    pub account: AccountId,
    /// The record: the user, or the session.
    pub record: ResourceId,
    hash: String,
}

impl NewToken {
    /// The secret of a call is enough for several records: who gets one token learns nothing about another.
    pub(crate) fn make(purpose: Purpose, account: AccountId, record: ResourceId, secret: [u8; 16]) -> Self {
        let prefix = purpose.prefix();
        let own = Sha256::new().chain_update(prefix).chain_update(secret);
        let own = own.chain_update(account.as_bytes()).chain_update(record.as_bytes());
        let own = &hex(&own.finalize())[..SECRET_LENGTH];
        Self(format!("{prefix}{}{}{own}", hex(account.as_bytes()), hex(record.as_bytes())))
    }

    /// The token in clear.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it: SHA-256 in hexadecimal, which is enough for 128 random bits.
    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

impl PresentedToken {
    /// Reads a token; `None` when it cannot be one of ours for that purpose.
    pub fn read(purpose: Purpose, token: &str) -> Option<Self> {
        let body = token.strip_prefix(purpose.prefix())?;
        if body.len() != 2 * ID_LENGTH + SECRET_LENGTH || !body.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        {
            return None;
        }
        let id = |at: usize| Uuid::try_parse(&body[at..at + ID_LENGTH]).ok();
        Some(Self {
            account: AccountId::new(id(0)?),
            record: ResourceId::new(id(ID_LENGTH)?),
            hash: hex(&Sha256::digest(token.as_bytes())),
        })
    }

    /// Whether this is the token with that hash; takes the same time whether it is or not.
    pub(crate) fn is(&self, hash: &str) -> bool {
        self.hash.as_bytes().ct_eq(hash.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Purpose; 3] = [Purpose::Verification, Purpose::Password, Purpose::Session];

    fn token(purpose: Purpose) -> NewToken {
        NewToken::make(purpose, AccountId::new(Uuid::from_u128(1)), ResourceId::new(Uuid::from_u128(2)), [3; 16])
    }

    #[test]
    fn s_41_a_token_is_known_by_its_hash_alone() {
        for purpose in ALL {
            let presented = PresentedToken::read(purpose, token(purpose).reveal()).unwrap();
            assert_eq!(presented.account, AccountId::new(Uuid::from_u128(1)));
            assert_eq!(presented.record, ResourceId::new(Uuid::from_u128(2)));
            assert!(presented.is(&token(purpose).hash()));
            let other = NewToken::make(purpose, presented.account, presented.record, [4; 16]);
            assert!(!presented.is(&other.hash()) && !presented.is(""));
            assert_eq!(format!("{:?}", token(purpose)), "[redacted]");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_before_anything_is_read() {
        let good = token(Purpose::Verification).reveal().to_owned();
        for bad in
            ["", "prv_verify_", &good[..good.len() - 1], &format!("{good}0"), &good.to_uppercase(), &"é".repeat(53)]
        {
            assert_eq!(PresentedToken::read(Purpose::Verification, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_token_for_one_purpose_is_none_for_another_and_tells_nothing_about_it() {
        for one in ALL {
            for other in ALL.into_iter().filter(|other| *other != one) {
                assert_eq!(PresentedToken::read(other, token(one).reveal()), None);
                assert_ne!(
                    token(one).reveal()[token(one).reveal().len() - 32..],
                    token(other).reveal()[token(other).reveal().len() - 32..]
                );
            }
        }
    }
}
