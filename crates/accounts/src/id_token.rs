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
    if claims.contains('.') {
        return Err(TokenFault::Form);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
    };
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn expected() -> Expected<'static> {
        Expected {
            issuer: "https://login.example.com",
            client_id: "provost",
            nonce: "n-1",
            now: Timestamp::from_second(NOW).unwrap(),
            signed_in_since: None,
        }
    }

    fn claims() -> Value {
        json!({
            "iss": "https://login.example.com", "aud": "provost", "sub": "1", "nonce": "n-1",
            "exp": NOW + 300, "iat": NOW - 5, "email": "ann@acme.example",
        })
    }

    fn key() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
    }

    fn keys() -> Value {
        let x = BASE64_URL_SAFE_NO_PAD.encode(key().public_key().as_ref());
        json!({ "keys": [{ "kty": "odd", "kid": 5 }, { "kty": "OKP", "crv": "Ed25519", "kid": "k1", "use": "sig", "x": x }] })
    }

    fn unsigned(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(header), part(claims))
    }

    fn signed(header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = key().sign(text.as_bytes());
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn header() -> Value {
        json!({ "alg": "EdDSA", "kid": "k1", "typ": "JWT" })
    }

    #[test]
    fn a_token_is_taken_that_says_what_it_must() {
        let taken = verify(&signed(&header(), &claims()), &keys(), &expected()).unwrap();
        assert_eq!(taken["email"], "ann@acme.example");
        for (name, value) in [
            ("aud", json!(["provost"])),
            ("exp", json!(NOW - 59)),
            ("iat", json!(NOW + 60)),
            ("iat", json!(NOW as f64 - 0.5)),
            ("azp", json!("provost")),
            ("nbf", json!(NOW)),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            assert!(verify(&signed(&header(), &claims), &keys(), &expected()).is_ok(), "{name} {value}");
        }
        let both = json!({ "aud": ["other", "provost"], "azp": "provost" });
        let mut several = claims();
        several.as_object_mut().unwrap().extend(both.as_object().unwrap().clone());
        assert!(verify(&signed(&header(), &several), &keys(), &expected()).is_ok());
    }

    #[test]
    fn a_claim_that_is_not_what_it_must_be_is_named() {
        for (name, value, fault) in [
            ("iss", json!("https://login.example.com/"), "iss"),
            ("iss", Value::Null, "iss"),
            ("aud", json!("other"), "aud"),
            ("aud", json!(["provost", "other"]), "aud"),
            ("aud", json!([]), "aud"),
            ("azp", json!("other"), "aud"),
            ("exp", json!(NOW - 60), "exp"),
            ("exp", json!("soon"), "exp"),
            ("exp", Value::Null, "exp"),
            ("iat", json!(NOW + 61), "iat"),
            ("nbf", json!(NOW + 61), "nbf"),
            ("nbf", json!("x"), "nbf"),
            ("nonce", json!("n-2"), "nonce"),
            ("nonce", json!(""), "nonce"),
            ("sub", json!(""), "sub"),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            let found = verify(&signed(&header(), &claims), &keys(), &expected());
            assert_eq!(found, Err(TokenFault::Claim(fault)), "{name} {value}");
        }
        let since = Expected { signed_in_since: Some(expected().now), ..expected() };
        for (auth_time, taken) in
            [(json!(NOW), true), (json!(NOW - 60), true), (json!(NOW - 61), false), (Value::Null, false)]
        {
            let mut claims = claims();
            claims["auth_time"] = auth_time.clone();
            assert_eq!(verify(&signed(&header(), &claims), &keys(), &since).is_ok(), taken, "{auth_time}");
        }
    }

    #[test]
    fn a_token_that_the_provider_did_not_sign_is_refused() {
        let good = signed(&header(), &claims());
        let (text, signature) = good.rsplit_once('.').unwrap();
        let other = signed(&header(), &json!({ "iss": "x" }));
        let (_, other) = other.rsplit_once('.').unwrap();
        let none = json!({ "alg": "none" });
        for (token, fault) in [
            (format!("{text}.{other}"), TokenFault::Signature),
            (format!("{text}."), TokenFault::Signature),
            (format!("{}.", unsigned(&none, &claims())), TokenFault::Algorithm("none".to_owned())),
            (signed(&json!({ "alg": "HS256" }), &claims()), TokenFault::Algorithm("HS256".to_owned())),
            (signed(&json!({ "alg": "EdDSA", "kid": "k2" }), &claims()), TokenFault::Key),
            (signed(&json!({ "alg": "RS256", "kid": "k1" }), &claims()), TokenFault::Key),
            (signed(&json!({ "alg": "EdDSA", "kid": "k1", "crit": ["b64"] }), &claims()), TokenFault::Form),
            (text.to_owned(), TokenFault::Form),
            (format!("{good}.{signature}"), TokenFault::Form),
            ("..".to_owned(), TokenFault::Form),
            (String::new(), TokenFault::Form),
            ("a".repeat(100_000), TokenFault::Form),
        ] {
            assert_eq!(verify(&token, &keys(), &expected()), Err(fault), "{}", &token[..token.len().min(80)]);
        }
        assert_eq!(verify(&good, &json!({ "keys": [] }), &expected()), Err(TokenFault::Key));
        assert_eq!(verify(&good, &json!(null), &expected()), Err(TokenFault::Key));
    }

    #[test]
    fn a_key_of_a_curve_is_read_from_its_point() {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        let point = key.public_key().as_ref();
        let part = |range: std::ops::Range<usize>| BASE64_URL_SAFE_NO_PAD.encode(&point[range]);
        let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": part(1..33), "y": part(33..65) }] });
        let text = unsigned(&json!({ "alg": "ES256" }), &claims());
        let signature = key.sign(&random, text.as_bytes()).unwrap();
        let token = format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        assert!(verify(&token, &keys, &expected()).is_ok());
    }
}
