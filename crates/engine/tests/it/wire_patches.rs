//! PATCH bodies, beside the samples of Microsoft's documentation.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{app, app_and, compiled, roles_target, values};
use provost_engine::{
    Booleans, Compatibility, Compiled,
    Dialect::{self, Compliant, Legacy},
    ElementsForm, EnterpriseApp, ManagerForm, Method, Objects, RolesPatch,
};
use serde_json::{Value as Json, json};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

/// The app with the attributes that samples have beyond the default ones.
fn sample_app() -> EnterpriseApp {
    app_and(json!({ "target": "nickName", "source": "givenName" }), Json::Null)
}

/// The operations that bring a target from `known` to `wanted`.
fn operations(compiled: &Compiled, of: Objects, dialect: Dialect, wanted: Json, known: Json) -> Json {
    let objects = compiled.objects(of);
    let changes = objects.diff(&values(wanted), &values(known));
    let Some(request) = objects.wire(dialect).update("T1", &changes) else { return json!([]) };
    assert_eq!((request.method, request.path), (Method::Patch, format!("{}/T1", objects.wire(dialect).endpoint())));
    let mut body = request.body.unwrap().to_json();
    let operations = body["Operations"].take();
    assert_eq!(body, json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": null }));
    operations
}

/// Compared as text: names in this order, and nothing else.
#[track_caller]
fn check(compiled: &Compiled, dialect: Dialect, wanted: Json, known: Json, sample: &str) {
    let sample: Json = serde_json::from_str(&format!("[{sample}]")).unwrap();
    let sent = operations(compiled, Objects::Users, dialect, wanted, known);
    assert_eq!(sent.to_string(), sample.to_string());
}

fn known() -> Json {
    json!({
        "userName": "old", "active": true, "displayName": "old", "emails[type eq \"work\"].value": "old", "name.givenName": "old",
        "name.familyName": "old", "externalId": "old",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "old"
    })
}

#[test]
fn f_5_4_5_disabling_and_enabling_is_text_in_the_older_dialect_and_boolean_in_the_newer() {
    let compiled = compiled(&sample_app());
    let (on, off) = (json!({ "active": true }), json!({ "active": false }));
    check(&compiled, Legacy, off.clone(), on.clone(), r#"{"op":"Replace","path":"active","value":"False"}"#);
    check(&compiled, Compliant, off.clone(), on.clone(), r#"{"op":"replace","path":"active","value":false}"#);
    check(&compiled, Legacy, on.clone(), off.clone(), r#"{"op":"Replace","path":"active","value":"True"}"#);
    check(&compiled, Compliant, on.clone(), off.clone(), r#"{"op":"replace","path":"active","value":true}"#);
    let mut plain = app();
    plain.compatibility = Compatibility { booleans: Booleans::Plain, ..Compatibility::default() };
    check(&crate::fixtures::compiled(&plain), Legacy, off, on, r#"{"op":"Replace","path":"active","value":false}"#);
}

#[test]
fn a_single_value_is_added_with_its_path_in_both_dialects() {
    let compiled = compiled(&sample_app());
    let wanted = json!({ "nickName": "Babs" });
    check(&compiled, Legacy, wanted.clone(), json!({}), r#"{"op":"Add","path":"nickName","value":"Babs"}"#);
    check(&compiled, Compliant, wanted, json!({}), r#"{"op":"add","path":"nickName","value":"Babs"}"#);
}

#[test]
fn several_replacements_are_as_in_the_documented_samples() {
    let compiled = compiled(&sample_app());
    let number = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber";
    // The sample's order is that of its mapping, which is not the default one.
    let mut app = sample_app();
    let order =
        ["displayName", "emails[type eq \"work\"].value", "name.givenName", "name.familyName", "externalId", number];
    app.mappings.users.attributes.sort_by_key(|row| order.iter().position(|target| *target == row.target));
    let in_order = crate::fixtures::compiled(&app);
    check(
        &in_order,
        Legacy,
        json!({
            "displayName": "Pvlo", "emails[type eq \"work\"].value": "TestBcwqnm@test.microsoft.com", "name.givenName": "Gtfd",
            "name.familyName": "Pkqf", "externalId": "Eqpj", number: "Eqpj"
        }),
        known(),
        r#"{"op":"Replace","path":"displayName","value":"Pvlo"},
           {"op":"Replace","path":"emails[type eq \"work\"].value","value":"TestBcwqnm@test.microsoft.com"},
           {"op":"Replace","path":"name.givenName","value":"Gtfd"},
           {"op":"Replace","path":"name.familyName","value":"Pkqf"},
           {"op":"Replace","path":"externalId","value":"Eqpj"},
           {"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":"Eqpj"}"#,
    );
    check(
        &compiled,
        Compliant,
        json!({
            "displayName": "Bjfe", "emails[type eq \"work\"].value": "TestMhvaes@test.microsoft.com", "name.givenName": "Kkom",
            "name.familyName": "Unua", number: "Aklq"
        }),
        known(),
        r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"TestMhvaes@test.microsoft.com"},
           {"op":"replace","value":{
             "displayName":"Bjfe",
             "name.givenName":"Kkom",
             "name.familyName":"Unua",
             "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"Aklq"}}"#,
    );
}

#[test]
fn one_replacement_has_a_path_in_the_older_dialect_and_none_in_the_newer() {
    let compiled = compiled(&sample_app());
    let wanted = json!({ "userName": "5b50642d-79fc-4410-9e90-4c077cdd1a59@testuser.com" });
    check(
        &compiled,
        Legacy,
        wanted.clone(),
        known(),
        r#"{"op":"Replace","path":"userName","value":"5b50642d-79fc-4410-9e90-4c077cdd1a59@testuser.com"}"#,
    );
    check(
        &compiled,
        Compliant,
        wanted,
        known(),
        r#"{"op":"replace","value":{"userName":"5b50642d-79fc-4410-9e90-4c077cdd1a59@testuser.com"}}"#,
    );
    let both = json!({ "active": false, "displayName": "x" });
    check(&compiled, Compliant, both, known(), r#"{"op":"replace","value":{"active":false,"displayName":"x"}}"#);
}

#[test]
fn values_of_elements_are_replaced_and_added_by_path_as_in_the_samples() {
    let compiled = compiled(&sample_app());
    check(
        &compiled,
        Legacy,
        json!({ "emails[type eq \"work\"].value": "updatedEmail@microsoft.com", "name.familyName": "updatedFamilyName" }),
        known(),
        r#"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"updatedEmail@microsoft.com"},
           {"op":"Replace","path":"name.familyName","value":"updatedFamilyName"}"#,
    );
    check(
        &compiled,
        Legacy,
        json!({
            "emails[type eq \"work\"].value": "a@contoso.com", "addresses[type eq \"work\"].formatted": "18/2111",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Retail"
        }),
        json!({ "emails[type eq \"work\"].value": "b@contoso.com", "addresses[type eq \"work\"].formatted": "17" }),
        r#"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@contoso.com"},
           {"op":"Replace","path":"addresses[type eq \"work\"].formatted","value":"18/2111"},
           {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Retail"}"#,
    );
}

#[test]
fn a_manager_is_the_id_that_the_target_knows() {
    let compiled = compiled(&sample_app());
    let path = format!(r#""path":"{MANAGER}","value""#);
    let (set, old) = (json!({ MANAGER: "T0" }), json!({ MANAGER: "T9" }));
    check(&compiled, Legacy, set.clone(), json!({}), &format!(r#"{{"op":"Add",{path}:"T0"}}"#));
    check(&compiled, Legacy, set.clone(), old.clone(), &format!(r#"{{"op":"Replace",{path}:"T0"}}"#));
    check(&compiled, Compliant, set.clone(), old, &format!(r#"{{"op":"replace",{path}:"T0"}}"#));
    let mut object = app();
    object.compatibility = Compatibility { manager: ManagerForm::Object, ..Compatibility::default() };
    let object = crate::fixtures::compiled(&object);
    check(&object, Legacy, set, json!({}), &format!(r#"{{"op":"Add",{path}:{{"value":"T0"}}}}"#));
}

#[test]
fn groups_are_renamed_as_in_the_documented_samples() {
    let compiled = compiled(&app());
    let known = json!({ "displayName": "old", "externalId": "old" });
    let of = |dialect, wanted| operations(&compiled, Objects::Groups, dialect, wanted, known.clone()).to_string();
    assert_eq!(of(Legacy, json!({ "displayName": "new" })), r#"[{"op":"Replace","path":"displayName","value":"new"}]"#);
    assert_eq!(
        of(Compliant, json!({ "displayName": "new", "externalId": "x" })),
        r#"[{"op":"replace","value":{"displayName":"new","externalId":"x"}}]"#
    );
}

fn roles_of(form: &str, names: &[(&str, &str)]) -> Json {
    let roles: Vec<Json> =
        names.iter().map(|(id, name)| json!({ "id": id, "value": name, "display_name": name })).collect();
    json!({ "form": form, "roles": roles })
}

const ADMIN: (&str, &str) = ("06b07648-ecfe-589f-9d2f-6325724a46ee", "Admin");
const USER: (&str, &str) = ("06b07648-ecfe-599f-9d2f-6325724a46ee", "User");

#[test]
fn roles_that_are_added_are_text_in_the_older_dialect_as_in_the_documented_sample() {
    let row = json!({ "target": "roles", "expression": "AppRoleAssignmentsComplex([appRoleAssignments])" });
    let app = app_and(row, roles_target());
    let compiled = crate::fixtures::compiled(&app);
    let wanted = json!({ "roles": roles_of("added", &[ADMIN, USER]) });
    check(
        &compiled,
        Legacy,
        wanted.clone(),
        json!({}),
        r#"{"op":"Add","path":"roles","value":[
            {"value":"{\"id\":\"06b07648-ecfe-589f-9d2f-6325724a46ee\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"},
            {"value":"{\"id\":\"06b07648-ecfe-599f-9d2f-6325724a46ee\",\"value\":\"User\",\"displayName\":\"User\"}"}]}"#,
    );
    let plain = r#"{"primary":false,"type":"WindowsAzureActiveDirectoryRole","displayName":"User","value":"User"}"#;
    let known = json!({ "roles": roles_of("added", &[ADMIN]) });
    check(
        &compiled,
        Compliant,
        wanted.clone(),
        known.clone(),
        &format!(r#"{{"op":"add","path":"roles","value":[{plain}]}}"#),
    );
    let mut unpacked = app;
    unpacked.compatibility = Compatibility { roles: RolesPatch::Plain, ..Compatibility::default() };
    let unpacked = crate::fixtures::compiled(&unpacked);
    check(&unpacked, Legacy, wanted, known, &format!(r#"{{"op":"Add","path":"roles","value":[{plain}]}}"#));
}

#[test]
fn one_role_is_added_in_the_same_form() {
    let row = json!({ "target": "roles[primary eq \"True\"].value", "expression": "SingleAppRoleAssignment([appRoleAssignments])" });
    let compiled = compiled(&app_and(row, Json::Null));
    let wanted = json!({ "roles[primary eq \"True\"].value": roles_of("single", &[ADMIN]) });
    check(
        &compiled,
        Legacy,
        wanted.clone(),
        json!({ "roles[primary eq \"True\"].value": "User" }),
        r#"{"op":"Add","path":"roles","value":[
            {"value":"{\"id\":\"06b07648-ecfe-589f-9d2f-6325724a46ee\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"}]}"#,
    );
    check(
        &compiled,
        Compliant,
        wanted,
        json!({}),
        r#"{"op":"add","path":"roles","value":[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":"Admin"}]}"#,
    );
}

#[test]
fn asserted_roles_replace_all_others_as_in_the_documented_sample() {
    let row = json!({ "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" });
    let compiled = compiled(&app_and(row, roles_target()));
    let test = ("06b07648-ecfe-609f-9d2f-6325724a46ee", "Test");
    for dialect in [Legacy, Compliant] {
        check(
            &compiled,
            dialect,
            json!({ "roles": roles_of("asserted", &[USER, test]) }),
            json!({ "roles": roles_of("asserted", &[ADMIN]) }),
            r#"{"op":"replace","path":"roles","value":[
                {"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"User","value":"User"},
                {"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Test","value":"Test"}]}"#,
        );
        check(
            &compiled,
            dialect,
            json!({ "roles": roles_of("asserted", &[]) }),
            json!({ "roles": roles_of("asserted", &[ADMIN]) }),
            r#"{"op":"replace","path":"roles","value":[]}"#,
        );
    }
}

#[test]
fn what_the_source_has_no_more_is_removed_where_the_app_clears_nulls() {
    let mut app = sample_app();
    app.clear_nulls = true;
    let compiled = compiled(&app);
    let wanted = json!({
        "displayName": null, "emails[type eq \"work\"].value": null, "addresses[type eq \"work\"].region": null,
        "name.givenName": "x", MANAGER: null
    });
    let known = json!({
        "displayName": "old", "emails[type eq \"work\"].value": "old", "addresses[type eq \"work\"].region": "CA",
        "name.givenName": "old", MANAGER: "T0"
    });
    check(
        &compiled,
        Legacy,
        wanted.clone(),
        known.clone(),
        &format!(
            r#"{{"op":"Remove","path":"displayName"}},
               {{"op":"Remove","path":"emails[type eq \"work\"]"}},
               {{"op":"Replace","path":"name.givenName","value":"x"}},
               {{"op":"Remove","path":"addresses[type eq \"work\"].region"}},
               {{"op":"Remove","path":"{MANAGER}"}}"#
        ),
    );
    check(
        &compiled,
        Compliant,
        wanted,
        known,
        &format!(
            r#"{{"op":"remove","path":"displayName"}},
               {{"op":"remove","path":"emails[type eq \"work\"]"}},
               {{"op":"remove","path":"addresses[type eq \"work\"].region"}},
               {{"op":"remove","path":"{MANAGER}"}},
               {{"op":"replace","value":{{"name.givenName":"x"}}}}"#
        ),
    );
}

#[test]
fn a_target_that_knows_no_missing_elements_gets_them_whole() {
    let mut app = sample_app();
    app.compatibility = Compatibility { elements: ElementsForm::Standard, ..Compatibility::default() };
    let compiled = compiled(&app);
    check(
        &compiled,
        Legacy,
        json!({
            "addresses[type eq \"work\"].region": "CA", "addresses[type eq \"work\"].country": "USA",
            "emails[type eq \"work\"].value": "a@b"
        }),
        json!({ "emails[type eq \"work\"].value": "old" }),
        r#"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@b"},
           {"op":"Add","path":"addresses","value":[{"type":"work","region":"CA","country":"USA"}]}"#,
    );
}

#[test]
fn nothing_to_change_is_no_request() {
    let compiled = compiled(&app());
    for dialect in [Legacy, Compliant] {
        assert_eq!(operations(&compiled, Objects::Users, dialect, known(), known()), json!([]));
        assert_eq!(compiled.users.wire(dialect).update("T1", &[]), None);
    }
}
