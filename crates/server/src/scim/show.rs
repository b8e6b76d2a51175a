//! What a resource looks like to a client: the stored text where the client wants all of it, its groups and members put in.

use super::{
    Asked, conditional,
    kind::{Offered, Type},
    members, no_content,
};
use crate::{app::Failure, scim_reply};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use provost_accounts::{
    Configuration, Group, Refused, User,
    policy::{GroupMode, NestedGroups},
};
use provost_change::{Kind, Record, ResourceId};
use provost_scim::{Meta, Projection, Resource, render_with, urn};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A resource on its way to the client: text, and members that are read while they are sent.
pub(super) struct Shown {
    /// JSON of everything but the members.
    pub text: String,
    /// Whose members follow, and what of each.
    pub members: Option<(ResourceId, members::Parts)>,
    /// Its entity tag.
    pub etag: String,
    /// Where it is.
    pub location: String,
}

/// A stored resource, and the groups that contain it itself where they were read with it.
pub(super) struct Found {
    pub record: Record,
    pub groups: Option<Vec<ResourceId>>,
}

impl From<Record> for Found {
    fn from(record: Record) -> Self {
        Self { record, groups: None }
    }
}

/// Whether resources of a type show the groups that contain them.
pub(super) fn shows_groups(of: Offered<'_>) -> bool {
    matches!(of, Offered::User(config) if config.policy.groups.mode != GroupMode::Off)
}

/// Reads one resource.
pub(super) async fn one(asked: &Asked, of: &Type, id: &str) -> Result<Response, Failure> {
    let projection = asked.projection()?;
    let of = of.offered(&asked.config).ok_or(Failure::NoRoute)?;
    let found = load(asked, of, id).await?;
    let shown = all(asked, of, &projection, vec![found]).await?.remove(0);
    if conditional::is_unchanged(&asked.headers, &shown.etag) {
        let mut answer = StatusCode::NOT_MODIFIED.into_response();
        set(&mut answer, header::ETAG, &shown.etag);
        return Ok(answer);
    }
    send(asked, shown, StatusCode::OK).await
}

/// A record that clients of the account may see. Nothing of it is read to show its text, unless some of its kind are hidden.
async fn load(asked: &Asked, of: Offered<'_>, id: &str) -> Result<Found, Failure> {
    let missing = || Failure::from(Refused::not_found(of.noun()));
    let id: ResourceId = id.parse().map_err(|_| missing())?;
    let account = asked.config.id;
    let key = (of.kind(), id);
    let found = if shows_groups(of) {
        let found = asked.app.store().load_grouped(account, &key).await?;
        found.map(|(record, groups)| Found { record, groups: Some(groups) })
    } else {
        let found = asked.app.store().load(account, &[key]).await?;
        found.into_iter().flatten().next().map(Found::from)
    };
    let found = found.ok_or_else(missing)?;
    let record = &found.record;
    let visible = match of {
        _ if of.within().is_none() => true,
        Offered::User(config) => User::read(account, record.clone())?.is_visible(config),
        Offered::Group(config) => Group::read(account, record.clone())?.is_visible(config),
        Offered::Own(_) => true,
    };
    if visible { Ok(found) } else { Err(missing()) }
}

/// One resource as the answer to a request about it.
pub(super) async fn answer(
    asked: &Asked,
    of: Offered<'_>,
    projection: &Projection,
    record: Record,
    status: StatusCode,
) -> Result<Response, Failure> {
    let shown = all(asked, of, projection, vec![record.into()]).await?.remove(0);
    send(asked, shown, status).await
}

async fn send(asked: &Asked, shown: Shown, status: StatusCode) -> Result<Response, Failure> {
    let head = Head { etag: shown.etag.clone(), location: shown.location.clone() };
    Ok(head.on(scim_reply::json(status, members::body(asked, shown).await?)))
}

