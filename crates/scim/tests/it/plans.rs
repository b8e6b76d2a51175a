//! What is read off a query without a resource: index lookups, and the element that a value filter describes.

use provost_scim::{Filter, Query, ResourceType};

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
