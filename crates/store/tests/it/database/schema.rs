//! The schema is made once, whoever comes first, and only by a program that knows it.

use super::super::make::*;
use provost_store::{DatabaseUrl, OpenError, PostgresStore, Store};
use provost_testkit::{Database, PostgresServer};
use tokio::task::JoinSet;
use tokio_postgres::NoTls;
use uuid::Uuid;

/// A connection beside the store.
pub async fn beside(database: &Database<'_>) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn opening(database: &Database<'_>) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(&database.url().parse().unwrap(), at(0), Uuid::from_u128(77)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_nodes_that_start_together_make_the_schema_once() {
    let database = PostgresServer::shared().database();
    let url: DatabaseUrl = database.url().parse().unwrap();
    let nodes: JoinSet<_> = (0..8)
        .map(|node| {
            let url = url.clone();
            async move { PostgresStore::open(&url, at(node), Uuid::from_u128(node as u128)).await.unwrap() }
        })
        .collect();
    let stores = nodes.join_all().await;
    stores[0].commit(account(1), new_account()).await.unwrap();
    assert_eq!(stores[7].accounts(None, 9).await, Ok(vec![account(1)]));
    let noted = beside(&database).await.query("SELECT number FROM migrations", &[]).await.unwrap();
    assert_eq!(noted.len(), 3);
}

#[tokio::test]
async fn a_schema_of_another_version_is_refused() {
    let cases = [
        (
            "INSERT INTO migrations VALUES (999, 'x', 0)",
            "the database has schema 999, but this version of Provost knows only 3; use the newer version",
        ),
        (
            "UPDATE migrations SET checksum = 'x' WHERE number = 1",
            "migration 1 of the database is not the one that this version of Provost has; it was made by another build",
        ),
    ];
    for (damage, sentence) in cases {
        let database = PostgresServer::shared().database();
        opening(&database).await.unwrap();
        beside(&database).await.batch_execute(damage).await.unwrap();
        assert_eq!(opening(&database).await.unwrap_err().to_string(), sentence);
    }
}

/// A node that died while it changed the schema: its lease runs out, and what it had done is no obstacle.
#[tokio::test]
async fn half_a_migration_is_finished_by_the_next() {
    let database = PostgresServer::shared().database();
    opening(&database).await.unwrap();
    let client = beside(&database).await;
    let left = "DELETE FROM migrations; DROP TABLE members; INSERT INTO migration_lease VALUES
        ('schema', '00000000-0000-0000-0000-000000000001', 0)";
    client.batch_execute(left).await.unwrap();
    let store = opening(&database).await.unwrap();
    store.commit(account(1), new_account()).await.unwrap();
    assert_eq!(store.members(account(1), id(1), None, 9).await, Ok(vec![]));
    let leases = client.query("SELECT holder FROM migration_lease", &[]).await.unwrap();
    assert!(leases.is_empty());
}

/// Texts that the database would order by language are compared bytewise all the same.
#[tokio::test]
async fn the_database_orders_texts_by_language_and_the_store_does_not() {
    let database = PostgresServer::shared().database();
    let row = beside(&database).await.query_one("SELECT 'a' < 'B'", &[]).await.unwrap();
    assert!(row.get::<_, bool>(0), "the test's server orders bytewise and proves nothing");
}

#[test]
fn a_url_that_cannot_be_used_is_refused_and_not_repeated() {
    let form = "the database URL cannot be used: give postgres://USER:PASSWORD@HOST:PORT/DATABASE, and write special \
                characters in user and password as %40 for @, %2F for / and so on";
    let cases = [
        ("mysql://u:secret@h/d", form),
        ("postgres://", form),
        ("postgres://u:se@cret@h/d", form),
        ("postgres://u:secret@h:port/d", form),
        ("postgres://u:secret@h/d?secret=1", form),
        (
            "postgres://u:secret@h/d?sslmode=prefer",
            "the database URL cannot be used: its sslmode is `disable`, `require` or `verify-full`",
        ),
    ];
    for (url, sentence) in cases {
        assert_eq!(url.parse::<DatabaseUrl>().unwrap_err().to_string(), sentence, "{url}");
    }
    let missing = "postgres://u:secret@h/d?sslrootcert=%2Fmissing.pem".parse::<DatabaseUrl>().unwrap_err().to_string();
    assert!(missing.starts_with("the database URL cannot be used: its sslrootcert `/missing.pem` cannot be read: "));
    assert!(!missing.contains("secret"));
}

#[test]
fn a_url_is_shown_without_what_is_secret() {
    let cases = [
        ("postgres://ann:secret@db.example.com/provost", "postgres://db.example.com:5432/provost"),
        ("postgresql://ann:secret@a,b:5433/d?target_session_attrs=read-write", "postgres://a:5432,b:5433/d"),
        ("postgres://ann@%2Frun%2Fpg/d?password=secret", "postgres:///run/pg:5432/d"),
    ];
    for (url, shown) in cases {
        let url: DatabaseUrl = url.parse().unwrap();
        assert_eq!((url.to_string(), format!("{url:?}")), (shown.to_owned(), shown.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_nodes_agree_about_is_decided_by_the_first_who_says_it() {
    let database = PostgresServer::shared().database();
    let nodes = [opening(&database).await.unwrap(), open_postgres(&database).await];
    assert_eq!(nodes[1].decided("key").await, Ok(None));
    let (one, other) = tokio::join!(nodes[0].decide("key", b"one"), nodes[1].decide("key", b"other"));
    assert_eq!(one, other);
    assert_eq!(nodes[0].decide("key", b"third").await, one);
    assert_eq!(nodes[1].decided("key").await.map(Option::unwrap), one);
    assert_eq!(nodes[1].decide("something else", b"third").await, Ok(b"third".to_vec()));
}
