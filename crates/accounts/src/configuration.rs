//! What one request is judged by: the account's configuration at one version.

use crate::{
    Account, AdminApp, Policy, QuorumPolicy, Role, RoleKey,
    account::PolicyVersion,
    definitions::{self, CustomType, Extended, OwnSchema},
    indexes::{self, DeclaredIndex},
    policy::{Attributes, GroupMode},
    role::{Permission, RoleKind},
};
use provost_change::{AccountId, ChangeSet, Kind, Record, ResourceId};
use provost_scim::{AttrPath, Attribute, ResourceType, Uniqueness, urn};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// An account's configuration, read whole. Shared by all requests until the head row's configuration version moves on.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Which account.
    pub id: AccountId,
    /// The head row's configuration version.
    pub version: u64,
    /// The account's record.
    pub account: Account,
    /// Version of the account's record.
    pub account_version: u64,
    /// The policy in force.
    pub policy: Policy,
    /// Custom roles, in id order.
    pub roles: Vec<Role>,
    /// Admin apps, in id order, each with its record's version.
    pub apps: Vec<(Arc<AdminApp>, u64)>,
    /// Quorum policies, each with its record's version.
    pub quorum: Vec<(QuorumPolicy, u64)>,
    /// User as the policy offers it: what discovery shows and requests are read with.
    pub user: ResourceType,
    /// User with all attributes of the standard schemas and the account's own that can be kept.
    pub full_user: ResourceType,
    /// Group with the account's own extensions; offered unless the policy has groups off.
    pub full_group: ResourceType,
    /// Resource types of the account's own, in the order in which they were made.
    pub types: Vec<CustomType>,
    /// Schemas of the account's own, each with its record's version.
    pub schemas: Vec<(OwnSchema, u64)>,
    /// Indexes that the account declares, in the order in which it did, each with its record's version.
    pub indexes: Vec<(DeclaredIndex, u64)>,
    role_versions: Vec<u64>,
}

/// A stored record that cannot be read: the database was changed by something else.
#[derive(Debug, thiserror::Error)]
#[error("record {kind} {id} of account {account} cannot be read: {cause}")]
pub struct Corrupt {
    /// Whose it is.
    pub account: AccountId,
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: ResourceId,
    /// Why.
    pub cause: String,
}

impl Configuration {
    /// The kinds of record that make a configuration, besides the account's record and the policy that it names.
    pub const KINDS: [Kind; 6] =
        [Kind::ROLE, Kind::ADMIN_APP, Kind::QUORUM_POLICY, Kind::SCHEMA, Kind::RESOURCE_TYPE, Kind::INDEX];

    /// Reads a configuration from records: the account's, its policy's, and those of [`Self::KINDS`].
    ///
    /// # Errors
    /// When a record cannot be read or is missing.
    pub fn read(id: AccountId, version: u64, records: &[Record]) -> Result<Self, Corrupt> {
        let account_record = one(id, records, &Kind::ACCOUNT)?;
        let account: Account = parse(id, account_record)?;
        let policy: PolicyVersion = parse(id, one(id, records, &Kind::POLICY)?)?;
        let policy = policy.policy;
        let broken = |kind: Kind, record, cause| Corrupt { account: id, kind, id: record, cause };
        let schemas: Vec<(OwnSchema, u64)> = all(id, records, &Kind::SCHEMA)?;
        let indexes: Vec<(DeclaredIndex, u64)> = all(id, records, &Kind::INDEX)?;
        let types = definitions::types(all(id, records, &Kind::RESOURCE_TYPE)?, &schemas, &indexes)
            .map_err(|(record, cause)| broken(Kind::RESOURCE_TYPE, record, cause))?;
        let full_user =
            full_user(&policy, &schemas, &indexes).map_err(|cause| broken(Kind::POLICY, account.policy, cause))?;
        let full_group = full_group(&schemas, &indexes).map_err(|cause| broken(Kind::SCHEMA, account.policy, cause))?;
        let roles: Vec<(Role, u64)> = all(id, records, &Kind::ROLE)?;
        Ok(Self {
            id,
            version,
            account_version: account_record.version,
            account,
            user: offered_user(&policy, &full_user),
            full_user,
            full_group,
            types,
            schemas,
            indexes,
            policy,
            role_versions: roles.iter().map(|(_, version)| *version).collect(),
            roles: roles.into_iter().map(|(role, _)| role).collect(),
            apps: all(id, records, &Kind::ADMIN_APP)?
                .into_iter()
                .map(|(app, version)| (Arc::new(app), version))
                .collect(),
            quorum: all(id, records, &Kind::QUORUM_POLICY)?,
        })
    }

