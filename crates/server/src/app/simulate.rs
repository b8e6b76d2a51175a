//! Requests that are only tried: the handlers are the real ones, what they commit is judged and not kept.

mod edges;
mod rehearsal;

pub(crate) use rehearsal::Rehearsal;

use super::{App, Caller, Failure, Principal};
use provost_accounts::{Configuration, Refused};
use provost_change::ResourceId;
use std::sync::Arc;

impl App {
    /// The application as it would be if nothing that it does from now on were kept: with it, what was to be kept. It counts no use of
    /// a key, no request and no failed attempt, and sends no mail.
    pub(crate) fn rehearsing(&self) -> (Self, Arc<Rehearsal>) {
        let rehearsal = Arc::new(Rehearsal::new(Arc::clone(&self.0.store)));
        (self.on(Arc::clone(&rehearsal) as _), rehearsal)
    }

    /// The caller of a request that an admin app would send from where `caller` is, with the newest of its keys.
    ///
    /// # Errors
    /// 404 for an unknown app; `Unauthenticated` for the token of a user who is gone or disabled.
    pub(crate) async fn standing_for(
        &self,
        caller: &Caller,
        config: &Arc<Configuration>,
        app: ResourceId,
        user_agent: Option<String>,
    ) -> Result<Caller, Failure> {
        let found = config.apps.iter().find(|(known, _)| known.id == app);
        let (app, _) = found.ok_or_else(|| Refused::not_found("admin app"))?;
        let owner = self.owner(config, app).await?;
        let key = app.keys.first().map_or_else(String::new, |key| key.id.clone());
        let principal = Principal::App { config: Arc::clone(config), app: Arc::clone(app), key, owner };
        Ok(Caller { principal, user_agent, ..caller.clone() })
    }
}
