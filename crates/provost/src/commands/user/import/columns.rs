//! What columns and LDAP attributes mean: names as Entra ID and LDAP have them, and SCIM paths.

use serde_json::Value;

/// A value at its SCIM path.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mapped {
    pub path: String,
    pub value: Value,
}

/// Titles of columns, in lower case without anything but letters and digits, and the SCIM paths that they mean.
const COLUMNS: &[(&str, &str)] = &[
    ("username", "userName"),
    ("userprincipalname", "userName"),
    ("externalid", "externalId"),
    ("objectid", "externalId"),
    ("active", "active"),
    ("accountenabled", "active"),
    ("displayname", "displayName"),
    ("givenname", "name.givenName"),
    ("firstname", "name.givenName"),
    ("surname", "name.familyName"),
    ("familyname", "name.familyName"),
    ("lastname", "name.familyName"),
    ("middlename", "name.middleName"),
    ("nickname", "nickName"),
    ("mailnickname", "nickName"),
    ("mail", r#"emails[type eq "work"].value"#),
    ("email", r#"emails[type eq "work"].value"#),
    ("telephonenumber", r#"phoneNumbers[type eq "work"].value"#),
    ("mobile", r#"phoneNumbers[type eq "mobile"].value"#),
    ("mobilephone", r#"phoneNumbers[type eq "mobile"].value"#),
    ("facsimiletelephonenumber", r#"phoneNumbers[type eq "fax"].value"#),
    ("jobtitle", "title"),
    ("title", "title"),
    ("usertype", "userType"),
    ("preferredlanguage", "preferredLanguage"),
    ("locale", "locale"),
    ("timezone", "timezone"),
    ("profileurl", "profileUrl"),
    ("streetaddress", r#"addresses[type eq "work"].streetAddress"#),
    ("city", r#"addresses[type eq "work"].locality"#),
    ("state", r#"addresses[type eq "work"].region"#),
    ("postalcode", r#"addresses[type eq "work"].postalCode"#),
    ("country", r#"addresses[type eq "work"].country"#),
    ("employeeid", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    ("employeenumber", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    ("costcenter", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"),
    ("companyname", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    ("organization", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    ("division", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"),
    ("department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    ("manager", "manager"),
];

/// Reads `COLUMN=PATH`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, path)) if !column.trim().is_empty() => Ok((column.trim().to_owned(), path.trim().to_owned())),
        Some(_) | None => Err("write COLUMN=PATH, such as `Staff no=externalId`".to_owned()),
    }
}

/// The path of each column; nothing for those that are left out.
///
/// # Errors
/// Two columns of one meaning, a `--map` of a column that is not there, and columns that name nobody.
pub(super) fn paths(titles: &[String], map: &[(String, String)]) -> anyhow::Result<Vec<Option<String>>> {
    if let Some((column, _)) = map.iter().find(|(column, _)| !titles.iter().any(|title| title == column)) {
        anyhow::bail!("--map names the column `{column}`, which the file does not have");
    }
    let mapped = |title: &String| map.iter().rfind(|(column, _)| column == title).map(|(_, path)| path.clone());
    let given: Vec<Option<String>> = titles.iter().map(mapped).collect();
    let mut paths: Vec<Option<String>> = Vec::with_capacity(titles.len());
    for (title, given_path) in titles.iter().zip(&given) {
        let path = match given_path {
            Some(path) => Some(path.clone()).filter(|path| !path.is_empty()),
            // What --map says goes before what a title means by itself.
            None => meaning(title).filter(|path| !given.iter().flatten().any(|given| given.eq_ignore_ascii_case(path))),
        };
        if let Some(path) = &path
            && let Some(place) = paths.iter().flatten().position(|other| other.eq_ignore_ascii_case(path))
        {
            let other = paths.iter().enumerate().filter(|(_, path)| path.is_some()).nth(place).map_or(0, |(at, _)| at);
            anyhow::bail!(
                "columns `{}` and `{title}` both mean `{path}`: leave one out with --map '{title}='",
                titles[other]
            );
        }
        paths.push(path);
    }
    let names = |path: &str| paths.iter().flatten().any(|known| known.eq_ignore_ascii_case(path));
    if !names("userName") && !names("externalId") {
        anyhow::bail!("no column means `userName` or `externalId`: say which with --map COLUMN=userName");
    }
    Ok(paths)
}

/// What a title means by itself.
fn meaning(title: &str) -> Option<String> {
    let plain: String = title.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_path = title.contains(['.', '[']) || title.to_ascii_lowercase().starts_with("urn:");
    match COLUMNS.iter().find(|(name, _)| *name == plain) {
        _ if is_path => Some(title.to_owned()),
        Some((_, path)) => Some((*path).to_owned()),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(titles: &[&str], map: &[&str]) -> String {
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        let map: Vec<(String, String)> = map.iter().map(|text| pair(text).expect("it is a pair")).collect();
        match paths(&titles, &map) {
            Ok(paths) => paths.into_iter().map(|path| path.unwrap_or_default()).collect::<Vec<_>>().join("|"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_column_means_what_entra_or_scim_calls_so_or_what_is_said() {
        for (titles, map, expected) in [
            (&["userPrincipalName", "First name", "shoe"][..], &[][..], "userName|name.givenName|"),
            (&["Staff no", "name.formatted"], &["Staff no=externalId"], "externalId|name.formatted"),
            (&["mail", "userName"], &["mail=userName"], "userName|"),
            (&["userName", "title"], &["title="], "userName|"),
            (&["urn:x:User:badge", "userName"], &[], "urn:x:User:badge|userName"),
            (&["shoe"], &[], "no column means `userName` or `externalId`: say which with --map COLUMN=userName"),
            (&["userName"], &["Shoe=title"], "--map names the column `Shoe`, which the file does not have"),
            (
                &["shoe", "userName", "jobTitle", "title"],
                &[],
                "columns `jobTitle` and `title` both mean `title`: leave one out with --map 'title='",
            ),
        ] {
            assert_eq!(shown(titles, map), expected, "{titles:?} {map:?}");
        }
        assert!(pair("=x").is_err() && pair("x").is_err());
    }

    #[test]
    fn every_default_is_written_as_it_is_compared() {
        for (name, _) in COLUMNS {
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase()), "{name}");
        }
    }
}
