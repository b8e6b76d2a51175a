//! What holds for all users: what is sent makes of the target what is wanted.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{USER, app_and, compiled, roles_target, user, wanted, with_role};
use proptest::{collection::vec, option, prelude::*, sample};
use provost_engine::{
    Compatibility, Compiled, CompiledObjects, Dialect, ElementsForm, EnterpriseApp, ManagerForm, MatchingValue,
    Purpose, RolesPatch, SchemasForm, SourceObject, TargetPath, Values,
};
use provost_scim::{Filter, NoMatch, PatchRequest, Resource, dialect};
use serde_json::{Map, Value as Json, json};
use std::sync::LazyLock;

/// The default mapping with asserted roles, clearing nulls.
fn app(is_standard: bool) -> EnterpriseApp {
    let row = json!({ "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" });
    let mut app = app_and(row, roles_target());
    app.clear_nulls = true;
    if is_standard {
        app.compatibility = Compatibility {
            manager: ManagerForm::Object,
            schemas: SchemasForm::Present,
            elements: ElementsForm::Standard,
            roles: RolesPatch::Plain,
            ..Compatibility::default()
        };
    }
    app
}

static APPS: LazyLock<[Compiled; 2]> = LazyLock::new(|| [compiled(&app(false)), compiled(&app(true))]);

/// Texts with all that JSON, filters and case folding may stumble over; never blank, since servers take those for none.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z]{1,8}", "[a-c\"\\\\%&+#? ]{0,4}x", "[à-ëA-Eß😀]{1,3}"]
}

fn person() -> impl Strategy<Value = SourceObject> {
    let names =
        ["displayName", "title", "preferredLanguage", "given", "family", "email", "office", "city", "work", "mobile"];
    let texts = vec(option::of(text()), names.len());
    let rest =
        (text(), any::<bool>(), option::of(1..4u128), vec(1..3u128, 0..3), option::of(text()), option::of(text()));
    (texts, rest).prop_map(move |(texts, (user_name, active, manager, roles, number, department))| {
        let of = |name: &str| {
            let place = names.iter().position(|known| *known == name).unwrap();
            texts[place].clone().map(Json::from)
        };
        let mut resource = Map::new();
        let mut set = |name: &str, value: Option<Json>| {
            resource.extend(value.map(|value| (name.to_owned(), value)));
        };
        let object = |members: &[(&str, Option<Json>)]| {
            let members = members.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?)));
            let members: Map<String, Json> = members.collect();
            (!members.is_empty()).then_some(Json::Object(members))
        };
        let element = |kind: &str, members: &[(&str, Option<Json>)]| {
            object(members).map(|mut element| {
                element["type"] = json!(kind);
                element
            })
        };
        let list = |elements: Vec<Option<Json>>| {
            let elements: Vec<Json> = elements.into_iter().flatten().collect();
            (!elements.is_empty()).then_some(Json::Array(elements))
        };
        set("userName", Some(Json::from(user_name)));
        set("active", Some(Json::from(active)));
        for name in ["displayName", "title", "preferredLanguage"] {
            set(name, of(name));
        }
        set("name", object(&[("givenName", of("given")), ("familyName", of("family"))]));
        set("emails", list(vec![element("work", &[("value", of("email"))])]));
        set("addresses", list(vec![element("work", &[("formatted", of("office")), ("locality", of("city"))])]));
        set(
            "phoneNumbers",
            list(vec![element("work", &[("value", of("work"))]), element("mobile", &[("value", of("mobile"))])]),
        );
        let manager = manager.map(|number| json!({ "value": crate::fixtures::id(number).to_string() }));
        set(
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            object(&[
                ("employeeNumber", number.map(Json::from)),
                ("department", department.map(Json::from)),
                ("manager", manager),
            ]),
        );
        let mut person = user(Json::Object(resource));
        person.assigned = roles.into_iter().map(|role| with_role(role, None)).collect();
        person
    })
}

fn wanted_values(compiled: &Compiled, person: &SourceObject, purpose: Purpose) -> Values {
    let mut wanted = wanted(compiled, person, purpose, false);
    assert_eq!(wanted.faults, []);
    assert!(wanted.resolve(|id| Some(format!("T{id}"))).is_empty());
    wanted.values
}

