//! Answers, read up to a bound.

use super::{TargetReads, shortened};
use http_body_util::BodyExt;
use hyper::{
    Response,
    body::Incoming,
    header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER},
};
use jiff::SignedDuration;
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use std::fmt;

/// An answer of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetAnswer {
    /// The HTTP status.
    pub status: u16,
    /// How long the target wants to be left alone (`Retry-After`): not negative, a day at most.
    pub retry_after: Option<SignedDuration>,
    /// The body.
    pub body: TargetBody,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetBody {
    /// There was none.
    Empty,
    /// JSON, whatever it was called.
    Json(Value),
    /// Something else, cut short; of a redirect, where it leads.
    Other(String),
    /// More than is read.
    TooLong,
}

/// Longest time that a target is left alone because it asks for it.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Reads an answer.
///
/// # Errors
/// When the connection ends before the body does.
pub(super) async fn read(
    mut answer: Response<Incoming>,
    bytes_max: usize,
    reads: TargetReads,
) -> Result<TargetAnswer, hyper::Error> {
    let status = answer.status();
    let retry_after = retry_after(answer.headers());
    if status.is_redirection() {
        let to = header(answer.headers(), &LOCATION).map_or_else(String::new, |to| format!(" to {to}"));
        let said = format!("the target redirects{to}; redirects are not followed: use the URL behind them");
        return Ok(TargetAnswer { status: status.as_u16(), retry_after, body: TargetBody::Other(shortened(&said)) });
    }
    let mut bytes: Vec<u8> = Vec::new();
    while let Some(frame) = answer.body_mut().frame().await {
        let Ok(chunk) = frame?.into_data() else { continue };
        if bytes.len() + chunk.len() > bytes_max {
            return Ok(TargetAnswer { status: status.as_u16(), retry_after, body: TargetBody::TooLong });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(TargetAnswer {
        status: status.as_u16(),
        retry_after,
        body: body(&bytes, if status.is_success() { reads } else { TargetReads::Whole }),
    })
}

fn body(bytes: &[u8], reads: TargetReads) -> TargetBody {
    if bytes.is_empty() {
        return TargetBody::Empty;
    }
    let read = match reads {
        TargetReads::Id if bytes.first() == Some(&b'{') => serde_json::from_slice(bytes).map(|OnlyId(id)| id.into()),
        TargetReads::Id | TargetReads::Whole => serde_json::from_slice(bytes),
    };
    match read {
        Ok(json) => TargetBody::Json(json),
        Err(_) => TargetBody::Other(shortened(&String::from_utf8_lossy(bytes))),
    }
}

/// An object of which nothing is kept but what may be its `id`, in whatever case.
struct OnlyId(Map<String, Value>);

/// A member's name, if it is one of those.
struct IdName(Option<String>);

impl<'de> Deserialize<'de> for OnlyId {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = OnlyId;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<OnlyId, A::Error> {
                let mut kept = Map::new();
                while let Some(IdName(name)) = members.next_key()? {
                    match name {
                        Some(name) => drop(kept.insert(name, members.next_value()?)),
                        None => drop(members.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(OnlyId(kept))
            }
        }

        reader.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for IdName {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = IdName;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a name")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<IdName, E> {
                Ok(IdName(name.eq_ignore_ascii_case("id").then(|| name.to_owned())))
            }
        }

        reader.deserialize_str(Name)
    }
}

/// What the target asks for, within our bound.
fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let asked = provost_scim::retry_after(header(headers, &RETRY_AFTER)?, header(headers, &DATE))?;
    Some(SignedDuration::try_from(asked).map_or(RETRY_AFTER_MAX, |wait| wait.min(RETRY_AFTER_MAX)))
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_made_nothing_but_the_id_is_read_and_all_of_it_is_looked_at() {
        let read = |text: &str| body(text.as_bytes(), TargetReads::Id);
        let json = |text: &str| TargetBody::Json(serde_json::from_str(text).unwrap());
        for (answered, expected) in [
            (r#"{"schemas":["urn:a"],"id":"7","name":{"id":"8"},"userName":"ann"}"#, json(r#"{"id":"7"}"#)),
            (r#"{"ID":7,"userName":"ann"}"#, json(r#"{"ID":7}"#)),
            (r#"{"\u0069d":"7","id":"8"}"#, json(r#"{"id":"8"}"#)),
            (r#"{"userName":"ann"}"#, json("{}")),
            (r#"["7"]"#, json(r#"["7"]"#)),
            ("", TargetBody::Empty),
            (r#"{"id":"7""#, TargetBody::Other(r#"{"id":"7""#.to_owned())),
            (r#"{"id":"7","a":[1,}"#, TargetBody::Other(r#"{"id":"7","a":[1,}"#.to_owned())),
            (r#"{"id":"7"} {}"#, TargetBody::Other(r#"{"id":"7"} {}"#.to_owned())),
        ] {
            assert_eq!(read(answered), expected, "{answered}");
        }
        let whole = r#"{"id":"7","userName":"ann"}"#;
        assert_eq!(body(whole.as_bytes(), TargetReads::Whole), json(whole));
    }

    #[test]
    fn a_target_is_left_alone_for_a_day_at_most() {
        let seconds = SignedDuration::from_secs;
        let day = Some(RETRY_AFTER_MAX);
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (given, wait) in [
            ("30", Some(seconds(30))),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(seconds(60))),
            ("Tue, 08 Nov 1994 08:49:37 GMT", day),
            ("4000000000", day),
            ("18446744073709551615", day),
            ("soon", None),
        ] {
            let headers = [(RETRY_AFTER, given), (DATE, now)].map(|(name, value)| (name, value.parse().unwrap()));
            assert_eq!(retry_after(&HeaderMap::from_iter(headers)), wait, "{given}");
        }
    }
}
