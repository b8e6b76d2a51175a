//! Cursors (RFC 9865): opaque, authenticated, and good only for who got them and what they asked.

use crate::app::Failure;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use provost_change::ResourceId;
use provost_scim::{ScimError, ScimType};
use ring::hmac;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long a cursor is good, in seconds; discovery says so.
pub(super) const LIFETIME_SECONDS: u32 = 3_600;

/// The key that cursors are made with: the same on every node and after a restart.
pub(crate) struct Cursor(hmac::Key);

/// Where the next page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Which of the types that the query is about, from 0.
    pub of: u64,
    /// Behind this resource of it; from its first one if none is given.
    pub after: Option<ResourceId>,
    /// In a sorted query: how many resources come before.
    pub offset: u64,
}

/// Bytes of the parts of a cursor: expiry, type, offset, id.
const BODY: usize = 8 + 8 + 8 + 16;
/// Bytes that authenticate it.
const TAG: usize = 32;

impl Cursor {
    /// Derives the key from a secret of the installation.
    pub fn new(secret: &[u8; 32]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"provost cursor 1");
        hasher.update(secret);
        Self(hmac::Key::new(hmac::HMAC_SHA256, &hasher.finalize()))
    }

    /// What a cursor is bound to, from the parts of the question.
    pub(super) fn identity(parts: &[&str]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().into()
    }

    /// The text of a cursor, of unreserved characters only.
    pub(super) fn write(&self, place: &Place, identity: &[u8; 32], now: Timestamp) -> String {
        let expires = now.saturating_add(SignedDuration::from_secs(i64::from(LIFETIME_SECONDS))).unwrap_or(now);
        let mut bytes = Vec::with_capacity(BODY + TAG);
        bytes.extend(expires.as_second().to_be_bytes());
        bytes.extend(place.of.to_be_bytes());
        bytes.extend(place.offset.to_be_bytes());
        bytes.extend(place.after.map_or([0; 16], |id| *id.as_bytes()));
        let tag = hmac::sign(&self.0, &[bytes.as_slice(), identity].concat());
        bytes.extend(tag.as_ref());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor back.
    ///
    /// # Errors
    /// `invalidCursor` for anything but what was given to this caller for this question, without a hint which part is wrong;
    /// `expiredCursor` when it is too old.
    pub(super) fn read(&self, text: &str, identity: &[u8; 32], now: Timestamp) -> Result<Place, Failure> {
        let invalid = || {
            let detail = "this cursor was not given for this query; begin again with an empty cursor";
            Failure::from(ScimError::bad_request(ScimType::InvalidCursor, detail))
        };
        let mut bytes = [0; BODY + TAG + 3];
        let read = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).map_err(|_| invalid())?;
        if read != BODY + TAG {
            return Err(invalid());
        }
        let (body, tag) = bytes[..read].split_at(BODY);
        hmac::verify(&self.0, &[body, identity].concat(), tag).map_err(|_| invalid())?;
        let number = |at: usize| -> [u8; 8] { std::array::from_fn(|index| body[at + index]) };
        if now.as_second() > i64::from_be_bytes(number(0)) {
            let detail = "this cursor has expired; begin again with an empty cursor";
            return Err(ScimError::bad_request(ScimType::ExpiredCursor, detail).into());
        }
        let id: [u8; 16] = std::array::from_fn(|index| body[24 + index]);
        let after = (id != [0; 16]).then(|| ResourceId::new(Uuid::from_bytes(id)));
        Ok(Place { of: u64::from_be_bytes(number(8)), after, offset: u64::from_be_bytes(number(16)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { of: 1, after: Some(ResourceId::new(Uuid::from_u128(7))), offset: 3 }
    }

    #[test]
    fn pgc_02_pgc_09_pgc_16_a_cursor_is_read_back_only_for_its_own_question() {
        let key = Cursor::new(&[1; 32]);
        let now = Timestamp::UNIX_EPOCH;
        let identity = Cursor::identity(&["account", "app", "/Users", "filter"]);
        let text = key.write(&place(), &identity, now);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{text}");
        assert_eq!(key.read(&text, &identity, now).unwrap(), place());
        let refused = |key: &Cursor, text: &str, identity: &[u8; 32], now| {
            key.read(text, identity, now).unwrap_err().scim().scim_type
        };
        let other = Cursor::identity(&["account", "app", "/Usersf", "ilter"]);
        let late = now + SignedDuration::from_secs(i64::from(LIFETIME_SECONDS) + 1);
        let invalid = Some(ScimType::InvalidCursor);
        assert_eq!(refused(&key, &text, &other, now), invalid, "another question");
        assert_eq!(refused(&Cursor::new(&[2; 32]), &text, &identity, now), invalid, "another installation");
        assert_eq!(refused(&key, &text[1..], &identity, now), invalid, "cut");
        assert_eq!(refused(&key, "%", &identity, now), invalid, "no cursor");
        assert_eq!(refused(&key, &text.repeat(100), &identity, now), invalid, "long");
        assert_eq!(refused(&key, &text, &identity, late), Some(ScimType::ExpiredCursor), "late");
        for position in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(refused(&key, &changed, &identity, now), invalid, "{changed}");
        }
    }
}
