//! What an answer is expected to be: `should: /meta/location equals header:Location`.

use super::{
    outcome::Level,
    place::{Found, Place, Seen},
    state::State,
};
use serde_json::Value;

/// Longest value that a sentence about it repeats, in characters.
const SHOWN_MAX: usize = 120;

/// One thing that must hold of an answer.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// How much it matters.
    pub level: Level,
    /// It counts only for answers of this status.
    pub only_if: Option<u16>,
    place: Place,
    test: Test,
}

/// What must hold of what stands at a place.
#[derive(Clone, Debug)]
enum Test {
    Is(Value),
    IsNot(Value),
    IsOneOf(Value),
    FoldsTo(Value),
    IsPresent,
    IsAbsent,
    IsA(Kind),
    Contains(Value),
    Lacks(Value),
    StartsWith(Value),
    EndsWith(Value),
    Has(Bound, u64),
    Equals(Place),
    Differs(Place),
    IsUnique,
    Ascends,
    Descends,
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    Exactly,
    AtLeast,
    AtMost,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    String,
    Number,
    Integer,
    Boolean,
    Array,
    Object,
    DateTime,
    Uri,
}

impl Expectation {
    /// Reads `[if STATUS:] [must:|should:|may:] PLACE TEST`; `level` is that of the case.
    ///
    /// # Errors
    /// What is wrong with it, as one sentence.
    pub fn parse(text: &str, level: Level) -> Result<Self, String> {
        let (mut rest, mut only_if, mut level) = (text.trim(), None, level);
        if let Some(condition) = rest.strip_prefix("if ") {
            let (status, behind) =
                condition.split_once(':').ok_or_else(|| format!("`{text}` has no colon after `if`"))?;
            only_if = Some(status.trim().parse().map_err(|_| format!("`{status}` is no status"))?);
            rest = behind.trim();
        }
        for (word, meant) in [("must:", Level::Must), ("should:", Level::Should), ("may:", Level::May)] {
            if let Some(behind) = rest.strip_prefix(word) {
                (level, rest) = (meant, behind.trim());
            }
        }
        let (place, test) = rest.split_once(' ').ok_or_else(|| format!("`{text}` has no test"))?;
        let place = Place::parse(place)?;
        let test = Test::parse(test.trim()).map_err(|why| format!("`{text}`: {why}"))?;
        Ok(Self { level, only_if, place, test })
    }

    /// What does not hold of an answer, as one sentence.
    pub fn misses(&self, seen: &Seen<'_>, state: &State) -> Option<String> {
        if self.only_if.is_some_and(|status| status != seen.status) {
            return None;
        }
        let found = self.place.find(seen, state);
        if self.test.holds(&found, seen, state) {
            return None;
        }
        let place = state.text(&self.place.to_string());
        Some(format!("{place} {}, and is {}", self.test.wanted(state), shown(&found)))
    }

    /// Whether it is about all answers of a step and not about each.
    pub fn is_about_all(&self) -> bool {
        matches!(self.place, Place::Answers(_))
    }
}

impl Test {
    fn parse(text: &str) -> Result<Self, String> {
        let json = |text: &str| serde_json::from_str::<Value>(text).map_err(|_| format!("`{text}` is not JSON"));
        match text {
            "is present" => return Ok(Self::IsPresent),
            "is absent" => return Ok(Self::IsAbsent),
            "is unique" => return Ok(Self::IsUnique),
            "ascends" => return Ok(Self::Ascends),
            "descends" => return Ok(Self::Descends),
            _ => {}
        }
        // The longer words come first.
        type Make = fn(Value) -> Test;
        let with_value: [(&str, Make); 8] = [
            ("is one of ", Self::IsOneOf),
            ("is not ", Self::IsNot),
            ("folds to ", Self::FoldsTo),
            ("contains ", Self::Contains),
            ("lacks ", Self::Lacks),
            ("starts with ", Self::StartsWith),
            ("ends with ", Self::EndsWith),
            ("is a ", |_| Self::IsPresent),
        ];
        for (word, make) in with_value {
            let Some(rest) = text.strip_prefix(word) else { continue };
            return if word == "is a " { Kind::parse(rest).map(Self::IsA) } else { json(rest).map(make) };
        }
        if let Some(rest) = text.strip_prefix("is ") {
            return json(rest).map(Self::Is);
        }
        if let Some(place) = text.strip_prefix("equals ") {
            return Place::parse(place).map(Self::Equals);
        }
        if let Some(place) = text.strip_prefix("differs from ") {
            return Place::parse(place).map(Self::Differs);
        }
        let Some(rest) = text.strip_prefix("has ") else { return Err(format!("`{text}` is no test")) };
        let (bound, number) = match (rest.strip_prefix("at least "), rest.strip_prefix("at most ")) {
            (Some(number), _) => (Bound::AtLeast, number),
            (_, Some(number)) => (Bound::AtMost, number),
            (None, None) => (Bound::Exactly, rest),
        };
        number.parse().map(|number| Self::Has(bound, number)).map_err(|_| format!("`{number}` is no number"))
    }

