//! From what people type to accounts and users.

use super::{App, Failure};
use crate::{each_account::EachAccount, search};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    Account, Configuration, User,
    users::{USER_NAME, indexed},
};
use provost_change::{AccountId, IndexEntry, Kind, ResourceId, UniqueKey};
use provost_scim::text::fold;
use provost_store::Search;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Longest name that is looked for, in bytes.
const NAME_BYTES_MAX: usize = 1_024;
/// Accounts that are known by name; those behind are found by their id only.
const NAMED_MAX: usize = 10_000;
/// A name that is not known is looked for again after this time, where another node may have made an account.
const READ_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// Accounts by folded name: `None` where several have one. Read anew when a name is not known, or means another account by now.
#[derive(Default)]
pub(in crate::app) struct AccountNames(Mutex<Names>);

#[derive(Default)]
struct Names {
    /// When they were read.
    read: Option<Timestamp>,
    by_name: HashMap<String, Option<AccountId>>,
}

impl AccountNames {
    /// Has the names read again before the next one is looked for: an account came, or has another one.
    pub(in crate::app) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).read = None;
    }
}

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// This account.
    One(AccountId),
    /// None, or several.
    NotOne,
}

impl App {
    /// The account with this id or name; without either, the only one that there is.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub(crate) async fn account_named(&self, text: &str) -> Result<Found, Failure> {
        let text = text.trim();
        if let Ok(id) = text.parse() {
            return Ok(Found::One(id));
        }
        if text.len() > NAME_BYTES_MAX {
            return Ok(Found::NotOne);
        }
        if text.is_empty() {
            let two = self.store().accounts(None, 2).await?;
            return Ok(if let [one] = two[..] { Found::One(one) } else { Found::NotOne });
        }
        let name = fold(text, false).into_owned();
        if let Some(known) = self.known(&name)
            && self.configuration(known).await.is_ok_and(|config| fold(&config.account.name, false) == name)
        {
            return Ok(Found::One(known));
        }
        self.read_names().await?;
        Ok(self.known(&name).map_or(Found::NotOne, Found::One))
    }

    fn known(&self, name: &str) -> Option<AccountId> {
        self.0.account_names.0.lock().unwrap_or_else(PoisonError::into_inner).by_name.get(name).copied().flatten()
    }

    async fn read_names(&self) -> Result<(), Failure> {
        let now = self.now();
        {
            let mut names = self.0.account_names.0.lock().unwrap_or_else(PoisonError::into_inner);
            let is_new = |read: &Timestamp| now < read.saturating_add(READ_EVERY).unwrap_or(now);
            if names.read.as_ref().is_some_and(is_new) {
                return Ok(());
            }
            names.read = Some(now);
        }
        let mut found: HashMap<String, Option<AccountId>> = HashMap::new();
        let mut accounts = EachAccount::of(self.store());
        while found.len() < NAMED_MAX {
            let Some(id) = accounts.next().await? else { break };
            let keys = [(Kind::ACCOUNT, ResourceId::new(id.uuid()))];
            let record = self.store().load(id, &keys).await?.into_iter().flatten().next();
            let Some(account) = record.and_then(|record| serde_json::from_str::<Account>(&record.doc).ok()) else {
                continue;
            };
            let name = fold(&account.name, false).into_owned();
            found.entry(name).and_modify(|one| *one = None).or_insert(Some(id));
        }
        self.0.account_names.0.lock().unwrap_or_else(PoisonError::into_inner).by_name = found;
        Ok(())
    }

    /// The users with this sign-in name: one, or where the policy keeps managed and other users apart, two.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub(crate) async fn users_named(&self, config: &Configuration, name: &str) -> Result<Vec<User>, Failure> {
        if name.len() > NAME_BYTES_MAX {
            return Ok(Vec::new());
        }
        let value = fold(name.trim(), false).into_owned();
        let key = UniqueKey { space: USER_NAME.to_owned(), value: value.clone() };
        let mut found: Vec<_> = self.store().by_unique(config.id, &key, &Kind::USER).await?.into_iter().collect();
        let entry = IndexEntry { attribute: USER_NAME.to_owned(), value };
        let search = Search { limit: 2, ..search::users_under(config, entry) };
        found.extend(self.store().search(config.id, &search).await?.records);
        found.dedup_by_key(|record| record.id);
        Ok(found.into_iter().map(|record| User::read(config.id, record)).collect::<Result<_, _>>()?)
    }

    /// The one user whom an identity provider means by this: the one with that `userName`, else the one with that `externalId`; two with
    /// one `externalId` are none.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub(crate) async fn user_asserted(
        &self,
        config: &Configuration,
        identifier: &str,
    ) -> Result<Option<User>, Failure> {
        let name = UniqueKey { space: USER_NAME.to_owned(), value: fold(identifier, false).into_owned() };
        let mut found: Vec<_> = self.store().by_unique(config.id, &name, &Kind::USER).await?.into_iter().collect();
        if found.is_empty() {
            let entry = IndexEntry { attribute: indexed("externalId"), value: fold(identifier, true).into_owned() };
            let search = Search { limit: 2, ..search::users_under(config, entry) };
            found = self.store().search(config.id, &search).await?.records;
        }
        match found.len() {
            1 => Ok(found.pop().map(|record| User::read(config.id, record)).transpose()?),
            _ => Ok(None),
        }
    }
}
