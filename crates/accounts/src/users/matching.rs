//! Which user is the same person as one whom an identity provider names.

use super::{USER_NAME, User, indexed};
use crate::{Configuration, policy::UserMatch};
use provost_change::{IndexEntry, ResourceId, UniqueKey};
use provost_scim::{Resource, text::fold};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// What an identity provider says of somebody, as far as it identifies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// The sign-in name.
    pub user_name: String,
    /// The identity provider's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// An e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Where a record is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// By a unique key.
    Unique(UniqueKey),
    /// Under an index entry.
    Index(IndexEntry),
}

/// What became of one of the identities that unmanaged users were compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Match<'u> {
    /// One user is this person.
    One {
        /// Which one.
        user: &'u User,
        /// By what.
        by: UserMatch,
    },
    /// Nobody is.
    Nobody,
    /// Several are, or one who is somebody else already: an administrator decides.
    Several(Vec<ResourceId>),
}

/// The values that identify a person in one way, in the form in which they are compared.
fn values(way: UserMatch, user_name: &str, external_id: Option<&str>, emails: &[&str]) -> Vec<String> {
    let mut values: Vec<String> = match way {
        UserMatch::UserName => vec![fold(user_name, false).into_owned()],
        UserMatch::ExternalId => external_id.map(|id| fold(id, true).into_owned()).into_iter().collect(),
        UserMatch::Email => {
            let address = Some(user_name).filter(|name| name.contains('@'));
            emails.iter().copied().chain(address).map(|email| fold(email, false).into_owned()).collect()
        }
    };
    values.retain(|value| !value.is_empty());
    values.sort();
    values.dedup();
    values
}

fn of_resource(way: UserMatch, resource: &Resource) -> Vec<String> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    let emails = resource.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let emails: Vec<&str> = emails.iter().filter_map(|email| email.get("value")?.as_str()).collect();
    values(way, text("userName").unwrap_or_default(), text("externalId"), &emails)
}

/// Where a user is found who is the same person as the resource describes in one of these ways: in the order of `users.matching`.
pub(super) fn lookups(config: &Configuration, resource: &Resource, ways: &[UserMatch]) -> Vec<Lookup> {
    let name = |value: String| Lookup::Unique(UniqueKey { space: USER_NAME.to_owned(), value });
    let index = |attribute: &str, value: String| Lookup::Index(IndexEntry { attribute: indexed(attribute), value });
    let policy = config.policy.users.matching.iter().filter(|way| ways.contains(way));
    let mut lookups = Vec::new();
    for way in policy {
        let values = of_resource(*way, resource);
        match way {
            UserMatch::UserName => lookups.extend(values.into_iter().map(name)),
            UserMatch::ExternalId => lookups.extend(values.into_iter().map(|value| index("externalId", value))),
            UserMatch::Email => {
                lookups.extend(values.iter().cloned().map(name));
                lookups.extend(values.into_iter().map(|value| index("emails.value", value)));
            }
        }
    }
    lookups
}

/// Finds, for each identity, the unmanaged user who is the same person by `users.matching` (U-18). No user is two of them. The users are
/// all unmanaged ones of the account.
pub fn migration<'u>(config: &Configuration, unmanaged: &'u [User], wanted: &[Identity]) -> Vec<Match<'u>> {
    let mut known: HashMap<(usize, String), Vec<&User>> = HashMap::new();
    for user in unmanaged.iter().filter(|user| !user.state.managed) {
        for (place, way) in config.policy.users.matching.iter().enumerate() {
            for value in of_resource(*way, &user.resource) {
                known.entry((place, value)).or_default().push(user);
            }
        }
    }
    let mut taken = HashSet::new();
    wanted.iter().map(|identity| one(config, &known, &mut taken, identity)).collect()
}

fn one<'u>(
    config: &Configuration,
    known: &HashMap<(usize, String), Vec<&'u User>>,
    taken: &mut HashSet<ResourceId>,
    identity: &Identity,
) -> Match<'u> {
    let Identity { user_name, external_id, email } = identity;
    for (place, way) in config.policy.users.matching.iter().enumerate() {
        let emails: Vec<&str> = email.as_deref().into_iter().collect();
        let values = values(*way, user_name, external_id.as_deref(), &emails);
        let mut found: Vec<&User> =
            values.into_iter().filter_map(|value| known.get(&(place, value))).flatten().copied().collect();
        found.sort_by_key(|user| user.id());
        found.dedup_by_key(|user| user.id());
        match found.as_slice() {
            [] => {}
            [user] if taken.insert(user.id()) => return Match::One { user, by: *way },
            several => return Match::Several(several.iter().map(|user| user.id()).collect()),
        }
    }
    Match::Nobody
}
