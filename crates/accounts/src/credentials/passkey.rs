//! Passkeys: WebAuthn (Level 3) without attestation, as a relying party verifies it.
//!
//! A key comes from the browser as SubjectPublicKeyInfo, beside the authenticator data that holds the same key: so nothing has to be
//! decoded that an authenticator wrote in CBOR. User verification is demanded, so that a passkey alone proves who is there.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::signature::{self, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Longest name, in characters.
pub const NAME_MAX: usize = 100;
/// Longest id of a credential, in bytes (WebAuthn §4, Credential ID).
const ID_MAX: usize = 1_023;

/// A passkey of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential's id, in base64url.
    pub id: String,
    /// What the user calls it.
    pub name: String,
    /// Which kind of key it is.
    algorithm: Algorithm,
    /// The public key as `ring` takes it, in base64url.
    key: String,
    /// The authenticator's counter as it was seen last; 0 where it has none.
    counter: u32,
    /// When it came.
    pub created: Timestamp,
    /// When it was used last.
    pub used: Option<Timestamp>,
}

/// Kinds of keys (COSE algorithms), the preferred first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256 and 2,048 bits.
    Rs256,
}

/// The numbers by which browsers are told which keys are taken.
pub const ALGORITHMS: [i32; 3] = [-7, -8, -257];

/// What a ceremony is held to: the challenge that was given, and where the person is.
#[derive(Clone, Copy, Debug)]
pub struct Ceremony<'c> {
    /// The challenge, random.
    pub challenge: &'c [u8],
    /// The origin of the page, such as `https://provost.example.com`.
    pub origin: &'c str,
    /// The host of it, without a port.
    pub host: &'c str,
}

/// What a browser answers when it has made a passkey. All texts are base64url.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The credential's id.
    pub id: String,
    /// What the browser says that it was asked.
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    /// What the authenticator says.
    pub authenticator_data: String,
    /// The public key, as SubjectPublicKeyInfo.
    pub public_key: String,
    /// Which kind of key it is.
    pub public_key_algorithm: i32,
}

/// What a browser answers when a passkey was used. All texts are base64url.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assertion {
    /// The credential's id.
    pub id: String,
    /// What the browser says that it was asked.
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    /// What the authenticator says.
    pub authenticator_data: String,
    /// The signature over both.
    pub signature: String,
    /// The handle that we gave when the passkey was made; security keys may leave it out.
    #[serde(default)]
    pub user_handle: Option<String>,
}

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// It is not what a browser sends.
    #[error("the browser's answer cannot be read")]
    Form,
    /// It answers something else: another challenge, another page.
    #[error("the browser's answer belongs to another page or another attempt: try again")]
    Ceremony,
    /// Nobody proved to be there by a finger, a face or a code.
    #[error("the passkey was used without checking who is there: switch on its PIN, fingerprint or face check")]
    Unverified,
    /// The key is of a kind that is not taken.
    #[error("passkeys of this kind are not taken")]
    Key,
    /// The signature is not the key's.
    #[error("the signature is not the passkey's")]
    Signature,
    /// The counter went back: there is a copy of the key.
    #[error("the passkey's counter went back: it may have been copied")]
    Counter,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;

