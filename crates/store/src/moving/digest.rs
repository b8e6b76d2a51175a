//! What an account consists of, as a digest that both databases come to.

use super::end::End;
use super::rows::{Place, Rows, TABLES, Value};
use crate::StoreError;
use provost_change::{AccountId, Logged, Member, Record, ResourceId};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// The rows of an account, table by table.
///
/// The digests of the rows are added up, so that it does not matter in which order they come: databases order values that are too long
/// for an index differently. Runs are not part of it, since each database counts its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums([Sum; TABLES.len()]);

/// How many rows, and their digests added up, as a number of 256 bits from its lowest part on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    sum: [u64; 4],
}

/// Reads the whole account. `read` counts the rows.
pub(crate) async fn sums(end: &dyn End, account: AccountId, read: &AtomicU64) -> Result<Sums, StoreError> {
    let mut sums = Sums::default();
    for (table, start) in Place::STARTS.into_iter().enumerate() {
        let mut place = start;
        loop {
            let rows = end.page(account, &place).await?;
            let Some(next) = rows.end() else { break };
            sums.0[table].add(TABLES[table], &rows);
            read.fetch_add(rows.len(), Ordering::Relaxed);
            place = next;
        }
    }
    Ok(sums)
}

impl Sums {
    /// The first table in which two accounts differ.
    pub(crate) fn differ(&self, other: &Self) -> Option<&'static str> {
        let tables = TABLES.into_iter().zip(self.0.iter().zip(&other.0));
        tables.into_iter().find(|(_, (one, other))| one != other).map(|(table, _)| table)
    }

    pub(crate) fn rows(&self) -> u64 {
        self.0.iter().map(|sum| sum.rows).sum()
    }

    /// One digest of all, in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"provost account rows 1");
        for sum in &self.0 {
            hasher.update(sum.rows.to_be_bytes());
            sum.sum.iter().for_each(|part| hasher.update(part.to_be_bytes()));
        }
        hasher.finalize().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes every text");
            text
        })
    }
}

impl Sum {
    fn add(&mut self, table: &str, rows: &Rows) {
        match rows {
            Rows::Records(rows) => rows.iter().for_each(|row| self.add_row(record(table, row))),
            Rows::UniqueKeys(rows) => {
                rows.iter()
                    .for_each(|row| self.add_row(value(table, &row.space, row.kind.as_str(), &row.value, row.id)));
            }
            Rows::AttributeIndex(rows) => rows
                .iter()
                .for_each(|row| self.add_row(value(table, &row.attribute, row.kind.as_str(), &row.value, row.id))),
            Rows::Members(rows) => rows.iter().for_each(|(group, row)| self.add_row(member(table, *group, row))),
            Rows::Log(rows) => rows.iter().for_each(|row| self.add_row(logged(table, row))),
            Rows::None => {}
        }
    }

    fn add_row(&mut self, row: Row) {
        self.rows += 1;
        let digest: [u8; 32] = row.0.finalize().into();
        let mut carry = false;
        for (sum, part) in self.sum.iter_mut().zip(digest.chunks_exact(8)) {
            let part = u64::from_be_bytes(part.try_into().expect("chunks of eight"));
            let (added, over) = sum.overflowing_add(part);
            let (added, over_again) = added.overflowing_add(u64::from(carry));
            (*sum, carry) = (added, over || over_again);
        }
    }
}

/// The digest of a row: each column with its length, so that no two rows read alike.
struct Row(Sha256);

impl Row {
    fn of(table: &str) -> Self {
        Self(Sha256::new()).bytes(table.as_bytes())
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    fn number(self, number: u64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    fn time(self, at: jiff::Timestamp) -> Self {
        self.bytes(&at.as_microsecond().to_be_bytes())
    }

    fn optional(self, bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some(bytes) => self.number(1).bytes(bytes),
            None => self.number(0),
        }
    }
}

fn record(table: &str, row: &Record) -> Row {
    Row::of(table)
        .bytes(row.kind.as_str().as_bytes())
        .bytes(row.id.as_bytes())
        .number(row.version)
        .time(row.created)
        .time(row.modified)
        .bytes(row.doc.as_bytes())
        .bytes(row.state.as_bytes())
}

/// A row of unique keys or of the index.
fn value(table: &str, name: &str, kind: &str, value: &Value, id: ResourceId) -> Row {
    Row::of(table).bytes(name.as_bytes()).bytes(kind.as_bytes()).bytes(&value.bytes()).bytes(id.as_bytes())
}

fn member(table: &str, group: ResourceId, row: &Member) -> Row {
    Row::of(table).bytes(group.as_bytes()).bytes(row.id.as_bytes()).bytes(row.kind.as_str().as_bytes())
}

fn logged(table: &str, row: &Logged) -> Row {
    Row::of(table)
        .number(row.seq)
        .time(row.at)
        .optional(row.subject.as_ref().map(|subject| subject.as_bytes().as_slice()))
        .bytes(row.public.as_bytes())
        .optional(row.personal.as_ref().map(|personal| personal.salt.as_slice()))
        .optional(row.personal.as_ref().map(|personal| personal.json.as_bytes()))
        .optional(row.personal_digest.as_ref().map(|digest| digest.as_slice()))
        .bytes(&row.hash)
}
