//! The database, read and altered behind the server's back.

use rusqlite::{Connection, OpenFlags, types::Value as Sql};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What somebody with access to the file might do to the audit log of the one account in it.
pub struct Damage {
    /// What is done.
    pub name: &'static str,
    /// The first entry that does not fit afterwards.
    pub broken: u64,
    statement: &'static str,
}

/// Damages to a log of ten entries, the last eight of which made users of `….example`.
pub const DAMAGES: [Damage; 5] = [
    Damage {
        name: "changed text",
        broken: 7,
        statement: "UPDATE log SET public = replace(public, 'user.create', 'user.delete') WHERE seq = 7",
    },
    Damage {
        name: "changed personal part",
        broken: 7,
        statement: "UPDATE log SET personal = replace(personal, 'example', 'elpmaxe') WHERE seq = 7",
    },
    Damage { name: "changed time", broken: 7, statement: "UPDATE log SET at = at + 1 WHERE seq = 7" },
    Damage { name: "removed entry", broken: 7, statement: "DELETE FROM log WHERE seq = 7" },
    Damage { name: "removed end", broken: 10, statement: "DELETE FROM log WHERE seq >= 10" },
];

impl Damage {
    /// Does it to the database in a data folder.
    pub fn inflict(&self, data: &Path) {
        let database = Connection::open(file(data)).expect("the database opens");
        assert!(database.execute(self.statement, []).expect("the statement is SQL") > 0, "{}", self.name);
    }
}

/// The database file of a data folder.
pub fn file(data: &Path) -> PathBuf {
    data.join("provost.db")
}

/// Copies a data folder whose server does not run to a new one.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder can be made");
    for file in fs::read_dir(from).expect("the folder is there") {
        let file = file.expect("an entry");
        fs::copy(file.path(), to.join(file.file_name())).expect("a file can be copied");
    }
}

/// Whether an account takes no changes, in the database of a data folder whose server may run.
pub fn is_frozen(data: &Path, account: &str) -> bool {
    let database =
        Connection::open_with_flags(file(data), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database opens");
    let bytes = account.replace('-', "");
    !rows(&database, &format!("SELECT 1 FROM heads WHERE frozen IS NOT NULL AND account = x'{bytes}'")).is_empty()
}

/// Runs statements on the database of a data folder whose server does not run.
pub fn alter(data: &Path, statements: &str) {
    let database = Connection::open(file(data)).expect("the database opens");
    database.execute_batch(statements).unwrap_or_else(|error| panic!("{statements}: {error}"));
}

/// The tables and indexes of a database, each with the number of its first page, from 0.
pub fn first_pages(data: &Path) -> Vec<(String, usize)> {
    let database = Connection::open(file(data)).expect("the database opens");
    let roots = rows(&database, "SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0");
    roots
        .into_iter()
        .map(|row| match row.as_slice() {
            [Sql::Text(name), Sql::Integer(page)] => (name.clone(), usize::try_from(*page).expect("a number") - 1),
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Every value that is stored anywhere, as text: columns, and the strings within those that are JSON.
pub fn values(data: &Path) -> BTreeSet<String> {
    let database =
        Connection::open_with_flags(file(data), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database opens");
    let tables = rows(&database, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    let mut texts = BTreeSet::new();
    for table in tables.into_iter().flatten() {
        let Sql::Text(table) = table else { panic!("a table has a name") };
        rows(&database, &format!("SELECT * FROM \"{table}\""))
            .into_iter()
            .flatten()
            .for_each(|value| collect(value, &mut texts));
    }
    texts
}

fn rows(database: &Connection, query: &str) -> Vec<Vec<Sql>> {
    let mut statement = database.prepare(query).expect("the query is SQL");
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).expect("it runs");
    rows.map(|row| row.expect("a row can be read")).collect()
}

fn collect(value: Sql, texts: &mut BTreeSet<String>) {
    match value {
        Sql::Text(text) => {
            leaves(&serde_json::from_str(&text).unwrap_or_default(), texts);
            texts.insert(text);
        }
        Sql::Blob(bytes) => {
            texts.insert(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
            texts.insert(String::from_utf8_lossy(&bytes).into_owned());
        }
        Sql::Integer(number) => drop(texts.insert(number.to_string())),
        Sql::Null | Sql::Real(_) => {}
    }
}

fn leaves(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(texts.insert(text.clone())),
        Value::Array(values) => values.iter().for_each(|value| leaves(value, texts)),
        Value::Object(members) => members.values().for_each(|value| leaves(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
