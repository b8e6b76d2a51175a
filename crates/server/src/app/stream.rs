//! Sends audit logs to where the operator wants them: in order, each entry at least once.
//!
//! Every account with a stream has a lane, which reads the log from the watermark on, sends a batch, and moves the watermark once that
//! has arrived. A lane rests when nothing is left, until a commit wakes it; one whose sink does not take anything tries again after
//! growing distances. One slow sink holds up nobody else.
//!
//! Setting or ending a stream is a change of the account's configuration. So every node learns of it with its next request for the
//! account, and a watermark is moved only as long as the stream is the one that was sent to.

mod sink;

use super::{App, Failure, lease::Work};
use crate::{each_account::EachAccount, seal::place};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    Refused,
    stream::{self, Destination, Stream, Watermark},
};
use provost_change::{AccountId, ChangeSet, Logged};
use provost_client::SinkUrl;
use provost_store::{LogQuery, StoreError};
use serde::{Deserialize, Serialize};
use sink::Sink;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{interval, sleep, timeout},
};

/// Entries that are sent at once, at most.
const BATCH: u64 = 100;
/// How often a lane that rests looks by itself: for what another node has committed and did not live to send.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How often all accounts are looked through for streams that another node was told of.
const LOOK_THROUGH_EVERY: Duration = Duration::from_secs(600);
/// What lies between the first failure and the next try; doubled each time, up to [`DISTANCE_MAX`].
const DISTANCE_FIRST: Duration = Duration::from_millis(250);
/// The longest such time.
const DISTANCE_MAX: Duration = Duration::from_secs(60);

/// For how long no other node sends an account's log. Whoever sends holds it longer every [`LOOK_WHILE_SENDING`]; the rest is what
/// clocks may differ by. What a node that died was sending waits for so long.
const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// How long another node is left alone that sends an account's log.
const LOOK_AFTER_ANOTHER: Duration = Duration::from_secs(2);
/// How often somebody who waits for a sink looks whether the log is still to go there.
const LOOK_WHILE_SENDING: Duration = Duration::from_secs(2);
/// How often the same watermark is written, when something else of the account's configuration changes in between.
const NOTES_MAX: u32 = 10;

/// The lanes of all accounts that have or had a stream since the process began.
#[derive(Default)]
pub(super) struct Streams {
    lanes: RwLock<HashMap<AccountId, Arc<Lane>>>,
    unstarted: Mutex<Vec<(AccountId, Arc<Lane>)>>,
    opened: Notify,
}

#[derive(Default)]
struct Lane {
    /// The log has grown.
    grown: Notify,
    /// The stream was set or removed, perhaps.
    set: Notify,
    trouble: Mutex<Option<Trouble>>,
}

/// Why a stream does not go on, as far as this process knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When it was tried last.
    pub at: Timestamp,
    /// What went wrong.
    pub problem: String,
    /// How often it was tried since it went well.
    pub attempts: u32,
}

/// How a stream stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The whole URL.
    pub target: Option<String>,
    /// Names of the headers that are sent with it.
    pub headers: Vec<String>,
    /// How far it has come.
    pub watermark: Watermark,
    /// The log's newest entry.
    pub newest: u64,
    /// Why it does not go on; `None` when it does.
    pub trouble: Option<Trouble>,
}

/// What is sealed of a destination.
#[derive(Serialize, Deserialize)]
struct Secrets {
    target: String,
    headers: BTreeMap<String, String>,
}

/// What came of a try.
enum Turn {
    /// There may be more to send.
    Sent,
    /// Everything is sent.
    UpToDate,
    /// The account has no stream.
    NoStream,
    /// Another node sends it.
    Anothers,
}

/// What a lane has in hand.
#[derive(Default)]
struct InHand {
    /// A sink that is in use, and the sealed destination that it was made from: no two are sealed alike.
    open: Option<(String, Sink)>,
    /// Whether this node sends the log, and no other does.
    is_ours: bool,
}

impl Streams {
    /// Tells an account's lane that the log has grown.
    pub(super) fn wake(&self, account: AccountId) {
        if let Some(lane) = self.lanes.read().unwrap_or_else(PoisonError::into_inner).get(&account) {
            lane.grown.notify_one();
        }
    }

    /// Opens a lane for an account that has a stream, and tells one that is open to look at it.
    fn has_stream(&self, account: AccountId) {
        let mut lanes = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(account).or_insert_with(|| {
            let lane = Arc::new(Lane::default());
            self.unstarted.lock().unwrap_or_else(PoisonError::into_inner).push((account, Arc::clone(&lane)));
            self.opened.notify_one();
            lane
        });
        lane.set.notify_one();
    }

    /// Tells a lane that is open to look at the account's stream, which may have been ended.
    fn may_have_ended(&self, account: AccountId) {
        if let Some(lane) = self.lanes.read().unwrap_or_else(PoisonError::into_inner).get(&account) {
            lane.set.notify_one();
        }
    }

