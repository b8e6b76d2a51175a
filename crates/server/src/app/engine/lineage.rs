//! Where the values that an app sends of one object come from. Nothing is sent and nothing changes.

use super::{App, ask::Reading};
use crate::app::Failure;
use provost_accounts::Refused;
use provost_change::{AccountId, ResourceId};
use provost_engine::{EnterpriseApp, Key, Lineage, Link, Moment, Purpose, Shared, SourceObject, registry::Registered};
use std::collections::HashMap;

/// What an app makes of one object, and what it knows of it at the target.
pub(crate) struct ObjectLineage {
    /// The app.
    pub app: Registered<EnterpriseApp>,
    /// The object; `None` when it is gone from the account.
    pub object: Option<SourceObject>,
    /// What the app knows of it; `None` when it never dealt with it.
    pub link: Option<Shared<Link>>,
    /// Whether it shall be at the target; `None` when a filter gives no answer.
    pub is_entitled: Option<bool>,
    /// One for each row of the mapping, in their order; none of an object that is gone.
    pub rows: Vec<Lineage>,
    /// The ids at the target of those that its attributes refer to.
    pub referred: HashMap<ResourceId, Option<String>>,
}

impl App {
    /// Where the values that an app sends of an object come from.
    ///
    /// # Errors
    /// 404 for an app or an object that is not there; 409 for an app that cannot run; a store that is away.
    pub(crate) async fn lineage(&self, account: AccountId, id: ResourceId, key: Key) -> Result<ObjectLineage, Failure> {
        let driven = self.driven(account, id).await?;
        let setting = self.setting(&driven)?;
        let reading = Reading { app: self, driven: &driven };
        let loaded = reading.objects(vec![key]).await?.pop();
        let (object, link) = loaded.map(|loaded| (loaded.source, loaded.link)).unwrap_or_default();
        let link = link.map(|stored| stored.link).filter(|link| link.generation == driven.job.generation);
        if object.is_none() && link.is_none() {
            return Err(Refused::not_found("such object of the app").into());
        }
        let objects = setting.compiled.objects(key.of);
        let judged = object.as_ref().map(|object| objects.entitlement(object, setting.has_roles));
        let is_entitled = match judged {
            Some(judged) => judged.ok().map(|entitlement| entitlement.is_entitled()),
            None => Some(false),
        };
        let is_there = link.as_ref().is_some_and(|link| link.target.is_some());
        let rows = object.as_ref().map(|object| {
            let mut random = |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| *byte = self.random::<1>()[0]);
            let mut moment = Moment {
                now: self.now(),
                is_soft_deleted: is_entitled != Some(true),
                purpose: if is_there { Purpose::Update } else { Purpose::Create },
                default_domain: setting.default_domain.as_deref(),
                random: &mut random,
            };
            objects.lineage(object, &mut moment)
        });
        let rows = rows.unwrap_or_default();
        let to: Vec<ResourceId> =
            rows.iter().flat_map(|row| &row.wanted.references).map(|reference| reference.to).collect();
        let links = reading.links(&to.iter().copied().map(Key::user).collect::<Vec<_>>()).await?;
        let ids = links.into_iter().map(|link| link.and_then(|stored| stored.link.target.clone()));
        let referred = to.into_iter().zip(ids).collect();
        Ok(ObjectLineage { app: driven.app, object, link, is_entitled, rows, referred })
    }
}
