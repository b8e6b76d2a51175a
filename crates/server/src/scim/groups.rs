//! Writes to `/Groups`.

use super::{
    Asked, Payload, conditional,
    kind::{Offered, Type},
    members, no_content, show,
};
use crate::app::{About, App, Failure, Target};
use axum::{http::StatusCode, response::Response};
use provost_accounts::{
    Call, Configuration, Decided, Group, Refused,
    groups::{self, Creation, Facts, MemberEdit, Patching, Replacement},
    policy::PatchAnswer,
};
use provost_change::{IndexEntry, Kind, ResourceId};
use provost_store::{Candidates, Search};
use std::sync::Arc;

pub(super) async fn create(asked: Asked, payload: Payload) -> Result<Response, Failure> {
    let about = About { action: "group.create", target: None };
    let projection = asked.or_recorded(&about, async { asked.projection() }).await?;
    let body = asked.or_recorded(&about, asked.json(payload)).await?;
    let about = match super::wanted_name(&body, "displayName") {
        Some(name) => about.making(Kind::GROUP, name),
        None => about,
    };
    let read = async { Creation::read(&asked.config, body).map_err(Failure::from) };
    let creation = Arc::new(asked.or_recorded(&about, read).await?);
    asked.note_repairs(creation.repairs());
    let app = asked.app.clone();
    let (group, is_new) = asked
        .write(about, move |config, call| {
            let (app, creation) = (app.clone(), Arc::clone(&creation));
            async move {
                let same_name = made_by_hand(&app, &config, creation.name()).await?;
                let id = same_name.as_ref().map_or(ResourceId::new(call.new_id), Group::id);
                let facts = app.member_facts(&config, &creation.members, id, creation.name()).await?;
                Ok(creation.decide(&config, &call, &facts, same_name.as_ref())?)
            }
        })
        .await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let record = stored(&asked.app, &asked.config, group.id()).await?.record;
    show::answer(&asked, Offered::Group(&asked.config), &projection, record, status).await
}

pub(super) async fn patch(asked: Asked, id: String, payload: Payload) -> Result<Response, Failure> {
    let read = async { Patching::read(&asked.config, asked.json(payload).await?).map_err(Failure::from) };
    let request = Arc::new(asked.or_recorded(&update(&id), read).await?);
    asked.note_repairs(request.repairs());
    let members = request.members.clone();
    let shows = if asked.params.contains_key("attributes") || asked.params.contains_key("excludedAttributes") {
        // Who names attributes wants them (RFC 7644 §3.5.2).
        Shows::Whole
    } else {
        match asked.config.policy.groups.patch_answer {
            PatchAnswer::Resource => Shows::Small,
            PatchAnswer::NoContent => Shows::Nothing,
        }
    };
    let decide = move |config: &Configuration, call: &Call, group: &Group, version, facts: &Facts| {
        request.decide(config, call, group, version, facts)
    };
    change(asked, id, members, decide, shows).await
}

pub(super) async fn replace(asked: Asked, id: String, payload: Payload) -> Result<Response, Failure> {
    let read = async { Replacement::read(&asked.config, asked.json(payload).await?).map_err(Failure::from) };
    let request = Arc::new(asked.or_recorded(&update(&id), read).await?);
    asked.note_repairs(request.repairs());
    let members = request.members.clone();
    let decide = move |config: &Configuration, call: &Call, group: &Group, version, facts: &Facts| {
        request.decide(config, call, group, version, facts)
    };
    change(asked, id, members, decide, Shows::Whole).await
}

/// What answers a change that was made.
enum Shows {
    /// The group with all its members.
    Whole,
    /// The group, if it is a small one.
    Small,
    Nothing,
}