impl Ceremony<'_> {
    /// A passkey that was just made (WebAuthn §7.1, attestation `none`).
    ///
    /// # Errors
    /// When the answer is not what this ceremony asked for.
    pub fn register(&self, answer: &Registration, name: &str, now: Timestamp) -> Result<Passkey, PasskeyError> {
        let id = decoded(&answer.id)?;
        self.client_data(&answer.client_data, "webauthn.create")?;
        let data = decoded(&answer.authenticator_data)?;
        let counter = self.authenticator_data(&data, WITH_KEY)?;
        // Behind the counter: 16 bytes of a model, two of a length, the id, the key in CBOR.
        let length = data.get(53..55).ok_or(PasskeyError::Form)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let same_id = data.get(55..55 + length) == Some(id.as_slice());
        let cose = data.get(55 + length..).ok_or(PasskeyError::Form)?;
        if id.is_empty() || id.len() > ID_MAX || !same_id {
            return Err(PasskeyError::Form);
        }
        let (algorithm, key) = public_key(answer.public_key_algorithm, &decoded(&answer.public_key)?, cose)?;
        Ok(Passkey {
            id: BASE64_URL_SAFE_NO_PAD.encode(id),
            name: named(name),
            algorithm,
            key: BASE64_URL_SAFE_NO_PAD.encode(key),
            counter,
            created: now,
            used: None,
        })
    }

    /// The passkey as it is after its use (WebAuthn §7.2).
    ///
    /// # Errors
    /// When the answer is not what this ceremony asked for, or not by this passkey.
    pub fn verify(&self, passkey: &Passkey, answer: &Assertion, now: Timestamp) -> Result<Passkey, PasskeyError> {
        let client_data = self.client_data(&answer.client_data, "webauthn.get")?;
        let data = decoded(&answer.authenticator_data)?;
        let counter = self.authenticator_data(&data, 0)?;
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        let verification: &'static dyn signature::VerificationAlgorithm = match passkey.algorithm {
            Algorithm::Es256 => &signature::ECDSA_P256_SHA256_ASN1,
            Algorithm::EdDsa => &signature::ED25519,
            Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        };
        UnparsedPublicKey::new(verification, decoded(&passkey.key)?)
            .verify(&signed, &decoded(&answer.signature)?)
            .map_err(|_| PasskeyError::Signature)?;
        if (counter, passkey.counter) != (0, 0) && counter <= passkey.counter {
            return Err(PasskeyError::Counter);
        }
        Ok(Passkey { counter, used: Some(now), ..passkey.clone() })
    }

    /// The bytes of what the browser was asked, if it was this.
    fn client_data(&self, text: &str, kind: &str) -> Result<Vec<u8>, PasskeyError> {
        let bytes = decoded(text)?;
        let said: ClientData = serde_json::from_slice(&bytes).map_err(|_| PasskeyError::Form)?;
        let challenge = decoded(&said.challenge)?;
        let same = bool::from(challenge.ct_eq(self.challenge)) && said.origin == self.origin && !said.cross_origin;
        if same && said.kind == kind { Ok(bytes) } else { Err(PasskeyError::Ceremony) }
    }

    /// The counter of authenticator data that are for this host, with a person who was there.
    fn authenticator_data(&self, data: &[u8], flags: u8) -> Result<u32, PasskeyError> {
        let (Some(host), Some(&given), Some(counter)) = (data.get(..32), data.get(32), data.get(33..37)) else {
            return Err(PasskeyError::Form);
        };
        if host != Sha256::digest(self.host.as_bytes()).as_slice() {
            return Err(PasskeyError::Ceremony);
        }
        match (given & PRESENT, given & VERIFIED, given & flags == flags) {
            (PRESENT, VERIFIED, true) => Ok(u32::from_be_bytes([counter[0], counter[1], counter[2], counter[3]])),
            (PRESENT, VERIFIED, false) => Err(PasskeyError::Form),
            _ => Err(PasskeyError::Unverified),
        }
    }
}

/// The key inside a SubjectPublicKeyInfo, whose form is fixed for each kind that is taken, as `ring` takes it. What it is made of must
/// stand in the authenticator data too.
fn public_key(algorithm: i32, info: &[u8], cose: &[u8]) -> Result<(Algorithm, Vec<u8>), PasskeyError> {
    const P256: &[u8] = &[
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    const ED25519: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    const RSA_2048: &[u8] = &[
        0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
        0x00, 0x03, 0x82, 0x01, 0x0f, 0x00,
    ];
    let (algorithm, prefix, length) = match algorithm {
        -7 => (Algorithm::Es256, P256, 65),
        -8 => (Algorithm::EdDsa, ED25519, 32),
        -257 => (Algorithm::Rs256, RSA_2048, 270),
        _ => return Err(PasskeyError::Key),
    };
    let key = info.strip_prefix(prefix).filter(|key| key.len() == length).ok_or(PasskeyError::Key)?;
    // The coordinates, the point, the modulus.
    let parts: Vec<&[u8]> = match algorithm {
        Algorithm::Es256 => vec![&key[1..33], &key[33..]],
        Algorithm::EdDsa => vec![key],
        Algorithm::Rs256 => vec![&key[9..265]],
    };
    let stands = |part: &&[u8]| cose.windows(part.len()).any(|window| window == *part);
    if parts.iter().all(stands) { Ok((algorithm, key.to_vec())) } else { Err(PasskeyError::Key) }
}

fn decoded(text: &str) -> Result<Vec<u8>, PasskeyError> {
    BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| PasskeyError::Form)
}

/// One line, bounded; something where nothing was typed.
fn named(name: &str) -> String {
    let line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(NAME_MAX).collect();
    if line.trim().is_empty() { "Passkey".to_owned() } else { line.trim().to_owned() }
}
