//! Moving an account from one database to another while the source serves.
//!
//! A move goes through these steps, and can be ended behind each of them:
//!
//! 1. the target notes the move under a token that was never used before;
//! 2. the source's head row says `moving` with this token: every writer looks at that row, so nothing changes from here on, and rows
//!    can be read page by page without one long transaction;
//! 3. the rows are copied, each page in one transaction with the place behind it, so that a move that was ended goes on there;
//! 4. both databases are read whole, and the digests of what they hold are compared;
//! 5. the source's head row says `moved`, if it still says `moving` with this token: what was compared is then what is there;
//! 6. the target gets the head row: from here on the account is there.
//!
//! Between 5 and 6 the account takes changes nowhere, and at no time in both places. Whoever gives a move up takes the token from the
//! source's head row, and whoever still works under it fails at 5.

mod digest;
pub(crate) mod end;
mod error;
pub(crate) mod rows;

pub use error::MoveError;

use crate::postgres::moving::PostgresEnd;
use crate::sqlite::moving::SqliteEnd;
use crate::{DatabaseUrl, OpenError, StoreError};
use digest::sums;
use end::{Coming, End};
use jiff::Timestamp;
use provost_change::{AccountId, Frozen};
use rows::Place;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::try_join;
use uuid::Uuid;

/// How often it is said how far comparing has come.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// A database that accounts leave or come to.
#[derive(Clone)]
pub struct Side(Arc<dyn End>);

impl Side {
    /// The database in a folder, for accounts that leave it. A server may serve from it meanwhile.
    ///
    /// # Errors
    /// `Missing` when the folder has no database; `Newer`, `Older` and `Changed` when another version of the program made it; `Leaving`
    /// while another process moves accounts out of it; `Database` when it cannot be read or written.
    pub fn leaving_folder(folder: &Path) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(SqliteEnd::leaving(folder)?)))
    }

    /// The database in a folder, for accounts that come to it. It is made when it is missing, and no server may serve from it until this
    /// is dropped. `now` is noted beside the migrations that are applied.
    ///
    /// # Errors
    /// Those of [`SqliteStore::open`](crate::SqliteStore::open).
    pub fn entering_folder(folder: &Path, now: Timestamp) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(SqliteEnd::entering(folder, now)?)))
    }

    /// A PostgreSQL database, for accounts that leave it. Any number of servers may serve from it meanwhile.
    ///
    /// # Errors
    /// `Unreachable` when there is no server that lets us in; `Newer`, `Older` and `Changed` when another version of the program made the
    /// schema.
    pub async fn leaving_database(url: &DatabaseUrl) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(PostgresEnd::leaving(url).await?)))
    }

    /// A PostgreSQL database, for accounts that come to it. Any number of servers may serve other accounts from it meanwhile.
    ///
    /// # Errors
    /// Those of [`PostgresStore::open`](crate::PostgresStore::open), whose arguments these are.
    pub async fn entering_database(url: &DatabaseUrl, now: Timestamp, node: Uuid) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(PostgresEnd::entering(url, now, node).await?)))
    }

    /// At most `limit` accounts behind `after`, in the order of their ids; those that were moved away, too.
    ///
    /// # Errors
    /// `Source` when they cannot be read.
    pub async fn accounts(&self, after: Option<AccountId>, limit: u64) -> Result<Vec<AccountId>, MoveError> {
        self.0.accounts(after, limit).await.map_err(MoveError::Source)
    }
}

/// How a move begins.
pub enum Begun {
    /// The account is at the target already: an earlier move under the same token has come to its end, now or before.
    There,
    /// It is to be copied, and frozen at the source.
    Open(Move),
}

/// A move that is under way: the account is frozen at the source.
pub struct Move {
    from: Side,
    to: Side,
    account: AccountId,
    coming: Coming,
    /// Whether another process has begun it.
    pub is_resumed: bool,
}

/// What both sides hold of an account, row for row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// How many rows.
    pub rows: u64,
    /// SHA-256 over all of them, in hexadecimal.
    pub digest: String,
}

