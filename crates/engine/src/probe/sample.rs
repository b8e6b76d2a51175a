//! Values for throw-away objects.

use super::Conversation;
use crate::{
    CompiledObjects, MatchingValue, Objects, Row, TargetType, TargetValue, Values, compile::RowSource,
    seen::gives_roles,
};
use serde_json::Value as Json;

/// A throw-away object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The user that everything is tried on.
    Person,
    /// A user who becomes its manager.
    Manager,
    /// The group of this number.
    Group(usize),
}

/// Which of two values an attribute gets: one to begin with, one to change it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    Second,
}

impl Who {
    pub(super) fn of(self) -> Objects {
        match self {
            Self::Person | Self::Manager => Objects::Users,
            Self::Group(_) => Objects::Groups,
        }
    }
}

impl Conversation<'_> {
    /// The values of all rows that have a value of their own, and not that of another object.
    pub(super) fn sample(&self, who: Who) -> Values {
        let rows = self.objects(who.of()).rows().iter();
        rows.filter_map(|row| Some((row.target.as_str().to_owned(), self.value(row, who, Turn::First)?))).collect()
    }

    /// The value that an object has in the first matching attribute, to find it again.
    pub(super) fn matching(&self, who: Who) -> Option<MatchingValue> {
        let row = *self.objects(who.of()).matching().first()?;
        match self.value(row, who, Turn::First)? {
            TargetValue::One(value) => {
                Some(MatchingValue { precedence: 1, target: row.target.clone(), value: Some(value) })
            }
            TargetValue::Null | TargetValue::Many(_) | TargetValue::Roles(_) => None,
        }
    }

    /// A value for a row; `None` for references, members, roles, and for the second turn of a constant.
    pub(super) fn value(&self, row: &Row, who: Who, turn: Turn) -> Option<TargetValue> {
        match (&row.gives, turn) {
            (RowSource::Constant(value), Turn::First) => return Some(value.clone()),
            (RowSource::Constant(_), Turn::Second) | (RowSource::Members, _) => return None,
            (RowSource::Attribute(..) | RowSource::Program(..) | RowSource::Nothing, _) => {}
        }
        if gives_roles(row) || row.target.name.eq_ignore_ascii_case("roles") {
            return None;
        }
        let first = turn == Turn::First;
        let pick = |one: &str, other: &str| Json::from(if first { one } else { other });
        let value = match row.kind {
            TargetType::Reference => return None,
            TargetType::Boolean => Json::from(first),
            TargetType::Integer => Json::from(if first { 1 } else { 2 }),
            TargetType::Binary => pick("cHJvYmU=", "cHJvYmUy"),
            TargetType::DateTime => pick("2020-01-02T03:04:05Z", "2020-01-02T03:04:06Z"),
            TargetType::String => self.text(row, who, first),
        };
        let is_list = row.multi_valued && row.target.filter.is_empty();
        Some(if is_list { TargetValue::Many(vec![value]) } else { TargetValue::One(value) })
    }

    /// A text that a target which looks closely takes for such an attribute.
    fn text(&self, row: &Row, who: Who, first: bool) -> Json {
        let name = self.name(who, first);
        let pick = |one: &str, other: &str| if first { one.to_owned() } else { other.to_owned() };
        let attribute = row.target.name.to_ascii_lowercase();
        Json::from(match attribute.as_str() {
            "username" | "emails" => format!("{name}@example.com"),
            "phonenumbers" => pick("+1 555 0100", "+1 555 0101"),
            "preferredlanguage" | "locale" => pick("en-US", "de-DE"),
            "timezone" => pick("Europe/Berlin", "America/New_York"),
            "profileurl" | "photos" => pick("https://example.com/1", "https://example.com/2"),
            "addresses" if row.target.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("country")) => {
                pick("US", "DE")
            }
            "displayname" | "externalid" => name,
            _ if row.matching.is_some() => name,
            _ => pick("Probe", "Probe Two"),
        })
    }

    fn name(&self, who: Who, first: bool) -> String {
        let nonce = self.consent.nonce.simple();
        let turn = if first { "" } else { "-2" };
        match who {
            Who::Person => format!("provost-probe-person{turn}-{nonce}"),
            Who::Manager => format!("provost-probe-manager{turn}-{nonce}"),
            Who::Group(number) => format!("provost-probe-group-{number}{turn}-{nonce}"),
        }
    }
}

/// The attributes of one element that need not be there: those of the last value filter that nothing is matched by. Empty where the
/// mapping has none.
pub(super) fn spare_element(objects: &CompiledObjects) -> Vec<&Row> {
    let is_value = |row: &&Row| row.target.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("value"));
    let is_spare = |row: &&Row| {
        let is_single =
            !row.target.filter.is_empty() && !gives_roles(row) && !row.target.name.eq_ignore_ascii_case("roles");
        is_single && row.matching.is_none() && !row.required && !matches!(row.gives, RowSource::Constant(_))
    };
    let Some(last) = objects.rows().iter().filter(is_spare).rfind(is_value) else { return Vec::new() };
    let is_beside = |row: &&Row| row.target.name == last.target.name && row.target.is_same_element(&last.target);
    objects.rows().iter().filter(is_beside).collect()
}
