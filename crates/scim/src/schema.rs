//! Schemas as data: what RFC 7643 §7 says about an attribute, loaded from JSON files in that form.

use serde::{Deserialize, Serialize};

/// A schema definition (RFC 7643 §7): a URI and its attributes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// The schema URI, in the spelling in which it is published.
    pub id: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// What the schema describes.
    #[serde(default)]
    pub description: String,
    /// Top-level attributes, in the order in which representations show them.
    pub attributes: Vec<Attribute>,
}

/// One attribute or sub-attribute with its characteristics; what is left out has the default of RFC 7643 §2.2.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// The name in its published spelling; comparisons ignore case (RFC 7643 §2.1).
    pub name: String,
    /// Data type (RFC 7643 §2.3).
    #[serde(rename = "type", default)]
    pub kind: Type,
    /// Whether the value is an array.
    #[serde(default)]
    pub multi_valued: bool,
    /// What it means, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether a resource must carry it (a sub-attribute: whenever its parent is assigned).
    #[serde(default)]
    pub required: bool,
    /// Suggested values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether comparisons and uniqueness respect case.
    #[serde(default)]
    pub case_exact: bool,
    /// Who may set it, and when.
    #[serde(default)]
    pub mutability: Mutability,
    /// Which answers carry it.
    #[serde(default)]
    pub returned: Returned,
    /// Among which resources its value is unique.
    #[serde(default)]
    pub uniqueness: Uniqueness,
    /// What a reference may point to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// Sub-attributes of a complex attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
}

/// Attribute data types (RFC 7643 §2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum Type {
    #[default]
    String,
    Boolean,
    Decimal,
    Integer,
    DateTime,
    Binary,
    Reference,
    Complex,
}

/// Who may set an attribute, and when (RFC 7643 §7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum Mutability {
    ReadOnly,
    #[default]
    ReadWrite,
    Immutable,
    WriteOnly,
}

/// Whether a response carries an attribute (RFC 7643 §7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum Returned {
    Always,
    Never,
    #[default]
    Default,
    Request,
}

/// Among which resources a value is unique (RFC 7643 §7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum Uniqueness {
    #[default]
    None,
    Server,
    Global,
}

/// Why a schema document was refused when it was loaded.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Not JSON of the form of RFC 7643 §7.
    #[error("schema is not of the form of RFC 7643 §7: {0}")]
    Form(#[from] serde_json::Error),
    /// Well formed, but against a rule of RFC 7643.
    #[error("schema `{schema}`: {rule}")]
    Rule {
        /// The schema's URI.
        schema: String,
        /// Which rule, with the attribute.
        rule: String,
    },
    /// A resource type that cannot be.
    #[error("resource type {name} {rule}")]
    Type {
        /// The type's name, in backticks, its beginning where it is long.
        name: String,
        /// Which rule, with the attribute or schema.
        rule: String,
    },
}

impl Schema {
    /// Loads a schema document and checks the rules that the rest of the crate relies on.
    ///
    /// # Errors
    /// When the text is not a schema document, a name does not follow ATTRNAME (RFC 7643 §2.1), a name occurs twice, a
    /// complex attribute has no sub-attributes or a sub-attribute is itself complex (RFC 7643 §2.3.8).
    pub fn load(text: &str) -> Result<Self, SchemaError> {
        let schema: Self = serde_json::from_str(text)?;
        check(&schema.attributes, false).map_err(|rule| SchemaError::Rule { schema: schema.id.clone(), rule })?;
        Ok(schema)
    }

    /// The attribute of this name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}

impl Attribute {
    /// The sub-attribute of this name, in any case.
    pub fn sub_attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }
}

fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

fn check(attributes: &[Attribute], inside_complex: bool) -> Result<(), String> {
    for (position, attribute) in attributes.iter().enumerate() {
        let name = &attribute.name;
        if !is_attr_name(name) {
            return Err(format!("`{name}` is no attribute name"));
        }
        if find(&attributes[..position], name).is_some() {
            return Err(format!("`{name}` is defined twice"));
        }
        match (attribute.kind, inside_complex) {
            (Type::Complex, true) => return Err(format!("sub-attribute `{name}` may not be complex")),
            (Type::Complex, false) if attribute.sub_attributes.is_empty() => {
                return Err(format!("complex attribute `{name}` has no sub-attributes"));
            }
            (Type::Complex, false) => check(&attribute.sub_attributes, true)?,
            _ if !attribute.sub_attributes.is_empty() => return Err(format!("`{name}` is not complex")),
            _ => {}
        }
    }
    Ok(())
}

/// ATTRNAME of RFC 7643 §2.1, with the `$` that `$ref` needs in front.
pub(crate) fn is_attr_name(name: &str) -> bool {
    let rest = name.strip_prefix('$').unwrap_or(name);
    rest.starts_with(|first: char| first.is_ascii_alphabetic())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'-' | b'_'))
}
