//! Resources of types that the account defines: what their schema says is all that there is to decide.

use crate::{
    Call, Configuration, Decided, Refused, audit, audit::Entry, configuration::Corrupt, definitions::CustomType,
    derived::Derived, patching,
};
use provost_change::{
    AccountId, ChangeSet, CountChange, Delete, Expect, IndexEntry, Put, Record, ResourceId, UniqueKey,
};
use provost_scim::{Incoming, PatchRequest, Resource, dialect};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A resource of a type of the account's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Custom {
    /// The stored record.
    pub record: Record,
    /// Its attributes.
    pub resource: Resource,
}

impl Custom {
    /// Reads a stored resource.
    ///
    /// # Errors
    /// When the database was changed by something else.
    pub fn read(account: AccountId, record: Record) -> Result<Self, Corrupt> {
        let resource = Resource::from_canonical(&record.doc).map_err(|error| Corrupt {
            account,
            kind: record.kind.clone(),
            id: record.id,
            cause: error.to_string(),
        })?;
        Ok(Self { record, resource })
    }
}

/// A POST or PUT, read.
#[derive(Clone, Debug)]
pub struct Body {
    incoming: Incoming,
    repairs: Vec<&'static str>,
}

/// A PATCH, read.
#[derive(Clone, Debug)]
pub struct Patching {
    request: Option<PatchRequest>,
    repairs: Vec<&'static str>,
}

impl Body {
    /// Reads the body of a POST or PUT.
    ///
    /// # Errors
    /// What the schema refuses.
    pub fn read(custom: &CustomType, body: Value) -> Result<Self, Refused> {
        let (body, repairs) = dialect::normalise_resource(body, &custom.resource_type);
        let incoming = custom.resource_type.read(body)?;
        known(&incoming.unknown)?;
        if let Some(urn) = incoming.unknown_schemas.first() {
            return Err(Refused::invalid(format!("`{urn}` in `schemas` is no schema of this resource type")));
        }
        Ok(Self { incoming, repairs: repairs.into_iter().map(|repair| repair.code).collect() })
    }

    /// Makes the resource.
    ///
    /// # Errors
    /// None today: what the schema refuses was refused by [`Self::read`].
    pub fn create(&self, config: &Configuration, call: &Call, custom: &CustomType) -> Result<Decided<Custom>, Refused> {
        let mut resource = self.incoming.resource.clone();
        let id = ResourceId::new(call.new_id);
        resource.set_id(&id.to_string());
        resource.sync_schemas(&custom.resource_type);
        Ok(decided(config, call, custom, None, (id, resource), &self.repairs))
    }

    /// Replaces the resource's attributes.
    ///
    /// # Errors
    /// What the schema refuses: immutable and required attributes.
    pub fn replace(
        &self,
        config: &Configuration,
        call: &Call,
        custom: &CustomType,
        before: &Custom,
    ) -> Result<Decided<Custom>, Refused> {
        let resource = custom.resource_type.replace(&before.resource, &self.incoming)?;
        Ok(decided(config, call, custom, Some(before), (before.record.id, resource), &self.repairs))
    }
}

impl Patching {
    /// Reads the body of a PATCH.
    ///
    /// # Errors
    /// A body that is no PATCH request, in standard form or in a known dialect.
    pub fn read(config: &Configuration, custom: &CustomType, body: Value) -> Result<Self, Refused> {
        let (request, repairs) = patching::read(config, &custom.resource_type, body)?;
        Ok(Self { request, repairs })
    }

    /// Changes the resource as the operations say: all of them or none.
    ///
    /// # Errors
    /// What the operations or the schema refuse.
    pub fn decide(
        &self,
        config: &Configuration,
        call: &Call,
        custom: &CustomType,
        before: &Custom,
    ) -> Result<Decided<Custom>, Refused> {
        let resource = match &self.request {
            None => before.resource.clone(),
            Some(request) => {
                let no_match = config.policy.patch.no_match.into();
                let patched = request.apply(&custom.resource_type, &before.resource, no_match)?;
                known(&patched.unknown)?;
                patched.resource
            }
        };
        Ok(decided(config, call, custom, Some(before), (before.record.id, resource), &self.repairs))
    }
}

