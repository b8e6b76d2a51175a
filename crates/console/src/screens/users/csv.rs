//! Users as a file: lines of CSV.

use super::{User, role_names};

/// The first line of an export.
pub const CSV_HEAD: &str = "id,userName,externalId,displayName,state,managedBy,roles,created,lastModified\r\n";

/// The line of a user in an export.
pub fn csv_line(user: &User) -> String {
    let state = match (user.deleted, user.active, user.sign_in.allowed) {
        (Some(_), _, _) => "deleted",
        (None, false, _) => "disabled",
        (None, true, false) => "pending verification",
        (None, true, true) => "active",
    };
    let fields = [
        user.id.clone(),
        user.user_name.clone(),
        user.external_id.clone().unwrap_or_default(),
        user.title().to_owned(),
        state.to_owned(),
        user.origin.as_ref().map(|origin| origin.name.clone()).or(user.source.clone()).unwrap_or_default(),
        role_names(&user.roles),
        user.created.to_string(),
        user.modified.to_string(),
    ];
    format!("{}\r\n", fields.map(|field| csv_field(&field)).join(","))
}

/// A field of a line: quoted where it has to be. What a spreadsheet would take for a formula is made text (`'=1+1`).
pub fn csv_field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::csv_field;

    #[test]
    fn a_field_is_quoted_and_no_formula() {
        for (text, field) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "'=1+1"),
            ("@sum(a1)", "'@sum(a1)"),
            ("-1,2", "\"'-1,2\""),
        ] {
            assert_eq!(csv_field(text), field);
        }
    }
}
