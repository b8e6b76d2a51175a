//! Identifiers: opaque to clients, never reused, made outside and passed in.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};
use uuid::Uuid;

/// A text that is no id of ours. Ids are compared as texts, so only the form that we issue is one (RFC 7643 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a freshly made UUID.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The 16 bytes, in the order in which ids sort.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The UUID inside.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let uuid = Uuid::try_parse(text).map_err(|_| IdError)?;
                let mut canonical = [0; 36];
                (uuid.hyphenated().encode_lower(&mut canonical) == text).then_some(Self(uuid)).ok_or(IdError)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), out)
            }
        }
    };
}

id! {
    /// An account: the tenant. First in every key of the store.
    AccountId
}
id! {
    /// SCIM `id` (RFC 7643 §3.1), and the id of every other record: issued by us, opaque to clients, never reused.
    ResourceId
}

/// What a record is: `user`, `role`, … Custom resource types add their own at run time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// The account itself: one record, with the account's id.
    pub const ACCOUNT: Self = Self(Cow::Borrowed("account"));
    /// An admin app with the hashes of its API keys.
    pub const ADMIN_APP: Self = Self(Cow::Borrowed("admin-app"));
    /// A group.
    pub const GROUP: Self = Self(Cow::Borrowed("group"));
    /// An index that the account declares.
    pub const INDEX: Self = Self(Cow::Borrowed("index"));
    /// One version of the account's policy.
    pub const POLICY: Self = Self(Cow::Borrowed("policy"));
    /// A quorum policy, of the account or of a group.
    pub const QUORUM_POLICY: Self = Self(Cow::Borrowed("quorum-policy"));
    /// A resource type that the account defines.
    pub const RESOURCE_TYPE: Self = Self(Cow::Borrowed("resource-type"));
    /// A custom role.
    pub const ROLE: Self = Self(Cow::Borrowed("role"));
    /// A schema that the account defines.
    pub const SCHEMA: Self = Self(Cow::Borrowed("schema"));
    /// When and from where an API key was used last.
    pub const KEY_USE: Self = Self(Cow::Borrowed("key-use"));
    /// What a SCIM client asked and was answered; kept for some days.
    pub const REQUEST: Self = Self(Cow::Borrowed("request"));
    /// What a person proves to be a user with: the id is the user's.
    pub const CREDENTIALS: Self = Self(Cow::Borrowed("credentials"));
    /// A session of a person in the console.
    pub const SESSION: Self = Self(Cow::Borrowed("session"));
    /// How people sign in to the account's console: one record at most, with the account's id.
    pub const SIGN_IN: Self = Self(Cow::Borrowed("sign-in"));
    /// A user who was deleted and can be restored until its time is over; no SCIM client sees it.
    pub const DELETED_USER: Self = Self(Cow::Borrowed("deleted-user"));
    /// A user who is disabled until somebody may remove it; no SCIM client sees it.
    pub const SUSPENDED_USER: Self = Self(Cow::Borrowed("suspended-user"));
    /// A user.
    pub const USER: Self = Self(Cow::Borrowed("user"));

    /// A kind by name, as it was stored.
    pub fn named(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ResourceId;

    #[test]
    fn only_the_issued_form_is_an_id() {
        let issued = "0190a5b4-7f0e-7c3a-8f3e-0123456789ab";
        assert_eq!(issued.parse::<ResourceId>().map(|id| id.to_string()), Ok(issued.to_owned()));
        for other in [
            "0190A5B4-7F0E-7C3A-8F3E-0123456789AB",
            "0190a5b47f0e7c3a8f3e0123456789ab",
            "{0190a5b4-7f0e-7c3a-8f3e-0123456789ab}",
            "",
        ] {
            assert!(other.parse::<ResourceId>().is_err(), "{other}");
        }
    }
}
