//! Which operations of a bulk request have nothing to do with each other.

use super::super::route::{self, Route};
use provost_accounts::Configuration;
use provost_scim::{BulkMethod, BulkOperation, BulkRequest, Ordered, ResourceType};
use serde_json::Value;
use std::collections::HashSet;

/// How many of the next turns can be under way together: creates that refer to nothing and share no value by which one of them
/// could be taken for another. Where errors end the request, what comes behind one must not have begun.
pub(super) fn creates(config: &Configuration, request: &BulkRequest, turns: &[Ordered]) -> usize {
    if request.fail_on_errors.is_some() {
        return 0;
    }
    let mut seen = HashSet::new();
    let is_apart = |turn: &&Ordered| {
        let Ok(operation) = &request.operations[turn.index] else { return false };
        if operation.method != BulkMethod::Post || !operation.references().is_empty() {
            return false;
        }
        let Ok(Route::Resources(kind)) = route::named(operation.path.trim_start_matches('/')) else { return false };
        let Some(offered) = kind.offered(config) else { return false };
        let names = names(offered.full(), operation).into_iter();
        names.map(|(attribute, value)| (offered.kind(), attribute, value)).all(|name| seen.insert(name))
    };
    turns.iter().take_while(is_apart).count()
}

/// What a resource goes by: the values of attributes that are unique or by which a person is recognised, each once, wherever in the
/// body they stand. Compared more coarsely than the attributes are: that costs some company, never the order.
fn names(of: &ResourceType, operation: &BulkOperation) -> HashSet<(String, String)> {
    let unique = of.unique_names();
    let last = |name: &String| name.rsplit([':', '.']).next().unwrap_or_default().to_lowercase();
    let mut telling: HashSet<String> = unique.iter().map(last).collect();
    telling.extend(["externalid", "emails"].map(str::to_owned));
    let mut names = HashSet::new();
    let mut rest: Vec<(Option<String>, &Value)> = operation.data.iter().map(|data| (None, data)).collect();
    while let Some((within, value)) = rest.pop() {
        match value {
            Value::Object(members) => rest.extend(members.iter().map(|(name, value)| {
                let name = name.to_lowercase();
                (within.clone().or_else(|| telling.contains(&name).then_some(name)), value)
            })),
            Value::Array(values) => rest.extend(values.iter().map(|value| (within.clone(), value))),
            Value::String(text) => names.extend(within.map(|name| (name, text.to_lowercase()))),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    // What says which of several addresses it is tells nobody apart.
    names.retain(|(name, text)| name != "emails" || text.contains('@'));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_scim::{Attribute, Type, Uniqueness};
    use serde_json::json;

    fn badge() -> ResourceType {
        let mut user = ResourceType::user().expect("the standard type can be read");
        let mut badge = user.schema.attributes.iter().find(|one| one.name == "nickName").expect("it has it").clone();
        (badge.name, badge.kind, badge.uniqueness) = ("badge".to_owned(), Type::String, Uniqueness::Server);
        user.extensions
            .first_mut()
            .expect("it has one")
            .0
            .attributes
            .push(Attribute { sub_attributes: vec![], ..badge });
        user
    }

    #[test]
    fn creates_are_told_apart_by_whatever_must_be_unique_or_finds_a_person() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let ann = json!({ "userName": "ann", "externalId": "1", "emails": [{ "value": "ann@acme.example", "type": "work" }] });
        let cases = [
            (
                "nothing in common",
                json!({ "userName": "bob", "emails": [{ "value": "b@acme.example", "type": "work" }] }),
                true,
            ),
            ("the same name", json!({ "userName": "ANN" }), false),
            ("the same name in another case of the attribute", json!({ "USERNAME": "ann" }), false),
            ("a name that is another's external id", json!({ "userName": "1", "externalId": "ann" }), true),
            ("the same external id", json!({ "userName": "bob", "externalId": "1" }), false),
            ("the same address", json!({ "userName": "bob", "emails": [{ "value": "Ann@acme.example" }] }), false),
            ("the same address as one value", json!({ "userName": "bob", "emails": "ann@acme.example" }), false),
        ];
        let read = |data: &Value| {
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [{ "method": "POST", "path": "/Users", "bulkId": "a", "data": data }],
            });
            let request = BulkRequest::parse(body, 10).expect("a bulk request");
            names(&badge(), request.operations[0].as_ref().expect("an operation"))
        };
        for (what, other, apart) in cases {
            assert_eq!(read(&ann).is_disjoint(&read(&other)), apart, "{what}");
        }
        let own = |serial: &str| read(&json!({ "userName": serial, enterprise: { "badge": "B7" } }));
        assert!(!own("ann").is_disjoint(&own("bob")), "an attribute of the account's own that is unique");
        let own = |serial: &str| read(&json!({ "userName": serial, enterprise: { "department": "Sales" } }));
        assert!(own("ann").is_disjoint(&own("bob")), "an attribute that many share");
    }
}
