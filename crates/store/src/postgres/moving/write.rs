//! Rows that come from another database, and those that go because a move was given up.

use crate::moving::end::Coming;
use crate::moving::rows::{Found, Held, Place, Rows, runs};
use crate::postgres::connections::{Transaction, WRITE, execute};
use crate::postgres::fault::Fault;
use crate::postgres::read;
use crate::postgres::row::int;
use deadpool_postgres::Object;
use jiff::Timestamp;
use provost_change::{AccountId, Head, Logged, Member, Record, ResourceId};
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// A column of rows that are written together.
fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

/// Writes rows, and moves the place behind them, if the place is what `coming` says. Whether it was.
pub(super) async fn append(
    connection: Object,
    account: AccountId,
    coming: &Coming,
    rows: &Rows,
    next: &Place,
) -> Result<bool, Fault> {
    let transaction = Transaction::begin(connection, WRITE);
    if !advance(&transaction, account, coming, next).await? {
        return Ok(false);
    }
    match rows {
        Rows::Records(rows) => {
            records(&transaction, account, rows).await?;
            count(&transaction, account, &coming.place, rows).await?;
        }
        Rows::UniqueKeys(rows) => unique_keys(&transaction, account, rows).await?,
        Rows::AttributeIndex(rows) => attribute_index(&transaction, account, rows).await?,
        Rows::Members(rows) => members(&transaction, account, rows).await?,
        Rows::Log(rows) => log(&transaction, account, rows).await?,
        Rows::None => {}
    }
    transaction.commit().await?;
    transaction.ended();
    Ok(true)
}

async fn advance(connection: &Object, account: AccountId, coming: &Coming, next: &Place) -> Result<bool, Error> {
    const ADVANCE: &str = "UPDATE moves SET place = $1 WHERE account = $2 AND token = $3 AND place = $4";
    let (next, place) = (next.text(), coming.place.text());
    Ok(execute(connection, ADVANCE, &[&next, &account.uuid(), &coming.token, &place]).await? == 1)
}

async fn records(connection: &Object, account: AccountId, rows: &[Record]) -> Result<(), Error> {
    const INSERT: &str = "
        INSERT INTO records (account, kind, id, version, created, modified, doc, state)
        SELECT CAST($1 AS UUID), k.* FROM unnest($2::TEXT[], $3::UUID[], $4::BIGINT[], $5::BIGINT[], $6::BIGINT[],
               $7::TEXT[], $8::TEXT[]) AS k";
    let params: [&(dyn ToSql + Sync); 8] = [
        &account.uuid(),
        &column(rows, |row| row.kind.as_str()),
        &column(rows, |row| row.id.uuid()),
        &column(rows, |row| int(row.version)),
        &column(rows, |row| row.created.as_microsecond()),
        &column(rows, |row| row.modified.as_microsecond()),
        &column(rows, |row| row.doc.as_str()),
        &column(rows, |row| row.state.as_str()),
    ];
    execute(connection, INSERT, &params).await.map(drop)
}

async fn count(connection: &Object, account: AccountId, after: &Place, rows: &[Record]) -> Result<(), Error> {
    const START: &str = "
        INSERT INTO runs (account, kind, first_id, size)
        SELECT CAST($1 AS UUID), k.* FROM unnest($2::TEXT[], $3::UUID[], $4::BIGINT[]) AS k";
    let runs = runs(after, rows);
    let params: [&(dyn ToSql + Sync); 4] = [
        &account.uuid(),
        &column(&runs, |run| run.kind.as_str()),
        &column(&runs, |run| run.first.uuid()),
        &column(&runs, |run| int(run.size)),
    ];
    execute(connection, START, &params).await.map(drop)
}

async fn unique_keys(connection: &Object, account: AccountId, rows: &[Held]) -> Result<(), Error> {
    const INSERT: &str = "
        INSERT INTO unique_keys (account, space, value, kind, id)
        SELECT CAST($1 AS UUID), k.* FROM unnest($2::TEXT[], $3::BYTEA[], $4::TEXT[], $5::UUID[]) AS k";
    let values = column(rows, |row| row.value.bytes());
    let params: [&(dyn ToSql + Sync); 5] = [
        &account.uuid(),
        &column(rows, |row| row.space.as_str()),
        &column(&values, |value| value.as_ref()),
        &column(rows, |row| row.kind.as_str()),
        &column(rows, |row| row.id.uuid()),
    ];
    execute(connection, INSERT, &params).await.map(drop)
}

async fn attribute_index(connection: &Object, account: AccountId, rows: &[Found]) -> Result<(), Error> {
    const INSERT: &str = "
        INSERT INTO attribute_index (account, kind, attribute, value, id)
        SELECT CAST($1 AS UUID), k.* FROM unnest($2::TEXT[], $3::TEXT[], $4::BYTEA[], $5::UUID[]) AS k";
    let values = column(rows, |row| row.value.bytes());
    let params: [&(dyn ToSql + Sync); 5] = [
        &account.uuid(),
        &column(rows, |row| row.kind.as_str()),
        &column(rows, |row| row.attribute.as_str()),
        &column(&values, |value| value.as_ref()),
        &column(rows, |row| row.id.uuid()),
    ];
    execute(connection, INSERT, &params).await.map(drop)
}

