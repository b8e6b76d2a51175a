//! When and from where each admin app's key was used last.

use super::{App, Caller, Failure, Principal};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::fingerprint::Fingerprint;
use provost_change::{AccountId, ChangeSet, Expect, Kind, Put, Record, ResourceId};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// The last use of an admin app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyUse {
    /// When.
    pub at: Timestamp,
    /// With which key.
    pub key: String,
    /// From where.
    pub client_ip: IpAddr,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Which client it is, and how it speaks.
    #[serde(default, skip_serializing_if = "Fingerprint::is_empty")]
    pub fingerprint: Fingerprint,
}

/// Uses that are not stored yet. A request only notes its use; upkeep stores the notes every few seconds, so that reading costs no
/// commit.
#[derive(Default)]
pub(super) struct KeyUses(Mutex<HashMap<(AccountId, ResourceId), KeyUse>>);

/// Uses of one kind that are closer together than this count as one.
const RESOLUTION: SignedDuration = SignedDuration::from_millis(100);

/// Longest user agent that is kept, in characters.
const USER_AGENT_MAX: usize = 256;

impl App {
    pub(super) fn note_use(&self, caller: &Caller, at: Timestamp) {
        let Principal::App { config, app, key, .. } = &caller.principal else { return };
        let mut noted = self.0.key_uses.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = noted.get(&(config.id, app.id));
        let same = |last: &KeyUse| {
            (&last.key, last.client_ip, &last.user_agent) == (key, caller.client_ip, &caller.user_agent)
                && at < last.at.saturating_add(RESOLUTION).unwrap_or(at)
        };
        if last.is_some_and(same) {
            return;
        }
        let used = KeyUse {
            at,
            key: key.clone(),
            client_ip: caller.client_ip,
            user_agent: caller.user_agent.as_ref().map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
            fingerprint: last.map(|last| last.fingerprint.clone()).unwrap_or_default(),
        };
        noted.insert((config.id, app.id), used);
    }

    /// Notes how the client of an admin app speaks, once its use is noted.
    pub(crate) fn note_dialect(&self, account: AccountId, app: ResourceId, note: impl FnOnce(&mut Fingerprint)) {
        let mut noted = self.0.key_uses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = noted.get_mut(&(account, app)) {
            note(&mut last.fingerprint);
        }
    }

    /// Which client speaks through an admin app, and how, as far as it is known.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn fingerprint(&self, account: AccountId, app: ResourceId) -> Result<Fingerprint, Failure> {
        let mut known = self.stored_use(account, app).await?.map(|stored| stored.fingerprint).unwrap_or_default();
        let noted = self.0.key_uses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = noted.get(&(account, app)) {
            known.merge(&last.fingerprint);
        }
        Ok(known)
    }

    async fn stored_use(&self, account: AccountId, app: ResourceId) -> Result<Option<KeyUse>, Failure> {
        let stored = self.store().load(account, &[(Kind::KEY_USE, app)]).await?;
        Ok(stored.into_iter().flatten().next().and_then(|record| serde_json::from_str(&record.doc).ok()))
    }

    /// The last use of an admin app's key; `None` when it was never used.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_use(&self, account: AccountId, app: ResourceId) -> Result<Option<KeyUse>, Failure> {
        let noted = self.0.key_uses.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(account, app)).cloned();
        if noted.is_some() {
            return Ok(noted);
        }
        self.stored_use(account, app).await
    }

    /// Stores what was noted. A note that cannot be stored is dropped: the next use notes again.
    pub(super) async fn store_key_uses(&self) {
        let noted = std::mem::take(&mut *self.0.key_uses.0.lock().unwrap_or_else(PoisonError::into_inner));
        for ((account, app), mut used) in noted {
            self.look_at_alerts(account);
            if let Ok(Some(before)) = self.stored_use(account, app).await {
                let seen = std::mem::replace(&mut used.fingerprint, before.fingerprint);
                used.fingerprint.merge(&seen);
            }
            let Ok(doc) = serde_json::to_string(&used) else { continue };
            let record = Record {
                kind: Kind::KEY_USE,
                id: app,
                version: 0,
                created: used.at,
                modified: used.at,
                doc,
                state: "{}".to_owned(),
            };
            let put = Put {
                record,
                expect: Expect::Any,
                claims: Vec::new(),
                releases: Vec::new(),
                index_adds: Vec::new(),
                index_removes: Vec::new(),
            };
            let change = ChangeSet { puts: vec![put], ..ChangeSet::default() };
            if let Err(error) = self.store().commit(account, change).await {
                tracing::warn!(account.id = %account, %error, "The last use of a key was not stored.");
            }
        }
    }
}
