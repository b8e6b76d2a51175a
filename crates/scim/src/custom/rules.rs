//! The rules that a custom schema keeps: those of RFC 7643, and those that keep it apart from the standard ones.

use super::shown;
use crate::{
    schema::{Attribute, Mutability, Returned, Type, Uniqueness, is_attr_name},
    urn,
};
use std::collections::HashSet;

/// Most characters of a schema URI.
pub(super) const URN_CHARS_MAX: usize = 255;

/// Standard schemas, which nobody redefines, and what stands before the names of the core ones.
const STANDARD: [&str; 7] = [
    urn::USER,
    urn::GROUP,
    urn::ENTERPRISE_USER,
    urn::SERVICE_PROVIDER_CONFIG,
    urn::RESOURCE_TYPE,
    urn::SCHEMA,
    "urn:ietf:params:scim:schemas:core:2.0",
];
/// Messages and events: URNs that begin like this are no schemas of resources.
const STANDARD_BRANCHES: [&str; 2] = ["urn:ietf:params:scim:api:", "urn:ietf:params:scim:event:"];
/// Common attributes (RFC 7643 §3.1): of every resource already.
const COMMON: [&str; 4] = ["schemas", "id", "externalId", "meta"];
/// Words of the filter grammar: `not (…)` would not be taken for an attribute.
const FILTER_WORDS: [&str; 3] = ["and", "or", "not"];

/// A URN (RFC 8141) that can stand in front of an attribute in a filter and in a list of names: letters, digits, `-`, `_`, and
/// between them single colons and dots.
pub(super) fn check_urn(text: &str) -> Result<(), String> {
    let rule = |problem: &str| Err(format!("`id` {} {problem}", shown(text)));
    let Some((namespace, rest)) = text.strip_prefix("urn:").and_then(|rest| rest.split_once(':')) else {
        return rule("must be of the form `urn:namespace:name`");
    };
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let ends_well = !namespace.starts_with('-') && !namespace.ends_with('-');
    if !(2..=32).contains(&namespace.len()) || !namespace.bytes().all(is_label) || !ends_well {
        return rule("has no namespace of 2 to 32 letters, digits and hyphens after `urn:`");
    }
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| is_label(byte) || byte == b'_');
    if !rest.split([':', '.']).all(is_part) {
        return rule("may hold letters, digits, `-` and `_`, with single colons and dots between them");
    }
    let is_standard = STANDARD.iter().any(|standard| standard.eq_ignore_ascii_case(text));
    let lower = text.to_ascii_lowercase();
    let is_branch = STANDARD_BRANCHES.iter().any(|branch| lower.starts_with(branch));
    if is_standard || is_branch {
        return rule("belongs to the standard");
    }
    Ok(())
}

/// Checks attributes, or the sub-attributes of `parent`; the message names the first that breaks a rule.
pub(super) fn check_attributes(attributes: &[Attribute], parent: Option<&Attribute>) -> Result<(), String> {
    let mut names = HashSet::new();
    for attribute in attributes {
        let first = names.insert(attribute.name.to_ascii_lowercase());
        check_attribute(attribute, parent, first).map_err(|rule| {
            let name = match parent {
                Some(parent) => format!("{}.{}", parent.name, attribute.name),
                None => attribute.name.clone(),
            };
            format!("attribute {} {rule}", shown(&name))
        })?;
        check_attributes(&attribute.sub_attributes, Some(attribute))?;
    }
    Ok(())
}

fn check_attribute(attribute: &Attribute, parent: Option<&Attribute>, first: bool) -> Result<(), String> {
    check_name(&attribute.name, parent.is_some())?;
    let rules = [
        (!first, "is defined twice: names must differ by more than case"),
        (attribute.kind == Type::Complex && parent.is_some(), "is a sub-attribute and may not be complex"),
        (
            attribute.kind == Type::Complex && attribute.sub_attributes.is_empty(),
            "is complex and needs `subAttributes`",
        ),
        (
            attribute.kind != Type::Complex && !attribute.sub_attributes.is_empty(),
            "has `subAttributes` and must be complex",
        ),
    ];
    refuse_first(&rules)?;
    check_generic(attribute, parent.is_some())?;
    check_values(attribute)?;
    check_access(attribute, parent)?;
    check_uniqueness(attribute, parent)
}

