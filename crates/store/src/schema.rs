//! What every database must show of its schema: numbered migrations, only forward, each applied once and never changed afterwards.

use crate::OpenError;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// How many of this program's migrations were applied, by what the database has noted of each: its number, from 1, and its
/// checksum.
///
/// # Errors
/// `Newer` when there are more than this program knows, `Changed` when one is not this program's.
pub(crate) fn applied(migrations: &[&str], noted: &[(u32, String)]) -> Result<u32, OpenError> {
    let (found, known) = (noted.last().map_or(0, |(number, _)| *number), migrations.len() as u32);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for ((expected, sql), (number, sum)) in (1..).zip(migrations).zip(noted) {
        if *number != expected || *sum != checksum(sql) {
            return Err(OpenError::Changed(expected));
        }
    }
    Ok(found)
}

/// What is noted of a migration's text.
pub(crate) fn checksum(sql: &str) -> String {
    Sha256::digest(sql.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every text");
        text
    })
}
