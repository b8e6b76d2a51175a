//! The SQL for PostgreSQL keeps to what CockroachDB, YugabyteDB and Citus have too, and to what survives a connection pool.

use std::fs;
use std::path::Path;

/// Words that no statement has, in capitals, each with the reason.
const FORBIDDEN: &[(&str, &str)] = &[
    ("SERIAL", "sequences are one hot row, and have gaps"),
    ("BIGSERIAL", "sequences are one hot row, and have gaps"),
    ("SEQUENCE", "sequences are one hot row, and have gaps"),
    ("NEXTVAL", "sequences are one hot row, and have gaps"),
    ("IDENTITY", "sequences are one hot row, and have gaps"),
    ("INTEGER", "CockroachDB's is 64 bits wide: write BIGINT"),
    ("INT", "CockroachDB's is 64 bits wide: write BIGINT"),
    ("INT4", "CockroachDB's is 64 bits wide: write BIGINT"),
    ("SMALLINT", "one width is enough: write BIGINT"),
    ("VARCHAR", "write TEXT"),
    ("CITEXT", "an extension; values are folded before they are stored"),
    ("JSONB", "documents are kept as they were written"),
    ("TIMESTAMP", "times are microseconds in a BIGINT, so that no setting changes them"),
    ("TIMESTAMPTZ", "times are microseconds in a BIGINT, so that no setting changes them"),
    ("NOW", "time is an argument"),
    ("CURRENT_TIMESTAMP", "time is an argument"),
    ("CLOCK_TIMESTAMP", "time is an argument"),
    ("GEN_RANDOM_UUID", "ids are arguments"),
    ("RANDOM", "randomness is an argument"),
    ("PG_ADVISORY_LOCK", "distributed databases have no advisory locks"),
    ("PG_ADVISORY_XACT_LOCK", "distributed databases have no advisory locks"),
    ("PG_TRY_ADVISORY_LOCK", "distributed databases have no advisory locks"),
    ("LOCK", "rows are locked, not tables"),
    ("LISTEN", "distributed databases have no notifications"),
    ("NOTIFY", "distributed databases have no notifications"),
    ("TRIGGER", "distributed databases have none, or not all; the program does the work"),
    ("FUNCTION", "the program does the work"),
    ("PROCEDURE", "the program does the work"),
    ("DO $$", "the program does the work"),
    ("EXTENSION", "not every server has it"),
    ("DEFERRABLE", "distributed databases check at once"),
    ("REFERENCES", "keys of other tables would be locked on every write"),
    ("TEMP", "state of a session"),
    ("TEMPORARY", "state of a session"),
    ("PREPARE", "state of a session; the driver does it by protocol"),
    ("DISCARD", "state of a session"),
    ("DECLARE", "a cursor is state of a session"),
    ("CURSOR", "a cursor is state of a session"),
    ("SAVEPOINT", "what is refused is found before it is written"),
    ("SEARCH_PATH", "state of a session"),
    ("CONCURRENTLY", "distributed databases build indexes by themselves that way"),
    ("LATERAL", "Citus cannot join from arrays to shards that way"),
    ("CTID", "rows have no place of their own on a distributed database"),
    ("OID", "objects have no number of their own on a distributed database"),
    ("RECURSIVE", "Citus cannot run it over shards"),
    ("TRUNCATE", "locks a table"),
];

/// Tables that are about no account.
const OF_NO_ACCOUNT: [&str; 3] = ["migrations", "migration_lease", "installation"];

fn words(sql: &str) -> Vec<String> {
    let upper = sql.to_uppercase();
    upper.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
}

/// What is wrong with a statement.
fn faults(sql: &str) -> Vec<String> {
    let words = words(sql);
    let mut faults: Vec<String> =
        FORBIDDEN
            .iter()
            .filter(|(word, _)| {
                if word.contains(' ') { sql.to_uppercase().contains(word) } else { words.iter().any(|w| w == word) }
            })
            .map(|(word, why)| format!("{word}: {why}"))
            .collect();
    if words.first().is_some_and(|word| word == "SET") || sql.to_uppercase().contains("SET SESSION") {
        faults.push("SET: state of a session".to_owned());
    }
    faults.extend(bad_key(sql));
    faults
}

/// Every key of a table or index begins with the account.
fn bad_key(sql: &str) -> Option<String> {
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let table = sql.strip_prefix("CREATE TABLE IF NOT EXISTS ").and_then(|rest| rest.split([' ', '(']).next());
    if let Some(table) = table {
        let keyed = sql.contains("PRIMARY KEY (account)") || sql.contains("PRIMARY KEY (account,");
        return (!keyed && !OF_NO_ACCOUNT.contains(&table)).then(|| format!("{table}: its key begins with no account"));
    }
    let index = sql.strip_prefix("CREATE ").filter(|rest| rest.contains("INDEX"))?;
    (!index.contains("(account,")).then(|| format!("{index}: begins with no account"))
}