/// An answer that only says that it was done, and to which version.
pub(super) async fn done(asked: &Asked, of: Offered<'_>, record: &Record) -> Result<Response, Failure> {
    let head = Head { etag: etag(asked, of, record).await?, location: of.location(asked, &record.id.to_string()) };
    Ok(head.on(no_content()))
}

/// What the head of an answer about one resource says of it.
struct Head {
    etag: String,
    location: String,
}

impl Head {
    fn on(&self, mut answer: Response) -> Response {
        set(&mut answer, header::ETAG, &self.etag);
        set(&mut answer, header::LOCATION, &self.location);
        answer
    }
}

/// Its entity tag as a client sees it.
async fn etag(asked: &Asked, of: Offered<'_>, record: &Record) -> Result<String, Failure> {
    let computed = computed(asked, of, std::slice::from_ref(record), None).await?;
    Ok(meta(asked, of, record, computed.get(&record.id).map_or(0, Computed::digest)).etag())
}

/// Resources of one type, in their order.
pub(super) async fn all(
    asked: &Asked,
    of: Offered<'_>,
    projection: &Projection,
    found: Vec<Found>,
) -> Result<Vec<Shown>, Failure> {
    let groups: Option<Vec<Vec<ResourceId>>> = found.iter().map(|found| found.groups.clone()).collect();
    let records: Vec<Record> = found.into_iter().map(|found| found.record).collect();
    let computed = computed(asked, of, &records, groups).await?;
    let parts = match of {
        Offered::Group(config) => members::wanted(projection, config),
        Offered::User(_) | Offered::Own(_) => None,
    };
    let whole = projection.is_default() && of.full().shows_all();
    records
        .into_iter()
        .map(|record| {
            let computed = computed.get(&record.id);
            let meta = meta(asked, of, &record, computed.map_or(0, Computed::digest));
            Ok(Shown {
                text: text(of, projection, whole, &record, computed, &meta)?,
                members: parts.map(|parts| (record.id, parts)),
                etag: meta.etag(),
                location: meta.location,
            })
        })
        .collect()
}

fn meta(asked: &Asked, of: Offered<'_>, record: &Record, computed: u32) -> Meta {
    Meta {
        resource_type: of.full().name.clone(),
        created: record.created,
        last_modified: record.modified,
        location: of.location(asked, &record.id.to_string()),
        version: record.version,
        computed,
    }
}

/// What a user shows and does not hold itself.
#[derive(Default)]
struct Computed {
    /// Its groups.
    groups: Option<Value>,
    /// Its manager as the account knows that user.
    manager: Option<Value>,
}

impl Computed {
    /// Stands for it in the entity tag.
    fn digest(&self) -> u32 {
        let hash = Sha256::digest(json!([self.groups, self.manager]).to_string().as_bytes());
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).max(1)
    }
}

async fn computed(
    asked: &Asked,
    of: Offered<'_>,
    records: &[Record],
    groups: Option<Vec<Vec<ResourceId>>>,
) -> Result<BTreeMap<ResourceId, Computed>, Failure> {
    let mut computed: BTreeMap<ResourceId, Computed> = BTreeMap::new();
    for (user, groups) in groups_of(asked, of, records, groups).await? {
        computed.entry(user).or_default().groups = Some(groups);
    }
    for (user, manager) in super::manager::of(asked, of, records).await? {
        computed.entry(user).or_default().manager = Some(manager);
    }
    Ok(computed)
}

