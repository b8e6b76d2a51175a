//! What is read off a query without a resource: index lookups, and the element that a value filter describes.

use provost_scim::{Filter, Query, ResourceType, Schema};
use serde_json::json;

fn query(text: &str) -> Query {
    let user = ResourceType::user().expect("the schemas in the crate are sound");
    Filter::parse(text).expect("well formed").resolve(&user).expect("the case fits the schema")
}

fn lookups(text: &str) -> String {
    let indexed: Vec<String> = [
        "userName",
        "externalId",
        "emails.value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    ]
    .map(str::to_owned)
    .to_vec();
    match query(text).lookups(&indexed) {
        Some(entries) => entries.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "),
        None => "scan".to_owned(),
    }
}

#[test]
fn indexes_serve_what_every_match_has() {
    for (filter, expected) in [
        (r#"USERNAME eq "BJensen""#, "userName=bjensen"),
        (r#"externalId eq "BJensen""#, "externalId=BJensen"),
        (r#"id eq "A""#, "id=A"),
        (r#"emails eq "A@b""#, "emails.value=a@b"),
        (r#"emails[type eq "work"].value eq "A@b""#, "emails.value=a@b"),
        (r#"emails[type eq "work" and value eq "A@b"] and active eq true"#, "emails.value=a@b"),
        (
            r#"urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User:employeeNumber eq "X7""#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber=x7",
        ),
        (r#"userName eq "a" or emails.value eq "b" or userName eq "A""#, "emails.value=b userName=a"),
        (r#"(userName eq "a" or userName eq "b") and id eq "x""#, "id=x"),
        (r#"title pr and not (userName eq "b") and userName eq "a""#, "userName=a"),
        (r#"emails[value eq "a" or value eq "b"]"#, "emails.value=a emails.value=b"),
        (r#"userName eq "a" or title eq "b""#, "scan"),
        (r#"not (userName eq "a")"#, "scan"),
        (r#"userName ne "a""#, "scan"),
        (r#"userName sw "a""#, "scan"),
        ("userName eq null", "scan"),
        ("userName pr", "scan"),
        (r#"title eq "a" and active eq true"#, "scan"),
        (r#"emails[type eq "work"]"#, "scan"),
        (r#"emails[value eq "a" or type eq "work"]"#, "scan"),
    ] {
        assert_eq!(lookups(filter), expected, "{filter}");
    }
}

#[test]
fn indexes_serve_how_values_begin() {
    let indexed = ["userName", "emails.value"].map(str::to_owned);
    let long = "x".repeat(257);
    for (filter, expected, is_all) in [
        (r#"userName sw "Ann""#, "userName=ann", true),
        (r#"userName sw "ann" or emails.value sw "Ann""#, "emails.value=ann userName=ann", true),
        (r#"emails[value sw "a"]"#, "emails.value=a", true),
        (r#"emails[type eq "work" and value sw "a"]"#, "emails.value=a", false),
        (r#"userName sw "a" and active eq true"#, "userName=a", false),
        (r#"userName sw "a" or userName eq "bea""#, "userName=a userName=bea", false),
        (r#"userName sw """#, "scan", false),
        (r#"userName sw "a" or title sw "a""#, "scan", false),
        (r#"id sw "a""#, "scan", false),
        (r#"userName ew "a""#, "scan", false),
        (r#"not (userName sw "a")"#, "scan", false),
        (&format!("userName sw \"{long}\""), "scan", false),
    ] {
        let query = query(filter);
        let shown = query
            .beginnings(&indexed)
            .map(|entries| entries.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "));
        assert_eq!(shown.as_deref().unwrap_or("scan"), expected, "{filter}");
        assert_eq!(query.is_its_beginnings(&indexed), is_all, "{filter}");
    }
}

#[test]
fn an_equality_on_an_index_leaves_nothing_to_evaluate() {
    let indexed = ["userName", "emails.value"].map(str::to_owned);
    for (filter, expected) in [
        (r#"userName eq "a""#, true),
        (r#"emails eq "a@b""#, true),
        (r#"userName eq "a" or emails.value eq "b""#, true),
        (r#"userName eq "a" and active eq true"#, false),
        (r#"emails[type eq "work" and value eq "a@b"]"#, false),
        (r#"emails[value eq "a@b"]"#, true),
        (r#"emails[value eq "a@b" or value eq "c@d"] or userName eq "a""#, true),
        (r#"emails[value eq "a@b" or type eq "work"]"#, false),
        (r#"emails[not (value eq "a@b")]"#, false),
        (r#"not (userName eq "a")"#, false),
        (r#"userName sw "a""#, false),
        (r#"title eq "a""#, false),
    ] {
        assert_eq!(query(filter).is_its_lookups(&indexed), expected, "{filter}");
    }
}

#[test]
fn fields_are_in_the_spelling_of_the_schema() {
    let query = query(r#"USERNAME pr or EMAILS[not (TYPE eq "x")] and META.created pr and emails eq "x""#);
    let names: Vec<String> = query.fields().iter().map(|field| field.notation()).collect();
    assert_eq!(names, ["userName", "emails.type", "meta.created", "emails.value"]);
}

/// An index of values that are no texts: looked for in the form in which resources are entered.
#[test]
fn typed_values_are_looked_for_as_resources_are_entered() {
    let attribute = |name: &str, kind: &str| json!({ "name": name, "type": kind, "multiValued": name.ends_with('s') });
    let schema = json!({ "id": "urn:acme:params:scim:badge", "name": "Badge", "attributes": [
        attribute("level", "integer"), attribute("weight", "decimal"), attribute("locked", "boolean"),
        attribute("since", "dateTime"), attribute("tags", "string"), attribute("floors", "integer"),
    ] });
    let schema = Schema::from_value(schema).expect("the definition is sound");
    let names = ["level", "weight", "locked", "since", "tags", "floors"].map(str::to_owned).to_vec();
    let kind = ResourceType::custom("Badge".to_owned(), "/Badges", String::new(), schema, Vec::new(), names);
    let kind = kind.expect("simple values can be indexed");
    let body = json!({ "schemas": [kind.schema.id], "level": 9_007_199_254_740_993_u64, "weight": 7.0, "locked": false,
        "since": "2024-01-01T01:00:00+01:00", "tags": ["A", "b"], "floors": [1, -2] });
    let badge = kind.read(body).expect("it fits the schema").resource;
    let entered = kind.index_values(&badge);
    for (filter, holds, is_all) in [
        ("weight eq 7", true, true),
        ("weight eq 7.5", false, true),
        ("locked eq false", true, true),
        ("locked eq true", false, true),
        ("since eq \"2024-01-01T00:00:00.000Z\"", true, true),
        ("since eq \"2024-01-01T00:00:01Z\"", false, true),
        ("tags eq \"a\"", true, true),
        ("tags[value eq \"B\"]", true, true),
        ("floors eq -2", true, true),
        ("floors eq 2 or locked eq false", true, true),
        // Beyond 2^53 several integers stand beside one double: what is found has to be looked at.
        ("level eq 9007199254740993", true, false),
        ("level eq 9007199254740992", false, false),
    ] {
        let query = Filter::parse(filter).expect("well formed").resolve(&kind).expect("the case fits the schema");
        let lookups = query.lookups(&kind.indexed).expect("an index serves it");
        assert_eq!(query.matches(badge.attributes()), holds, "{filter}");
        assert_eq!(query.is_its_lookups(&kind.indexed), is_all, "{filter}");
        let found = lookups.iter().any(|entry| entered.contains(entry));
        assert!(found == holds || !is_all && found, "{filter}: {lookups:?} among {entered:?}");
    }
    for filter in ["weight gt 7", "locked ne true", "since pr", "not (weight eq 7)"] {
        let query = Filter::parse(filter).expect("well formed").resolve(&kind).expect("the case fits the schema");
        assert_eq!(query.lookups(&kind.indexed), None, "{filter}");
    }
}

#[test]
fn an_index_that_is_being_built_is_written_and_not_used() {
    let mut user = ResourceType::user().expect("the schemas in the crate are sound");
    user.building.push(user.indexable("TITLE").expect("a string"));
    let body = json!({ "schemas": [user.schema.id], "userName": "ann", "title": "Boss" });
    let ann = user.read(body).expect("it fits the schema").resource;
    assert_eq!(user.index_values(&ann), [("title".to_owned(), "boss".to_owned())]);
    let query = Filter::parse("title eq \"boss\"").expect("well formed").resolve(&user).expect("it fits");
    assert_eq!(query.lookups(&user.indexed), None);
    assert_eq!(user.values_of("nickName", &ann), []);
}

fn equalities(attribute: &str, filter: &str) -> String {
    let user = ResourceType::user().expect("the schemas in the crate are sound");
    let attribute = user.top_level(attribute).expect("an attribute of users");
    let query =
        Filter::parse(filter).expect("well formed").resolve_within(attribute).expect("the case fits the schema");
    match query.equalities() {
        Some(pairs) => pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "),
        None => "no element".to_owned(),
    }
}

#[test]
fn eq_terms_joined_by_and_describe_an_element() {
    for (attribute, filter, expected) in [
        // PIT-04
        ("emails", r#"TYPE eq "Work""#, r#"type="Work""#),
        ("roles", r#"primary eq "True""#, "primary=true"),
        ("roles", r#"primary eq false and (type eq "x" and display eq "y")"#, r#"primary=false type="x" display="y""#),
        ("emails", r#"type eq "work" and type eq "WORK""#, r#"type="work""#),
        ("schemas", r#"value eq "urn:x""#, r#"value="urn:x""#),
        ("emails", r#"type eq "work" and type eq "home""#, "no element"),
        ("emails", r#"type eq "work" or type eq "home""#, "no element"),
        ("emails", r#"not (type eq "work")"#, "no element"),
        ("emails", r#"type eq "work" and value pr"#, "no element"),
        ("emails", r#"type eq "work" and display eq null"#, "no element"),
        ("emails", r#"type co "work""#, "no element"),
    ] {
        assert_eq!(equalities(attribute, filter), expected, "{attribute}[{filter}]");
    }
}
