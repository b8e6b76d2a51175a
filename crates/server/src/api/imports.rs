//! What sources outside bring, a batch at a time: users and groups, each a change of its own; and where each source's last run ended.

pub(super) mod groups;
pub(super) mod sources;
pub(super) mod users;

use super::{
    asked::InAccount,
    body::{at_most, member},
};
use crate::app::{About, App, Failure};
use futures_util::{StreamExt, TryStreamExt, stream};
use provost_accounts::{
    Call, Configuration, Decided,
    users::import::{Outcome, is_source},
};
use provost_change::{Kind, ResourceId};
use std::{collections::BTreeMap, sync::Arc};

/// Users or groups in one batch.
const BATCH_MAX: usize = 1_000;
/// How many are worked on at once: they share commits.
const AT_ONCE: usize = 64;

/// What a source says of one user or group.
trait Brought: Send + Sync {
    /// The member of a request that names them.
    const MANY: &'static str;
    /// What bringing one is called in the audit log.
    const ACTION: &'static str;
    /// What it is.
    const KIND: Kind;

    /// What people know it by, as far as the source says.
    fn name(&self) -> Option<&str>;

    /// Finds whom the source means, and decides what becomes of it.
    fn decide(
        &self,
        app: &App,
        config: Arc<Configuration>,
        call: Call,
        source: &str,
    ) -> impl Future<Output = Result<Decided<Became>, Failure>> + Send;
}

/// What became of one, or would.
struct Became {
    /// None where it was refused.
    outcome: Option<Outcome>,
    /// None where there is none, or not yet.
    id: Option<ResourceId>,
    /// What people know it by, as far as it is known.
    name: Option<String>,
    /// The attributes that are set or changed.
    changed: Vec<String>,
    /// Why it was refused.
    detail: Option<String>,
}

/// What one request brings.
struct Batch<T> {
    source: String,
    apply: bool,
    things: Vec<T>,
}

impl Became {
    /// As answers name it.
    fn outcome(&self) -> &'static str {
        self.outcome.map_or("refused", Outcome::as_str)
    }
}

impl<T: Brought> Batch<T> {
    /// Makes and changes what it names, or only says what would become of it; in its order, with how many had which outcome.
    ///
    /// # Errors
    /// A batch that is none; a store that does not answer. That one of the batch is refused is no error.
    async fn bring(self, asked: &InAccount) -> Result<(Vec<Became>, BTreeMap<&'static str, u64>), Failure> {
        asked.or_recorded(&About { action: T::ACTION, target: None }, self.check()).await?;
        let app = if self.apply { asked.request.app.clone() } else { asked.request.app.rehearsing().0 };
        let (app, source) = (&app, self.source.as_str());
        let each = self.things.into_iter().map(|thing| async move { bring(app, asked, &thing, source).await });
        let mut items: Vec<Became> = stream::iter(each).buffered(AT_ONCE).try_collect().await?;
        if !self.apply {
            // What would be made has no id yet.
            items.iter_mut().filter(|item| item.outcome == Some(Outcome::Created)).for_each(|item| item.id = None);
        }
        let mut counts = BTreeMap::new();
        for item in &items {
            *counts.entry(item.outcome()).or_default() += 1;
        }
        Ok((items, counts))
    }

    fn check(&self) -> Result<(), Failure> {
        let unit = format!("{}; send the others in further requests", T::MANY);
        at_most(T::MANY, self.things.len(), BATCH_MAX, &unit)?;
        match is_source(&self.source) {
            true => Ok(()),
            false => Err(member("source", "1 to 64 letters, digits, `.`, `-` and `_`")),
        }
    }
}

/// Makes or changes one. A refusal is this one's, and no other's.
async fn bring<T: Brought>(app: &App, asked: &InAccount, thing: &T, source: &str) -> Result<Became, Failure> {
    let decide = |config, call| thing.decide(app, config, call, source);
    let result = async {
        // Most of what most runs bring is as it was: nothing is committed for it.
        let config = app.configuration(asked.account()).await?;
        match decide(config, asked.request.caller.call(app)).await {
            Ok(decided) if decided.outcome.outcome == Some(Outcome::Unchanged) => Ok(decided.outcome),
            // Refusals are decided again, so that the audit log has them.
            Ok(_) | Err(_) => {
                let about = About { action: T::ACTION, target: None };
                let about = about.making(T::KIND, thing.name().unwrap_or_default());
                app.write(asked.account(), &asked.request.caller, about, decide).await
            }
        }
    };
    match result.await {
        Err(Failure::Refused(refused)) => Ok(Became {
            outcome: None,
            id: None,
            name: thing.name().map(str::to_owned),
            changed: Vec::new(),
            detail: Some(refused.error.detail),
        }),
        brought => brought,
    }
}
