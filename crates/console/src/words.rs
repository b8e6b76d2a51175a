//! What the audit log calls something, in words; and where a failure is mended.

/// What was refused, such as "Update refused" for `user.update`.
pub fn refused(action: &str) -> String {
    let (subject, verb) = action.split_once('.').unwrap_or(("", action));
    let verb = capital(&verb.replace('_', " "));
    match subject {
        "user" | "" => format!("{verb} refused"),
        other => format!("{verb} of {} refused", other.replace('_', " ")),
    }
}

/// What was done, such as "User: update".
pub fn action(action: &str) -> String {
    match action.split_once('.') {
        Some((subject, verb)) => format!("{}: {}", capital(&subject.replace('_', " ")), verb.replace('_', " ")),
        None => capital(&action.replace('_', " ")),
    }
}

/// Where a refusal by a field of the policy is mended: the link's words and its place in the account.
pub fn remedy(action: &str, policy_field: Option<&str>) -> Option<(&'static str, &'static str)> {
    match (policy_field, action) {
        (Some(field), _) if field.starts_with("quorum.") => Some(("Open quorum policy", "/settings/quorum")),
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
            ("user.update", "User: update", "Update refused"),
            ("admin_app.rotate_key", "Admin app: rotate key", "Rotate key of admin app refused"),
            ("odd", "Odd", "Odd refused"),
        ] {
            assert_eq!(action(name), said);
            assert_eq!(refused(name), refusal);
        }
    }
}
