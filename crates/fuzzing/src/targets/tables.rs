//! Tables in files.

use provost_client::{COLUMNS_MAX, ROW_BYTES_MAX, Row, RowFault, Table, TableError};
use std::io::BufReader;

/// Reads a table from bytes whose first says what stands between its columns.
pub(super) fn table(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else { return };
    let delimiter = [b',', b';', b'\t'][usize::from(*first) % 3];
    let whole = read(text, text.len().max(1), delimiter);
    for capacity in [1, 7] {
        assert_eq!(read(text, capacity, delimiter), whole, "read {capacity} bytes at a time");
    }
    let Some((titles, rows)) = whole else { return };
    assert!((1..=COLUMNS_MAX).contains(&titles.len()), "{} columns", titles.len());
    let lines: Vec<u64> = rows.iter().map(|row| row.as_ref().map_or_else(|fault| fault.line, |row| row.line)).collect();
    assert!(lines.is_sorted_by(|one, next| one < next), "{lines:?} go forward");
    let good: Vec<&Row> = rows.iter().flatten().collect();
    for row in &good {
        assert_eq!(row.values.len(), titles.len(), "line {}", row.line);
        assert!(row.values.iter().map(String::len).sum::<usize>() <= ROW_BYTES_MAX, "line {} is long", row.line);
    }
    assert_written_reads_back(&titles, &good, delimiter);
}

type Rows = Vec<Result<Row, RowFault>>;

/// The titles, and the rows with what is wrong with some; nothing when the table does not begin with titles.
fn read(text: &[u8], capacity: usize, delimiter: u8) -> Option<(Vec<String>, Rows)> {
    let mut table = match Table::open(BufReader::with_capacity(capacity, text), delimiter) {
        Ok(table) => table,
        Err(TableError::Unreadable(error)) => panic!("memory cannot be read: {error}"),
        Err(TableError::Empty | TableError::Utf16 | TableError::Titles(_)) => return None,
    };
    let mut rows = Vec::new();
    while let Some(row) = table.next_row().expect("memory can be read") {
        rows.push(row);
        assert!(rows.len() <= text.len(), "more rows than bytes");
    }
    Some((table.titles().to_vec(), rows))
}

fn assert_written_reads_back(titles: &[String], rows: &[&Row], delimiter: u8) {
    let quoted = |values: &[String]| {
        let quoted: Vec<String> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
        quoted.join(std::str::from_utf8(&[delimiter]).expect("a delimiter is ASCII")) + "\r\n"
    };
    let mut text = quoted(titles);
    for row in rows {
        let line = quoted(&row.values);
        if line.len() > ROW_BYTES_MAX {
            return;
        }
        text.push_str(&line);
    }
    let (read_titles, read_rows) = read(text.as_bytes(), text.len(), delimiter).expect("titles are titles");
    assert_eq!(read_titles, titles, "titles written and read");
    let values: Vec<&[String]> =
        read_rows.iter().map(|row| row.as_ref().expect("what is quoted is well formed").values.as_slice()).collect();
    let written: Vec<&[String]> = rows.iter().map(|row| row.values.as_slice()).collect();
    assert_eq!(values, written, "rows written and read");
}