    /// The same account under another policy: what a preview judges by.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        let full_user = full_user(&policy, &self.schemas, &self.indexes).unwrap_or_else(|_| self.full_user.clone());
        Self { user: offered_user(&policy, &full_user), full_user, policy, ..self.clone() }
    }

    /// A change set that holds only as long as this configuration does, and changes it.
    pub fn change(&self) -> ChangeSet {
        ChangeSet { config: Some(self.version), changes_config: true, ..ChangeSet::default() }
    }

    /// The id of the account's own record.
    pub fn account_record(&self) -> ResourceId {
        ResourceId::new(self.id.uuid())
    }

    /// An admin app by id.
    pub fn app(&self, id: ResourceId) -> Option<&AdminApp> {
        self.apps.iter().map(|(app, _)| app.as_ref()).find(|app| app.id == id)
    }

    /// A custom role by id.
    pub fn role(&self, id: ResourceId) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// The version of a custom role's record.
    pub(crate) fn role_version(&self, id: ResourceId) -> Option<u64> {
        let position = self.roles.iter().position(|role| role.id == id)?;
        self.role_versions.get(position).copied()
    }

    /// The quorum policy of the account (`None`) or of a group.
    pub fn quorum_policy(&self, group: Option<ResourceId>) -> Option<(&QuorumPolicy, u64)> {
        self.quorum.iter().find(|(policy, _)| policy.group == group).map(|(policy, version)| (policy, *version))
    }

    /// The name of a role, or its key when it is gone.
    pub fn role_name(&self, key: RoleKey) -> String {
        match key {
            RoleKey::System(role) => role.name().to_owned(),
            RoleKey::Custom(id) => self.role(id).map_or_else(|| id.to_string(), |role| role.name.clone()),
        }
    }

    /// Whether a role is held alone. Every system role is.
    pub fn is_exclusive(&self, key: RoleKey) -> bool {
        match key {
            RoleKey::System(_) => true,
            RoleKey::Custom(id) => self.role(id).is_some_and(|role| role.exclusive),
        }
    }

    /// How much a role permits, for choosing the highest.
    pub fn permission_count(&self, key: RoleKey) -> usize {
        Permission::ALL.into_iter().filter(|permission| self.permits(key, *permission)).count()
    }

    /// Whether a role permits something.
    pub fn permits(&self, key: RoleKey, permission: Permission) -> bool {
        match key {
            RoleKey::System(role) => role.permits(permission),
            RoleKey::Custom(id) => self.role(id).is_some_and(|role| {
                role.kind == RoleKind::Account && role.permissions.iter().any(|held| held.implies(permission))
            }),
        }
    }

    /// A role by id, system value or name, as the management API names them.
    pub fn role_named(&self, name: &str) -> Option<RoleKey> {
        let system = crate::SystemRole::ALL.into_iter().find(|role| role.value() == name || role.name() == name);
        system.map(RoleKey::System).or_else(|| {
            let custom = self.roles.iter().filter(|role| role.kind == RoleKind::Account);
            custom
                .clone()
                .find(|role| role.id.to_string() == name)
                .or_else(|| custom.clone().find(|role| role.name == name))
                .map(|role| RoleKey::Custom(role.id))
        })
    }
}

