//! Sends the mails that wait in the outboxes of all accounts.
//!
//! A commit that queues a mail wakes this worker; at its start and every hour it looks through all accounts, so that a mail queued by
//! a process that is gone goes out too.

use super::{App, Failure, lease::Work, waiting::LOOK_EVERY};
use crate::search;
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    RoleKey, SystemRole, User,
    mail::{self, Mail, Next, Recipient},
    users::HOLDS_ROLE,
};
use provost_change::{AccountId, Frozen, IndexEntry, Record, ResourceId};
use provost_client::{MailError, Mailer};
use provost_store::{Search, StoreError};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Mails that are read at once.
const AT_ONCE: u64 = 100;
/// How long the worker leaves a mail server alone that was away; doubled each time, up to [`AWAY_MAX`].
const AWAY_FIRST: Duration = Duration::from_secs(1);
/// The longest such time.
const AWAY_MAX: Duration = Duration::from_secs(300);
/// At the end of the process, how long a mail that is being handed over is waited for. Should that not do, it comes again.
const LAST_MAIL_MAX: Duration = Duration::from_secs(5);
/// For how long no other node sends mails of an account: longer than handing one over takes.
const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// How long another node is left alone that sends the mails of an account.
const LOOK_AFTER_ANOTHER: SignedDuration = SignedDuration::from_secs(5);
/// Administrators who are told, at most.
const ADMINISTRATORS_MAX: u64 = 100;

/// How mail is sent.
pub struct OutgoingMail {
    /// Hands it over.
    pub mailer: Mailer,
    /// What links in it begin with, such as `https://scim.example.com`. Not taken from requests, whose sender chooses it.
    pub links: String,
}

/// What one round through the accounts with mail has left.
#[derive(Debug, Default)]
struct Left {
    /// When the next mail is due, of those that are not yet.
    due: Option<Timestamp>,
    /// Why the mail server is not available.
    away: Option<String>,
    /// Whether this node sends the mails of the account, and no other does.
    is_ours: bool,
}

impl App {
    /// Sends mails until `stop` resolves; does nothing where the installation sends none.
    pub async fn send_mails(&self, stop: impl Future<Output = ()>) {
        let Some(outgoing) = &self.0.mail else { return };
        let work = self.rounds(&outgoing.mailer);
        tokio::pin!(work, stop);
        tokio::select! {
            () = &mut work => {}
            () = &mut stop => {
                self.0.outbox.end();
                // A mail that takes longer is claimed: after a while it is sent again.
                let _ = timeout(LAST_MAIL_MAX, work).await;
            }
        }
    }

    async fn rounds(&self, mailer: &Mailer) {
        let mut away_for = AWAY_FIRST;
        self.look_through(&self.0.outbox, mail::COUNT).await;
        while !self.0.outbox.is_ending() {
            let left = self.round(mailer).await;
            match left.away {
                Some(why) => {
                    tracing::warn!(why, seconds = away_for.as_secs(), "Mail has to wait.");
                    self.rest(away_for).await;
                    away_for = (away_for * 2).min(AWAY_MAX);
                }
                None => {
                    away_for = AWAY_FIRST;
                    let wait = left.due.map_or(LOOK_EVERY, |due| self.until(due).min(LOOK_EVERY));
                    let woken = timeout(wait, self.0.outbox.woken()).await.is_ok();
                    if !woken && wait == LOOK_EVERY {
                        self.look_through(&self.0.outbox, mail::COUNT).await;
                    }
                }
            }
        }
    }

    /// Waits although there may be work, unless the process ends.
    async fn rest(&self, time: Duration) {
        let sleeping = sleep(time);
        tokio::pin!(sleeping);
        while !self.0.outbox.is_ending() {
            tokio::select! {
                () = &mut sleeping => return,
                () = self.0.outbox.woken() => {}
            }
        }
    }

    /// Sends what is due in every account that has mail.
    async fn round(&self, mailer: &Mailer) -> Left {
        let mut left = Left::default();
        for account in self.0.outbox.take() {
            let mut here = Left::default();
            if left.away.is_none() {
                if let Err(error) = self.of_account(account, mailer, &mut here).await {
                    tracing::warn!(account.id = %account, %error, "The mails of an account could not be read or changed.");
                    here.away.get_or_insert_with(|| "the store does not answer".to_owned());
                }
                if here.is_ours {
                    self.has_done(account, Work::Mail).await;
                }
            }
            left.away = left.away.or(here.away);
            if left.away.is_some() || here.due.is_some() {
                self.0.outbox.add(account);
            }
            left.due = left.due.into_iter().chain(here.due).min();
        }
        left
    }

