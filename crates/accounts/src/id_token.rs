//! ID tokens of OpenID Connect (Core 1.0 §3.1.3.7): whether one is what the provider says, about whom, and for us.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

/// Longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 64 * 1_024;
/// Seconds by which clocks may differ.
const LEEWAY_SECONDS: i64 = 60;

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// The provider's issuer identifier.
    pub issuer: &'e str,
    /// Our client id there.
    pub client_id: &'e str,
    /// What the authentication request carried.
    pub nonce: &'e str,
    /// The present instant.
    pub now: Timestamp,
    /// From when on the person must have signed in there; `None` where any time will do.
    pub signed_in_since: Option<Timestamp>,
}

/// Why a token is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is no signed JWT.
    #[error("the identity provider's ID token cannot be read")]
    Form,
    /// Its algorithm is not one that is taken: RS256, PS256, ES256, ES384 and EdDSA are.
    #[error("the identity provider signs by `{0}`, which is not taken: RS256, PS256, ES256, ES384 and EdDSA are")]
    Algorithm(String),
    /// None of the provider's keys fits.
    #[error("the identity provider's keys do not include the one that its ID token names")]
    Key,
    /// The signature is not the key's.
    #[error("the signature of the ID token is not the identity provider's")]
    Signature,
    /// A claim is not what it must be.
    #[error("the ID token is not for this sign-in: `{0}` is not what it must be")]
    Claim(&'static str),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<Value>,
}

/// A key of a JWK set (RFC 7517), as far as it is needed.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The claims of a token that is signed by one of the provider's keys and says what it must.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn verify(token: &str, keys: &Value, expected: &Expected<'_>) -> Result<Map<String, Value>, TokenFault> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenFault::Form);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Form)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenFault::Form)?;
    let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| TokenFault::Form)?;
    if header.crit.is_some() {
        return Err(TokenFault::Form);
    }
    check_signature(&header, keys, signed.as_bytes(), &decoded(signature)?)?;
    let claims: Map<String, Value> = serde_json::from_slice(&decoded(claims)?).map_err(|_| TokenFault::Form)?;
    check_claims(&claims, expected)?;
    Ok(claims)
}

fn check_signature(header: &Header, keys: &Value, signed: &[u8], signature: &[u8]) -> Result<(), TokenFault> {
    let kind = match header.alg.as_str() {
        "RS256" | "PS256" => ("RSA", None),
        "ES256" => ("EC", Some("P-256")),
        "ES384" => ("EC", Some("P-384")),
        "EdDSA" => ("OKP", Some("Ed25519")),
        other => return Err(TokenFault::Algorithm(other.chars().take(20).collect())),
    };
    let keys = keys.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    // A key of a kind that nobody knows is none for us, and no fault.
    let keys = keys.iter().filter_map(|key| Jwk::deserialize(key).ok());
    let fitting = keys.filter(|key| {
        (key.kty.as_str(), key.crv.as_deref().filter(|_| kind.1.is_some())) == kind
            && key.usage.as_deref().is_none_or(|usage| usage == "sig")
            && (header.kid.is_none() || key.kid == header.kid)
    });
    let mut fault = TokenFault::Key;
    for key in fitting {
        match is_signed_by(&header.alg, &key, signed, signature) {
            Some(true) => return Ok(()),
            Some(false) => fault = TokenFault::Signature,
            None => {}
        }
    }
    Err(fault)
}

/// Whether the signature is that of a key; `None` for a key without its parts.
fn is_signed_by(algorithm: &str, key: &Jwk, signed: &[u8], signature: &[u8]) -> Option<bool> {
    let part = |text: &Option<String>| BASE64_URL_SAFE_NO_PAD.decode(text.as_deref()?.trim_end_matches('=')).ok();
    let rsa = |parameters: &signature::RsaParameters| {
        let (n, e) = (part(&key.n)?, part(&key.e)?);
        Some(RsaPublicKeyComponents { n: &n, e: &e }.verify(parameters, signed, signature).is_ok())
    };
    let plain = |parameters: &'static dyn signature::VerificationAlgorithm, bytes: Vec<u8>| {
        Some(UnparsedPublicKey::new(parameters, bytes).verify(signed, signature).is_ok())
    };
    let point = || Some([vec![4], part(&key.x)?, part(&key.y)?].concat());
    match algorithm {
        "RS256" => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        "PS256" => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        "ES256" => plain(&signature::ECDSA_P256_SHA256_FIXED, point()?),
        "ES384" => plain(&signature::ECDSA_P384_SHA384_FIXED, point()?),
        "EdDSA" => plain(&signature::ED25519, part(&key.x)?),
        _ => None,
    }
}

fn check_claims(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), TokenFault> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    // Some providers write seconds with a fraction.
    let number =
        |name: &str| claims.get(name).and_then(|value| value.as_i64().or_else(|| value.as_f64().map(|n| n as i64)));
    let now = expected.now.as_second();
    if text("iss") != Some(expected.issuer) {
        return Err(TokenFault::Claim("iss"));
    }
    let ours = match claims.get("aud") {
        Some(Value::String(one)) => one == expected.client_id,
        Some(Value::Array(several)) => {
            let named = several.iter().any(|one| one.as_str() == Some(expected.client_id));
            named && (several.len() == 1 || text("azp") == Some(expected.client_id))
        }
        Some(_) | None => false,
    };
    if !ours || text("azp").is_some_and(|azp| azp != expected.client_id) {
        return Err(TokenFault::Claim("aud"));
    }
    if number("exp").is_none_or(|exp| now >= exp.saturating_add(LEEWAY_SECONDS)) {
        return Err(TokenFault::Claim("exp"));
    }
    if number("iat").is_none_or(|iat| iat > now.saturating_add(LEEWAY_SECONDS)) {
        return Err(TokenFault::Claim("iat"));
    }
    if claims.get("nbf").is_some() && number("nbf").is_none_or(|nbf| nbf > now.saturating_add(LEEWAY_SECONDS)) {
        return Err(TokenFault::Claim("nbf"));
    }
    let nonce = text("nonce").unwrap_or_default();
    if nonce.is_empty() || !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err(TokenFault::Claim("nonce"));
    }
    let since = expected.signed_in_since.map(|since| since.as_second() - LEEWAY_SECONDS);
    if since.is_some_and(|since| number("auth_time").is_none_or(|at| at < since)) {
        return Err(TokenFault::Claim("auth_time"));
    }
    if text("sub").is_none_or(str::is_empty) {
        return Err(TokenFault::Claim("sub"));
    }
    Ok(())
}

fn decoded(text: &str) -> Result<Vec<u8>, TokenFault> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenFault::Form)
}
