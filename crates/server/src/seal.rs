//! Secrets that have to be read back: stored sealed, with a key that is not in the database.

pub(crate) mod place;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

/// The key of the seals: the same on every node and after a restart, as long as the operator's key is.
pub(crate) struct Seal(LessSafeKey);

impl Seal {
    /// The seals of an installation with this operator's key.
    pub(crate) fn of_key(operator_key: &str) -> Self {
        Self::new(&Sha256::digest(operator_key.as_bytes()).into())
    }

    /// Derives the key from a secret of the installation.
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        let key = Sha256::new().chain_update(b"provost seal 1").chain_update(secret).finalize();
        Self(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).expect("the key has the length of a digest")))
    }

    /// Seals a text so that it is opened only together with `place`: where it is stored. `nonce` is random, never used before.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_LEN], place: &[u8], text: &str) -> String {
        let mut sealed = text.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed)
            .expect("a text in memory is far shorter than the cipher's limit");
        BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed; `None` when it was sealed for another place, with another key, or changed since.
    pub(crate) fn open(&self, place: &[u8], sealed: &str) -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = sealed.to_vec();
        let text = self.0.open_in_place(nonce, Aad::from(place), &mut text).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Seal;

    #[test]
    fn what_is_sealed_opens_in_its_place_with_its_key_unchanged() {
        let seal = Seal::new(&[1; 32]);
        let sealed = seal.seal([7; 12], b"here", "s3cret");
        assert!(!sealed.contains("s3cret"));
        assert_eq!(seal.open(b"here", &sealed).as_deref(), Some("s3cret"));
        assert_eq!(Seal::new(&[1; 32]).open(b"here", &sealed).as_deref(), Some("s3cret"), "after a restart");
        assert_eq!(seal.open(b"there", &sealed), None);
        assert_eq!(Seal::new(&[2; 32]).open(b"here", &sealed), None);
        for cut in 0..sealed.len() {
            assert_eq!(seal.open(b"here", &sealed[..cut]), None, "{cut}");
        }
        assert_eq!(seal.open(b"here", "%"), None);
    }
}