    fn trouble(&self, account: AccountId) -> Option<Trouble> {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        lanes.get(&account)?.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl App {
    /// Sends logs until `stop` resolves. What is under way then is sent again after the next start.
    pub async fn stream_logs(&self, stop: impl Future<Output = ()>) {
        let mut lanes = JoinSet::new();
        let mut look_through = interval(LOOK_THROUGH_EVERY);
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                _ = look_through.tick() => {
                    if let Err(error) = self.open_lanes().await {
                        tracing::warn!(%error, "The accounts could not be looked through for audit streams.");
                        look_through.reset_after(DISTANCE_MAX);
                    }
                }
                () = self.0.streams.opened.notified() => {}
            }
            let unstarted =
                std::mem::take(&mut *self.0.streams.unstarted.lock().unwrap_or_else(PoisonError::into_inner));
            for (account, lane) in unstarted {
                lanes.spawn(self.clone().keep_sending(account, lane));
            }
        }
        lanes.shutdown().await;
    }

    async fn open_lanes(&self) -> Result<(), Failure> {
        let mut accounts = EachAccount::of(self.store());
        while let Some(account) = accounts.next().await? {
            if self.stream(account).await?.is_some() {
                self.0.streams.has_stream(account);
            }
        }
        Ok(())
    }

    async fn keep_sending(self, account: AccountId, lane: Arc<Lane>) {
        let mut in_hand = InHand::default();
        let mut distance = DISTANCE_FIRST;
        loop {
            match self.send_batch(account, &lane, &mut in_hand).await {
                Ok(turn) => {
                    distance = DISTANCE_FIRST;
                    lane.goes_well();
                    if matches!(turn, Turn::UpToDate | Turn::NoStream) && std::mem::take(&mut in_hand.is_ours) {
                        self.has_done(account, Work::Stream).await;
                    }
                    match turn {
                        Turn::Sent => {}
                        Turn::UpToDate => {
                            let woken = async {
                                tokio::select! { () = lane.grown.notified() => {}, () = lane.set.notified() => {} }
                            };
                            let _ = timeout(LOOK_EVERY, woken).await;
                        }
                        Turn::NoStream => lane.set.notified().await,
                        Turn::Anothers => {
                            let _ = timeout(LOOK_AFTER_ANOTHER, lane.set.notified()).await;
                        }
                    }
                }
                Err(failure) => {
                    if std::mem::take(&mut in_hand.is_ours) {
                        self.has_done(account, Work::Stream).await;
                    }
                    let problem = failure.to_string();
                    tracing::warn!(account.id = %account, problem, seconds = distance.as_secs_f32(), "An audit log could not be sent.");
                    lane.failed(self.now(), problem);
                    tokio::select! { () = sleep(distance) => {}, () = lane.set.notified() => distance = DISTANCE_FIRST }
                    distance = (distance * 2).min(DISTANCE_MAX);
                }
            }
        }
    }