    async fn of_account(&self, account: AccountId, mailer: &Mailer, left: &mut Left) -> Result<(), Failure> {
        let (kind, mut after): (_, Option<ResourceId>) = (mail::kind(), None);
        loop {
            let records = self.store().all(account, &kind, after, AT_ONCE).await?;
            let Some(last) = records.last().map(|record| record.id) else { return Ok(()) };
            for record in records {
                if self.0.outbox.is_ending() {
                    return Ok(());
                }
                if !self.may_do(account, Work::Mail, LEASE).await? {
                    left.is_ours = false;
                    // Another node sends the mails of this account, perhaps not those that came last.
                    left.due = self.now().saturating_add(LOOK_AFTER_ANOTHER).ok();
                    return Ok(());
                }
                left.is_ours = true;
                let mail = mail::read(account, &record)?;
                let due = match self.one(account, mailer, &record, &mail).await {
                    Err(Failure::Store(StoreError::VersionChanged)) => None,
                    Err(Failure::Store(StoreError::Frozen(Frozen::Moving(_)))) => {
                        left.due = self.now().saturating_add(LOOK_AFTER_ANOTHER).ok();
                        return Ok(());
                    }
                    // It is sent from where the account was moved to.
                    Err(Failure::Store(StoreError::Frozen(Frozen::Moved(_)))) => return Ok(()),
                    other => other?,
                };
                match due {
                    Some(Tried::Due(at)) => left.due = left.due.into_iter().chain([at]).min(),
                    Some(Tried::Away(why)) => {
                        left.away = Some(why);
                        return Ok(());
                    }
                    None => {}
                }
            }
            after = Some(last);
        }
    }

    /// Does with a mail what is to be done now; says what is left to do. Somebody else who works at it answers `VersionChanged`.
    async fn one(
        &self,
        account: AccountId,
        mailer: &Mailer,
        record: &Record,
        mail: &Mail,
    ) -> Result<Option<Tried>, Failure> {
        match mail::next(record, mail, self.now()) {
            Next::Wait(due) => return Ok(Some(Tried::Due(due))),
            Next::Send => return self.hand_over(account, mailer, record, mail).await,
            Next::Expand => {
                let addresses = self.administrators(account).await?;
                let call = self.own_call("mail");
                let change = match addresses.is_empty() {
                    true => mail::give_up(&call, record, mail, "no enabled Account Administrator has a mail address"),
                    false => mail::expand(&call, record, mail, &addresses),
                };
                self.commit(account, change).await?;
            }
            Next::GiveUp => {
                let why = "the mail server did not take it for too long";
                self.commit(account, mail::give_up(&self.own_call("mail"), record, mail, why)).await?;
            }
        }
        Ok(None)
    }

    async fn hand_over(
        &self,
        account: AccountId,
        mailer: &Mailer,
        record: &Record,
        mail: &Mail,
    ) -> Result<Option<Tried>, Failure> {
        let Recipient::Address(to) = &mail.to else { return Ok(None) };
        let (change, record, mail) = mail::claim(record, mail, self.now());
        self.commit(account, change).await?;
        let id = record.id.to_string();
        let letter =
            provost_client::Mail { id: &id, to, subject: &mail.subject, text: &mail.text, date: record.created };
        let sent = mailer.send(&letter).await;
        let (change, tried) = match sent {
            Ok(()) => (mail::remove(&record), None),
            Err(MailError::Unavailable(why)) => (mail::release(&record, &mail, self.now()), Some(Tried::Away(why))),
            Err(MailError::NotNow(_)) => {
                let (change, due) = mail::postpone(&record, &mail, self.now());
                (change, Some(Tried::Due(due)))
            }
            Err(MailError::Never(why)) => (mail::give_up(&self.own_call("mail"), &record, &mail, &why), None),
        };
        self.commit(account, change).await?;
        Ok(tried)
    }

    /// The addresses of the enabled Account Administrators.
    async fn administrators(&self, account: AccountId) -> Result<Vec<String>, Failure> {
        let config = self.configuration(account).await?;
        let role = RoleKey::System(SystemRole::AccountAdministrator);
        let entry = IndexEntry { attribute: HOLDS_ROLE.to_owned(), value: role.to_string() };
        let search = Search { limit: ADMINISTRATORS_MAX, ..search::users_under(&config, entry) };
        let mut addresses = Vec::new();
        for record in self.store().search(account, &search).await?.records {
            let user = User::read(account, record)?;
            let address = mail::address(&user.resource).filter(|_| user.is_active());
            addresses.extend(address.map(str::to_owned));
        }
        Ok(addresses)
    }
}

/// What is left to do for a mail.
enum Tried {
    /// It waits until then.
    Due(Timestamp),
    /// It waits until the mail server is available.
    Away(String),
}
