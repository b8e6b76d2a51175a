//! App roles, in the form that the engine sends on.

use crate::fixtures::{checked, evaluated, object, result, role};
use provost_expression::{AppRoles, Outcome, RoleForm, Value};

const SINGLE: &str = "SingleAppRoleAssignment([appRoleAssignments])";
const COMPLEX: &str = "AppRoleAssignmentsComplex([appRoleAssignments])";
const ASSERTIVE: &str = "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])";

#[test]
fn assertive_roles_have_display_and_are_not_primary() {
    let roles = [role(1, "User", "A user"), role(2, "Test", "A test")];
    assert_eq!(
        result(ASSERTIVE, "", &roles),
        concat!(
            r#"[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"A user","value":"User"},"#,
            r#"{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"A test","value":"Test"}]"#
        )
    );
}

#[test]
fn roles_that_are_added_have_display_name() {
    assert_eq!(
        result(COMPLEX, "", &[role(1, "Admin", "Administrator")]),
        r#"[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","displayName":"Administrator","value":"Admin"}]"#
    );
}

#[test]
fn one_role_is_the_first() {
    let roles = [role(7, "Admin", "Administrator"), role(8, "User", "A user")];
    assert_eq!(result(SINGLE, "", &roles), r#""Admin""#);
    assert_eq!(result(SINGLE, "", &[]), "null");
    let program = checked(SINGLE, &object("")).unwrap();
    assert_eq!(evaluated(&program, &object(""), &roles).outcome, Ok(Outcome::Value(Value::Role(roles[0].clone()))));
}

#[test]
fn ids_are_kept_for_the_dialect_that_sends_them() {
    let roles = [role(7, "Admin", "Administrator")];
    for (expression, form) in [(COMPLEX, RoleForm::Added), (ASSERTIVE, RoleForm::Asserted)] {
        let program = checked(expression, &object("")).unwrap();
        let expected = Value::Roles(AppRoles { roles: roles.to_vec(), form });
        assert_eq!(evaluated(&program, &object(""), &roles).outcome, Ok(Outcome::Value(expected)));
    }
}

#[test]
fn no_roles_are_an_empty_list() {
    assert_eq!(result(ASSERTIVE, "", &[]), "[]");
    assert_eq!(result(COMPLEX, "", &[]), "[]");
    assert_eq!(result(&format!("IgnoreFlowIfNullOrEmpty({COMPLEX})"), "", &[]), "ignored");
}

#[test]
fn roles_in_other_functions() {
    let roles = [role(1, "Admin", "Administrator"), role(2, "User", "A user")];
    for (expression, expected) in [
        (format!("Switch({SINGLE}, \"member\", \"Admin\", \"owner\")"), r#""owner""#),
        (format!("IIF({SINGLE} = \"Admin\", \"yes\", \"no\")"), r#""yes""#),
        (format!("ToLower({SINGLE})"), r#""admin""#),
        ("Join(\";\", AppRoleAssignments([appRoleAssignments]))".to_owned(), r#""Admin;User""#),
        ("Count([appRoleAssignments])".to_owned(), "2"),
        ("IIF(IsPresent([appRoleAssignments]), \"some\", \"none\")".to_owned(), r#""some""#),
        (format!("Count({COMPLEX})"), "2"),
    ] {
        assert_eq!(result(&expression, "", &roles), expected, "{expression}");
    }
    let chosen = format!("IIF([mail] = \"a\", {COMPLEX}, {ASSERTIVE})");
    assert!(result(&chosen, r#"{"mail":"a"}"#, &roles).contains("displayName"));
    assert!(!result(&chosen, r#"{"mail":"b"}"#, &roles).contains("displayName"));
}