    /// Sends the next entries and moves the watermark, once no other node does.
    async fn send_batch(&self, account: AccountId, lane: &Lane, in_hand: &mut InHand) -> Result<Turn, Failure> {
        let Some(before) = self.stream(account).await? else {
            in_hand.open = None;
            return Ok(Turn::NoStream);
        };
        let watermark = before.watermark;
        let after =
            LogQuery { after: Some(watermark.seq), before: None, subject: None, newest_first: false, limit: BATCH };
        let entries: Vec<Logged> = self.store().log(account, &after).await?;
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(Turn::UpToDate) };
        if self.store().head(account).await?.is_some_and(|head| head.frozen.is_some()) {
            // What arrived could not be noted, and would be sent again; where the account is moved to, it is sent.
            return Ok(Turn::Anothers);
        }
        in_hand.is_ours = self.may_do(account, Work::Stream, LEASE).await?;
        if !in_hand.is_ours {
            return Ok(Turn::Anothers);
        }
        // Another node may have sent them since they were read, and what was logged when the stream was moved, or after that, is
        // for the new place: where they go is looked up behind them.
        let config = self.store().head(account).await?.ok_or(Failure::NoAccount)?.config;
        let Some(stream) = self.stream(account).await?.filter(|now| *now == before) else { return Ok(Turn::Sent) };
        // The log has no gaps but where retention has cut its beginning off.
        let skipped = first.seq - watermark.seq - 1;
        let to = Watermark { seq: last.seq, at: Some(self.now()), skipped: watermark.skipped + skipped };
        if skipped > 0 {
            tracing::warn!(account.id = %account, entries = skipped, "Retention removed audit entries before they were sent.");
        }
        let sealed = &stream.destination.sealed;
        let sink = match in_hand.open.take().filter(|(of, _)| of == sealed) {
            Some((_, sink)) => sink,
            None => {
                let secrets = self.secrets(account, &stream)?;
                Sink::open(&secrets.target, &secrets.headers)?
            }
        };
        let (_, sink) = in_hand.open.insert((sealed.clone(), sink));
        tokio::select! {
            sent = sink.send(account, &entries) => sent?,
            turn = self.no_longer(account, lane, &stream) => {
                in_hand.is_ours = !matches!(turn, Turn::Anothers);
                return Ok(turn);
            }
        }
        lane.goes_well();
        self.note_sent(account, stream, to, config).await?;
        Ok(Turn::Sent)
    }

    /// Resolves when what is being sent need not arrive any more, and says how to go on. As long as it does not, the lease is held.
    async fn no_longer(&self, account: AccountId, lane: &Lane, sent_to: &Stream) -> Turn {
        loop {
            let _ = timeout(LOOK_WHILE_SENDING, lane.set.notified()).await;
            match self.stream(account).await {
                Ok(now) if now.as_ref() != Some(sent_to) => return Turn::Sent,
                // A store that is away for a moment is no reason to give up what is under way.
                Ok(_) | Err(_) => {}
            }
            if let Ok(false) = self.may_do(account, Work::Stream, LEASE).await {
                return Turn::Anothers;
            }
        }
    }

    /// Moves the watermark, unless the stream was set or removed since it was read at `config`: what it is now decides how to go on.
    async fn note_sent(
        &self,
        account: AccountId,
        sent_to: Stream,
        to: Watermark,
        mut config: u64,
    ) -> Result<(), Failure> {
        for _ in 0..NOTES_MAX {
            match self.commit(account, stream::advance(account, &sent_to, to, config, self.now())).await {
                Ok(()) | Err(StoreError::VersionChanged) => return Ok(()),
                Err(StoreError::ConfigChanged) => {}
                Err(other) => return Err(other.into()),
            }
            // Something else was configured, perhaps.
            config = self.store().head(account).await?.ok_or(Failure::NoAccount)?.config;
            if self.stream(account).await?.as_ref() != Some(&sent_to) {
                return Ok(());
            }
        }
        Err(Failure::Busy)
    }

    async fn stream(&self, account: AccountId) -> Result<Option<Stream>, Failure> {
        let records = self.store().load(account, &stream::keys(account)).await?;
        Ok(stream::read(account, &records)?)
    }

    fn secrets(&self, account: AccountId, stream: &Stream) -> Result<Secrets, Failure> {
        let opened = self.0.seal.open(&place::audit_stream(account), &stream.destination.sealed);
        opened.and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(|| {
            let detail = "the operator's key is not the one that the stream was set under: set the stream again";
            Refused::status(409, detail).into()
        })
    }

    /// What is to be stored of a destination whose URL and headers were checked.
    pub(crate) fn destination(
        &self,
        account: AccountId,
        target: &str,
        url: &SinkUrl,
        headers: &BTreeMap<String, String>,
    ) -> Result<Destination, Failure> {
        let secrets = Secrets { target: target.to_owned(), headers: headers.clone() };
        let text = serde_json::to_string(&secrets).map_err(|error| Failure::Damaged(error.to_string()))?;
        Ok(Destination {
            origin: url.to_string(),
            headers: headers.keys().cloned().collect(),
            sealed: self.0.seal.seal(self.random(), &place::audit_stream(account), &text),
        })
    }

    /// How an account's stream stands.
    ///
    /// # Errors
    /// 404 when it has none.
    pub(crate) async fn stream_standing(&self, account: AccountId) -> Result<Standing, Failure> {
        let stream = self.stream(account).await?.ok_or_else(|| Refused::not_found("audit stream"))?;
        let head = self.store().head(account).await?.ok_or(Failure::NoAccount)?;
        Ok(Standing {
            target: self.secrets(account, &stream).ok().map(|secrets| secrets.target),
            headers: stream.destination.headers,
            watermark: stream.watermark,
            newest: head.seq,
            // What has arrived may have been sent by another node, or a moment ago.
            trouble: self.0.streams.trouble(account).filter(|_| stream.watermark.seq < head.seq),
        })
    }

    /// What setting or removing a stream changes. `decide` gets the stream as it is.
    pub(crate) async fn stream_change(
        &self,
        account: AccountId,
        decide: impl FnOnce(&provost_change::Head, Option<&Stream>) -> Result<ChangeSet, Refused> + Send,
    ) -> Result<ChangeSet, Failure> {
        let head = self.store().head(account).await?.ok_or(Failure::NoAccount)?;
        let before = self.stream(account).await?;
        Ok(decide(&head, before.as_ref())?)
    }

    /// Lets an account's stream go as it was set or removed, by this node or another one.
    pub(crate) fn stream_was_set(&self, account: AccountId, has_stream: bool) {
        if has_stream {
            self.0.streams.has_stream(account);
        } else {
            self.0.streams.may_have_ended(account);
        }
    }
}

impl Lane {
    fn goes_well(&self) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn failed(&self, at: Timestamp, problem: String) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let attempts = trouble.as_ref().map_or(1, |trouble| trouble.attempts.saturating_add(1));
        *trouble = Some(Trouble { at, problem, attempts });
    }
}
