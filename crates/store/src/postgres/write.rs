//! Writing the net effect of a transaction: one statement per table, whatever the number of change sets, all sent at once.

use super::connections::Transaction;
use super::names::GROUP;
use super::net::{After, Net};
use super::row::{int, value};
use super::runs::{self, Owned, Runs};
use super::state::Account;
use deadpool_postgres::Object;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use provost_change::{AccountId, Kind, Put, ResourceId};
use std::borrow::Cow;
use std::collections::BTreeMap;
use tokio::try_join;
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Lets records be found under values, an array for each column.
pub(super) const ENTER: &str = "
    INSERT INTO attribute_index (account, kind, attribute, value, id)
    SELECT * FROM unnest($1::UUID[], $2::TEXT[], $3::TEXT[], $4::BYTEA[], $5::UUID[])
    ON CONFLICT (account, kind, attribute, value, id) DO NOTHING";

/// A statement and its parameters.
struct Write<'a> {
    sql: &'static str,
    params: Vec<Box<dyn ToSql + Sync + Send + 'a>>,
}

/// Collects the parameters of a statement: an array for each column.
macro_rules! write {
    ($sql:expr, $rows:expr, $($column:expr),+ $(,)?) => {
        Write { sql: $sql, params: vec![$(Box::new($rows.iter().map($column).collect::<Vec<_>>())),+] }
    };
}

/// Writes all of it and commits. What is not sent yet when a statement fails is not sent any more, and the server rolls back.
pub(super) async fn commit(
    transaction: &Transaction,
    accounts: &BTreeMap<AccountId, Account<'_>>,
    net: &Net<'_>,
    runs: &Runs<'_>,
) -> Result<(), Error> {
    let values = Values::of(net);
    let changed = runs.changed();
    let (full, other): (Vec<Owned<'_>>, Vec<Owned<'_>>) = changed.into_iter().partition(|(.., run)| run.is_full());
    let mut writes = Vec::new();
    heads(&mut writes, accounts, net);
    records(&mut writes, net);
    keys(&mut writes, &values);
    index(&mut writes, &values);
    members(&mut writes, net);
    log(&mut writes, net);
    count(&mut writes, &other);
    if full.is_empty() {
        return send(transaction, &writes, transaction.commit()).await;
    }
    send(transaction, &writes, std::future::ready(Ok(()))).await?;
    let parts = try_join_all(full.into_iter().map(|run| runs::split(transaction, run))).await?.concat();
    let mut writes = Vec::new();
    count(&mut writes, &parts);
    send(transaction, &writes, transaction.commit()).await
}

/// Sends the statements in their order, and `last` behind them, and waits for all.
async fn send(
    connection: &Object,
    writes: &[Write<'_>],
    last: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    let mut prepared = Vec::with_capacity(writes.len());
    for write in writes {
        let params: Vec<&(dyn ToSql + Sync)> = write.params.iter().map(|param| &**param as _).collect();
        prepared.push((connection.prepare_cached(write.sql).await?, params));
    }
    // Each sends its statement when it is first polled, and they are polled one behind the other.
    let sent = prepared.iter().map(|(statement, params)| connection.execute(statement, params));
    try_join!(biased; try_join_all(sent), last)?;
    Ok(())
}

fn heads<'a>(writes: &mut Vec<Write<'a>>, accounts: &BTreeMap<AccountId, Account<'_>>, net: &Net<'_>) {
    /// Fails when another node was faster: then everything is done again.
    const MAKE: &str = "
        INSERT INTO heads (account, seq, hash, base_seq, base_hash, config, counts)
        SELECT * FROM unnest($1::UUID[], $2::BIGINT[], $3::BYTEA[], $4::BIGINT[], $5::BYTEA[], $6::BIGINT[], $7::TEXT[])";
    const CHANGE: &str = "
        UPDATE heads SET seq = k.seq, hash = k.hash, config = k.config, counts = k.counts
          FROM unnest($1::UUID[], $2::BIGINT[], $3::BYTEA[], $4::BIGINT[], $5::TEXT[])
               AS k (account, seq, hash, config, counts)
         WHERE heads.account = k.account";
    let head = |account: &AccountId| Some((*account, accounts.get(account)?.head.clone()?));
    let of = |wanted: bool| {
        let heads = net.heads.iter().filter(move |(_, is_new)| **is_new == wanted);
        heads.filter_map(|(account, _)| head(account)).collect::<Vec<_>>()
    };
    let counts = |(_, head): &(AccountId, provost_change::Head)| {
        serde_json::to_string(&head.counts).expect("a map of texts to numbers is JSON")
    };
    let (new, old) = (of(true), of(false));
    if !new.is_empty() {
        writes.push(write!(
            MAKE,
            new,
            |(account, _)| account.uuid(),
            |(_, head)| int(head.seq),
            |(_, head)| head.hash.to_vec(),
            |(_, head)| int(head.base.seq),
            |(_, head)| head.base.hash.to_vec(),
            |(_, head)| int(head.config),
            counts,
        ));
    }
    if !old.is_empty() {
        writes.push(write!(
            CHANGE,
            old,
            |(account, _)| account.uuid(),
            |(_, head)| int(head.seq),
            |(_, head)| head.hash.to_vec(),
            |(_, head)| int(head.config),
            counts,
        ));
    }
}