impl Move {
    /// Freezes an account, or goes on with a move that has frozen it. `token` was never used before.
    ///
    /// # Errors
    /// `NoAccount`, `Taken`, `MovingElsewhere`, `MovedAway`, `Contested`: nothing was changed. `Source`, `Target`.
    pub async fn begin(from: &Side, to: &Side, account: AccountId, token: Uuid) -> Result<Begun, MoveError> {
        let head = from.0.head(account).await.map_err(MoveError::Source)?.ok_or(MoveError::NoAccount(account))?;
        let coming = to.0.coming(account).await.map_err(MoveError::Target)?;
        let there = to.0.head(account).await.map_err(MoveError::Target)?;
        let open =
            |coming, is_resumed| Begun::Open(Self { from: from.clone(), to: to.clone(), account, coming, is_resumed });
        match (head.frozen, coming) {
            (Some(Frozen::Moved(left)), Some(Coming { token, place: Place::Live })) if token == left => {
                Ok(Begun::There)
            }
            (Some(Frozen::Moved(left)), Some(Coming { token, place: Place::End })) if token == left => {
                go_live(from, to, account, token).await?;
                Ok(Begun::There)
            }
            (Some(Frozen::Moved(_)), _) => Err(MoveError::MovedAway(account)),
            (Some(Frozen::Moving(moving)), Some(coming)) if coming.token == moving => Ok(open(coming, true)),
            (Some(Frozen::Moving(_)), _) => Err(MoveError::MovingElsewhere(account)),
            (None, _) => {
                if there.is_some_and(|head| !matches!(head.frozen, Some(Frozen::Moved(_)))) {
                    return Err(MoveError::Taken(account));
                }
                clear(to, account).await.map_err(MoveError::Target)?;
                to.0.expect(account, token).await.map_err(MoveError::Target)?;
                let frozen = from.0.freeze(account, None, Some(Frozen::Moving(token))).await;
                if !frozen.map_err(MoveError::Source)? {
                    return Err(MoveError::Contested(account));
                }
                Ok(open(Coming { token, place: Place::Records(None) }, false))
            }
        }
    }

    /// Copies what is not copied yet. `told` hears how many rows this has copied so far.
    ///
    /// # Errors
    /// `Contested` when another process moves the account, too; `Source`, `Target`.
    pub async fn copy(&mut self, told: &mut (dyn FnMut(u64) + Send)) -> Result<(), MoveError> {
        let read = async |place: &Place| self.from.0.page(self.account, place).await.map_err(MoveError::Source);
        let mut copied = 0;
        let mut rows = read(&self.coming.place).await?;
        while self.coming.place != Place::End {
            let next = rows.end().unwrap_or_else(|| self.coming.place.next_table());
            copied += rows.len();
            let append = self.to.0.append(self.account, &self.coming, rows, &next);
            let append = async { append.await.map_err(MoveError::Target) };
            let (appended, following) = try_join!(append, read(&next))?;
            if !appended {
                return Err(MoveError::Contested(self.account));
            }
            told(copied);
            (self.coming.place, rows) = (next, following);
        }
        Ok(())
    }

    /// Reads both sides whole and compares the digests of what they hold. `told` hears now and then how many rows were read on both
    /// sides together.
    ///
    /// # Errors
    /// `Differs` when they do not hold the same; `Source`, `Target`.
    pub async fn compare(&self, told: &mut (dyn FnMut(u64) + Send)) -> Result<Compared, MoveError> {
        let read = Arc::new(AtomicU64::new(0));
        let mut reading = JoinSet::new();
        for (is_source, side) in [(true, &self.from), (false, &self.to)] {
            let (side, read, account) = (side.clone(), Arc::clone(&read), self.account);
            reading.spawn(async move {
                let failed = if is_source { MoveError::Source } else { MoveError::Target };
                sums(side.0.as_ref(), account, &read).await.map(|sums| (is_source, sums)).map_err(failed)
            });
        }
        let mut tick = tokio::time::interval(TELL_EVERY);
        let (mut source, mut target) = (None, None);
        loop {
            tokio::select! {
                _ = tick.tick() => told(read.load(Ordering::Relaxed)),
                read = reading.join_next() => match read {
                    Some(Ok(Ok((true, sums)))) => source = Some(sums),
                    Some(Ok(Ok((false, sums)))) => target = Some(sums),
                    Some(Ok(Err(error))) => return Err(error),
                    Some(Err(error)) => return Err(MoveError::Source(StoreError::Unavailable(error.to_string()))),
                    None => break,
                },
            }
        }
        let (source, target) = (source.unwrap_or_default(), target.unwrap_or_default());
        match source.differ(&target) {
            Some(table) => Err(MoveError::Differs { account: self.account, table }),
            None => Ok(Compared { rows: source.rows(), digest: source.digest() }),
        }
    }

