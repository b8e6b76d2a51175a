//! Sessions of people in the console: one record each, so that ending one ends it on every node at once.
//!
//! The cookie holds a token of which only the hash is kept. A session proves nothing about its user but who it is: whether the user may
//! still sign in, and with which roles, is looked up anew for every request.

use crate::{
    Actor, Call, Configuration, Corrupt, Decided, Owner, User,
    audit::{self, Entry},
    sign_in::SignInRules,
    token::{NewToken, PresentedToken, Purpose},
};
use jiff::{SignedDuration, Timestamp};
use provost_change::{AccountId, ChangeSet, Delete, Expect, IndexEntry, Kind, Put, Record, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Index attribute of the user of a session.
pub const USER: &str = "session.user";
/// Sessions of one user; whoever signs in once more ends the oldest.
pub const SESSIONS_MAX: usize = 20;
/// What was seen is noted this coarsely, so that reading costs no commit.
pub const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// For how long a proof of who is there suffices for dangerous acts.
pub const PROVED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// Longest user agent that is kept, in characters.
const USER_AGENT_MAX: usize = 256;

/// A session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Whose it is.
    pub user: ResourceId,
    /// SHA-256 of its token, in hexadecimal.
    hash: String,
    /// By what the person proved to be this user.
    pub factors: Vec<Factor>,
    /// When it began.
    pub created: Timestamp,
    /// When a request came with it, to [`SEEN_EVERY`].
    pub seen: Timestamp,
    /// When it ends, whatever happens.
    pub expires: Timestamp,
    /// When the person proved last who is there.
    pub proved: Timestamp,
    /// From where it began.
    pub client_ip: String,
    /// What the browser called itself.
    pub user_agent: Option<String>,
}

/// What proves who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// The password.
    Password,
    /// A code of an authenticator app.
    Totp,
    /// A recovery code.
    RecoveryCode,
    /// A passkey.
    Passkey,
    /// A sign-in at the account's identity provider.
    IdentityProvider,
}

impl Factor {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
            Self::IdentityProvider => "identity_provider",
        }
    }
}

/// A session that has just begun.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Its id.
    pub id: ResourceId,
    /// What the cookie holds.
    pub token: NewToken,
    /// What is kept of it.
    pub session: Session,
}

/// Who acts in a session.
pub fn actor(user: &User, session: ResourceId) -> Actor {
    let owner = Owner { id: user.id(), name: user.user_name().to_owned(), roles: Vec::new() };
    Actor::Person { owner, session: Some(session) }
}

/// Begins a session of a user who has proved who it is. `others` are the sessions that the user has; the oldest go where there are too
/// many, and so do those that are over.
///
/// # Errors
/// A session among the others that cannot be read.
pub fn open(
    config: &Configuration,
    call: &Call,
    (user, rules): (&User, &SignInRules),
    factors: Vec<Factor>,
    others: &[Record],
) -> Result<Decided<Opened>, Corrupt> {
    let id = ResourceId::new(call.new_id);
    let token = NewToken::make(Purpose::Session, config.id, id, call.secret);
    let session = Session {
        user: user.id(),
        hash: token.hash(),
        factors,
        created: call.now,
        seen: call.now,
        expires: call.now.saturating_add(rules.lifetime()).unwrap_or(Timestamp::MAX),
        proved: call.now,
        client_ip: call.client_ip.clone(),
        user_agent: call.user_agent.as_ref().map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
    };
    let own = Call { actor: actor(user, id), ..call.clone() };
    let entry = Entry::done("user.sign_in").about(&Kind::USER, user.id(), user.user_name());
    let mut change = ChangeSet { config: Some(config.version), ..ChangeSet::default() };
    change.log.push(audit::entry(&own, entry.changed("factors", Value::Null, json!(session.factors))));
    change.puts.push(put(id, &session, Expect::Absent));
    let mut alive = Vec::new();
    for record in others {
        let other = read(config.id, record)?;
        if other.is_over(rules, call.now) {
            change.deletes.push(delete(record, other.user))
        } else {
            alive.push((other, record))
        }
    }
    alive.sort_by_key(|(other, _)| other.seen);
    let excess = (alive.len() + 1).saturating_sub(SESSIONS_MAX);
    change.deletes.extend(alive.iter().take(excess).map(|(other, record)| delete(record, other.user)));
    Ok(Decided { change, outcome: Opened { id, token, session } })
}

impl Session {
    /// Whether a presented token is this session's, and it is not over.
    pub fn is(&self, token: &PresentedToken, rules: &SignInRules, now: Timestamp) -> bool {
        token.is(&self.hash) && !self.is_over(rules, now)
    }

    /// Whether it has ended by itself: its time is over, or nobody used it for as long as the rules say.
    pub fn is_over(&self, rules: &SignInRules, now: Timestamp) -> bool {
        now >= self.expires || now >= self.seen.saturating_add(rules.idle()).unwrap_or(Timestamp::MAX)
    }

