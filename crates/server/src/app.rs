//! The application: what every handler works with.
//!
//! A request is authenticated ([`caller`]), judged under one configuration and committed ([`write`]), and answered by the
//! handlers of its surface. Handlers hold no rules.

pub(crate) mod access;
mod accounts;
mod activity;
mod alerts;
mod attempts;
pub mod caller;
mod configurations;
mod engine;
mod failure;
mod in_flight;
mod indexes;
mod key_use;
mod lease;
mod link;
mod members;
mod outbound;
mod outbox;
mod passwords;
mod rate;
mod removals;
mod requests;
mod simulate;
mod stream;
mod transfer;
mod upkeep;
mod waiting;
mod write;

pub(crate) use access::{Found, InSession};
pub use caller::{Caller, Principal};
pub(crate) use engine::ObjectLineage;
pub(crate) use engine::{Evaluation, RowPlace};
pub use failure::Failure;
pub use key_use::KeyUse;
pub(crate) use outbound::Probed;
pub use outbox::OutgoingMail;
pub use requests::NotedRequest;
pub(crate) use stream::Standing;
pub(crate) use transfer::{Importing, Lines, line_text};
pub use write::{About, Target};

use crate::{
    clock::Clock, entropy::Entropy, failed::FailedAttempts, metrics::Metrics, scim::Cursor, seal::Seal,
    support::SupportAddress,
};
use configurations::Configurations;
use provost_client::Outbound;
use provost_store::Store;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::{Mutex, RwLock};

/// What the process gives the application.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Tells this process from every other that works on the store.
    pub node: uuid::Uuid,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where ids and randomness come from.
    pub entropy: Arc<dyn Entropy>,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
    /// The operator's key in clear; only its hash is kept.
    pub operator_key: String,
    /// How mail is sent; `None` where the installation sends none.
    pub mail: Option<OutgoingMail>,
    /// How targets of enterprise apps are called.
    pub outbound: Outbound,
    /// Whom people may ask; `None` where nobody is named.
    pub support: Option<SupportAddress>,
}

/// Shared by all requests.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    node: uuid::Uuid,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    metrics: Arc<Metrics>,
    operator_key: [u8; 32],
    configurations: Configurations,
    failed: FailedAttempts,
    attempts: attempts::Attempts,
    passwords: passwords::Passwords,
    account_names: access::AccountNames,
    activities: activity::Activities,
    alerts: alerts::Alerts,
    key_uses: key_use::KeyUses,
    requests: requests::Requests,
    mail: Option<Arc<OutgoingMail>>,
    outbound: Arc<Outbound>,
    support: Option<SupportAddress>,
    outbox: waiting::Waiting,
    builder: waiting::Waiting,
    removals: waiting::Waiting,
    schedule: engine::Schedule,
    /// Who does something for one app does it alone in this process.
    cycle_lanes: Vec<Arc<Mutex<()>>>,
    drivers: engine::Drivers,
    rates: rate::Rates,
    in_flight: in_flight::InFlight,
    /// Writers of one record wait for each other here instead of retrying against each other. Only a courtesy: what keeps
    /// writes apart is the version that each commit expects.
    lanes: Vec<Mutex<()>>,
    /// What keeps an account's configuration as it is while a request of many parts runs.
    gates: Vec<RwLock<()>>,
    cursor_key: Cursor,
    seal: Seal,
    streams: stream::Streams,
}

/// Lanes for writers; two records share one by chance only.
const LANES: usize = 256;

impl App {
    /// Puts the application together.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, node, clock, entropy, metrics, operator_key, mail, outbound, support } = parts;
        Self::assembled(
            (store, node),
            (clock, entropy),
            metrics,
            Sha256::digest(operator_key.as_bytes()).into(),
            (mail.map(Arc::new), Arc::new(outbound), support),
        )
    }

    /// The same application on another store: it shares nothing with this one that a request could leave a trace in.
    fn on(&self, store: Arc<dyn Store>) -> Self {
        let inner = &self.0;
        let sources = (Arc::clone(&inner.clock), Arc::clone(&inner.entropy));
        Self::assembled(
            (store, inner.node),
            sources,
            Arc::new(Metrics::new("")),
            inner.operator_key,
            (inner.mail.clone(), Arc::clone(&inner.outbound), inner.support.clone()),
        )
    }

    fn assembled(
        (store, node): (Arc<dyn Store>, uuid::Uuid),
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        metrics: Arc<Metrics>,
        operator_key: [u8; 32],
        (mail, outbound, support): (Option<Arc<OutgoingMail>>, Arc<Outbound>, Option<SupportAddress>),
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            node,
            clock,
            entropy,
            metrics,
            operator_key,
            configurations: Configurations::default(),
            failed: FailedAttempts::default(),
            attempts: attempts::Attempts::default(),
            passwords: passwords::Passwords::default(),
            account_names: access::AccountNames::default(),
            activities: activity::Activities::default(),
            alerts: alerts::Alerts::default(),
            key_uses: key_use::KeyUses::default(),
            requests: requests::Requests::default(),
            mail,
            outbound,
            support,
            outbox: waiting::Waiting::default(),
            builder: waiting::Waiting::default(),
            removals: waiting::Waiting::default(),
            schedule: engine::Schedule::default(),
            cycle_lanes: (0..LANES).map(|_| Arc::default()).collect(),
            drivers: engine::Drivers::default(),
            rates: rate::Rates::default(),
            in_flight: in_flight::InFlight::default(),
            lanes: (0..LANES).map(|_| Mutex::new(())).collect(),
            gates: (0..LANES).map(|_| RwLock::new(())).collect(),
            cursor_key: Cursor::new(&operator_key),
            seal: Seal::new(&operator_key),
            streams: stream::Streams::default(),
        }))
    }

    /// The store, for handlers that only read.
    pub fn store(&self) -> &dyn Store {
        self.0.store.as_ref()
    }

    /// What cursors are made with.
    pub(crate) fn cursor_key(&self) -> &Cursor {
        &self.0.cursor_key
    }

    /// What links in mails begin with; `None` where the installation sends no mail.
    pub fn mail_links(&self) -> Option<String> {
        self.0.mail.as_ref().map(|mail| mail.links.clone())
    }

    /// Whom people may ask; `None` where nobody is named.
    pub fn support(&self) -> Option<&str> {
        self.0.support.as_ref().map(SupportAddress::as_str)
    }

    /// A text that only this installation reads again, and only for `place`.
    pub(crate) fn seal(&self, place: &[u8], text: &str) -> String {
        self.0.seal.seal(self.random(), place, text)
    }

    /// What was sealed for `place`; `None` for anything else.
    pub(crate) fn open(&self, place: &[u8], sealed: &str) -> Option<String> {
        self.0.seal.open(place, sealed)
    }

    /// The present instant.
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    /// Fresh random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.entropy.fill(&mut bytes);
        bytes
    }

    /// A fresh id.
    pub fn new_id(&self) -> uuid::Uuid {
        self.0.entropy.uuid_v7(self.now())
    }
}
