//! What must change at a target.

use crate::fixtures::{app_and, app_with, compiled, roles_target, values};
use expect_test::expect;
use provost_engine::{Change, Compiled, EnterpriseApp, Values};
use serde_json::{Value as Json, json};

fn small(clear_nulls: bool) -> Compiled {
    let mut app = app_with(
        json!([
            { "target": "userName", "source": "userPrincipalName", "matching": 1 },
            { "target": "externalId", "source": "objectId" },
            { "target": "title", "source": "jobTitle" },
            { "target": "locale", "source": "preferredLanguage", "apply": "on_create" },
            { "target": "tags", "source": "otherMails" },
            { "target": "since", "source": "userType" },
            { "target": "addresses[type eq \"work\"].region", "source": "state" },
            { "target": "addresses[type eq \"work\"].country", "source": "country" }
        ]),
        json!([
            { "name": "tags", "type": "string", "multi_valued": true }, { "name": "since", "type": "date_time" }
        ]),
    );
    let external = app.mappings.users.target.iter_mut().find(|target| target.name == "externalId");
    external.expect("it is in the list").case_exact = true;
    app.clear_nulls = clear_nulls;
    compiled(&app)
}

fn shown(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "- nothing\n".to_owned();
    }
    changes
        .iter()
        .map(|change| {
            let text = |value: &provost_engine::TargetValue| value.shown().unwrap_or_else(|| "-".to_owned());
            let element = if change.is_new_element { " (new element)" } else { "" };
            format!(
                "- {:?} {}: {} -> {}{element}\n",
                change.kind,
                change.target,
                text(&change.before),
                text(&change.after)
            )
        })
        .collect()
}

