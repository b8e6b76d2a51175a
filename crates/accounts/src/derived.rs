//! What follows from a record: the unique keys, index entries and counts that writes keep beside it.
//!
//! A write changes them by differences. Here they are derived whole from what is stored, by the same functions, so that what lies in
//! a database can be held against it.

use crate::{
    Account, AdminApp, Configuration, Corrupt, Group, QuorumPolicy, Role, User,
    account::PolicyVersion,
    alerts, approvals, credentials,
    definitions::{OwnSchema, OwnType},
    groups,
    indexes::{self, DeclaredIndex},
    mail,
    resources::{self, Custom},
    sessions,
    sign_in::SignInRules,
    sources, stream, users,
};
use provost_change::{AccountId, IndexEntry, Kind, Record, ResourceId, UniqueKey};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What follows from one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// Values that it alone may hold.
    pub unique: BTreeSet<UniqueKey>,
    /// Values under which it is found.
    pub index: BTreeSet<IndexEntry>,
    /// Values under which it may be found already: their index is being built.
    pub building: BTreeSet<IndexEntry>,
    /// What it adds to the account's counts.
    pub counts: BTreeMap<String, i64>,
}

/// What follows from a record under the configuration in force; behind that, what may stand there instead since it was written under
/// an earlier one. Reads the record's document on the way.
///
/// # Errors
/// A document that cannot be what was written.
pub fn derived(config: &Configuration, record: &Record) -> Result<(Derived, Option<Derived>), Corrupt> {
    let (now, formerly) = written(config, record)?;
    Ok((apart(config, record, now), formerly.map(|formerly| apart(config, record, formerly))))
}

/// Keeps entries apart that need not be there yet.
fn apart(config: &Configuration, record: &Record, mut derived: Derived) -> Derived {
    let is_building =
        |entry: &IndexEntry| config.is_declared(&record.kind, &entry.attribute, &[indexes::State::Building]);
    derived.building = derived.index.extract_if(.., is_building).collect();
    derived
}

/// The entries of indexes that are being built stand among the others: writes make no difference.
fn written(config: &Configuration, record: &Record) -> Result<(Derived, Option<Derived>), Corrupt> {
    let account = config.id;
    match &record.kind {
        kind if User::KINDS.contains(kind) => {
            let user = User::read(account, record.clone())?;
            identified(account, record, user.resource.attributes(), "userName")?;
            if users::kind(&user.state) != *kind {
                return Err(corrupt(account, record, "its state does not go together with its kind"));
            }
            Ok(users::derived(config, &user))
        }
        kind if *kind == Kind::GROUP => {
            let group = Group::read(account, record.clone())?;
            identified(account, record, group.resource.attributes(), "displayName")?;
            Ok((groups::derived(config, &group), None))
        }
        kind if *kind == Kind::INDEX => {
            check(account, record)?;
            let unfinished = config.index(record.id).is_some_and(|index| index.state != indexes::State::Ready);
            let counts = BTreeMap::from([(indexes::COUNT.to_owned(), i64::from(unfinished))]);
            Ok((Derived { counts, ..Derived::default() }, None))
        }
        kind if *kind == Kind::SESSION => {
            let index = BTreeSet::from([sessions::of(sessions::read(account, record)?.user)]);
            Ok((Derived { index, ..Derived::default() }, None))
        }
        kind if *kind == Kind::CREDENTIALS => {
            let index = credentials::read(account, record)?.index().into_iter().collect();
            Ok((Derived { index, ..Derived::default() }, None))
        }
        kind => match config.types.iter().find(|custom| custom.kind == *kind) {
            Some(custom) => {
                let resource = Custom::read(account, record.clone())?;
                identified(account, record, resource.resource.attributes(), "id")?;
                Ok((resources::derived(custom, &resource), None))
            }
            None => check(account, record).map(|()| (plain(kind), None)),
        },
    }
}

