//! Our code against the oracle, on schemas, resources and requests made from the bytes.

use crate::{
    Choices, generate,
    oracle::{self, Expression, Refusal},
};
use provost_scim::{Filter, NoMatch, PatchRequest, Resource, ResourceType, ScimError, ValueError, urn};
use serde_json::{Value, json};

/// Resources that one filter is tried on.
const RESOURCES: usize = 4;

/// Filters: the same matches, the same refusals.
pub(super) fn filter(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let kind = generate::kind(&mut choices);
    let text = generate::filter(&mut choices, &kind);
    let oracle_kind = oracle::Kind::of(&kind);
    let expression = Expression::parse(&text).unwrap_or_else(|| panic!("the oracle cannot read {text}"));
    let filter = Filter::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let query = filter.resolve(&kind);
    for _ in 0..RESOURCES {
        let Some(resource) = generate::resource(&mut choices, &kind) else { continue };
        let mut document = resource.into_attributes();
        document.insert("meta".to_owned(), json!({ "created": "2011-05-13T04:42:35Z", "version": "W/\"1\"" }));
        let expected = oracle::matches(&oracle_kind, &expression, &document);
        let found = match &query {
            Ok(query) => Ok(query.matches(&document)),
            Err(_) => Err(Refusal::InvalidFilter),
        };
        let shown = || format!("{text}\non {}\nof {}\n{query:?}", Value::Object(document.clone()), shown(&kind));
        assert_eq!(found, expected, "found and expected of {}", shown());
    }
}

/// PATCH: the same resource, or the same refusal.
pub(super) fn patch(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let kind = generate::kind(&mut choices);
    let Some(resource) = generate::resource(&mut choices, &kind) else { return };
    let operations = generate::operations(&mut choices, &kind);
    let create = choices.one_in(2);
    let no_match = if create { NoMatch::Create } else { NoMatch::NoTarget };

    let expected = oracle::patch(&oracle::Kind::of(&kind), resource.attributes(), &operations, create);
    let body = json!({ "schemas": [urn::PATCH_OP], "Operations": operations });
    let found = PatchRequest::parse(body).and_then(|request| request.apply(&kind, &resource, no_match));
    let shown = || {
        let before = Value::Object(resource.attributes().clone());
        format!("{}\non {before}\nof {}\ncreate {create}", json!(operations), shown(&kind))
    };
    match (found, expected) {
        (Ok(patched), Ok(expected)) => {
            let mut document = patched.resource.attributes().clone();
            let schemas = document.remove("schemas");
            assert_eq!(schemas, Some(schemas_of(&kind, &patched.resource)), "schemas of {}", shown());
            let (found, expected) = (Value::Object(document), Value::Object(expected));
            assert!(found == expected, "found    {found}\nexpected {expected}\nof {}", shown());
            let read = kind.read(Value::Object(patched.resource.clone().into_attributes()));
            // Readers take nothing that only the server sets, so that what has nothing else is missing to them.
            let holds = match &read {
                Ok(_) => true,
                Err(ValueError::Missing(place)) => is_there(&kind, &patched.resource, place),
                Err(_) => false,
            };
            assert!(holds, "{read:?}\nof {}", shown());
        }
        (Err(error), Err(refusal)) => {
            let keyword = ScimError::from(error.clone()).scim_type;
            let keyword = serde_json::to_value(keyword).expect("a keyword is a text");
            assert_eq!(keyword, refusal.keyword(), "found ({error}) and expected of {}", shown());
        }
        (Ok(patched), Err(refusal)) => {
            panic!("should be {refusal:?} and is {}\nof {}", patched.resource.to_json(), shown())
        }
        (Err(error), Ok(expected)) => {
            panic!("is refused: {error}\nshould be {}\nof {}", Value::Object(expected), shown())
        }
    }
}

/// Whether a resource has a value at a place: an attribute, or one of an extension.
fn is_there(kind: &ResourceType, resource: &Resource, place: &str) -> bool {
    let in_extension = kind.extensions.iter().find_map(|(schema, _)| {
        let name = place.strip_prefix(schema.id.as_str())?.strip_prefix(':')?;
        resource.get(&schema.id)?.get(name)
    });
    in_extension.or_else(|| resource.get(place)).is_some()
}

/// The core schema, and the extensions that have data (RFC 7643 §3).
fn schemas_of(kind: &ResourceType, resource: &Resource) -> Value {
    let extensions = kind.extensions.iter().map(|(schema, _)| schema.id.as_str());
    let present = extensions.filter(|urn| resource.get(urn).is_some());
    std::iter::once(kind.schema.id.as_str()).chain(present).collect()
}

fn shown(kind: &ResourceType) -> String {
    let extensions: Vec<_> = kind.extensions.iter().map(|(schema, required)| json!([required, schema])).collect();
    json!({ "schema": kind.schema, "extensions": extensions }).to_string()
}