async fn change<D>(asked: Asked, id: String, members: MemberEdit, decide: D, shows: Shows) -> Result<Response, Failure>
where
    D: Fn(&Configuration, &Call, &Group, Option<u64>, &Facts) -> Result<Decided<Group>, Refused>
        + Send
        + Sync
        + 'static,
{
    let projection = asked.or_recorded(&update(&id), async { asked.projection() }).await?;
    let (id, about) = target(&asked, "group.update", &id).await?;
    let (app, headers, decide, members) =
        (asked.app.clone(), asked.headers.clone(), Arc::new(decide), Arc::new(members));
    asked
        .write(about, move |config, call| {
            let (app, headers, decide, members) =
                (app.clone(), headers.clone(), Arc::clone(&decide), Arc::clone(&members));
            async move {
                let group = load(&app, &config, id).await?;
                let version = conditional::allow_write(&headers, group.record.version)?;
                let facts = app.member_facts(&config, &members, id, group.display_name()).await?;
                let decided = decide(&config, &call, &group, version, &facts)?;
                let name = decided.outcome.display_name();
                if name != group.display_name() {
                    let same_name = made_by_hand(&app, &config, name).await?;
                    groups::may_be_named(&config, &group, same_name.as_ref())?;
                }
                Ok(decided)
            }
        })
        .await?;
    // What others did to its members meanwhile is seen, too: the version that is shown is the one that is stored.
    let record = stored(&asked.app, &asked.config, id).await?.record;
    let of = Offered::Group(&asked.config);
    let whole = match shows {
        Shows::Whole => true,
        Shows::Small => !members::are_many(&asked, id).await?,
        Shows::Nothing => false,
    };
    if whole {
        show::answer(&asked, of, &projection, record, StatusCode::OK).await
    } else {
        show::done(&asked, of, &record).await
    }
}

pub(super) async fn delete(asked: Asked, id: String) -> Result<Response, Failure> {
    let (id, about) = target(&asked, "group.delete", &id).await?;
    let (app, headers) = (asked.app.clone(), asked.headers.clone());
    asked
        .write(about, move |config, call| {
            let (app, headers) = (app.clone(), headers.clone());
            async move {
                let group = load(&app, &config, id).await?;
                conditional::allow_write(&headers, group.record.version)?;
                Ok(groups::delete(&config, &call, &group)?)
            }
        })
        .await?;
    Ok(no_content())
}

/// What every write answers where the policy has groups off.
pub(super) fn refused() -> Failure {
    Refused::by("groups.mode", 501, None, "group provisioning is not supported in this account").into()
}

fn update(id: &str) -> About {
    About { action: "group.update", target: id.parse().ok().map(|id| Target::Record(Kind::GROUP, id)) }
}

async fn target(asked: &Asked, action: &'static str, id: &str) -> Result<(ResourceId, About), Failure> {
    let read = async { id.parse::<ResourceId>().map_err(|_| Refused::not_found("group").into()) };
    let id = asked.or_recorded(&About { action, target: None }, read).await?;
    Ok((id, About { action, target: Some(Target::Record(Kind::GROUP, id)) }))
}

/// A group of the name that was made by hand, wherever it matters.
async fn made_by_hand(app: &App, config: &Configuration, name: &str) -> Result<Option<Group>, Failure> {
    use provost_accounts::policy::GroupNameConflict;
    if config.policy.groups.name_conflict == GroupNameConflict::Separate {
        return Ok(None);
    }
    let key = groups::name_key(name);
    let entry = IndexEntry { attribute: groups::DISPLAY_NAME.to_owned(), value: key.value };
    let Some(of) = Type::Group.offered(config) else { return Ok(None) };
    let search = Search { candidates: Candidates::Under(vec![entry]), limit: SAME_NAME_MAX, ..crate::search::all(of) };
    for record in app.store().search(config.id, &search).await?.records {
        let group = Group::read(config.id, record)?;
        if !group.management.managed {
            return Ok(Some(group));
        }
    }
    Ok(None)
}

/// Groups of one name that are looked at; one of them at most is managed.
const SAME_NAME_MAX: u64 = 2;

/// A group that clients of the account may see.
async fn load(app: &App, config: &Configuration, id: ResourceId) -> Result<Group, Failure> {
    let group = stored(app, config, id).await?;
    if group.is_visible(config) { Ok(group) } else { Err(Refused::not_found("group").into()) }
}

async fn stored(app: &App, config: &Configuration, id: ResourceId) -> Result<Group, Failure> {
    let records = app.store().load(config.id, &[(Kind::GROUP, id)]).await?;
    let record = records.into_iter().flatten().next().ok_or_else(|| Refused::not_found("group"))?;
    Ok(Group::read(config.id, record)?)
}
