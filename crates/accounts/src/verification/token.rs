//! The token in a link: `prv_verify_<account><user><secret>` in hexadecimal.
//!
//! It begins like our keys, so that logs redact it. Account and user say where its hash is kept, without an index over accounts.

use crate::api_key::hex;
use provost_change::{AccountId, ResourceId};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Where links point to, below what links begin with.
pub(super) const PATH: &str = "/verify/";

const PREFIX: &str = "prv_verify_";
/// An id (16 bytes) in hexadecimal.
const ID_LENGTH: usize = 32;
/// The secret (16 bytes) in hexadecimal.
const SECRET_LENGTH: usize = 32;

/// A new token in clear, for the one mail that has it.
pub(super) struct NewLink(String);

/// A token as somebody presents it: well formed, not yet known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedLink {
    /// The account that it claims to belong to.
    pub account: AccountId,
    /// The user.
    pub user: ResourceId,
    hash: String,
}

impl NewLink {
    /// The secret of a call is enough for several users: who gets one user's link learns nothing about another's.
    pub(super) fn make(account: AccountId, user: ResourceId, secret: [u8; 16]) -> Self {
        let own = Sha256::new().chain_update(secret).chain_update(account.as_bytes()).chain_update(user.as_bytes());
        let own = &hex(&own.finalize())[..SECRET_LENGTH];
        Self(format!("{PREFIX}{}{}{own}", hex(account.as_bytes()), hex(user.as_bytes())))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }
}

impl PresentedLink {
    /// Reads a token; `None` when it cannot be one of ours.
    pub fn read(token: &str) -> Option<Self> {
        let body = token.strip_prefix(PREFIX)?;
        if body.len() != 2 * ID_LENGTH + SECRET_LENGTH || !body.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        {
            return None;
        }
        let id = |at: usize| Uuid::try_parse(&body[at..at + ID_LENGTH]).ok();
        Some(Self {
            account: AccountId::new(id(0)?),
            user: ResourceId::new(id(ID_LENGTH)?),
            hash: hex(&Sha256::digest(token.as_bytes())),
        })
    }

    /// Whether this is the token with that hash; takes the same time whether it is or not.
    pub(super) fn is(&self, hash: &str) -> bool {
        self.hash.as_bytes().ct_eq(hash.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> NewLink {
        NewLink::make(AccountId::new(Uuid::from_u128(1)), ResourceId::new(Uuid::from_u128(2)), [3; 16])
    }

    #[test]
    fn s_41_a_link_is_known_by_its_hash_alone() {
        let presented = PresentedLink::read(link().reveal()).unwrap();
        assert_eq!(presented.account, AccountId::new(Uuid::from_u128(1)));
        assert_eq!(presented.user, ResourceId::new(Uuid::from_u128(2)));
        assert!(presented.is(&link().hash()));
        let other = NewLink::make(presented.account, presented.user, [4; 16]);
        assert!(!presented.is(&other.hash()) && !presented.is(""));
    }

    #[test]
    fn what_is_no_link_is_refused_before_anything_is_read() {
        let good = link().reveal().to_owned();
        for bad in
            ["", "prv_verify_", &good[..good.len() - 1], &format!("{good}0"), &good.to_uppercase(), &"é".repeat(53)]
        {
            assert_eq!(PresentedLink::read(bad), None, "{bad}");
        }
    }
}
