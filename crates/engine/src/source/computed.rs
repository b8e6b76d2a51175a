//! Source attributes that are no attribute of SCIM.

use super::SourceObject;
use crate::Objects;
use provost_expression::Value;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// How a value comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Computed {
    ObjectId,
    UserPrincipalName,
    Mail,
    MailNickname,
    OtherMails,
    ProxyAddresses,
    UsageLocation,
    AccountEnabled,
    IsSoftDeleted,
    AppRoles,
    SecurityEnabled,
    MailEnabled,
    Members,
}

impl Computed {
    pub fn value(self, object: &SourceObject, is_soft_deleted: bool) -> Value {
        let resource = &object.resource;
        match self {
            Self::ObjectId => Value::Text(object.id.to_string()),
            Self::UserPrincipalName => text(user_principal_name(resource)),
            Self::Mail => text(mail(resource).map(str::to_owned)),
            Self::MailNickname => text(mail_nickname(object)),
            Self::OtherMails => Value::Many(addresses(resource).1.map(str::to_owned).collect()),
            Self::ProxyAddresses => {
                let (primary, others) = addresses(resource);
                let primary = primary.map(|address| format!("SMTP:{address}"));
                Value::Many(primary.into_iter().chain(others.map(|address| format!("smtp:{address}"))).collect())
            }
            Self::UsageLocation => text(usage_location(resource)),
            Self::AccountEnabled => Value::Boolean(account_enabled(resource)),
            Self::IsSoftDeleted => Value::Boolean(is_soft_deleted),
            Self::AppRoles => Value::Many(object.app_roles().into_iter().map(|role| role.value).collect()),
            Self::SecurityEnabled => Value::Boolean(true),
            Self::MailEnabled => Value::Boolean(false),
            Self::Members => Value::Null,
        }
    }
}

fn text(value: Option<String>) -> Value {
    value.map_or(Value::Null, Value::Text)
}

/// Whether sign-in is allowed; where nothing is said it is.
pub(super) fn account_enabled(resource: &Map<String, Json>) -> bool {
    resource.get("active").and_then(Json::as_bool).unwrap_or(true)
}

/// The user's name; a guest's `alias_domain#EXT#@tenant` is `alias@domain`.
fn user_principal_name(resource: &Map<String, Json>) -> Option<String> {
    let name = resource.get("userName")?.as_str()?;
    let guest = name.split_once("#EXT#@").and_then(|(guest, _)| guest.rsplit_once('_'));
    Some(guest.map_or_else(|| name.to_owned(), |(alias, domain)| format!("{alias}@{domain}")))
}

fn elements<'r>(resource: &'r Map<String, Json>, name: &str) -> impl Iterator<Item = &'r Map<String, Json>> + Clone {
    resource.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object)
}

fn address(element: &Map<String, Json>) -> Option<&str> {
    element.get("value").and_then(Json::as_str)
}

/// The primary address; without one the work address, else the first.
fn mail(resource: &Map<String, Json>) -> Option<&str> {
    let mut emails = elements(resource, "emails").filter(|element| address(element).is_some());
    let is_primary = |element: &&Map<String, Json>| element.get("primary") == Some(&Json::Bool(true));
    let is_work = |element: &&Map<String, Json>| {
        element.get("type").and_then(Json::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("work"))
    };
    let chosen = emails.clone().find(is_primary).or_else(|| emails.clone().find(is_work)).or_else(|| emails.next());
    chosen.and_then(address)
}

/// `mail`, and all others, each once.
fn addresses(resource: &Map<String, Json>) -> (Option<&str>, impl Iterator<Item = &str>) {
    let primary = mail(resource);
    let mut known: Vec<&str> = primary.into_iter().collect();
    let others = elements(resource, "emails").filter_map(address).filter(move |address| {
        let is_new = !known.contains(address);
        if is_new {
            known.push(address);
        }
        is_new
    });
    (primary, others)
}

fn mail_nickname(object: &SourceObject) -> Option<String> {
    match object.of {
        Objects::Users => {
            let name = user_principal_name(&object.resource)?;
            Some(name.split_once('@').map_or(name.as_str(), |(local, _)| local).to_owned())
        }
        Objects::Groups => {
            let name = object.resource.get("displayName")?.as_str()?;
            let allowed = |letter: &char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-');
            Some(name.chars().filter(allowed).collect())
        }
    }
}

/// Two letters: the region of `locale`, else the country of the work address.
fn usage_location(resource: &Map<String, Json>) -> Option<String> {
    let is_country = |text: &&str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let locale = resource.get("locale").and_then(Json::as_str);
    let region = locale.and_then(|locale| locale.split(['-', '_']).skip(1).find(is_country));
    let is_work = |element: &&Map<String, Json>| {
        element.get("type").and_then(Json::as_str).is_none_or(|kind| kind.eq_ignore_ascii_case("work"))
    };
    let country = || {
        let work = elements(resource, "addresses").find(is_work)?;
        work.get("country")?.as_str().filter(is_country)
    };
    region.or_else(country).map(str::to_ascii_uppercase)
}
