//! Names of a target's attributes, as mappings write them.

use provost_scim::{AttrPath, Comparison, Filter, Literal, Operator, PatchPath, urn};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;
use std::{fmt, ops::Deref, sync::Arc};

/// How a mapping writes an attribute of a target. Copies share the text, and are equal without comparing it.
#[derive(Clone, Debug, Eq)]
pub struct TargetName(Arc<str>);

impl PartialEq for TargetName {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl PartialEq<&str> for TargetName {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl TargetName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for TargetName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for TargetName {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl From<&str> for TargetName {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self)
    }
}

impl Serialize for TargetName {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for TargetName {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        String::deserialize(reader).map(|text| Self(Arc::from(text)))
    }
}

/// An attribute of a target as in a PATCH path: `userName`, `name.givenName`, `emails[type eq "work"].value`,
/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
///
/// A name with a schema's URN is split at the last colon, as Entra does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetPath {
    text: TargetName,
    /// URN of the extension that the attribute belongs to; `None` for core attributes.
    pub extension: Option<String>,
    /// The attribute.
    pub name: String,
    /// What the element that is meant holds: sub-attributes and their values, all of which must be equal. Empty for the whole attribute.
    pub filter: Vec<(String, Json)>,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl TargetPath {
    /// Reads a path. A value filter compares with `eq`, several comparisons are joined by `and`. A literal `"True"` or `"False"` is
    /// the boolean, as in `roles[primary eq "True"].value`.
    ///
    /// # Errors
    /// What is malformed or more than a target's attribute may have, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let path = PatchPath::parse(text).map_err(|error| format!("`{text}` names no attribute: {error}"))?;
        let (extension, name, sub) = match &path.attribute {
            AttrPath::Plain { name, sub } => (None, name.clone(), sub.clone()),
            AttrPath::Urn(whole) => by_urn(whole)?,
        };
        let filter = path.filter.as_ref().map_or_else(|| Ok(Vec::new()), comparisons)?;
        if path.sub.is_some() && sub.is_some() || path.filter.is_some() && sub.is_some() {
            return Err(format!("`{text}` has a value filter behind a sub-attribute; write it behind the attribute"));
        }
        Ok(Self { text: TargetName::from(text), extension, name, filter, sub: sub.or(path.sub) })
    }

    /// As the mapping writes it, to be kept.
    pub fn text(&self) -> &TargetName {
        &self.text
    }

    /// As the mapping writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is the same attribute, however it is written.
    pub fn is_same(&self, other: &Self) -> bool {
        let extension = |path: &Self| path.extension.as_ref().map(|urn| urn.to_ascii_lowercase());
        let sub = |path: &Self| path.sub.as_ref().map(|sub| sub.to_ascii_lowercase());
        extension(self) == extension(other)
            && self.name.eq_ignore_ascii_case(&other.name)
            && sub(self) == sub(other)
            && self.is_same_element(other)
    }

    /// Whether both are of one attribute, and one of them is all of it.
    pub(crate) fn contains_or_is_part_of(&self, other: &Self) -> bool {
        let is_whole = |path: &Self| path.filter.is_empty() && path.sub.is_none();
        let extension = |path: &Self| path.extension.as_ref().map(|urn| urn.to_ascii_lowercase());
        self.name.eq_ignore_ascii_case(&other.name)
            && extension(self) == extension(other)
            && is_whole(self) != is_whole(other)
    }

    /// Whether the value filters are the same.
    pub(crate) fn is_same_element(&self, other: &Self) -> bool {
        let same = |(name, value): &(String, Json)| {
            other.filter.iter().any(|(known, given)| known.eq_ignore_ascii_case(name) && given == value)
        };
        self.filter.len() == other.filter.len() && self.filter.iter().all(same)
    }

    /// The path of the whole element, or of the whole attribute: what stands before the sub-attribute behind a value filter.
    pub(crate) fn element(&self) -> &str {
        if self.filter.is_empty() {
            &self.text
        } else {
            self.text.rfind(']').map_or(&self.text, |end| &self.text[..=end])
        }
    }
}

impl fmt::Display for TargetPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Extension, attribute and sub-attribute.
type Parts = (Option<String>, String, Option<String>);

fn by_urn(whole: &str) -> Result<Parts, String> {
    let (schema, rest) = whole.rsplit_once(':').ok_or_else(|| format!("`{whole}` is not a URN"))?;
    let (name, sub) = match rest.split_once('.') {
        Some((name, sub)) => (name, Some(sub.to_owned())),
        None => (rest, None),
    };
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() || schema.matches(':').count() < 2 {
        return Err(format!(
            "`{whole}` names a schema and no attribute of it; write a colon and the attribute behind it"
        ));
    }
    let is_core = [urn::USER, urn::GROUP].iter().any(|core| schema.eq_ignore_ascii_case(core));
    Ok(((!is_core).then(|| schema.to_owned()), name.to_owned(), sub))
}

fn comparisons(filter: &Filter) -> Result<Vec<(String, Json)>, String> {
    match filter {
        Filter::And(terms) => {
            let mut all = Vec::new();
            for term in terms {
                all.extend(comparisons(term)?);
            }
            Ok(all)
        }
        Filter::Compare(Comparison { path: AttrPath::Plain { name, sub: None }, operator: Operator::Eq, value }) => {
            Ok(vec![(name.clone(), literal(value))])
        }
        Filter::Compare(_) | Filter::Or(_) | Filter::Not(_) | Filter::Present(_) | Filter::Value { .. } => {
            Err("a value filter of a mapping says which element is meant: only `eq` and `and` do that".to_owned())
        }
    }
}

fn literal(value: &Literal) -> Json {
    match value {
        Literal::Null => Json::Null,
        Literal::Bool(value) => Json::Bool(*value),
        Literal::Number(number) => Json::Number(number.clone()),
        Literal::Text(text) => match text.as_str() {
            "True" => Json::Bool(true),
            "False" => Json::Bool(false),
            _ => Json::from(text.as_str()),
        },
    }
}
