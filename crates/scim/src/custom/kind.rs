//! Resource types of an account's own, and extensions of any type.

use super::shown;
use crate::{
    AttrPath, ResourceType, Target,
    resource::value::Place,
    schema::{Attribute, Mutability, Returned, Schema, SchemaError, Type},
};

/// Most characters of a name or an endpoint.
const SEGMENT_CHARS_MAX: usize = 64;
/// Most characters of a description.
const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// Most extensions of one type.
const EXTENSIONS_MAX: usize = 20;
/// Most attributes with an index: each costs a row for every resource.
const INDEXED_MAX: usize = 20;

/// Names that a resource type cannot have: they are taken.
const NAMES_TAKEN: [&str; 7] = ["User", "Group", "ServiceProviderConfig", "ResourceType", "Schema", "Me", "Bulk"];
/// Endpoints that mean something else (RFC 7644 §3.2).
const ENDPOINTS_TAKEN: [&str; 8] =
    ["Users", "Groups", "Me", "Bulk", "Schemas", "ResourceTypes", "ServiceProviderConfig", "ServiceProviderConfigs"];

impl ResourceType {
    /// A resource type that an administrator defines. `endpoint` is one segment, with or without its slash; `indexed` names
    /// attributes in attribute notation. `externalId` and what is unique have an index without being named.
    ///
    /// # Errors
    /// [`SchemaError::Type`] when the name or the endpoint is none or is taken, two schemas have one URN or one URN begins with
    /// the other, or an indexed attribute is not a simple value that clients may see.
    pub fn custom(
        name: String,
        endpoint: &str,
        description: String,
        schema: Schema,
        extensions: Vec<(Schema, bool)>,
        indexed: Vec<String>,
    ) -> Result<Self, SchemaError> {
        let refuse = |rule: String| SchemaError::Type { name: shown(&name), rule };
        check_name(&name).map_err(refuse)?;
        let segment = endpoint.strip_prefix('/').unwrap_or(endpoint);
        check_endpoint(segment).map_err(refuse)?;
        if description.chars().count() > DESCRIPTION_CHARS_MAX {
            return Err(refuse(format!("has a description of more than {DESCRIPTION_CHARS_MAX} characters")));
        }
        let endpoint = format!("/{segment}");
        let external_id = vec!["externalId".to_owned()];
        let kind = Self {
            name,
            endpoint,
            description,
            schema,
            extensions: Vec::new(),
            indexed: external_id,
            building: Vec::new(),
        };
        let kind = extensions.into_iter().try_fold(kind, |kind, (schema, required)| kind.extended(schema, required))?;
        kind.with_indexes(indexed)
    }

    /// This type with one more extension; `indexed` names attributes of the type in attribute notation, and what the extension
    /// defines as unique has an index without being named.
    ///
    /// # Errors
    /// As for [`ResourceType::custom`].
    pub fn with_extension(self, schema: Schema, required: bool, indexed: Vec<String>) -> Result<Self, SchemaError> {
        self.extended(schema, required)?.with_indexes(indexed)
    }

    fn extended(mut self, schema: Schema, required: bool) -> Result<Self, SchemaError> {
        if self.extensions.len() == EXTENSIONS_MAX {
            return Err(self.refused(format!("may have at most {EXTENSIONS_MAX} extensions")));
        }
        for known in std::iter::once(&self.schema).chain(self.extensions.iter().map(|(known, _)| known)) {
            if known.id.eq_ignore_ascii_case(&schema.id) {
                return Err(self.refused(format!("has the schema {} already", shown(&schema.id))));
            }
            if begins_with(&known.id, &schema.id) || begins_with(&schema.id, &known.id) {
                let (new, known) = (shown(&schema.id), shown(&known.id));
                return Err(self.refused(format!("cannot have both {new} and {known}: one begins with the other")));
            }
        }
        if required && schema.attributes.iter().all(|attribute| attribute.mutability == Mutability::ReadOnly) {
            let urn = shown(&schema.id);
            return Err(self.refused(format!("cannot require {urn}, which has no attribute that clients may set")));
        }
        self.extensions.push((schema, required));
        Ok(self)
    }