fn records<'a>(writes: &mut Vec<Write<'a>>, net: &Net<'a>) {
    const DELETE: &str = "
        DELETE FROM records USING unnest($1::UUID[], $2::TEXT[], $3::UUID[]) AS k (account, kind, id)
         WHERE records.account = k.account AND records.kind = k.kind AND records.id = k.id";
    const PUT: &str = "
        INSERT INTO records (account, kind, id, version, created, modified, doc, state)
        SELECT * FROM unnest($1::UUID[], $2::TEXT[], $3::UUID[], $4::BIGINT[], $5::BIGINT[], $6::BIGINT[], $7::TEXT[],
               $8::TEXT[])
        ON CONFLICT (account, kind, id) DO UPDATE SET version = excluded.version, created = excluded.created,
            modified = excluded.modified, doc = excluded.doc, state = excluded.state";
    const TOUCH: &str = "
        UPDATE records SET version = k.version, modified = COALESCE(k.modified, records.modified)
          FROM unnest($1::UUID[], $2::UUID[], $3::BIGINT[], $4::BIGINT[]) AS k (account, id, version, modified)
         WHERE records.account = k.account AND records.kind = $5 AND records.id = k.id";
    let mut gone: Vec<(AccountId, &'a Kind, ResourceId)> = Vec::new();
    let mut puts: Vec<(AccountId, &'a Put, u64, Timestamp)> = Vec::new();
    let mut touched: Vec<(AccountId, ResourceId, u64, Option<Timestamp>)> = Vec::new();
    for ((account, kind, id), change) in &net.records {
        match change.after {
            After::Gone => gone.push((*account, kind, *id)),
            After::Put { put, version, modified } => puts.push((*account, put, version, modified)),
            After::Touched { version, modified } => touched.push((*account, *id, version, modified)),
        }
    }
    if !gone.is_empty() {
        writes.push(write!(DELETE, gone, |(of, ..)| of.uuid(), |(_, kind, _)| kind.as_str(), |(.., id)| id.uuid()));
    }
    if !puts.is_empty() {
        writes.push(write!(
            PUT,
            puts,
            |(account, ..)| account.uuid(),
            |(_, put, ..)| put.record.kind.as_str(),
            |(_, put, ..)| put.record.id.uuid(),
            |(_, _, version, _)| int(*version),
            |(_, put, ..)| put.record.created.as_microsecond(),
            |(.., modified)| modified.as_microsecond(),
            |(_, put, ..)| put.record.doc.as_str(),
            |(_, put, ..)| put.record.state.as_str(),
        ));
    }
    if !touched.is_empty() {
        let mut touch = write!(
            TOUCH,
            touched,
            |(account, ..)| account.uuid(),
            |(_, id, ..)| id.uuid(),
            |(_, _, version, _)| int(*version),
            |(.., modified)| modified.map(Timestamp::as_microsecond),
        );
        touch.params.push(Box::new(GROUP.as_str()));
        writes.push(touch);
    }
}

/// A unique key afterwards: account, space, value, and who holds it.
type Held<'a> = (AccountId, &'a str, Cow<'a, [u8]>, Option<(&'a Kind, ResourceId)>);

