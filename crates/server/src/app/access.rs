//! People at the console: who they are, what proves it, and their sessions.

mod names;
pub(crate) mod provider;
mod session;

pub(super) use names::AccountNames;
pub(crate) use names::Found;
pub(crate) use session::InSession;

use super::{About, App, Caller, Failure, Target};
use crate::search;
use provost_accounts::{
    Call, Configuration, Decided, Owner, Refused, User,
    credentials::{self, Person},
    sessions::{self, Factor, Opened},
    sign_in::SignInRules,
    verification,
};
use provost_change::{AccountId, ChangeSet, Kind, Record, ResourceId};
use provost_store::{Search, StoreError};
use std::sync::Arc;

/// Sessions of one user that are read at once: more than a user can have.
const SESSIONS_READ: u64 = 2 * sessions::SESSIONS_MAX as u64;
/// Sessions that a sweep reads at once.
const SWEPT_AT_ONCE: u64 = 200;

impl App {
    /// A user with its credentials; `None` where there is no such user, or it is deleted or to be removed.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub(crate) async fn person(&self, config: &Configuration, user: ResourceId) -> Result<Option<Person>, Failure> {
        let keys = [(Kind::USER, user), credentials::key(user)];
        let [found, credentials] = <[_; 2]>::try_from(self.store().load(config.id, &keys).await?).unwrap_or_default();
        let user = found.map(|record| User::read(config.id, record)).transpose()?;
        Ok(user.map(|user| Person::read(config.id, user, credentials)).transpose()?)
    }

    /// The rules by which people sign in to an account, and their record.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub(crate) async fn sign_in_rules(&self, account: AccountId) -> Result<(SignInRules, Option<Record>), Failure> {
        let keys = [(Kind::SIGN_IN, ResourceId::new(account.uuid()))];
        let record = self.store().load(account, &keys).await?.into_iter().flatten().next();
        Ok((SignInRules::read(account, record.as_ref())?, record))
    }

    /// Whether a user may sign in to the account's console with a password.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub(crate) async fn may_use_password(&self, config: &Configuration, user: &User) -> Result<bool, Failure> {
        let (rules, _) = self.sign_in_rules(config.id).await?;
        if rules.lets_by_password(false) {
            return Ok(true);
        }
        let roles = self.held_roles(config, user).await?;
        let owner = Owner { id: user.id(), name: String::new(), roles };
        Ok(rules.lets_by_password(owner.permits_everything(config)))
    }

    /// The records of a user's sessions.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub(crate) async fn sessions_of(&self, account: AccountId, user: ResourceId) -> Result<Vec<Record>, StoreError> {
        let search = Search { limit: SESSIONS_READ, ..search::under(Kind::SESSION, sessions::of(user)) };
        Ok(self.store().search(account, &search).await?.records)
    }

    /// The user after a sign-in through the identity provider, which may prove the address.
    ///
    /// # Errors
    /// Whatever the store refuses.
    pub(crate) async fn verified_by_sso(
        &self,
        caller: &Caller,
        config: &Configuration,
        user: User,
    ) -> Result<User, Failure> {
        if verification::by_sso(config, &caller.call(self), &user).is_none() {
            return Ok(user);
        }
        let (account, id) = (config.id, user.id());
        let about = About { action: "user.verify_by_sso", target: Some(Target::Record(Kind::USER, id)) };
        let decide = |config: Arc<Configuration>, call: Call| async move {
            let person = self.person(&config, id).await?.ok_or_else(|| Refused::not_found("user"))?;
            let nothing = Decided { change: ChangeSet::default(), outcome: person.user.clone() };
            Ok(verification::by_sso(&config, &call, &person.user).unwrap_or(nothing))
        };
        self.write(account, caller, about, decide).await
    }

    /// Begins a session of a user who has proved by `factors` who it is. What `prove` has to note of that stands in the same change set.
    ///
    /// # Errors
    /// 401 where the user may not sign in any more; whatever `prove` refuses.
    pub(crate) async fn open_session<P>(
        &self,
        caller: &Caller,
        (account, user): (AccountId, ResourceId),
        factors: &[Factor],
        prove: P,
    ) -> Result<Opened, Failure>
    where
        P: Fn(&Configuration, &Call, &Person) -> Result<ChangeSet, Failure> + Send + Sync,
    {
        let prove = &prove;
        let about = About { action: "user.sign_in", target: Some(Target::Record(Kind::USER, user)) };
        let decide = |config: Arc<Configuration>, call: Call| async move {
            let person = self.person(&config, user).await?.ok_or_else(|| Refused::status(401, "the user is gone"))?;
            if let Some(why) = person.user.sign_in_refusal(&config) {
                return Err(Refused::status(401, why).into());
            }
            let noted = prove(&config, &call, &person)?;
            let (rules, _) = self.sign_in_rules(account).await?;
            let others = self.sessions_of(account, user).await?;
            let mut decided = sessions::open(&config, &call, (&person.user, &rules), factors.to_vec(), &others)?;
            decided.change.puts.extend(noted.puts);
            decided.change.log.splice(0..0, noted.log);
            Ok(decided)
        };
        let opened = self.write(account, caller, about, decide).await?;
        self.0.attempts.succeeded((account, user));
        Ok(opened)
    }

    /// Whether a password or a code of this user is looked at, or there were too many wrong ones.
    pub(crate) fn may_try(&self, user: (AccountId, ResourceId)) -> bool {
        self.0.attempts.may_try(user, self.now())
    }

    /// Counts a wrong password or code, for the address that it came from and for the user.
    pub(crate) fn count_wrong(&self, caller: &Caller, user: (AccountId, ResourceId)) {
        let now = self.now();
        self.0.failed.record(caller.client_ip, now);
        self.0.attempts.failed(user, now);
    }

    /// Counts a wrong one and says so in the account's log, while the answer is under way: it must not take longer than for a user whom
    /// nobody knows.
    pub(crate) fn wrong_factor(&self, caller: &Caller, user: (AccountId, ResourceId), detail: &'static str) {
        self.count_wrong(caller, user);
        let (app, call) = (self.clone(), caller.call(self));
        drop(tokio::spawn(async move {
            let target = Some(Target::Record(Kind::USER, user.1));
            app.record_failure(user.0, &call, "user.sign_in", target, &Refused::status(401, detail).into()).await;
        }));
    }

    /// Counts a wrong credential of nobody who is known.
    pub(crate) fn wrong_credential(&self, caller: &Caller) {
        self.0.failed.record(caller.client_ip, self.now());
    }

    /// Changes what is kept of a person's credentials. Where `ends_sessions`, the user's sessions end with it, but for the caller's own.
    ///
    /// # Errors
    /// 404 for a user who is not there; whatever the decision refuses.
    pub(crate) async fn change_credentials<T, D>(
        &self,
        caller: &Caller,
        (account, user): (AccountId, ResourceId),
        (action, ends_sessions): (&'static str, bool),
        decide: D,
    ) -> Result<T, Failure>
    where
        T: Send,
        D: Fn(&Configuration, &Call, &Person) -> Result<Decided<T>, Failure> + Send + Sync,
    {
        let decide = &decide;
        let own = caller.session();
        let about = About { action, target: Some(Target::Record(Kind::USER, user)) };
        let decided = |config: Arc<Configuration>, call: Call| async move {
            let person = self.person(&config, user).await?.ok_or_else(|| Refused::not_found("user"))?;
            let mut decided = decide(&config, &call, &person)?;
            if ends_sessions {
                let sessions = self.sessions_of(account, user).await?;
                sessions::end_with(&mut decided.change, user, &sessions, own);
            }
            Ok(decided)
        };
        self.write(account, caller, about, decided).await
    }

    /// Whoever loses access loses the sessions in the same change set, and the credentials too where the user goes for good.
    pub(super) async fn end_access(&self, account: AccountId, change: &mut ChangeSet) -> Result<(), StoreError> {
        for user in sessions::ended_by(change) {
            let ended = |record: &Record| change.deletes.iter().any(|gone| gone.id == record.id);
            let sessions: Vec<Record> =
                self.sessions_of(account, user).await?.into_iter().filter(|one| !ended(one)).collect();
            sessions::end_with(change, user, &sessions, None);
        }
        let is_user = |kind: &Kind| User::KINDS.contains(kind);
        let stays = |id| change.puts.iter().any(|put| put.record.id == id && is_user(&put.record.kind));
        let gone = change.deletes.iter().filter(|delete| is_user(&delete.kind) && !stays(delete.id));
        let keys: Vec<(Kind, ResourceId)> = gone.map(|delete| credentials::key(delete.id)).collect();
        if !keys.is_empty() {
            let found = self.store().load(account, &keys).await?;
            change.deletes.extend(found.iter().flatten().map(credentials::gone));
        }
        Ok(())
    }

    /// Removes the sessions that are over.
    pub(super) async fn sweep_sessions(&self, account: AccountId) -> Result<(), Failure> {
        let (rules, _) = self.sign_in_rules(account).await?;
        let mut after = None;
        loop {
            let records = self.store().all(account, &Kind::SESSION, after, SWEPT_AT_ONCE).await?;
            let Some(last) = records.last().map(|record| record.id) else { return Ok(()) };
            let change = sessions::swept(account, &rules, &records, self.now())?;
            match self.commit(account, change).await {
                // Somebody signed out meanwhile: the next hour does the rest.
                Ok(()) | Err(StoreError::VersionChanged) => {}
                Err(other) => return Err(other.into()),
            }
            after = Some(last);
        }
    }
}
