//! Passwords: how long, which not, and what is kept of them.

use crate::{Refused, User, api_key::hex};
use argon2::{Algorithm, Argon2, Params, Version};
use provost_scim::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;
use subtle::ConstantTimeEq;

/// Shortest password, in characters. There is no rule about which.
pub const LENGTH_MIN: usize = 12;
/// Longest password, in characters.
pub const LENGTH_MAX: usize = 256;

/// Memory for one hash, in KiB. These are the figures that OWASP gives for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_LENGTH: usize = 32;
/// Most that a stored hash may ask for: the database is not trusted with this machine's memory.
const MEMORY_KIB_MAX: u32 = 1 << 20;

/// The commonest passwords of at least [`LENGTH_MIN`] characters, in lower case.
static COMMONEST: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../data/common-passwords.txt").lines().collect());

/// What is kept of a password: Argon2id with the figures that it was made with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    /// In hexadecimal.
    salt: String,
    /// In hexadecimal.
    hash: String,
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

impl PasswordHash {
    /// Hashes a password. Takes some ten milliseconds of a processor and 19 MiB: not for a thread that serves others.
    pub fn make(password: &str, salt: [u8; 16]) -> Self {
        let made = Self { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES, salt: hex(&salt), hash: String::new() };
        let hash = made.derive(password).expect("the figures are within what Argon2 allows");
        Self { hash, ..made }
    }

    /// Whether this is the hash of a password. Without a hash the answer is no, and takes as long.
    pub fn is(stored: Option<&Self>, password: &str) -> bool {
        static NOBODYS: LazyLock<PasswordHash> = LazyLock::new(|| PasswordHash {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: hex(&[0; 16]),
            hash: hex(&[0; HASH_LENGTH]),
        });
        let hash = stored.unwrap_or(&NOBODYS);
        let same = hash.derive(password).is_some_and(|found| found.as_bytes().ct_eq(hash.hash.as_bytes()).into());
        same && stored.is_some()
    }

    /// The hash of a password with this one's salt and figures, in hexadecimal; `None` for figures that nobody wrote.
    fn derive(&self, password: &str) -> Option<String> {
        if self.memory_kib > MEMORY_KIB_MAX || password.chars().nth(LENGTH_MAX).is_some() {
            return None;
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_LENGTH)).ok()?;
        let mut out = [0; HASH_LENGTH];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(fold(password, true).as_bytes(), self.salt.as_bytes(), &mut out)
            .ok()?;
        Some(hex(&out))
    }
}

/// Whether a user may have this password.
///
/// # Errors
/// 400 for one that is too short, too long, one of the commonest, or the user's own name.
pub fn check(password: &str, user: &User, account: &str) -> Result<(), Refused> {
    let length = password.chars().take(LENGTH_MAX + 1).count();
    if length < LENGTH_MIN {
        return Err(Refused::invalid(format!("the password has {length} characters: it needs at least {LENGTH_MIN}")));
    }
    if length > LENGTH_MAX {
        return Err(Refused::invalid(format!("the password is longer than {LENGTH_MAX} characters")));
    }
    let folded = fold(password, false);
    if COMMONEST.contains(folded.as_ref()) || is_repeated(&folded) {
        return Err(Refused::invalid(
            "this is one of the passwords that are tried first: choose another, such as four words that nobody says together",
        ));
    }
    let name = fold(user.user_name(), false).into_owned();
    let local = name.split('@').next().unwrap_or_default().to_owned();
    if [name, local, fold(account, false).into_owned()].iter().any(|known| folded == known.as_str()) {
        return Err(Refused::invalid("the password must not be your own name or that of the account"));
    }
    Ok(())
}

/// Whether a text is a short piece again and again, such as `123412341234`.
fn is_repeated(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (1..=8).any(|period| characters.iter().zip(characters.iter().skip(period)).all(|(one, next)| one == next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_and_nothing_else() {
        let kept = PasswordHash::make("correct horse battery", [7; 16]);
        assert!(PasswordHash::is(Some(&kept), "correct horse battery"));
        for other in ["correct horse batterz", "", "correct horse battery ", &"x".repeat(10_000)] {
            assert!(!PasswordHash::is(Some(&kept), other), "{other}");
        }
        assert!(!PasswordHash::is(None, "correct horse battery"));
        assert_ne!(kept, PasswordHash::make("correct horse battery", [8; 16]), "by salt");
        let text = serde_json::to_string(&kept).unwrap();
        assert!(!text.contains("horse") && text.contains("\"memory_kib\":19456"), "{text}");
        assert_eq!(format!("{kept:?}"), "[redacted]");
        let again: PasswordHash = serde_json::from_str(&text).unwrap();
        assert!(PasswordHash::is(Some(&again), "correct horse battery"));
        let greedy: PasswordHash = serde_json::from_str(&text.replace("19456", "4000000000")).unwrap();
        assert!(!PasswordHash::is(Some(&greedy), "correct horse battery"));
    }

    #[test]
    fn one_accent_written_in_two_ways_is_one_password() {
        let kept = PasswordHash::make("caf\u{e9} caf\u{e9} caf\u{e9}", [7; 16]);
        assert!(PasswordHash::is(Some(&kept), "cafe\u{301} cafe\u{301} cafe\u{301}"));
    }

    #[test]
    fn what_is_said_again_and_again_is_common() {
        for (text, repeated) in [
            ("aaaaaaaaaaaa", true),
            ("123412341234", true),
            ("abcabcabcabc", true),
            ("passwordpassword", true),
            ("abcdefghijkl", false),
        ] {
            assert_eq!(is_repeated(text), repeated, "{text}");
        }
    }
}