/// What a server makes of a POST: the dialect's normaliser before the RFC's reading.
fn created(objects: &CompiledObjects, values: &Values) -> Resource {
    let body = objects.wire(Dialect::Legacy).create(values).body.unwrap().to_json();
    let (body, _) = dialect::normalise_resource(body, &USER);
    let incoming = USER.read(body).unwrap();
    assert_eq!((incoming.unknown.len(), incoming.unknown_schemas.len()), (0, 0));
    incoming.resource
}

/// What a server makes of a PATCH.
fn patched(resource: &Resource, body: Json, no_match: NoMatch) -> Resource {
    let (body, _) = dialect::normalise_patch(body, &USER);
    let patched = PatchRequest::parse(body).unwrap().apply(&USER, resource, no_match).unwrap();
    assert_eq!(patched.unknown, Vec::<String>::new());
    patched.resource
}

fn document(resource: &Resource) -> Json {
    Json::Object(resource.attributes().clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_create_and_then_an_update_make_of_the_target_what_is_wanted(
        before in person(),
        after in person(),
        dialect in sample::select(vec![Dialect::Legacy, Dialect::Compliant]),
        is_standard in any::<bool>(),
    ) {
        let compiled = &APPS[usize::from(is_standard)];
        let objects = &compiled.users;
        let first = wanted_values(compiled, &before, Purpose::Create);
        let resource = created(objects, &first);
        prop_assert_eq!(objects.diff(&first, &objects.seen(&document(&resource))), vec![]);

        let second = wanted_values(compiled, &after, Purpose::Update);
        let changes = objects.diff(&second, &objects.seen(&document(&resource)));
        let no_match = if is_standard { NoMatch::NoTarget } else { NoMatch::Create };
        let resource = match objects.wire(dialect).update("T1", &changes) {
            Some(request) => patched(&resource, request.body.unwrap().to_json(), no_match),
            None => resource,
        };
        let seen = objects.seen(&document(&resource));
        prop_assert_eq!(objects.diff(&second, &seen), vec![], "{}", document(&resource));

        // What was written is known without reading it back.
        let mut known = objects.seen(&document(&created(objects, &first)));
        known.apply(&changes);
        prop_assert_eq!(objects.diff(&second, &known), vec![]);
        let text = serde_json::to_string(&known).unwrap();
        prop_assert_eq!(serde_json::from_str::<Values>(&text).unwrap(), known);
    }

    #[test]
    fn what_is_equal_has_no_changes(person in person()) {
        let values = wanted_values(&APPS[0], &person, Purpose::Create);
        prop_assert_eq!(APPS[0].users.diff(&values, &values), vec![]);
    }

    #[test]
    fn a_filter_asks_for_exactly_the_value(value in "\\PC{0,20}|[\"\\\\%&+#? ]{1,6}") {
        let target = TargetPath::parse("userName").unwrap();
        let matching = MatchingValue { precedence: 1, target: target.into(), value: Some(Json::from(value.as_str())) };
        let request = APPS[0].users.wire(Dialect::Legacy).find(&matching).unwrap();
        let query = request.path.strip_prefix("/Users?filter=").unwrap();
        prop_assert!(query.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        let decoded = percent_encoding::percent_decode_str(query).decode_utf8().unwrap();
        match Filter::parse(&decoded).unwrap() {
            Filter::Compare(comparison) => prop_assert_eq!(comparison.value, provost_scim::Literal::Text(value)),
            other => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn any_path_is_read_or_refused(text in "[a-z:.\\[\\]\" 0-9]{0,40}|\\PC{0,20}") {
        if let Ok(path) = TargetPath::parse(&text) {
            prop_assert_eq!(path.as_str(), text.as_str());
            prop_assert!(path.is_same(&path));
        }
    }

    #[test]
    fn any_answer_of_a_target_is_read(answer in json_value()) {
        let objects = &APPS[0].users;
        let seen = objects.seen(&answer);
        prop_assert_eq!(objects.diff(&seen, &seen), vec![]);
        _ = provost_engine::listed(&answer);
        _ = provost_engine::id_of(&answer);
    }
}

fn json_value() -> impl Strategy<Value = Json> {
    let names = sample::select(vec![
        "userName",
        "ACTIVE",
        "name",
        "givenName",
        "emails",
        "value",
        "type",
        "roles",
        "primary",
        "id",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        sample::select(vec!["", "work", "True", "x"]).prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let members = vec((names.clone(), inner.clone()), 0..6);
        prop_oneof![
            vec(inner, 0..4).prop_map(Json::Array),
            members.prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}
