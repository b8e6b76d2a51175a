//! Codes of an authenticator app: TOTP (RFC 6238) over HMAC-SHA-1, six digits, steps of 30 seconds.

use jiff::Timestamp;
use ring::hmac;
use subtle::ConstantTimeEq;

/// Bytes of a secret, as many as its hash has (RFC 4226 §4).
pub const SECRET_LENGTH: usize = 20;
/// Digits of a code.
pub const DIGITS: usize = 6;
const STEP_SECONDS: i64 = 30;
/// Steps that a phone's clock may be ahead or behind.
const DRIFT_STEPS: i64 = 1;

/// The step of which a code is, if it is good now; a step that was used, or one before it, is not taken again.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp, used: Option<i64>) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect();
    if code.len() != DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let present = now.as_second().div_euclid(STEP_SECONDS);
    (present - DRIFT_STEPS..=present + DRIFT_STEPS)
        .filter(|step| used.is_none_or(|used| *step > used))
        .find(|step| self::code(secret, *step).as_bytes().ct_eq(code.as_bytes()).into())
}

/// The code of a step.
fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[tag.len() - 1] & 0x0f);
    let word = tag[offset..offset + 4].iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// What an authenticator app is given, also as a QR code (the key URI format that they all read).
pub fn uri(secret: &[u8], account: &str, user: &str) -> String {
    let escaped = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte);
        text.bytes()
            .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    let issuer = escaped(&format!("Provost {account}"));
    format!("otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}", escaped(user), base32(secret))
}

/// RFC 4648 §6 without padding.
pub fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = bytes.len() * 8;
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    (0..bits.div_ceil(5))
        .map(|digit| (0..5).fold(0, |value, n| value << 1 | bit(digit * 5 + n)))
        .map(|value| char::from(DIGITS[value]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238, Appendix B, for SHA-1; the last six of the eight digits there.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(self::code(SECRET, second / 30), code, "{second}");
            assert_eq!(step_of(SECRET, code, at(second), None), Some(second / 30), "{second}");
        }
    }

    #[test]
    fn a_code_is_good_for_one_step_around_and_once() {
        let (code, step) = ("287082", 1);
        for (second, used, found) in [
            (59, None, Some(step)),
            (29, None, Some(step)),
            (89, None, Some(step)),
            (90, None, None),
            (119, None, None),
            (59, Some(step), None),
            (59, Some(step - 1), Some(step)),
            (59, Some(step + 1), None),
        ] {
            assert_eq!(step_of(SECRET, code, at(second), used), found, "{second} {used:?}");
        }
        for bad in ["", "28708", "2870822", "28708x", "２８７０８２", &"1".repeat(100_000)] {
            assert_eq!(step_of(SECRET, bad, at(59), None), None, "{bad}");
        }
        assert_eq!(step_of(SECRET, "287 082", at(59), None), Some(step), "as apps show it");
        assert_eq!(step_of(&[0; 20], code, at(59), None), None);
    }

    #[test]
    fn a_secret_is_shown_as_apps_read_it() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "MY"),
            (b"fo", "MZXQ"),
            (b"foo", "MZXW6"),
            (b"foob", "MZXW6YQ"),
            (b"foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes), text);
        }
        assert_eq!(
            uri(SECRET, "Acme & Söhne", "ann@acme.example"),
            "otpauth://totp/Provost%20Acme%20%26%20S%C3%B6hne:ann@acme.example\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Provost%20Acme%20%26%20S%C3%B6hne"
        );
    }
}