    fn holds(&self, found: &Found, seen: &Seen<'_>, state: &State) -> bool {
        match self {
            Self::IsUnique => {
                let values: Vec<&Value> = found.values.iter().flatten().collect();
                values.iter().enumerate().all(|(place, value)| !values[..place].contains(value))
            }
            Self::Ascends | Self::Descends => {
                let folded = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_lowercase);
                let texts: Vec<String> = found.values.iter().flatten().map(folded).collect();
                let ascends = matches!(self, Self::Ascends);
                texts.windows(2).all(|pair| if ascends { pair[0] <= pair[1] } else { pair[0] >= pair[1] })
            }
            Self::Is(_)
            | Self::IsNot(_)
            | Self::IsOneOf(_)
            | Self::FoldsTo(_)
            | Self::IsPresent
            | Self::IsAbsent
            | Self::IsA(_)
            | Self::Contains(_)
            | Self::Lacks(_)
            | Self::StartsWith(_)
            | Self::EndsWith(_)
            | Self::Has(..)
            | Self::Equals(_)
            | Self::Differs(_) => {
                let holds = |value: &Option<Value>| self.holds_of(value.as_ref(), seen, state);
                let is_negative = matches!(self, Self::IsAbsent | Self::IsNot(_) | Self::Lacks(_));
                if found.is_any && !is_negative {
                    found.values.iter().any(holds)
                } else {
                    found.values.iter().all(holds)
                }
            }
        }
    }

    fn holds_of(&self, value: Option<&Value>, seen: &Seen<'_>, state: &State) -> bool {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let both = |wanted: &Value, test: fn(&str, &str) -> bool| {
            let wanted = state.json(wanted);
            value.and_then(text).zip(text(&wanted)).is_some_and(|(has, wanted)| test(&has, &wanted))
        };
        let other = |place: &Place| place.find(seen, state).values.into_iter().next().flatten();
        match self {
            Self::Is(wanted) => value.is_some_and(|value| is_same(value, &state.json(wanted))),
            Self::IsNot(wanted) => value.is_none_or(|value| !is_same(value, &state.json(wanted))),
            Self::IsOneOf(wanted) => {
                let wanted = state.json(wanted);
                value.zip(wanted.as_array()).is_some_and(|(value, some)| some.iter().any(|one| is_same(value, one)))
            }
            Self::FoldsTo(wanted) => both(wanted, |has, wanted| has.to_lowercase() == wanted.to_lowercase()),
            Self::IsPresent => value.is_some_and(|value| !is_unassigned(value)),
            Self::IsAbsent => value.is_none_or(is_unassigned),
            Self::IsA(kind) => value.is_some_and(|value| kind.fits(value)),
            Self::Contains(wanted) => value.is_some_and(|value| contains(value, &state.json(wanted))),
            Self::Lacks(wanted) => value.is_none_or(|value| !contains(value, &state.json(wanted))),
            Self::StartsWith(wanted) => both(wanted, |has, wanted| has.starts_with(wanted)),
            Self::EndsWith(wanted) => both(wanted, |has, wanted| has.ends_with(wanted)),
            Self::Has(bound, number) => {
                let length = value.map_or(Some(0), size);
                length.is_some_and(|length| match bound {
                    Bound::Exactly => length == *number,
                    Bound::AtLeast => length >= *number,
                    Bound::AtMost => length <= *number,
                })
            }
            Self::Equals(place) => value.zip(other(place).as_ref()).is_some_and(|(one, other)| is_same(one, other)),
            Self::Differs(place) => value.zip(other(place).as_ref()).is_none_or(|(one, other)| !is_same(one, other)),
            Self::IsUnique | Self::Ascends | Self::Descends => true,
        }
    }

    /// `should be "a"`.
    fn wanted(&self, state: &State) -> String {
        let value = |value: &Value| short(&state.json(value).to_string());
        match self {
            Self::Is(wanted) => format!("should be {}", value(wanted)),
            Self::IsNot(wanted) => format!("should not be {}", value(wanted)),
            Self::IsOneOf(wanted) => format!("should be one of {}", value(wanted)),
            Self::FoldsTo(wanted) => format!("should be {} in any case", value(wanted)),
            Self::IsPresent => "should be there".to_owned(),
            Self::IsAbsent => "should not be there".to_owned(),
            Self::IsA(kind) => format!("should be {}", kind.name()),
            Self::Contains(wanted) => format!("should hold {}", value(wanted)),
            Self::Lacks(wanted) => format!("should not hold {}", value(wanted)),
            Self::StartsWith(wanted) => format!("should begin with {}", value(wanted)),
            Self::EndsWith(wanted) => format!("should end with {}", value(wanted)),
            Self::Has(Bound::Exactly, number) => format!("should have {number} of them"),
            Self::Has(Bound::AtLeast, number) => format!("should have at least {number} of them"),
            Self::Has(Bound::AtMost, number) => format!("should have at most {number} of them"),
            Self::Equals(place) => format!("should be the same as {place}"),
            Self::Differs(place) => format!("should differ from {place}"),
            Self::IsUnique => "should hold nothing twice".to_owned(),
            Self::Ascends => "should ascend".to_owned(),
            Self::Descends => "should descend".to_owned(),
        }
    }
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::String,
        Self::Number,
        Self::Integer,
        Self::Boolean,
        Self::Array,
        Self::Object,
        Self::DateTime,
        Self::Uri,
    ];

    fn parse(text: &str) -> Result<Self, String> {
        let is_meant = |kind: &Self| kind.word() == text;
        Self::ALL.into_iter().find(is_meant).ok_or_else(|| format!("`{text}` is no kind of value"))
    }

    fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
            Self::DateTime => "dateTime",
            Self::Uri => "uri",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Number => "a number",
            Self::Integer => "an integer",
            Self::Boolean => "true or false",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::DateTime => "a dateTime",
            Self::Uri => "an absolute URI",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::DateTime => value.as_str().is_some_and(is_date_time),
            Self::Uri => value.as_str().is_some_and(|text| url::Url::parse(text).is_ok()),
        }
    }
}