/// The stored text as it is where the client wants the `whole` of it and nothing inside of it is computed.
fn text(
    of: Offered<'_>,
    projection: &Projection,
    whole: bool,
    record: &Record,
    computed: Option<&Computed>,
    meta: &Meta,
) -> Result<String, Failure> {
    let groups = computed.and_then(|computed| computed.groups.as_ref());
    let manager = computed.and_then(|computed| computed.manager.as_ref());
    if whole && manager.is_none() {
        let groups = groups.map(Value::to_string);
        let computed: Vec<(&str, &str)> = groups.iter().map(|groups| ("groups", groups.as_str())).collect();
        return Ok(render_with(&record.doc, &computed, meta));
    }
    let mut resource = Resource::from_canonical(&record.doc).map_err(|error| Failure::Damaged(error.to_string()))?;
    if let Some(manager) = manager {
        resource.set_extension(urn::ENTERPRISE_USER, "manager", manager.clone());
    }
    let mut attributes: Map<String, Value> = resource.into_attributes();
    if let Some(groups) = groups {
        attributes.insert("groups".to_owned(), groups.clone());
    }
    attributes.insert("meta".to_owned(), meta.to_value());
    Ok(Value::Object(projection.apply(of.full(), attributes)).to_string())
}

/// `groups` of each of these users that is in any (RFC 7643 §4.1.2): the groups that a client may see, those that contain the user
/// through others among them. `direct` are those that contain each itself, where they are known.
async fn groups_of(
    asked: &Asked,
    of: Offered<'_>,
    records: &[Record],
    direct: Option<Vec<Vec<ResourceId>>>,
) -> Result<BTreeMap<ResourceId, Value>, Failure> {
    if !shows_groups(of) || records.is_empty() {
        return Ok(BTreeMap::new());
    }
    let config = &asked.config;
    let users: Vec<ResourceId> = records.iter().map(|record| record.id).collect();
    let direct = match direct {
        Some(direct) => direct,
        None => asked.app.store().groups_of(config.id, &users).await?,
    };
    if direct.iter().all(Vec::is_empty) {
        return Ok(BTreeMap::new());
    }
    let above = match config.policy.groups.nested {
        NestedGroups::Accept => asked.app.groups_above(config, direct.iter().flatten().copied().collect()).await?,
        NestedGroups::Reject => BTreeMap::new(),
    };
    let named: BTreeSet<ResourceId> =
        direct.iter().flatten().copied().chain(above.values().flatten().copied()).collect();
    let names = group_names(asked, config, named).await?;
    let mut shown = BTreeMap::new();
    for (user, direct) in users.into_iter().zip(direct) {
        let mut indirect: BTreeSet<ResourceId> = BTreeSet::new();
        let mut level = direct.clone();
        while let Some(group) = level.pop() {
            let parents = above.get(&group).into_iter().flatten();
            level.extend(parents.filter(|parent| indirect.insert(**parent)));
        }
        let indirect = indirect.into_iter().filter(|group| !direct.contains(group)).map(|group| (group, "indirect"));
        let all = direct.iter().map(|group| (*group, "direct")).chain(indirect);
        let elements: Vec<Value> = all.filter_map(|(group, how)| element(asked, &names, group, how)).collect();
        if !elements.is_empty() {
            shown.insert(user, Value::Array(elements));
        }
    }
    Ok(shown)
}

fn element(asked: &Asked, names: &BTreeMap<ResourceId, String>, group: ResourceId, how: &str) -> Option<Value> {
    let name = names.get(&group)?;
    Some(json!({ "value": group, "$ref": format!("{}/Groups/{group}", asked.base), "display": name, "type": how }))
}

/// Names of the groups that clients of the account may see.
pub(super) async fn group_names(
    asked: &Asked,
    config: &Configuration,
    groups: BTreeSet<ResourceId>,
) -> Result<BTreeMap<ResourceId, String>, Failure> {
    let keys: Vec<(Kind, ResourceId)> = groups.into_iter().map(|id| (Kind::GROUP, id)).collect();
    let records = asked.app.store().load(config.id, &keys).await?;
    let mut names = BTreeMap::new();
    for record in records.into_iter().flatten() {
        let group = Group::read(config.id, record)?;
        if group.is_visible(config) {
            names.insert(group.id(), group.display_name().to_owned());
        }
    }
    Ok(names)
}

pub(super) fn set(answer: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        answer.headers_mut().insert(name, value);
    }
}