/// ATTRNAME (RFC 7643 §2.1) that no filter or body takes for something else.
fn check_name(name: &str, is_sub: bool) -> Result<(), String> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(name));
    let is_ref = is_sub && name == "$ref";
    let rules = [
        (!is_attr_name(name), "must begin with a letter and hold letters, digits, `-` and `_` (RFC 7643 §2.1)"),
        (name.contains('$') && !is_ref, "may not hold `$`: only the sub-attribute `$ref` does"),
        (!is_sub && is(&COMMON), "is an attribute of every resource already (RFC 7643 §3.1)"),
        (is(&FILTER_WORDS), "is a word of filters and cannot be an attribute"),
    ];
    refuse_first(&rules)
}

/// Sub-attributes that mean the same in every attribute (RFC 7643 §2.4) have their type.
fn check_generic(attribute: &Attribute, is_sub: bool) -> Result<(), String> {
    let is = |name: &str| is_sub && attribute.name.eq_ignore_ascii_case(name);
    let rules = [
        (is("primary") && attribute.kind != Type::Boolean, "must be a boolean (RFC 7643 §2.4)"),
        (is("$ref") && attribute.kind != Type::Reference, "must be a reference (RFC 7643 §2.4)"),
        ((is("primary") || is("$ref")) && attribute.multi_valued, "must be single-valued (RFC 7643 §2.4)"),
    ];
    refuse_first(&rules)
}

/// What only some types have.
fn check_values(attribute: &Attribute) -> Result<(), String> {
    let is_text = matches!(attribute.kind, Type::String | Type::Reference);
    let is_reference = attribute.kind == Type::Reference;
    let has_types = !attribute.reference_types.is_empty();
    let mut listed = HashSet::new();
    let is_repeated = !attribute.canonical_values.iter().all(|value| listed.insert(value));
    let is_type = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let rules = [
        (
            !attribute.canonical_values.is_empty() && !is_text,
            "has `canonicalValues` and must be a string or a reference",
        ),
        (is_repeated, "lists one of its `canonicalValues` twice"),
        (is_reference && !has_types, "is a reference and needs `referenceTypes`"),
        (has_types && !is_reference, "has `referenceTypes` and must be a reference"),
        (
            !attribute.reference_types.iter().all(is_type),
            "has `referenceTypes` that are neither names of resource types nor `external` or `uri`",
        ),
        (
            matches!(attribute.kind, Type::Reference | Type::Binary) && !attribute.case_exact,
            "must be `caseExact`: references and binary values respect case (RFC 7643 §2.3.6, §2.3.7)",
        ),
    ];
    refuse_first(&rules)
}

/// `mutability` and `returned` that make sense together (CHR-10).
fn check_access(attribute: &Attribute, parent: Option<&Attribute>) -> Result<(), String> {
    let Attribute { mutability, returned, .. } = attribute;
    let is_fixed = parent.is_some_and(|parent| parent.mutability == Mutability::ReadOnly);
    let rules = [
        (
            *mutability == Mutability::WriteOnly && *returned != Returned::Never,
            "is writeOnly, and `returned` must be `never` (RFC 7643 §7)",
        ),
        (
            *mutability == Mutability::ReadOnly && *returned == Returned::Never,
            "is readOnly and never returned: nobody could set or see it",
        ),
        (is_fixed && *mutability != Mutability::ReadOnly, "must be readOnly as its attribute is"),
    ];
    refuse_first(&rules)
}

/// What is unique is one text that may be looked up and shown.
fn check_uniqueness(attribute: &Attribute, parent: Option<&Attribute>) -> Result<(), String> {
    if attribute.uniqueness == Uniqueness::None {
        return Ok(());
    }
    let is_text = matches!(attribute.kind, Type::String | Type::Reference);
    let whole = std::iter::once(attribute).chain(parent);
    let rules = [
        (!is_text, "may have no `uniqueness`: only a string or a reference is unique"),
        (whole.clone().any(|part| part.multi_valued), "may have no `uniqueness`: only a single value is unique"),
        (
            whole.clone().any(|part| part.returned == Returned::Never),
            "may have no `uniqueness`: a conflict would tell what is never returned",
        ),
    ];
    refuse_first(&rules)
}

/// The first rule that is broken.
fn refuse_first(rules: &[(bool, &str)]) -> Result<(), String> {
    match rules.iter().find(|(broken, _)| *broken) {
        Some((_, rule)) => Err((*rule).to_owned()),
        None => Ok(()),
    }
}