/// A DELETE.
pub fn delete(config: &Configuration, call: &Call, custom: &CustomType, before: &Custom) -> Decided<()> {
    let entry = Entry::done("resource.delete").about(&custom.kind, before.record.id, &custom.own.name);
    let change = ChangeSet {
        config: Some(config.version),
        deletes: vec![Delete {
            kind: custom.kind.clone(),
            id: before.record.id,
            version: before.record.version,
            releases: unique(custom, &before.resource).into_iter().collect(),
            index_removes: index(custom, &before.resource).into_iter().collect(),
        }],
        counts: vec![CountChange::by(custom.kind.as_str(), -1)],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    Decided { change, outcome: () }
}

/// The index attribute, and the space if it is unique, of an attribute of such a type.
pub fn indexed(custom: &CustomType, name: &str) -> String {
    format!("{}.{name}", custom.kind)
}

/// What follows from a stored resource, as [`crate::derived`] says.
pub(crate) fn derived(custom: &CustomType, stored: &Custom) -> Derived {
    Derived {
        unique: unique(custom, &stored.resource),
        index: index(custom, &stored.resource),
        counts: BTreeMap::from([(custom.kind.to_string(), 1)]),
        ..Derived::default()
    }
}

fn unique(custom: &CustomType, resource: &Resource) -> BTreeSet<UniqueKey> {
    let values = custom.resource_type.unique_values(resource).into_iter();
    values.map(|(name, value)| UniqueKey { space: indexed(custom, &name), value }).collect()
}

fn index(custom: &CustomType, resource: &Resource) -> BTreeSet<IndexEntry> {
    let values = custom.resource_type.index_values(resource).into_iter();
    values.map(|(name, value)| IndexEntry { attribute: indexed(custom, &name), value }).collect()
}

fn known(unknown: &[String]) -> Result<(), Refused> {
    match unknown.first() {
        None => Ok(()),
        Some(name) => Err(Refused::invalid(format!("`{name}` is no attribute of this resource type"))),
    }
}

fn decided(
    config: &Configuration,
    call: &Call,
    custom: &CustomType,
    before: Option<&Custom>,
    (id, resource): (ResourceId, Resource),
    repairs: &[&'static str],
) -> Decided<Custom> {
    let action = if before.is_some() { "resource.update" } else { "resource.create" };
    let entry = Entry::done(action).about(&custom.kind, id, &custom.own.name).repaired(repairs);
    let nothing = serde_json::Map::new();
    let (old, new) = (before.map_or(&nothing, |before| before.resource.attributes()), resource.attributes());
    let entry = entry.attributes_changed(old, new);
    let mut change =
        ChangeSet { config: Some(config.version), log: vec![audit::entry(call, entry)], ..ChangeSet::default() };
    if let Some(before) = before.filter(|before| before.resource == resource) {
        return Decided { change, outcome: before.clone() };
    }
    let (old_unique, new_unique) =
        (before.map(|before| unique(custom, &before.resource)).unwrap_or_default(), unique(custom, &resource));
    let (old_index, new_index) =
        (before.map(|before| index(custom, &before.resource)).unwrap_or_default(), index(custom, &resource));
    let record = Record {
        kind: custom.kind.clone(),
        id,
        version: before.map_or(1, |before| before.record.version + 1),
        created: before.map_or(call.now, |before| before.record.created),
        modified: call.now,
        doc: resource.to_json(),
        state: "{}".to_owned(),
    };
    change.puts.push(Put {
        record: record.clone(),
        expect: before.map_or(Expect::Absent, |before| Expect::Version(before.record.version)),
        claims: new_unique.difference(&old_unique).cloned().collect(),
        releases: old_unique.difference(&new_unique).cloned().collect(),
        index_adds: new_index.difference(&old_index).cloned().collect(),
        index_removes: old_index.difference(&new_index).cloned().collect(),
    });
    if before.is_none() {
        change.counts.push(CountChange::by(custom.kind.as_str(), 1));
    }
    Decided { change, outcome: Custom { record, resource } }
}