    fn with_indexes(mut self, names: Vec<String>) -> Result<Self, SchemaError> {
        let named = names.iter().map(|name| self.index_name(name)).collect::<Result<Vec<String>, String>>();
        let named = named.map_err(|rule| self.refused(rule))?;
        for name in self.unique_names().into_iter().chain(named) {
            if !self.indexed.contains(&name) {
                self.indexed.push(name);
            }
        }
        if self.indexed.len() > INDEXED_MAX {
            return Err(
                self.refused(format!("may have at most {INDEXED_MAX} indexed attributes, unique ones included"))
            );
        }
        Ok(self)
    }

    /// The attribute that is to have an index, in the spelling of its schema.
    ///
    /// # Errors
    /// [`SchemaError::Type`] when it is not an attribute of this type, or no simple value that clients may see.
    pub fn indexable(&self, name: &str) -> Result<String, SchemaError> {
        self.index_name(name).map_err(|rule| self.refused(rule))
    }

    fn index_name(&self, name: &str) -> Result<String, String> {
        let rule = |problem: &str| format!("cannot index {}, which {problem}", shown(name));
        let path = AttrPath::parse(name).map_err(|error| rule(&format!("is no attribute: {error}")))?;
        let target = self.resolve(&path).map_err(|_| rule("it does not have"))?;
        let (Some(attribute), Some(place)) = (target.attribute, Place::of(&target)) else {
            return Err(rule("is a whole schema"));
        };
        let leaf = target.sub.unwrap_or(attribute);
        if is_common(self, &target) && attribute.name != "externalId" {
            return Err(rule("is a common attribute; of those only `externalId` may be named"));
        }
        match leaf.kind {
            Type::String | Type::Reference | Type::Boolean | Type::Integer | Type::Decimal | Type::DateTime => {}
            Type::Complex => return Err(rule("is complex: name one of its sub-attributes")),
            Type::Binary => return Err(rule("is binary and cannot be looked up")),
        }
        if [attribute, leaf].into_iter().any(is_hidden) {
            return Err(rule("is never returned and cannot be searched for"));
        }
        Ok(place.to_string())
    }

    fn refused(&self, rule: String) -> SchemaError {
        SchemaError::Type { name: shown(&self.name), rule }
    }
}

/// Whether the target is `schemas`, `id`, `externalId` or `meta`.
fn is_common(kind: &ResourceType, target: &Target<'_>) -> bool {
    target.extension.is_none() && target.attribute.is_some_and(|found| kind.schema.attribute(&found.name).is_none())
}

fn is_hidden(attribute: &Attribute) -> bool {
    attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly
}

/// Whether a URN stands below another: `urn:x:A:B` below `urn:x:A`. An attribute's full name could then be read in two ways.
fn begins_with(urn: &str, other: &str) -> bool {
    let rest = urn.get(..other.len()).filter(|head| head.eq_ignore_ascii_case(other)).map(|head| &urn[head.len()..]);
    rest.is_some_and(|rest| rest.starts_with(':'))
}

fn check_name(name: &str) -> Result<(), String> {
    check_segment("name", name)?;
    if NAMES_TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name)) {
        return Err("has a name that is taken by the standard".to_owned());
    }
    Ok(())
}

fn check_endpoint(segment: &str) -> Result<(), String> {
    check_segment("endpoint", segment)?;
    let is_taken = ENDPOINTS_TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(segment));
    if is_taken || is_version(segment) {
        return Err(format!("has the endpoint {}, which means something else", shown(segment)));
    }
    if is_uuid(segment) {
        return Err(format!("has the endpoint {}, which could be an id", shown(segment)));
    }
    Ok(())
}

/// One segment of a URL that needs no escapes (RFC 3986 §2.3) and begins with a letter.
fn check_segment(what: &str, text: &str) -> Result<(), String> {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
    if !begins_well || text.len() > SEGMENT_CHARS_MAX || !text.bytes().all(is_unreserved) {
        let form = "must begin with a letter and hold letters, digits, `-`, `.`, `_` and `~`";
        return Err(format!("has the {what} {}, which {form}, at most {SEGMENT_CHARS_MAX}", shown(text)));
    }
    Ok(())
}

/// `v1`, `v2`: versions of the protocol stand in front of endpoints (RFC 7644 §3.13).
fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix(['v', 'V']).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether a segment could be taken for a UUID, with or without its hyphens.
fn is_uuid(segment: &str) -> bool {
    let digits = segment.bytes().filter(|byte| *byte != b'-');
    digits.clone().count() == 32 && digits.clone().all(|byte| byte.is_ascii_hexdigit())
}