async fn members(connection: &Object, account: AccountId, rows: &[(ResourceId, Member)]) -> Result<(), Error> {
    const INSERT: &str = "
        INSERT INTO members (account, group_id, member, kind)
        SELECT CAST($1 AS UUID), k.* FROM unnest($2::UUID[], $3::UUID[], $4::TEXT[]) AS k";
    let params: [&(dyn ToSql + Sync); 4] = [
        &account.uuid(),
        &column(rows, |(group, _)| group.uuid()),
        &column(rows, |(_, member)| member.id.uuid()),
        &column(rows, |(_, member)| member.kind.as_str()),
    ];
    execute(connection, INSERT, &params).await.map(drop)
}

async fn log(connection: &Object, account: AccountId, rows: &[Logged]) -> Result<(), Error> {
    const INSERT: &str = "
        INSERT INTO log (account, seq, at, subject, public, salt, personal, personal_digest, hash)
        SELECT CAST($1 AS UUID), k.* FROM unnest($2::BIGINT[], $3::BIGINT[], $4::UUID[], $5::TEXT[], $6::BYTEA[],
               $7::TEXT[], $8::BYTEA[], $9::BYTEA[]) AS k";
    let at = |row: &Logged| Timestamp::as_microsecond(row.at);
    let params: [&(dyn ToSql + Sync); 9] = [
        &account.uuid(),
        &column(rows, |row| int(row.seq)),
        &column(rows, at),
        &column(rows, |row| row.subject.map(ResourceId::uuid)),
        &column(rows, |row| row.public.as_str()),
        &column(rows, |row| row.personal.as_ref().map(|personal| personal.salt.as_slice())),
        &column(rows, |row| row.personal.as_ref().map(|personal| personal.json.as_str())),
        &column(rows, |row| row.personal_digest.as_ref().map(|digest| digest.as_slice())),
        &column(rows, |row| row.hash.as_slice()),
    ];
    execute(connection, INSERT, &params).await.map(drop)
}

/// Writes the head row of an account that has come, if all of it has.
pub(super) async fn go_live(connection: Object, account: AccountId, token: Uuid, head: &Head) -> Result<bool, Fault> {
    const HEAD: &str = "
        INSERT INTO heads (account, seq, hash, base_seq, base_hash, config, counts) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (account) DO NOTHING";
    let transaction = Transaction::begin(connection, WRITE);
    let counts = serde_json::to_string(&head.counts).expect("a map of texts to numbers is JSON");
    let (seq, base, config) = (int(head.seq), int(head.base.seq), int(head.config));
    let (hash, base_hash) = (head.hash.as_slice(), head.base.hash.as_slice());
    let row: [&(dyn ToSql + Sync); 7] = [&account.uuid(), &seq, &hash, &base, &base_hash, &config, &counts];
    let made = execute(&transaction, HEAD, &row).await? == 1;
    let written = read::head(&transaction, account).await?;
    let is_whole = made && written.as_ref() == Some(head);
    if !is_whole || !advance(&transaction, account, &Coming { token, place: Place::End }, &Place::Live).await? {
        return Ok(false);
    }
    transaction.commit().await?;
    transaction.ended();
    Ok(true)
}

/// Removes all rows of a table up to a place.
pub(super) async fn remove(connection: &Object, account: AccountId, to: &Place) -> Result<(), Fault> {
    const RECORDS: &str = "DELETE FROM records WHERE account = $1 AND (kind, id) <= ($2, $3)";
    const KEYS: &str = "DELETE FROM unique_keys WHERE account = $1 AND (space, value) <= ($2, $3)";
    const ENTRIES: &str = "
        DELETE FROM attribute_index WHERE account = $1 AND (kind, attribute, value, id) <= ($2, $3, $4, $5)";
    const MEMBERS: &str = "DELETE FROM members WHERE account = $1 AND (group_id, member) <= ($2, $3)";
    const LOG: &str = "DELETE FROM log WHERE account = $1 AND seq <= $2";
    let of = &account.uuid();
    match to {
        Place::Records(Some((kind, id))) => execute(connection, RECORDS, &[of, kind, id]).await?,
        Place::UniqueKeys(Some((space, value))) => execute(connection, KEYS, &[of, space, value]).await?,
        Place::AttributeIndex(Some((kind, attribute, value, id))) => {
            execute(connection, ENTRIES, &[of, kind, attribute, value, id]).await?
        }
        Place::Members(Some((group, member))) => execute(connection, MEMBERS, &[of, group, member]).await?,
        Place::Log(Some(seq)) => execute(connection, LOG, &[of, &int(*seq)]).await?,
        Place::Records(None)
        | Place::UniqueKeys(None)
        | Place::AttributeIndex(None)
        | Place::Members(None)
        | Place::Log(None)
        | Place::End
        | Place::Live => 0,
    };
    Ok(())
}

/// Removes runs, and the head row of an account that was moved away.
pub(super) async fn remove_rest(connection: &Object, account: AccountId) -> Result<(), Fault> {
    const RUNS: &str = "DELETE FROM runs WHERE account = $1";
    const HEAD: &str = "DELETE FROM heads WHERE account = $1 AND frozen LIKE 'moved:%'";
    execute(connection, RUNS, &[&account.uuid()]).await?;
    execute(connection, HEAD, &[&account.uuid()]).await?;
    Ok(())
}
