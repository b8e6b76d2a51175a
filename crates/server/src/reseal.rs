//! Another operator's key: what is stored sealed is opened with the old one and sealed with the new one.

use crate::{
    clock::Clock,
    each_account::EachAccount,
    entropy::Entropy,
    seal::{Seal, place},
};
use provost_accounts::{
    Actor, Call, Corrupt,
    audit::{self, Entry},
    stream,
};
use provost_change::{AccountId, ChangeSet, Expect, Frozen, Kind, Put, Record, ResourceId};
use provost_engine::EnterpriseApp;
use provost_store::{Store, StoreError};
use serde_json::{Value, json};

/// Records that are read at once, and changed by one commit.
const RECORDS_AT_ONCE: u64 = 100;

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Secrets that are sealed with the new key now and were not before.
    pub secrets: u64,
    /// Secrets that were sealed with the new key already: an earlier attempt came so far.
    pub already: u64,
    /// Secrets that neither key opens: they have to be given again.
    pub lost: u64,
    /// Accounts that were looked through.
    pub accounts: u64,
    /// Accounts that were moved to another database and are left as they are.
    pub moved: u64,
}

/// Why it did not come to its end. What was done is done: the same call goes on.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// An account takes no changes.
    #[error(
        "account {0} is being moved to another database: finish that (`provost migrate`) or give it up (`--abort`) first"
    )]
    Moving(AccountId),
    /// A record cannot be read.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// The store did not do it.
    #[error("account {account}: {error}")]
    Store {
        /// Which account.
        account: AccountId,
        /// Why.
        error: StoreError,
    },
    /// The store does not tell which accounts there are.
    #[error(transparent)]
    Accounts(StoreError),
}

/// A sealed secret in the records of a kind.
struct Place {
    kind: Kind,
    /// Where in the document it is (RFC 6901).
    pointer: &'static str,
    sealed_for: fn(AccountId, ResourceId) -> Vec<u8>,
}

/// Everything that is stored sealed.
fn places() -> [Place; 4] {
    [
        Place { kind: EnterpriseApp::kind(), pointer: "/secret_token/sealed", sealed_for: place::secret_token },
        Place {
            kind: Kind::SIGN_IN,
            pointer: "/provider/client_secret",
            sealed_for: |account, _| place::client_secret(account),
        },
        Place { kind: stream::kind(), pointer: "/sealed", sealed_for: |account, _| place::audit_stream(account) },
        Place { kind: Kind::CREDENTIALS, pointer: "/totp/sealed", sealed_for: place::totp },
    ]
}

/// Seals every stored secret with the operator's key `to` instead of with `from`. Nobody else may work on the store meanwhile.
/// Each commit of up to 100 records is whole; whatever ends it, calling it again with the same keys goes on.
///
/// # Errors
/// See [`ResealError`].
pub async fn reseal(
    store: &dyn Store,
    (from, to): (&str, &str),
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Resealed, ResealError> {
    let mut work =
        Work { store, old: Seal::of_key(from), new: Seal::of_key(to), clock, entropy, done: Resealed::default() };
    let mut accounts = EachAccount::of(store);
    while let Some(account) = accounts.next().await.map_err(ResealError::Accounts)? {
        work.account(account).await?;
    }
    Ok(work.done)
}

struct Work<'a> {
    store: &'a dyn Store,
    old: Seal,
    new: Seal,
    clock: &'a dyn Clock,
    entropy: &'a dyn Entropy,
    done: Resealed,
}

impl Work<'_> {
    async fn account(&mut self, account: AccountId) -> Result<(), ResealError> {
        let failed = |error| ResealError::Store { account, error };
        match self.store.head(account).await.map_err(failed)?.map(|head| head.frozen) {
            None => return Ok(()),
            Some(Some(Frozen::Moving(_))) => return Err(ResealError::Moving(account)),
            Some(Some(Frozen::Moved(_))) => {
                self.done.moved += 1;
                return Ok(());
            }
            Some(None) => self.done.accounts += 1,
        }
        for place in places() {
            let mut after = None;
            loop {
                let records = self.store.all(account, &place.kind, after, RECORDS_AT_ONCE).await.map_err(failed)?;
                let Some(last) = records.last() else { break };
                after = Some(last.id);
                let puts = records
                    .into_iter()
                    .filter_map(|record| self.put(account, &place, record).transpose())
                    .collect::<Result<Vec<Put>, Corrupt>>()?;
                if !puts.is_empty() {
                    let number = puts.len() as u64;
                    self.store.commit(account, self.change(account, puts)).await.map_err(failed)?;
                    self.done.secrets += number;
                }
            }
        }
        Ok(())
    }

    /// The record with its secret sealed anew; `None` where it has none, or none that the old key opens.
    fn put(&mut self, account: AccountId, place: &Place, record: Record) -> Result<Option<Put>, Corrupt> {
        let corrupt = |cause: String| Corrupt { account, kind: record.kind.clone(), id: record.id, cause };
        let mut doc: Value = serde_json::from_str(&record.doc).map_err(|error| corrupt(error.to_string()))?;
        let Some(Value::String(sealed)) = doc.pointer_mut(place.pointer) else { return Ok(None) };
        let sealed_for = (place.sealed_for)(account, record.id);
        let Some(secret) = self.old.open(&sealed_for, sealed) else {
            match self.new.open(&sealed_for, sealed) {
                Some(_) => self.done.already += 1,
                None => self.done.lost += 1,
            }
            return Ok(None);
        };
        let mut nonce = [0; 12];
        self.entropy.fill(&mut nonce);
        *sealed = self.new.seal(nonce, &sealed_for, &secret);
        let expect = Expect::Version(record.version);
        Ok(Some(Put {
            record: Record { doc: doc.to_string(), ..record },
            expect,
            claims: Vec::new(),
            releases: Vec::new(),
            index_adds: Vec::new(),
            index_removes: Vec::new(),
        }))
    }

    fn change(&self, account: AccountId, puts: Vec<Put>) -> ChangeSet {
        let entry = Entry::done("account.rotate_key")
            .about(&Kind::ACCOUNT, ResourceId::new(account.uuid()), "")
            .changed("secrets", Value::Null, json!(puts.len()));
        ChangeSet { changes_config: true, puts, log: vec![audit::entry(&self.call(), entry)], ..ChangeSet::default() }
    }

    fn call(&self) -> Call {
        let (now, mut salt) = (self.clock.now(), [0; 16]);
        self.entropy.fill(&mut salt);
        Call {
            actor: Actor::Operator,
            now,
            request_id: "rotate-key".to_owned(),
            client_ip: String::new(),
            user_agent: None,
            new_id: self.entropy.uuid_v7(now),
            salt,
            secret: [0; 16],
            mail_links: None,
            is_braked: false,
        }
    }
}

#[cfg(test)]
mod tests;
