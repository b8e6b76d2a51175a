//! App roles. Which of the two PATCH dialects carries them is for who sends them.

use crate::{
    app_role::{AppRoles, RoleForm},
    evaluate::Args,
    signature::{Gives, Parameter, ResultType, Signature, Takes},
    value::Value,
};

const ASSIGNMENTS: &[Parameter] = &[Parameter::required("[appRoleAssignments]", Takes::AppRoleAssignments)];
const COMPLEX: Gives = Gives::Always(ResultType::Complex);

pub(super) const TABLE: &[Signature] = &[
    Signature::new(
        "SingleAppRoleAssignment",
        ASSIGNMENTS,
        Gives::Always(ResultType::Text),
        "The first of the user's app roles; null without one.",
        |args| Ok(args.inputs().app_roles.first().cloned().map_or(Value::Null, Value::Role)),
    ),
    Signature::new(
        "AppRoleAssignmentsComplex",
        ASSIGNMENTS,
        COMPLEX,
        "All app roles of the user, to be added to those that the target has.",
        |args| Ok(roles(args, RoleForm::Added)),
    ),
    Signature::new(
        "AssertiveAppRoleAssignmentsComplex",
        ASSIGNMENTS,
        COMPLEX,
        "All app roles of the user, in place of those that the target has.",
        |args| Ok(roles(args, RoleForm::Asserted)),
    ),
    Signature::new(
        "AppRoleAssignments",
        ASSIGNMENTS,
        Gives::Always(ResultType::MultiValued),
        "The values of the user's app roles.",
        |args| Ok(Value::Many(args.inputs().app_roles.iter().map(|role| role.value.clone()).collect())),
    ),
];

fn roles(args: &mut Args<'_, '_, '_>, form: RoleForm) -> Value {
    Value::Roles(AppRoles { roles: args.inputs().app_roles.to_vec(), form })
}