/// An index entry afterwards: account, kind, attribute, value, id, and whether it is there.
type Indexed<'a> = (AccountId, &'a Kind, &'a str, Cow<'a, [u8]>, ResourceId, bool);

/// Keys and entries in the form in which they are stored.
struct Values<'a> {
    held: Vec<Held<'a>>,
    free: Vec<Held<'a>>,
    there: Vec<Indexed<'a>>,
    gone: Vec<Indexed<'a>>,
}

impl<'a> Values<'a> {
    fn of(net: &Net<'a>) -> Self {
        let keys = net.keys.iter().map(|((of, key), holder)| (*of, key.space.as_str(), value(&key.value), *holder));
        let (held, free) = keys.partition(|(.., holder)| holder.is_some());
        let entries = net.index.iter().map(|((of, kind, entry, id), is_there)| {
            (*of, *kind, entry.attribute.as_str(), value(&entry.value), *id, *is_there)
        });
        let (there, gone) = entries.partition(|(.., is_there)| *is_there);
        Self { held, free, there, gone }
    }
}

fn keys<'a>(writes: &mut Vec<Write<'a>>, values: &'a Values<'_>) {
    const RELEASE: &str = "
        DELETE FROM unique_keys USING unnest($1::UUID[], $2::TEXT[], $3::BYTEA[]) AS k (account, space, value)
         WHERE unique_keys.account = k.account AND unique_keys.space = k.space AND unique_keys.value = k.value";
    const CLAIM: &str = "
        INSERT INTO unique_keys (account, space, value, kind, id)
        SELECT * FROM unnest($1::UUID[], $2::TEXT[], $3::BYTEA[], $4::TEXT[], $5::UUID[])
        ON CONFLICT (account, space, value) DO UPDATE SET kind = excluded.kind, id = excluded.id";
    if !values.free.is_empty() {
        writes.push(write!(RELEASE, values.free, |key| key.0.uuid(), |key| key.1, |key| &*key.2));
    }
    if !values.held.is_empty() {
        writes.push(write!(
            CLAIM,
            values.held,
            |key| key.0.uuid(),
            |key| key.1,
            |key| &*key.2,
            |key| key.3.map(|(kind, _)| kind.as_str()),
            |key| key.3.map(|(_, id)| id.uuid()),
        ));
    }
}

fn index<'a>(writes: &mut Vec<Write<'a>>, values: &'a Values<'_>) {
    const REMOVE: &str = "
        DELETE FROM attribute_index
         USING unnest($1::UUID[], $2::TEXT[], $3::TEXT[], $4::BYTEA[], $5::UUID[]) AS k (account, kind, attribute, value, id)
         WHERE attribute_index.account = k.account AND attribute_index.kind = k.kind
           AND attribute_index.attribute = k.attribute AND attribute_index.value = k.value AND attribute_index.id = k.id";
    for (sql, entries) in [(REMOVE, &values.gone), (ENTER, &values.there)] {
        if !entries.is_empty() {
            writes.push(write!(
                sql,
                entries,
                |entry| entry.0.uuid(),
                |entry| entry.1.as_str(),
                |entry| entry.2,
                |entry| &*entry.3,
                |entry| entry.4.uuid(),
            ));
        }
    }
}