    /// Ends the move: the account is moved away at the source, and then there at the target. To be called once [`Self::compare`] has
    /// answered; what it has compared cannot have changed since.
    ///
    /// # Errors
    /// `Contested` when the move was given up meanwhile; `Source`, `Target`.
    pub async fn finish(&self, _: &Compared) -> Result<(), MoveError> {
        let token = self.coming.token;
        let left = self.from.0.freeze(self.account, Some(Frozen::Moving(token)), Some(Frozen::Moved(token))).await;
        if !left.map_err(MoveError::Source)? {
            return Err(MoveError::Contested(self.account));
        }
        go_live(&self.from, &self.to, self.account, token).await
    }

    /// Lets the source take changes again; what was copied is of no use then. Whether it was so: not once the account has moved away.
    ///
    /// # Errors
    /// `Source`.
    pub async fn thaw(&self) -> Result<bool, MoveError> {
        let moving = Some(Frozen::Moving(self.coming.token));
        self.from.0.freeze(self.account, moving, None).await.map_err(MoveError::Source)
    }
}

/// Gives up a move that was not finished: the source takes changes again, and what was copied goes, where the target is known. Whether
/// there was one.
///
/// # Errors
/// `NoAccount`; `Live` when the account may be at the target already; `Source`, `Target`.
pub async fn give_up(from: &Side, to: Option<&Side>, account: AccountId) -> Result<bool, MoveError> {
    let head = from.0.head(account).await.map_err(MoveError::Source)?.ok_or(MoveError::NoAccount(account))?;
    let forget = async |token| match to {
        None => Ok(false),
        Some(to) => to.0.forget(account, token).await.map_err(MoveError::Target),
    };
    let Some(frozen) = head.frozen else { return Ok(false) };
    let token = match frozen {
        // It cannot be at the target as long as the source says this.
        Frozen::Moving(token) => token,
        Frozen::Moved(token) if forget(token).await? => token,
        Frozen::Moved(_) => return Err(MoveError::Live(account)),
    };
    if !from.0.freeze(account, Some(frozen), None).await.map_err(MoveError::Source)? {
        return Err(MoveError::Contested(account));
    }
    let known = matches!(frozen, Frozen::Moved(_)) || forget(token).await?;
    if let Some(to) = to.filter(|_| known) {
        clear(to, account).await.map_err(MoveError::Target)?;
    }
    Ok(true)
}

/// Removes what an account that was moved to `to` has left; whether it was moved away. Who reads it there finds nothing any more.
///
/// # Errors
/// `NotThere` when the target does not show that the account came by the move that has taken it away; `NoAccount`, `Source`, `Target`.
pub async fn remove_moved(from: &Side, to: &Side, account: AccountId) -> Result<bool, MoveError> {
    let head = from.0.head(account).await.map_err(MoveError::Source)?.ok_or(MoveError::NoAccount(account))?;
    let Some(Frozen::Moved(token)) = head.frozen else { return Ok(false) };
    let coming = to.0.coming(account).await.map_err(MoveError::Target)?;
    if coming != Some(Coming { token, place: Place::Live }) {
        return Err(MoveError::NotThere(account));
    }
    clear(from, account).await.map_err(MoveError::Source)?;
    Ok(true)
}

async fn go_live(from: &Side, to: &Side, account: AccountId, token: Uuid) -> Result<(), MoveError> {
    let head = from.0.head(account).await.map_err(MoveError::Source)?.ok_or(MoveError::NoAccount(account))?;
    let live = to.0.go_live(account, token, &head).await.map_err(MoveError::Target)?;
    if live { Ok(()) } else { Err(MoveError::Contested(account)) }
}

/// Removes what a move that was given up, or one away from there, has left.
async fn clear(side: &Side, account: AccountId) -> Result<(), StoreError> {
    for start in Place::STARTS {
        while let Some(end) = side.0.page(account, &start).await?.end() {
            side.0.remove(account, &end).await?;
        }
    }
    side.0.remove_rest(account).await
}