/// User without what cannot be kept: passwords. They are never stored; people prove addresses instead.
fn full_user(
    policy: &Policy,
    schemas: &[(OwnSchema, u64)],
    indexes: &[(DeclaredIndex, u64)],
) -> Result<ResourceType, String> {
    let user = ResourceType::user().and_then(|user| definitions::extended(user, Extended::User, schemas));
    let mut user = user.map_err(|error| error.to_string())?;
    user.schema.attributes.retain(|attribute| attribute.name != "password");
    for name in &policy.users.required {
        let Ok(path) = name.parse::<AttrPath>() else { continue };
        require(&mut user, &path);
    }
    indexes::add(indexes, user)
}

/// Group with names that are unique, as identity providers that look groups up by name need them.
fn full_group(schemas: &[(OwnSchema, u64)], indexes: &[(DeclaredIndex, u64)]) -> Result<ResourceType, String> {
    let group = ResourceType::group().and_then(|group| definitions::extended(group, Extended::Group, schemas));
    let mut group = group.map_err(|error| error.to_string())?;
    group
        .schema
        .attributes
        .iter_mut()
        .filter(|attribute| attribute.name == "displayName")
        .for_each(|attribute| attribute.uniqueness = Uniqueness::Server);
    indexes::add(indexes, group)
}

/// Marks an attribute as required, so that discovery shows it and reading demands it.
fn require(user: &mut ResourceType, path: &AttrPath) {
    let Ok(target) = user.resolve(path) else { return };
    let (Some(name), sub) =
        (target.attribute.map(|found| found.name.clone()), target.sub.map(|found| found.name.clone()))
    else {
        return;
    };
    let extension = target.extension.map(|schema| schema.id.clone());
    let schema = match &extension {
        None => &mut user.schema,
        Some(id) => match user.extensions.iter_mut().find(|(schema, _)| schema.id == *id) {
            Some((schema, required)) => {
                *required = true;
                schema
            }
            None => return,
        },
    };
    let mark = |attributes: &mut Vec<Attribute>, name: &str| {
        attributes
            .iter_mut()
            .filter(|attribute| attribute.name == name)
            .for_each(|attribute| attribute.required = true);
    };
    mark(&mut schema.attributes, &name);
    if let (Some(sub), Some(parent)) = (sub, schema.attributes.iter_mut().find(|attribute| attribute.name == name)) {
        mark(&mut parent.sub_attributes, &sub);
    }
}

/// User with the attributes that the policy supports; `groups` only where there are groups, and then always.
fn offered_user(policy: &Policy, full: &ResourceType) -> ResourceType {
    let mut offered = match &policy.users.attributes {
        Attributes::All(_) => full.clone(),
        Attributes::Only(names) => {
            let groups = (policy.groups.mode != GroupMode::Off).then_some("groups");
            let names = names.iter().map(String::as_str).chain(groups);
            let own =
                full.extensions.iter().map(|(schema, _)| schema.id.as_str()).filter(|urn| *urn != urn::ENTERPRISE_USER);
            let paths: Vec<AttrPath> = names.chain(own).filter_map(|name| name.parse().ok()).collect();
            full.narrowed(&paths)
        }
    };
    if policy.groups.mode == GroupMode::Off {
        offered.schema.attributes.retain(|attribute| attribute.name != "groups");
    }
    offered
}

fn one<'r>(account: AccountId, records: &'r [Record], kind: &Kind) -> Result<&'r Record, Corrupt> {
    records.iter().find(|record| record.kind == *kind).ok_or_else(|| Corrupt {
        account,
        kind: kind.clone(),
        id: ResourceId::new(account.uuid()),
        cause: "it is missing".to_owned(),
    })
}

fn all<T: DeserializeOwned>(account: AccountId, records: &[Record], kind: &Kind) -> Result<Vec<(T, u64)>, Corrupt> {
    let found = records.iter().filter(|record| record.kind == *kind);
    found.map(|record| Ok((parse(account, record)?, record.version))).collect()
}

fn parse<T: DeserializeOwned>(account: AccountId, record: &Record) -> Result<T, Corrupt> {
    serde_json::from_str(&record.doc).map_err(|error| Corrupt {
        account,
        kind: record.kind.clone(),
        id: record.id,
        cause: error.to_string(),
    })
}