    /// Whether whoever is there has proved it a moment ago.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.proved.saturating_add(PROVED_FOR).unwrap_or(Timestamp::MAX)
    }

    /// What notes that a request came; `None` while the last note is new enough. Who signs out meanwhile stays signed out.
    pub fn touched(&self, record: &Record, now: Timestamp) -> Option<ChangeSet> {
        let due = now >= self.seen.saturating_add(SEEN_EVERY).unwrap_or(Timestamp::MAX);
        let session = Self { seen: now, ..self.clone() };
        due.then(|| ChangeSet {
            puts: vec![put(record.id, &session, Expect::Version(record.version))],
            ..ChangeSet::default()
        })
    }

    /// Notes that the person has proved anew who is there.
    pub fn proved(&self, call: &Call, (record, user): (&Record, &User), by: Factor) -> Decided<Self> {
        let mut session = Self { seen: call.now, proved: call.now, ..self.clone() };
        if !session.factors.contains(&by) {
            session.factors.push(by);
        }
        let own = Call { actor: actor(user, record.id), ..call.clone() };
        let entry = Entry::done("user.confirm").about(&Kind::USER, user.id(), user.user_name());
        let change = ChangeSet {
            puts: vec![put(record.id, &session, Expect::Version(record.version))],
            log: vec![audit::entry(&own, entry.changed("factor", Value::Null, json!(by)))],
            ..ChangeSet::default()
        };
        Decided { change, outcome: session }
    }
}

/// Ends a session because somebody wants it to end. `name` is its user's; the action says who: `user.sign_out` or `session.revoke`.
pub fn end(call: &Call, action: &'static str, (record, session): (&Record, &Session), name: &str) -> ChangeSet {
    let entry = Entry::done(action).about(&Kind::USER, session.user, name);
    ChangeSet {
        deletes: vec![delete(record, session.user)],
        log: vec![audit::entry(call, entry.changed("session", json!(record.id), Value::Null))],
        ..ChangeSet::default()
    }
}

/// The users whom a change set leaves without access: those who go, to the bin as well, and those who are disabled.
pub fn ended_by(change: &ChangeSet) -> Vec<ResourceId> {
    let stays = |id: ResourceId| change.puts.iter().any(|put| put.record.id == id && put.record.kind == Kind::USER);
    let gone =
        change.deletes.iter().filter(|delete| delete.kind == Kind::USER && !stays(delete.id)).map(|gone| gone.id);
    let is_disabled = |put: &&Put| {
        let active = serde_json::from_str::<Value>(&put.record.doc).ok().and_then(|doc| doc.get("active")?.as_bool());
        active == Some(false)
    };
    let disabled = change.puts.iter().filter(|put| put.record.kind == Kind::USER && put.record.doc.contains("false"));
    gone.chain(disabled.filter(is_disabled).map(|put| put.record.id)).collect()
}

/// Ends sessions in the change set that ends what they rest on. One that stays is named by its id.
pub fn end_with(change: &mut ChangeSet, user: ResourceId, sessions: &[Record], stays: Option<ResourceId>) {
    change.deletes.extend(sessions.iter().filter(|record| Some(record.id) != stays).map(|record| delete(record, user)));
}

/// What removes the sessions among these that are over.
///
/// # Errors
/// When the database was changed by something else.
pub fn swept(
    account: AccountId,
    rules: &SignInRules,
    records: &[Record],
    now: Timestamp,
) -> Result<ChangeSet, Corrupt> {
    let mut change = ChangeSet::default();
    for record in records {
        let session = read(account, record)?;
        if session.is_over(rules, now) {
            change.deletes.push(delete(record, session.user));
        }
    }
    Ok(change)
}

/// Reads a stored session.
///
/// # Errors
/// When the database was changed by something else.
pub fn read(account: AccountId, record: &Record) -> Result<Session, Corrupt> {
    serde_json::from_str(&record.doc).map_err(|error| Corrupt {
        account,
        kind: record.kind.clone(),
        id: record.id,
        cause: error.to_string(),
    })
}

/// Under what the sessions of a user are found.
pub fn of(user: ResourceId) -> IndexEntry {
    IndexEntry { attribute: USER.to_owned(), value: user.to_string() }
}

fn put(id: ResourceId, session: &Session, expect: Expect) -> Put {
    Put {
        record: Record {
            kind: Kind::SESSION,
            id,
            version: 0,
            created: session.created,
            modified: session.seen,
            doc: serde_json::to_string(session).expect("a session is made of strings and times"),
            state: "{}".to_owned(),
        },
        expect,
        claims: Vec::new(),
        releases: Vec::new(),
        index_adds: if expect == Expect::Absent { vec![of(session.user)] } else { Vec::new() },
        index_removes: Vec::new(),
    }
}

fn delete(record: &Record, user: ResourceId) -> Delete {
    Delete {
        kind: Kind::SESSION,
        id: record.id,
        version: record.version,
        releases: Vec::new(),
        index_removes: vec![of(user)],
    }
}