fn members<'a>(writes: &mut Vec<Write<'a>>, net: &Net<'_>) {
    const EMPTY: &str = "
        DELETE FROM members USING unnest($1::UUID[], $2::UUID[]) AS k (account, group_id)
         WHERE members.account = k.account AND members.group_id = k.group_id";
    const REMOVE: &str = "
        DELETE FROM members USING unnest($1::UUID[], $2::UUID[], $3::UUID[]) AS k (account, group_id, member)
         WHERE members.account = k.account AND members.group_id = k.group_id AND members.member = k.member";
    const ADD: &str = "
        INSERT INTO members (account, group_id, member, kind)
        SELECT * FROM unnest($1::UUID[], $2::UUID[], $3::UUID[], $4::TEXT[])
        ON CONFLICT (account, group_id, member) DO UPDATE SET kind = excluded.kind";
    if !net.emptied.is_empty() {
        writes.push(write!(EMPTY, net.emptied, |(account, _)| account.uuid(), |(_, group)| group.uuid()));
    }
    let edges =
        net.edges.iter().map(|((account, group, member), kind)| (account.uuid(), group.uuid(), member.uuid(), kind));
    let (come, go): (Vec<_>, Vec<_>) = edges.partition(|(.., kind)| kind.is_some());
    if !go.is_empty() {
        writes.push(write!(REMOVE, go, |edge| edge.0, |edge| edge.1, |edge| edge.2));
    }
    if !come.is_empty() {
        let kind = |edge: &(Uuid, Uuid, Uuid, &Option<Kind>)| edge.3.as_ref().map(|kind| kind.as_str().to_owned());
        writes.push(write!(ADD, come, |edge| edge.0, |edge| edge.1, |edge| edge.2, kind));
    }
}

fn log<'a>(writes: &mut Vec<Write<'a>>, net: &'a Net<'_>) {
    const APPEND: &str = "
        INSERT INTO log (account, seq, at, subject, public, salt, personal, personal_digest, hash)
        SELECT * FROM unnest($1::UUID[], $2::BIGINT[], $3::BIGINT[], $4::UUID[], $5::TEXT[], $6::BYTEA[], $7::TEXT[],
               $8::BYTEA[], $9::BYTEA[])";
    if net.log.is_empty() {
        return;
    }
    writes.push(write!(
        APPEND,
        net.log,
        |(account, _)| account.uuid(),
        |(_, entry)| int(entry.seq),
        |(_, entry)| entry.at.as_microsecond(),
        |(_, entry)| entry.subject.map(ResourceId::uuid),
        |(_, entry)| entry.public.as_str(),
        |(_, entry)| entry.personal.as_ref().map(|personal| personal.salt.as_slice()),
        |(_, entry)| entry.personal.as_ref().map(|personal| personal.json.as_str()),
        |(_, entry)| entry.personal_digest.as_ref().map(|digest| digest.as_slice()),
        |(_, entry)| entry.hash.as_slice(),
    ));
}

fn count<'a>(writes: &mut Vec<Write<'a>>, runs: &[Owned<'a>]) {
    const COUNT: &str = "
        INSERT INTO runs (account, kind, first_id, size)
        SELECT * FROM unnest($1::UUID[], $2::TEXT[], $3::UUID[], $4::BIGINT[])
        ON CONFLICT (account, kind, first_id) DO UPDATE SET size = excluded.size";
    const END: &str = "
        DELETE FROM runs USING unnest($1::UUID[], $2::TEXT[], $3::UUID[]) AS k (account, kind, first_id)
         WHERE runs.account = k.account AND runs.kind = k.kind AND runs.first_id = k.first_id";
    let (over, other): (Vec<Owned<'a>>, Vec<Owned<'a>>) = runs.iter().partition(|(.., run)| run.is_over());
    if !other.is_empty() {
        writes.push(write!(
            COUNT,
            other,
            |(account, ..)| account.uuid(),
            |(_, kind, _)| kind.as_str(),
            |(.., run)| run.first.uuid(),
            |(.., run)| int(run.size),
        ));
    }
    if !over.is_empty() {
        let first = |(.., run): &Owned<'a>| run.first.uuid();
        writes.push(write!(END, over, |(account, ..)| account.uuid(), |(_, kind, _)| kind.as_str(), first));
    }
}