/// `2011-05-13T04:42:34Z`, with a fraction, an offset or no zone (xsd:dateTime).
fn is_date_time(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00";
    let fits = |(byte, form): (u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
    text.len() >= form.len() && text.bytes().zip(form).all(fits) && !text[form.len()..].contains(' ')
}

/// Equal as SCIM sees it: the order of members says nothing, and a number is the same however it is written.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// RFC 7643 §2.5: null, an empty array and nothing are one state; an empty text or object holds nothing either.
fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn contains(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::String(text), Value::Number(number)) => text.contains(&number.to_string()),
        (Value::Array(elements), Value::Object(_)) => elements.iter().any(|element| contains(element, wanted)),
        (Value::Array(elements), _) => elements.contains(wanted),
        (Value::Object(members), Value::Object(wanted)) => {
            wanted.iter().all(|(name, value)| members.get(name).is_some_and(|has| is_same(has, value)))
        }
        (Value::Object(members), Value::String(name)) => members.contains_key(name),
        _ => false,
    }
}

fn size(value: &Value) -> Option<u64> {
    let size = match value {
        Value::Array(elements) => elements.len(),
        Value::Object(members) => members.len(),
        Value::String(text) => text.chars().count(),
        Value::Null => 0,
        Value::Bool(_) | Value::Number(_) => return value.as_u64(),
    };
    u64::try_from(size).ok()
}

