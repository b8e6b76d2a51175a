//! Recovery codes: for whoever has lost the second factor. Each works once.

use super::totp::base32;
use crate::api_key::hex;
use provost_change::ResourceId;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How many are given at once.
pub const CODES: usize = 10;
/// Random bytes of one: 80 bits, so that a hash without salt suffices.
const LENGTH: usize = 10;
/// Characters of one.
const CHARACTERS: usize = 16;

/// Fresh codes such as `ABCD-EFGH-IJKL-MNOP`, all from one secret.
pub fn make(user: ResourceId, secret: [u8; 32]) -> Vec<String> {
    let code = |number: usize| {
        let own = Sha256::new().chain_update(b"provost recovery 1").chain_update(secret);
        let own = own.chain_update(user.as_bytes()).chain_update(number.to_be_bytes()).finalize();
        let text: Vec<char> = base32(&own[..LENGTH]).chars().collect();
        text.chunks(4).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    };
    (0..CODES).map(code).collect()
}

/// What is kept of a code; `None` for a text that is none. Case, spaces and hyphens make no difference.
pub fn hash(user: ResourceId, code: &str) -> Option<String> {
    let plain: String = code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .take(CHARACTERS + 1)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    (plain.len() == CHARACTERS)
        .then(|| hex(&Sha256::new().chain_update(user.as_bytes()).chain_update(plain.as_bytes()).finalize()))
}

/// Which of the kept hashes is this one.
pub fn position(kept: &[String], hash: &str) -> Option<usize> {
    kept.iter().position(|one| one.as_bytes().ct_eq(hash.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_code_is_known_however_it_is_typed_and_only_to_its_user() {
        let user = ResourceId::new(Uuid::from_u128(2));
        let codes = make(user, [7; 32]);
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), CODES);
        let kept: Vec<String> = codes.iter().map(|code| hash(user, code).unwrap()).collect();
        let typed = codes[3].to_lowercase().replace('-', " ");
        assert_eq!(position(&kept, &hash(user, &typed).unwrap()), Some(3));
        let other = ResourceId::new(Uuid::from_u128(3));
        assert_eq!(position(&kept, &hash(other, &codes[3]).unwrap()), None);
        assert!(make(user, [8; 32]).iter().all(|code| !codes.contains(code)));
        for bad in ["", "ABCD", &codes[0][1..], &"A".repeat(100_000)] {
            assert_eq!(hash(user, bad), None, "{bad}");
        }
    }
}
