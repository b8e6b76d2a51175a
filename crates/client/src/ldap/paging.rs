//! The control that asks for pages (RFC 2696): `SEQUENCE { INTEGER, OCTET STRING }` in BER.

/// What names the control.
pub(super) const OID: &str = "1.2.840.113556.1.4.319";

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;

/// Asks for so many entries behind a place.
pub(super) fn asked(size: u16, cookie: &[u8]) -> Vec<u8> {
    // A leading zero keeps large numbers from being negative.
    let [high, low] = size.to_be_bytes();
    let content = [element(INTEGER, &[0, high, low]), element(OCTETS, cookie)].concat();
    element(SEQUENCE, &content)
}

/// The place behind the page in an answer, empty at the end; `None` for what is no such control.
pub(super) fn cookie(value: &[u8]) -> Option<Vec<u8>> {
    let (content, _) = take(value, SEQUENCE)?;
    let (_, rest) = take(content, INTEGER)?;
    let (cookie, _) = take(rest, OCTETS)?;
    Some(cookie.to_vec())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            bytes.push(0x84);
            bytes.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

/// The content of an element of this tag, and what stands behind it.
fn take(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = bytes.split_first()?;
    if *found != tag {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ ..=0x7f => (usize::from(*short), rest),
        long @ 0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is_one() {
        for length in [0, 1, 127, 128, 70_000] {
            let place = vec![7; length];
            assert_eq!(cookie(&asked(500, &place)), Some(place), "{length}");
        }
        for odd in [
            &b""[..],
            b"\x30",
            b"\x30\x85\0\0\0\0\0",
            b"\x30\x03\x02\x01",
            b"\x30\x84\xff\xff\xff\xff\x02",
            b"\x04\x00",
        ] {
            assert_eq!(cookie(odd), None, "{odd:?}");
        }
    }
}