/// The statements of a migration.
fn of_migration(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    lines.join("\n").split(';').map(|sql| sql.trim().to_owned()).filter(|sql| !sql.is_empty()).collect()
}

/// The texts in a source file that begin like a statement.
fn of_source(text: &str) -> Vec<String> {
    const BEGINNINGS: [&str; 9] = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "BEGIN", "WITH"];
    let texts = text.split('"').skip(1).step_by(2).map(str::trim);
    texts.filter(|sql| BEGINNINGS.iter().any(|beginning| sql.starts_with(beginning))).map(str::to_owned).collect()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    files
}

#[test]
fn all_sql_for_postgres_is_what_distributed_databases_have_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let migrations =
        files(&root.join("migrations/postgres")).into_iter().map(|(path, text)| (path, of_migration(&text)));
    let sources = files(&root.join("src/postgres")).into_iter().map(|(path, text)| (path, of_source(&text)));
    let all: Vec<(String, String)> = migrations
        .chain(sources)
        .flat_map(|(path, statements)| statements.into_iter().map(move |sql| (path.clone(), sql)))
        .collect();
    assert!(all.len() > 60, "only {} statements were found", all.len());
    let wrong: Vec<String> = all
        .iter()
        .flat_map(|(path, sql)| faults(sql).into_iter().map(move |fault| format!("{path}: {fault}\n{sql}")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// How statements begin that ask which accounts there are, and nothing of them.
const WHICH_ACCOUNTS: [&str; 3] = ["SELECT 1 FROM heads", "SELECT account FROM ", "SELECT min(account) FROM "];

/// What of a statement's tables is an account's, unless it names the account in a condition or in what it enters.
fn crosses_accounts(sql: &str, tables: &[String]) -> Option<String> {
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let table = words(&sql).into_iter().find(|word| tables.contains(word))?;
    let names_it = if sql.starts_with("INSERT") { sql.contains("(account") } else { sql.contains("account =") };
    let asks_which = WHICH_ACCOUNTS.iter().any(|beginning| sql.starts_with(beginning));
    (!names_it && !asks_which).then(|| format!("{table}: {sql}"))
}

/// The second lock beside the types: an id of another account finds nothing, whatever the code above asks.
#[test]
fn every_statement_on_an_accounts_rows_names_the_account() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let migrations = files(&root.join("migrations/postgres"));
    let made = migrations.iter().flat_map(|(_, text)| of_migration(text)).filter_map(|sql| {
        let table = sql.strip_prefix("CREATE TABLE IF NOT EXISTS ")?.split([' ', '(']).next()?.to_owned();
        (!OF_NO_ACCOUNT.contains(&table.as_str())).then(|| table.to_uppercase())
    });
    let tables: Vec<String> = made.collect();
    assert!(tables.len() >= 8 && tables.iter().any(|table| table == "RECORDS"), "{tables:?}");
    let all: Vec<String> = files(&root.join("src"))
        .into_iter()
        .filter_map(|(_, text)| text.split("#[cfg(test)]").next().map(of_source))
        .flatten()
        .filter(|sql| ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|word| sql.starts_with(word)))
        .collect();
    assert!(all.len() > 150, "only {} statements were found", all.len());
    let crossing: Vec<String> = all.iter().filter_map(|sql| crosses_accounts(sql, &tables)).collect();
    assert!(crossing.is_empty(), "{}", crossing.join("\n"));
    let tables = ["RECORDS".to_owned()];
    assert!(crosses_accounts("DELETE FROM records WHERE id = $1", &tables).is_some());
    assert!(crosses_accounts("INSERT INTO records VALUES ($1)", &tables).is_some());
    assert!(crosses_accounts("SELECT doc FROM records WHERE account = $1 AND id = $2", &tables).is_none());
}

#[test]
fn a_migration_can_run_twice() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    for (path, text) in files(&root) {
        for sql in of_migration(&text) {
            assert!(sql.contains("IF NOT EXISTS") || sql.contains("IF EXISTS"), "{path}: {sql}");
        }
    }
}

#[test]
fn what_is_outside_of_the_subset_is_found() {
    let cases = [
        ("CREATE TABLE IF NOT EXISTS t (account UUID, n BIGSERIAL, PRIMARY KEY (account, n))", "BIGSERIAL"),
        ("CREATE TABLE IF NOT EXISTS t (account UUID, n BIGINT, PRIMARY KEY (n, account))", "t: its key"),
        ("CREATE UNIQUE INDEX IF NOT EXISTS i ON t (n)", "begins with no account"),
        ("SELECT pg_advisory_lock(1)", "PG_ADVISORY_LOCK"),
        ("SET statement_timeout = 1", "SET"),
        ("select now()", "NOW"),
    ];
    for (sql, expected) in cases {
        assert!(faults(sql).iter().any(|fault| fault.contains(expected)), "{sql}");
    }
    assert_eq!(faults("UPDATE heads SET seq = 1 WHERE account = $1"), Vec::<String>::new());
}
