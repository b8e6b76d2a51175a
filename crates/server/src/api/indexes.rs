//! Indexes that an account declares, and how far they are.

use super::{Answer, accepted, asked::InAccount, created, ok, page, page::PageQuery, schemas::counted};
use crate::app::{About, Failure};
use axum::body::Body;
use provost_accounts::{
    Refused,
    indexes::{self, DeclaredIndex, State},
};
use provost_change::{Kind, ResourceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an index is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewIndex {
    /// `User`, `Group` or the name of a resource type of the account's own.
    resource_type: String,
    /// The attribute in attribute notation, such as `title`, `name.familyName` or
    /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`: a string, reference, number, boolean or dateTime,
    /// with one value or several.
    attribute: String,
}

/// An index that the account declares.
#[derive(Serialize, ToSchema)]
pub(super) struct IndexView {
    /// Its id.
    id: String,
    /// The resource type.
    resource_type: String,
    /// The attribute, in the spelling of its schema.
    attribute: String,
    /// Searches use it when it is `ready`.
    state: State,
    /// How far it is; null unless it is `building`.
    progress: Option<IndexProgress>,
}

/// How far an index is built.
#[derive(Serialize, ToSchema)]
pub(super) struct IndexProgress {
    /// How many resources are entered, as it was noted last.
    entered: u64,
    /// How many resources of the type there are.
    resources: u64,
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "index.create", target: None };
    let new: NewIndex = asked.body(&about, body).await?;
    let about = about.making(Kind::INDEX, &format!("{}.{}", new.resource_type, new.attribute));
    let declare = |config: &_, call: &_| indexes::declare(config, call, &new.resource_type, &new.attribute);
    let index = asked.write(about, declare).await?;
    let location = asked.location(&format!("/indexes/{}", index.id));
    created(&location, &view(&asked, vec![index]).await?.pop())
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let all = asked.config.indexes.iter().map(|(index, _)| index);
    let mut found: Vec<DeclaredIndex> =
        all.filter(|index| page.after.is_none_or(|after| index.id > after)).cloned().collect();
    let next = page::cut(&mut found, page.limit, |index| index.id);
    page::list(view(&asked, found).await?, next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let index = asked.config.index(asked.id(&Kind::INDEX)?).ok_or_else(|| Refused::not_found("index"))?;
    ok(&view(&asked, vec![index.clone()]).await?.pop())
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("index.delete", Kind::INDEX).await?;
    let index = asked.write(about, |config, call| indexes::remove(config, call, id)).await?;
    accepted(&view(&asked, vec![index]).await?.pop())
}

/// Indexes with how far they are.
async fn view(asked: &InAccount, indexes: Vec<DeclaredIndex>) -> Result<Vec<IndexView>, Failure> {
    let (store, config) = (asked.request.app.store(), &asked.config);
    let is_building = |index: &DeclaredIndex| index.state == State::Building;
    let keys: Vec<(Kind, ResourceId)> =
        indexes.iter().filter(|index| is_building(index)).map(|index| indexes::progress_key(index.id)).collect();
    let mut noted = store.load(config.id, &keys).await?.into_iter();
    let head = store.head(config.id).await?.ok_or(Failure::NoAccount)?;
    let mut shown = Vec::with_capacity(indexes.len());
    for index in indexes {
        let progress = match is_building(&index) {
            true => Some(IndexProgress {
                entered: indexes::progress(config.id, noted.next().flatten().as_ref())?.entered,
                resources: index.kind(config).map_or(0, |kind| counted(&head, &kind)),
            }),
            false => None,
        };
        let DeclaredIndex { id, resource_type, attribute, state } = index;
        shown.push(IndexView { id: id.to_string(), resource_type, attribute, state, progress });
    }
    Ok(shown)
}
