//! Users in a CSV file.

use super::{Read, Sent, columns, refuse_empty, sending::Sending};
use crate::commands::user::import::Mapped;
use anyhow::{Context, bail};
use provost_client::{Row, Table};
use serde_json::Value;
use std::{
    fs::File,
    io::{self, BufReader},
    path::Path,
};

/// Reads a file and sends what it says.
///
/// # Errors
/// A file that cannot be read, or whose titles mean nothing.
pub(super) async fn read(
    file: &Path,
    delimiter: char,
    map: &[(String, String)],
    sending: &mut Sending,
) -> anyhow::Result<Read> {
    let Some(delimiter) = u8::try_from(delimiter).ok().filter(|byte| byte.is_ascii() && !b"\"\r\n\0".contains(byte))
    else {
        bail!("--delimiter is one plain character, such as `;`");
    };
    let from: Box<dyn io::Read + Send> = if file.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).with_context(|| format!("cannot read {}", file.display()))?)
    };
    let cannot = || format!("cannot use {}", file.display());
    let mut table = Table::open(BufReader::new(from), delimiter).with_context(cannot)?;
    let paths = columns::paths(table.titles(), map).with_context(cannot)?;
    let left_out: Vec<&str> =
        table.titles().iter().zip(&paths).filter(|(_, path)| path.is_none()).map(|(title, _)| title.as_str()).collect();
    if !left_out.is_empty() {
        sending.remark(&format!("Columns that mean nothing are left out: {}.", left_out.join(", ")));
    }
    let mut users = 0;
    loop {
        match table.next_row() {
            Ok(None) => break,
            Ok(Some(Ok(row))) => {
                users += 1;
                sending.take(sent(row, &paths)).await?;
            }
            Ok(Some(Err(fault))) => {
                users += 1;
                sending.fault(format!("line {}", fault.line), fault.problem).await?;
            }
            Err(error) => {
                sending.flush().await?;
                return Ok(Read { partial: Some(error.to_string()) });
            }
        }
    }
    sending.flush().await?;
    refuse_empty(users, "the file")?;
    Ok(Read { partial: None })
}

fn sent(row: Row, paths: &[Option<String>]) -> Sent {
    let mapped = |(value, path): (String, &Option<String>)| {
        let path = path.clone()?;
        let value = if value.trim().is_empty() { Value::Null } else { Value::from(value) };
        Some(Mapped { path, value })
    };
    Sent { place: format!("line {}", row.line), values: row.values.into_iter().zip(paths).filter_map(mapped).collect() }
}
