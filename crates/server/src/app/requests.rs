//! The request log: what SCIM clients asked and were answered, for whoever looks for a fault.

use super::{App, Failure};
use jiff::{SignedDuration, Timestamp};
use provost_change::{AccountId, ChangeSet, Delete, Expect, Kind, Put, Record, ResourceId, newest_first, older_than};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// How long a request is kept.
pub(crate) const REQUESTS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Records that are removed at once.
const REMOVED_AT_ONCE: u64 = 500;
/// Requests with a failure that are kept of an account in one burst, and how many seconds bring one more.
const FAILURES: Bounds = Bounds { burst: 200, refill_seconds: 10 };
/// The same of other requests: a sample.
const OTHERS: Bounds = Bounds { burst: 50, refill_seconds: 30 };

/// A request that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotedRequest {
    /// When it came.
    pub at: Timestamp,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path and the query, at most 1,000 characters.
    pub path: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// How long the answer took.
    pub duration_ms: u64,
    /// The admin app whose key it was.
    pub app: ResourceId,
    /// The id of the key.
    pub key: String,
    /// From where.
    pub client_ip: IpAddr,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The request's number, as in the answer and in the audit log.
    pub request_id: String,
    /// The resource that the path names.
    pub resource: Option<String>,
    /// The `userName` or `displayName` of the body.
    pub name: Option<String>,
    /// Why it was refused, as the client was told.
    pub detail: Option<String>,
    /// The beginning of the body of a refused request, without secrets.
    pub body: Option<String>,
    /// How many requests of this account came since the one before and were not kept.
    #[serde(default)]
    pub left_out: u64,
}

impl NotedRequest {
    /// Whether it was refused or failed.
    pub fn is_failure(&self) -> bool {
        self.status >= 400
    }
}

/// How many requests are kept.
struct Bounds {
    burst: i64,
    refill_seconds: i64,
}

/// Requests that are not stored yet. A request only notes itself; upkeep stores the notes every few seconds.
#[derive(Default)]
pub(super) struct Requests {
    noted: Mutex<HashMap<AccountId, Noted>>,
    /// Whoever stores what was noted is waited for: what is in nobody's hands any more is stored.
    storing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Noted {
    waiting: Vec<NotedRequest>,
    failures: Bucket,
    others: Bucket,
    left_out: u64,
}

/// Lets a burst through and then one request now and then.
#[derive(Default)]
struct Bucket {
    taken: i64,
    /// The second up to which refilling is done.
    filled: i64,
}

impl Bucket {
    fn take(&mut self, bounds: &Bounds, now: i64) -> bool {
        let refilled = (now - self.filled).max(0) / bounds.refill_seconds;
        self.taken = (self.taken - refilled).max(0);
        self.filled = if self.taken == 0 { now } else { self.filled + refilled * bounds.refill_seconds };
        let is_free = self.taken < bounds.burst;
        self.taken += i64::from(is_free);
        is_free
    }
}

impl App {
    /// Whether a request with this status is to be kept. One that is not is counted.
    pub(crate) fn keeps_request(&self, account: AccountId, status: u16, now: Timestamp) -> bool {
        let mut noted = self.0.requests.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = noted.entry(account).or_default();
        let second = now.as_second();
        let is_kept = match status {
            ..400 => noted.others.take(&OTHERS, second),
            400.. => noted.failures.take(&FAILURES, second),
        };
        noted.left_out += u64::from(!is_kept);
        is_kept
    }

    /// Notes a request that is to be kept.
    pub(crate) fn note_request(&self, account: AccountId, mut request: NotedRequest) {
        let mut noted = self.0.requests.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = noted.entry(account).or_default();
        request.left_out = std::mem::take(&mut noted.left_out);
        noted.waiting.push(request);
    }

    /// Stores what was noted. What cannot be stored is dropped: the log is for looking for faults, not for proof.
    pub(crate) async fn store_requests(&self) {
        let _storing = self.0.requests.storing.lock().await;
        let now = self.now().as_second();
        let waiting: Vec<(AccountId, Vec<NotedRequest>)> = {
            let mut noted = self.0.requests.noted.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever has been quiet for so long may have a whole burst again, and is forgotten.
            noted.retain(|_, noted| {
                !noted.waiting.is_empty() || now - noted.failures.filled.max(noted.others.filled) < 3_600
            });
            noted.iter_mut().map(|(account, noted)| (*account, std::mem::take(&mut noted.waiting))).collect()
        };
        for (account, requests) in waiting.into_iter().filter(|(_, requests)| !requests.is_empty()) {
            let puts = requests.into_iter().filter_map(|request| self.request_put(&request)).collect();
            if let Err(error) = self.store().commit(account, ChangeSet { puts, ..ChangeSet::default() }).await {
                tracing::warn!(account.id = %account, %error, "The request log was not stored.");
            }
        }
    }

    fn request_put(&self, request: &NotedRequest) -> Option<Put> {
        let record = Record {
            kind: Kind::REQUEST,
            id: newest_first(request.at, self.random()),
            version: 0,
            created: request.at,
            modified: request.at,
            doc: serde_json::to_string(request).ok()?,
            state: "{}".to_owned(),
        };
        Some(Put {
            record,
            expect: Expect::Absent,
            claims: Vec::new(),
            releases: Vec::new(),
            index_adds: Vec::new(),
            index_removes: Vec::new(),
        })
    }

    /// Removes the requests that are past their time.
    pub(super) async fn forget_requests(&self, account: AccountId) -> Result<(), Failure> {
        let Ok(before) = self.now().checked_sub(REQUESTS_KEPT) else { return Ok(()) };
        loop {
            let old = self.store().all(account, &Kind::REQUEST, Some(older_than(before)), REMOVED_AT_ONCE).await?;
            if old.is_empty() {
                return Ok(());
            }
            let deletes = old.into_iter().map(|record| Delete::bare(record.kind, record.id, record.version));
            let deletes = deletes.collect();
            self.commit(account, ChangeSet { deletes, ..ChangeSet::default() }).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_kept_whole_and_then_one_now_and_then() {
        let bounds = Bounds { burst: 3, refill_seconds: 10 };
        let mut bucket = Bucket::default();
        let taken: Vec<bool> = [100, 100, 101, 101, 109, 110, 111, 119, 120, 200, 200, 200, 200]
            .iter()
            .map(|now| bucket.take(&bounds, *now))
            .collect();
        let expected = [true, true, true, false, false, true, false, false, true, true, true, true, false];
        assert_eq!(taken, expected);
    }
}
