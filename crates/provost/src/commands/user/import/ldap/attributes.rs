//! What the attributes of an LDAP directory mean.

use crate::commands::user::import::columns::Mapped;
use provost_client::LdapEntry;
use serde_json::{Value, json};
use uuid::Uuid;

/// Attributes of people (RFC 2798, RFC 4519) and the SCIM paths that they mean.
const STANDARD: &[(&str, &str)] = &[
    ("entryUUID", "externalId"),
    ("uid", "userName"),
    ("displayName", "displayName"),
    ("cn", "name.formatted"),
    ("givenName", "name.givenName"),
    ("sn", "name.familyName"),
    ("mail", r#"emails[type eq "work"].value"#),
    ("telephoneNumber", r#"phoneNumbers[type eq "work"].value"#),
    ("mobile", r#"phoneNumbers[type eq "mobile"].value"#),
    ("title", "title"),
    ("employeeType", "userType"),
    ("preferredLanguage", "preferredLanguage"),
    ("street", r#"addresses[type eq "work"].streetAddress"#),
    ("l", r#"addresses[type eq "work"].locality"#),
    ("st", r#"addresses[type eq "work"].region"#),
    ("postalCode", r#"addresses[type eq "work"].postalCode"#),
    ("employeeNumber", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    ("o", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    ("departmentNumber", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    ("manager", "manager"),
];

/// What is other in Active Directory.
const ACTIVE_DIRECTORY: &[(&str, &str)] = &[
    ("objectGUID", "externalId"),
    ("userPrincipalName", "userName"),
    ("userAccountControl", "active"),
    ("displayName", "displayName"),
    ("givenName", "name.givenName"),
    ("sn", "name.familyName"),
    ("mail", r#"emails[type eq "work"].value"#),
    ("telephoneNumber", r#"phoneNumbers[type eq "work"].value"#),
    ("mobile", r#"phoneNumbers[type eq "mobile"].value"#),
    ("title", "title"),
    ("preferredLanguage", "preferredLanguage"),
    ("streetAddress", r#"addresses[type eq "work"].streetAddress"#),
    ("l", r#"addresses[type eq "work"].locality"#),
    ("st", r#"addresses[type eq "work"].region"#),
    ("postalCode", r#"addresses[type eq "work"].postalCode"#),
    ("c", r#"addresses[type eq "work"].country"#),
    ("employeeID", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    ("company", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    ("department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    ("manager", "manager"),
];

/// What `memberUid` of a group names people by.
pub(super) const UID: &str = "uid";
/// `ACCOUNTDISABLE` in `userAccountControl`.
const DISABLED: i64 = 2;

/// Which attributes are read, and what they mean.
#[derive(Debug)]
pub(super) struct Attributes {
    active_directory: bool,
    /// LDAP attribute and SCIM path.
    map: Vec<(String, String)>,
    /// Holds the time of an entry's last change.
    pub changed: &'static str,
}

/// A person, as an entry shows it.
pub(super) struct Person {
    /// What it is known by in the account.
    pub id: String,
    pub values: Vec<Mapped>,
    /// A distinguished name.
    pub manager: Option<String>,
}

impl Attributes {
    /// Those of the kind of server, changed as `--map` says.
    ///
    /// # Errors
    /// A map in which nothing means `externalId`.
    pub fn of(active_directory: bool, changes: &[(String, String)]) -> anyhow::Result<Self> {
        let table = if active_directory { ACTIVE_DIRECTORY } else { STANDARD };
        let mut map: Vec<(String, String)> =
            table.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect();
        for (name, path) in changes {
            map.retain(|(known, meant)| !known.eq_ignore_ascii_case(name) && !meant.eq_ignore_ascii_case(path));
            if !path.is_empty() {
                map.push((name.clone(), path.clone()));
            }
        }
        if !map.iter().any(|(_, path)| path.eq_ignore_ascii_case("externalId")) {
            anyhow::bail!("no attribute means `externalId`, by which users are known: entries are renamed and moved");
        }
        Ok(Self { active_directory, map, changed: if active_directory { "whenChanged" } else { "modifyTimestamp" } })
    }

    /// The filter for people.
    pub fn people(&self) -> &'static str {
        if self.active_directory { "(&(objectCategory=person)(objectClass=user))" } else { "(objectClass=person)" }
    }

    /// The filter for groups.
    pub fn groups(&self) -> &'static str {
        match self.active_directory {
            true => "(objectClass=group)",
            false => "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))",
        }
    }

    /// Which are to be asked for.
    pub fn names(&self) -> Vec<String> {
        let mapped = self.map.iter().map(|(name, _)| name.clone());
        let own = [self.changed, UID].into_iter().filter(|own| !self.map.iter().any(|(name, _)| name == own));
        mapped.chain(own.map(str::to_owned)).collect()
    }

    /// Those by which entries are known.
    pub fn keys(&self) -> Vec<String> {
        let mapped = self.map.iter().filter(|(_, path)| path.eq_ignore_ascii_case("externalId"));
        mapped.map(|(name, _)| name.clone()).chain([self.own_id(), UID].map(str::to_owned)).collect()
    }

    /// What the server itself knows an entry by, under whatever name.
    pub fn own_id(&self) -> &'static str {
        if self.active_directory { "objectGUID" } else { "entryUUID" }
    }

    /// What a group is known by in the account.
    pub fn group_id(&self, entry: &LdapEntry) -> Option<String> {
        value(self.own_id(), entry.first(self.own_id())?).ok()
    }

    /// The map, to be compared with that of another run.
    pub fn meaning(&self) -> Value {
        json!(self.map)
    }

    /// What an entry is known by in the account.
    pub fn id(&self, entry: &LdapEntry) -> Option<String> {
        let (name, _) = self.map.iter().find(|(_, path)| path.eq_ignore_ascii_case("externalId"))?;
        value(name, entry.first(name)?).ok()
    }

    /// The person that an entry is.
    ///
    /// # Errors
    /// In a sentence: an entry that nothing tells from others, a value that is no text.
    pub fn person(&self, entry: &LdapEntry) -> Result<Person, String> {
        let mut values = Vec::with_capacity(self.map.len());
        let mut manager = None;
        for (name, path) in &self.map {
            let found = entry.first(name).map(|bytes| value(name, bytes)).transpose()?;
            match found {
                Some(dn) if path == "manager" => manager = Some(dn),
                found => values.push(Mapped { path: path.clone(), value: found.map_or(Value::Null, Value::from) }),
            }
        }
        let id = self.id(entry).ok_or("it has nothing that means `externalId`")?;
        Ok(Person { id, values, manager })
    }
}

/// A value as text.
fn value(name: &str, bytes: &[u8]) -> Result<String, String> {
    let text = || std::str::from_utf8(bytes).map_err(|_| format!("`{name}` is no text"));
    if name.eq_ignore_ascii_case("objectGUID") {
        let guid = Uuid::from_slice_le(bytes).map_err(|_| format!("`{name}` is no GUID"))?;
        return Ok(guid.to_string());
    }
    if name.eq_ignore_ascii_case("userAccountControl") {
        let flags: i64 = text()?.parse().map_err(|_| format!("`{name}` is no number"))?;
        return Ok((flags & DISABLED == 0).to_string());
    }
    text().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(values: &[(&str, &[u8])]) -> LdapEntry {
        let values = values.iter().map(|(name, value)| (name.to_lowercase(), vec![value.to_vec()])).collect();
        LdapEntry { dn: "cn=ann".to_owned(), values }
    }

    #[test]
    fn an_entry_of_active_directory_is_read_as_entra_connect_reads_it() {
        let attributes = Attributes::of(true, &[("mail".to_owned(), "userName".to_owned())]).expect("a map");
        let guid: Vec<u8> = (0..16).collect();
        for (flags, active) in [("512", "true"), ("514", "false")] {
            let found = attributes
                .person(&entry(&[
                    ("objectGUID", &guid),
                    ("mail", b"ann@x.example"),
                    ("userAccountControl", flags.as_bytes()),
                ]))
                .expect("a person");
            assert_eq!(found.id, "03020100-0504-0706-0809-0a0b0c0d0e0f");
            let of =
                |path: &str| found.values.iter().find(|mapped| mapped.path == path).map(|mapped| mapped.value.clone());
            assert_eq!((of("userName"), of("active")), (Some(json!("ann@x.example")), Some(json!(active))));
            assert_eq!(of("displayName"), Some(Value::Null), "what is not there is taken away");
        }
        for (odd, said) in [
            (entry(&[("mail", b"ann@x.example")]), "it has nothing that means `externalId`"),
            (entry(&[("objectGUID", b"short")]), "`objectGUID` is no GUID"),
            (entry(&[("objectGUID", &guid), ("sn", b"\xff")]), "`sn` is no text"),
        ] {
            assert_eq!(attributes.person(&odd).err().as_deref(), Some(said));
        }
    }
}