/// Whether a count is the sum of what follows from records; others count what happened.
pub fn is_derived_count(name: &str) -> bool {
    !users::brake::is_count(name)
}

/// Records that hold no unique keys and are found under nothing.
fn plain(kind: &Kind) -> Derived {
    let counted = [(mail::kind(), mail::COUNT), (alerts::kind(), alerts::COUNT)];
    let of_kind = counted.into_iter().filter(|(counted, _)| counted == kind);
    let counts = of_kind.map(|(_, count)| (count.to_owned(), 1)).collect();
    Derived { counts, ..Derived::default() }
}

/// Checks a record whose document alone says what it is; users, groups and resources of an account's own types need its
/// configuration, see [`derived`].
///
/// # Errors
/// A document that cannot be what was written, and a kind that is none.
pub fn check(account: AccountId, record: &Record) -> Result<(), Corrupt> {
    let own = ResourceId::new(account.uuid());
    let id = match &record.kind {
        kind if *kind == Kind::ACCOUNT => read::<Account>(account, record).map(|_| own)?,
        kind if *kind == Kind::POLICY => read::<PolicyVersion>(account, record).map(|_| record.id)?,
        kind if *kind == Kind::ROLE => read::<Role>(account, record)?.id,
        kind if *kind == Kind::ADMIN_APP => read::<AdminApp>(account, record)?.id,
        kind if *kind == Kind::SCHEMA => read::<OwnSchema>(account, record)?.id,
        kind if *kind == Kind::RESOURCE_TYPE => read::<OwnType>(account, record)?.id,
        kind if *kind == Kind::INDEX => read::<DeclaredIndex>(account, record)?.id,
        _ if indexes::check_progress(account, record)? => record.id,
        kind if *kind == Kind::QUORUM_POLICY => read::<QuorumPolicy>(account, record)?.group.unwrap_or(own),
        kind if *kind == sources::kind() => sources::id(account, &sources::read(account, record)?.name),
        kind if *kind == Kind::KEY_USE || *kind == Kind::REQUEST => {
            read::<Map<String, Value>>(account, record).map(|_| record.id)?
        }
        kind if *kind == Kind::CREDENTIALS => credentials::read(account, record).map(|_| record.id)?,
        kind if *kind == Kind::SESSION => sessions::read(account, record).map(|_| record.id)?,
        kind if *kind == Kind::SIGN_IN => SignInRules::read(account, Some(record)).map(|_| own)?,
        kind if *kind == alerts::kind() => alerts::id(account, &alerts::read(account, record)?.cause),
        kind if *kind == approvals::kind() => approvals::read(account, record)?.user,
        kind if *kind == mail::kind() => mail::read(account, record).map(|_| record.id)?,
        kind if stream::keys(account).iter().any(|(known, _)| known == kind) => {
            stream::check(account, record).map(|()| own)?
        }
        _ => return Err(corrupt(account, record, "this version of Provost knows no such kind in this account")),
    };
    if id == record.id { Ok(()) } else { Err(corrupt(account, record, "its document has another id")) }
}

fn read<T: DeserializeOwned>(account: AccountId, record: &Record) -> Result<T, Corrupt> {
    serde_json::from_str(&record.doc).map_err(|error| corrupt(account, record, &error.to_string()))
}

/// Whether a resource is the one that its record says, and has what each has.
fn identified(
    account: AccountId,
    record: &Record,
    attributes: &Map<String, Value>,
    required: &str,
) -> Result<(), Corrupt> {
    if attributes.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok()) != Some(record.id) {
        return Err(corrupt(account, record, "its document has another id"));
    }
    match attributes.get(required).and_then(Value::as_str) {
        Some(value) if !value.is_empty() => Ok(()),
        Some(_) | None => Err(corrupt(account, record, &format!("it has no `{required}`"))),
    }
}

fn corrupt(account: AccountId, record: &Record, cause: &str) -> Corrupt {
    Corrupt { account, kind: record.kind.clone(), id: record.id, cause: cause.to_owned() }
}