fn shown(found: &Found) -> String {
    let value = |value: &Option<Value>| value.as_ref().map_or("missing".to_owned(), |value| short(&value.to_string()));
    match &found.values[..] {
        [] => "nowhere".to_owned(),
        [one] => value(one),
        several => short(&several.iter().map(value).collect::<Vec<_>>().join(", ")),
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= SHOWN_MAX {
        return text.to_owned();
    }
    text.chars().take(SHOWN_MAX).chain("…".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::Expectation;
    use crate::script::{Level, State, place::Seen};
    use expect_test::{Expect, expect};
    use hyper::header::{HeaderMap, HeaderValue};
    use serde_json::{Value, json};

    const BODY: &str = r#"{ "id": "7", "active": true, "empty": [], "count": 3,
        "emails": [{ "type": "work", "value": "a@b" }, { "type": "home", "value": "c@d", "primary": true }],
        "meta": { "created": "2011-05-13T04:42:34Z", "location": "https://a/Users/7" }, "names": ["Ann", "ben", "Cid"] }"#;

    /// What each expectation says of one answer; `holds` where it holds.
    #[track_caller]
    fn check(expectations: &[&str], expected: Expect) {
        let mut headers = HeaderMap::new();
        headers.insert("location", HeaderValue::from_static("https://a/Users/7"));
        let body: Value = serde_json::from_str(BODY).unwrap();
        let seen = Seen {
            status: 200,
            headers: &headers,
            body: BODY.as_bytes(),
            json: Some(&body),
            statuses: &[201, 409, 409],
        };
        let mut state = State::new("check", "b.example", "https://a");
        state.set("kept", json!(3));
        let told = expectations.iter().map(|text| match Expectation::parse(text, Level::Must) {
            Ok(read) => {
                let level = read.level.word();
                format!("{text} -> {level}: {}\n", read.misses(&seen, &state).unwrap_or_else(|| "holds".to_owned()))
            }
            Err(why) => format!("error: {why}\n"),
        });
        expected.assert_eq(&told.collect::<String>());
    }

    #[test]
    fn places_are_found() {
        check(
            &[
                "status is 200",
                "header:Location equals /meta/location",
                "header:etag is present",
                "answers:409 is 2",
                r#"/emails/?type=work/value is "a@b""#,
                r#"/emails/?type=other/value is "a@b""#,
                "/emails/?type=other is absent",
                r#"/emails/*/type is one of ["work", "home"]"#,
                "/emails/*/primary is true",
                "/emails/?/primary is true",
                "/nothing/*/id is present",
                r#"text contains "a@b""#,
            ],
            expect![[r#"
                status is 200 -> MUST: holds
                header:Location equals /meta/location -> MUST: holds
                header:etag is present -> MUST: the header `etag` should be there, and is missing
                answers:409 is 2 -> MUST: holds
                /emails/?type=work/value is "a@b" -> MUST: holds
                /emails/?type=other/value is "a@b" -> MUST: `/emails/?type=other/value` should be "a@b", and is nowhere
                /emails/?type=other is absent -> MUST: holds
                /emails/*/type is one of ["work", "home"] -> MUST: holds
                /emails/*/primary is true -> MUST: `/emails/*/primary` should be true, and is missing, true
                /emails/?/primary is true -> MUST: holds
                /nothing/*/id is present -> MUST: holds
                text contains "a@b" -> MUST: holds
            "#]],
        );
    }

    #[test]
    fn tests_hold_or_say_what_is_otherwise() {
        check(
            &[
                r#"/count is "${kept}""#,
                "should: /empty is present",
                "may: /empty is absent",
                "/active is a boolean",
                "/meta/created is a dateTime",
                "/id is a dateTime",
                "/meta/location is a uri",
                "/emails has 2",
                "/names has at most 1",
                "/count has at least 3",
                "/names/* ascends",
                "/names/* descends",
                "/emails/*/type is unique",
                r#"/id folds to "7""#,
                r#"/emails contains { "type": "home" }"#,
                r#"/names lacks "Ann""#,
                "if 404: status is 404",
                "/id differs from /count",
            ],
            expect![[r#"
                /count is "${kept}" -> MUST: holds
                should: /empty is present -> SHOULD: `/empty` should be there, and is []
                may: /empty is absent -> MAY: holds
                /active is a boolean -> MUST: holds
                /meta/created is a dateTime -> MUST: holds
                /id is a dateTime -> MUST: `/id` should be a dateTime, and is "7"
                /meta/location is a uri -> MUST: holds
                /emails has 2 -> MUST: holds
                /names has at most 1 -> MUST: `/names` should have at most 1 of them, and is ["Ann","ben","Cid"]
                /count has at least 3 -> MUST: holds
                /names/* ascends -> MUST: holds
                /names/* descends -> MUST: `/names/*` should descend, and is "Ann", "ben", "Cid"
                /emails/*/type is unique -> MUST: holds
                /id folds to "7" -> MUST: holds
                /emails contains { "type": "home" } -> MUST: holds
                /names lacks "Ann" -> MUST: `/names` should not hold "Ann", and is ["Ann","ben","Cid"]
                if 404: status is 404 -> MUST: holds
                /id differs from /count -> MUST: holds
            "#]],
        );
    }

    #[test]
    fn what_is_no_expectation_says_why() {
        check(
            &[
                "status",
                "nowhere is 1",
                "/id is nonsense",
                "/id is a thing",
                "/id has some",
                "if x: /id is 1",
                "/id grows",
            ],
            expect![[r#"
                error: `status` has no test
                error: `nowhere` is no place: there are status, text, body, header:NAME, answers:STATUS and /PATH
                error: `/id is nonsense`: `nonsense` is not JSON
                error: `/id is a thing`: `thing` is no kind of value
                error: `/id has some`: `some` is no number
                error: `x` is no status
                error: `/id grows`: `grows` is no test
            "#]],
        );
    }
}
