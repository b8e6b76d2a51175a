//! How servers that share a database know that they have the same operator's key: a mark of it in the database.

use ring::hmac;

/// Random bytes in a mark: databases of one key have different marks.
pub const SALT: usize = 16;

fn key_of(operator_key: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, operator_key.as_bytes())
}

fn said(salt: &[u8]) -> Vec<u8> {
    [b"provost operator mark 1".as_slice(), salt].concat()
}

/// A mark of a key: the salt, and a digest keyed with the operator's key. Of 256 random bits it tells nothing.
pub fn make(operator_key: &str, salt: [u8; SALT]) -> Vec<u8> {
    let tag = hmac::sign(&key_of(operator_key), &said(&salt));
    [salt.as_slice(), tag.as_ref()].concat()
}

/// Whether a mark is of this key.
pub fn is_of(mark: &[u8], operator_key: &str) -> bool {
    mark.split_at_checked(SALT).is_some_and(|(salt, tag)| hmac::verify(&key_of(operator_key), &said(salt), tag).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{is_of, make};

    #[test]
    fn a_mark_is_of_its_key_and_of_no_other() {
        let (mark, other) = (make("prvop_1", [7; 16]), make("prvop_1", [8; 16]));
        assert_ne!(mark[16..], other[16..]);
        for mark in [&mark, &other] {
            assert!(is_of(mark, "prvop_1") && !is_of(mark, "prvop_2"));
            for end in 0..mark.len() {
                assert!(!is_of(&mark[..end], "prvop_1"), "{end}");
            }
        }
        assert!(!is_of(&[&mark[..16], &other[16..]].concat(), "prvop_1"));
    }
}
