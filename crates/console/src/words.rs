//! What the audit log calls something, in words; and where a failure is mended.

/// What was refused, such as "Update refused" for `user.update`.
pub fn refused(action: &str) -> String {
    if let Some((_, words)) = REFUSED.iter().find(|(name, _)| *name == action) {
        return (*words).to_owned();
    }
    let (subject, verb) = action.split_once('.').unwrap_or(("", action));
    let verb = capital(&spaced(verb));
    match subject {
        "user" | "" => format!("{verb} refused"),
        other => format!("{verb} of {} refused", spaced(other)),
    }
}

/// What was done, such as "User created" for `user.create`.
pub fn action(action: &str) -> String {
    if let Some((_, words)) = DONE.iter().find(|(name, _)| *name == action) {
        return (*words).to_owned();
    }
    let (subject, act) = action.split_once('.').unwrap_or(("", action));
    // The verb stands first; behind it what it is done to, as in `rotate_key`.
    let (verb, object) = act.split_once('_').unwrap_or((act, ""));
    let words = [spaced(subject), spaced(object), past(verb)];
    capital(&words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

/// Acts whose names in the log are no verb, or one with a preposition.
const DONE: [(&str, &str); 27] = [
    ("admin_app.honey", "Bait key used"),
    ("admin_app.use", "Admin app used"),
    ("approval.request", "Approval requested"),
    ("approval.vote_approve", "Voted to approve"),
    ("approval.vote_deny", "Voted to deny"),
    ("audit.retention", "Audit entries past their time removed"),
    ("brake.release", "Held change released"),
    ("enterprise-app.allow-deletions", "Held deletions allowed"),
    ("enterprise-app.mappings", "Attribute mappings changed"),
    ("enterprise-app.reject-deletions", "Held deletions rejected"),
    ("index.gone", "Index removed"),
    ("index.ready", "Index ready"),
    ("session.revoke", "Session ended"),
    ("session.revoke_all", "All sessions ended"),
    ("sign_in.test", "Identity provider for sign-in tested"),
    ("sign_in.update", "Sign-in rules changed"),
    ("user.add_totp", "Authenticator app added"),
    ("user.confirm", "Proved who is there"),
    ("user.forgot_password", "Password forgotten"),
    ("user.hold", "Change held"),
    ("user.remove_totp", "Authenticator app removed"),
    ("user.reset_factors", "Second factors forgotten"),
    ("user.sign_in", "Signed in"),
    ("user.sign_in_check", "Sign-in checked"),
    ("user.sign_out", "Signed out"),
    ("user.soft_delete", "User deleted, to be restored for a while"),
    ("user.verify_by_sso", "Verified by single sign-on"),
];

/// The same where it was refused.
const REFUSED: [(&str, &str); 3] = [
    ("admin_app.honey", "Bait key refused"),
    ("user.sign_in", "Sign-in refused"),
    ("user.verify_by_sso", "Verification by single sign-on refused"),
];

/// A name of the log as words.
fn spaced(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

/// The past participle of a verb of the log.
fn past(verb: &str) -> String {
    match verb {
        "send" => "sent".to_owned(),
        "set" => "set".to_owned(),
        "stop" => "stopped".to_owned(),
        "undo" => "undone".to_owned(),
        "run" => "run".to_owned(),
        "withdraw" => "withdrawn".to_owned(),
        ends if ends.ends_with('e') => format!("{ends}d"),
        ends if ends.ends_with("fy") || ends.ends_with("ny") => format!("{}ied", ends.trim_end_matches('y')),
        other => format!("{other}ed"),
    }
}

/// Where a refusal by a field of the policy is mended: the link's words and its place in the account.
pub fn remedy(action: &str, policy_field: Option<&str>) -> Option<(&'static str, &'static str)> {
    match (policy_field, action) {
        (Some(field), _) if field == "guards" || field.starts_with("quorum.") => {
            Some(("Open quorum policy", "/settings/quorum"))
        }
        (Some(field), _) if field.starts_with("roles.") => Some(("Open roles", "/roles")),
        (Some(_), _) => Some(("Open provisioning policy", "/settings/policy")),
        (None, "admin_app.use") => Some(("Open administrative apps", "/settings/admin-apps")),
        (None, _) => None,
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_have_words() {
        for (name, said, refusal) in [
            ("user.update", "User updated", "Update refused"),
            ("group.create", "Group created", "Create of group refused"),
            ("admin_app.rotate_key", "Admin app key rotated", "Rotate key of admin app refused"),
            ("user.send_verification", "User verification sent", "Send verification refused"),
            ("enterprise-app.stop", "Enterprise app stopped", "Stop of enterprise app refused"),
            ("enterprise-app.mappings", "Attribute mappings changed", "Mappings of enterprise app refused"),
            ("app-assignment.delete", "App assignment deleted", "Delete of app assignment refused"),
            ("approval.deny", "Approval denied", "Deny of approval refused"),
            ("user.verify", "User verified", "Verify refused"),
            ("user.withdraw_invitation", "User invitation withdrawn", "Withdraw invitation refused"),
            ("user.verify_by_sso", "Verified by single sign-on", "Verification by single sign-on refused"),
            ("user.sign_in", "Signed in", "Sign-in refused"),
            ("odd", "Odded", "Odd refused"),
        ] {
            assert_eq!(action(name), said);
            assert_eq!(refused(name), refusal);
        }
    }
}