#[test]
fn only_what_differs_is_a_change() {
    let compiled = small(false);
    let cases = [
        (
            "the same",
            json!({ "userName": "ada", "title": "Countess" }),
            json!({ "userName": "ada", "title": "Countess" }),
        ),
        (
            "another case",
            json!({ "userName": "Ada", "title": "COUNTESS" }),
            json!({ "userName": "ada", "title": "Countess" }),
        ),
        ("another case where it counts", json!({ "externalId": "A" }), json!({ "externalId": "a" })),
        ("two spellings of one accent", json!({ "title": "Zo\u{eb}" }), json!({ "title": "Zoe\u{308}" })),
        ("new and changed", json!({ "userName": "ada", "title": "Countess" }), json!({ "userName": "eve" })),
        ("gone", json!({ "title": null }), json!({ "title": "Countess" })),
        ("not spoken of", json!({}), json!({ "title": "Countess" })),
        ("another order", json!({ "tags": ["a", "B"] }), json!({ "tags": ["b", "A"] })),
        ("another set", json!({ "tags": ["a", "b"] }), json!({ "tags": ["a"] })),
        ("one for a list of one", json!({ "tags": ["a"] }), json!({ "tags": "a" })),
        ("an emptied list", json!({ "tags": [] }), json!({ "tags": ["a"] })),
        ("one moment", json!({ "since": "2026-01-31T09:00:00Z" }), json!({ "since": "2026-01-31T10:00:00+01:00" })),
        ("a number as text", json!({ "title": 7 }), json!({ "title": "7" })),
        ("a new element", json!({ "addresses[type eq \"work\"].region": "CA" }), json!({})),
        (
            "more of an element",
            json!({ "addresses[type eq \"work\"].region": "CA" }),
            json!({ "addresses[type eq \"work\"].country": "USA" }),
        ),
        ("a row that is gone", json!({ "nickName": "Babs" }), json!({})),
    ];
    let shown: String = cases
        .into_iter()
        .map(|(name, wanted, known)| {
            format!("{name}\n{}", shown(&compiled.users.diff(&values(wanted), &values(known))))
        })
        .collect();
    expect![[r#"
        the same
        - nothing
        another case
        - nothing
        another case where it counts
        - Replace externalId: a -> A
        two spellings of one accent
        - nothing
        new and changed
        - Replace userName: eve -> ada
        - Add title: - -> Countess
        gone
        - nothing
        not spoken of
        - nothing
        another order
        - nothing
        another set
        - Replace tags: a -> a, b
        one for a list of one
        - nothing
        an emptied list
        - nothing
        one moment
        - nothing
        a number as text
        - nothing
        a new element
        - Add addresses[type eq "work"].region: - -> CA (new element)
        more of an element
        - Add addresses[type eq "work"].region: - -> CA
        a row that is gone
        - nothing
    "#]]
    .assert_eq(&shown);
}

#[test]
fn nulls_clear_where_the_app_says_so_and_never_what_is_required_or_set_on_create() {
    let everything = json!({
        "userName": null, "title": null, "locale": null, "tags": [], "addresses[type eq \"work\"].region": null, "since": null
    });
    let known = json!({
        "userName": "ada", "title": "Countess", "locale": "en", "tags": ["a"], "addresses[type eq \"work\"].region": "CA"
    });
    let (wanted, known) = (values(everything), values(known));
    assert!(small(false).users.diff(&wanted, &known).is_empty());
    expect![[r#"
        - Remove title: Countess -> -
        - Remove tags: a -> -
        - Remove addresses[type eq "work"].region: CA -> -
    "#]]
    .assert_eq(&shown(&small(true).users.diff(&wanted, &known)));
}

#[test]
fn what_was_written_is_known_and_then_nothing_is_left_to_do() {
    let compiled = small(true);
    let wanted = values(json!({ "userName": "ada", "title": null, "tags": ["a", "b"] }));
    let mut known = values(json!({ "title": "Countess", "tags": ["c"] }));
    let changes = compiled.users.diff(&wanted, &known);
    assert_eq!(changes.len(), 3);
    known.apply(&changes);
    assert_eq!(compiled.users.diff(&wanted, &known), []);
    let text = serde_json::to_string(&known).expect("values are JSON");
    assert_eq!(serde_json::from_str::<Values>(&text).expect("they are read"), known);
}

fn roles_app(function: &str) -> EnterpriseApp {
    app_and(json!({ "target": "roles", "expression": format!("{function}([appRoleAssignments])") }), roles_target())
}

fn roles(form: &str, names: &[&str]) -> Json {
    let roles: Vec<Json> =
        names.iter().map(|name| json!({ "value": name, "display_name": format!("The {name}") })).collect();
    json!({ "roles": { "form": form, "roles": roles } })
}

#[test]
fn roles_are_added_or_asserted_and_asserting_takes_others_away() {
    let (added, asserted) =
        (compiled(&roles_app("AppRoleAssignmentsComplex")), compiled(&roles_app("AssertiveAppRoleAssignmentsComplex")));
    let cases: [(&[&str], &[&str]); 6] =
        [(&["A"], &[]), (&["A", "B"], &["B"]), (&["A"], &["A", "B"]), (&[], &["A"]), (&["a"], &["A"]), (&[], &[])];
    let mut text = String::new();
    for (wanted, known) in cases {
        text.push_str(&format!("{wanted:?} where {known:?} is\n"));
        for (form, compiled) in [("added", &added), ("asserted", &asserted)] {
            let known = values(roles(form, known));
            let changes = compiled.users.diff(&values(roles(form, wanted)), &known);
            text.push_str(&format!(" {form}\n{}", shown(&changes)));
            let mut written = known;
            written.apply(&changes);
            assert_eq!(compiled.users.diff(&values(roles(form, wanted)), &written), [], "{form} {wanted:?}");
        }
    }
    expect![[r#"
        ["A"] where [] is
         added
        - Add roles:  -> A
         asserted
        - Replace roles:  -> A
        ["A", "B"] where ["B"] is
         added
        - Add roles: B -> A
         asserted
        - Replace roles: B -> A, B
        ["A"] where ["A", "B"] is
         added
        - nothing
         asserted
        - Replace roles: A, B -> A
        [] where ["A"] is
         added
        - nothing
         asserted
        - Replace roles: A -> 
        ["a"] where ["A"] is
         added
        - nothing
         asserted
        - nothing
        [] where [] is
         added
        - nothing
         asserted
        - nothing
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_target_that_knows_a_role_by_its_name_need_not_keep_our_value() {
    let compiled = compiled(&roles_app("AssertiveAppRoleAssignmentsComplex"));
    let wanted = values(json!({ "roles": { "form": "asserted", "roles": [
        { "id": "06b07648-ecfe-589f-9d2f-6325724a46ee", "value": "fc", "display_name": "Field Crew" }
    ] } }));
    for (answer, differs) in [
        (json!([{ "value": "0b1c", "display": "Field Crew" }]), false),
        (json!(["Field Crew"]), false),
        (json!([{ "value": "0b1c", "display": "fieldcrew" }]), true),
        (json!([]), true),
    ] {
        let seen = compiled.users.seen(&json!({ "roles": answer }));
        assert_eq!(!compiled.users.diff(&wanted, &seen).is_empty(), differs, "{answer}");
    }
}
