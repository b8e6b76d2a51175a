//! Tables in files: CSV (RFC 4180), read line by line. Whatever a file holds, each fault is named by its line, and the lines behind it are
//! read all the same.

use csv_core::ReadRecordResult;
use std::io::{self, BufRead};

/// Longest row, in bytes: one that spans several lines because of quotation marks counts whole.
pub const ROW_BYTES_MAX: usize = 256 * 1024;
/// Columns of a table, at most.
pub const COLUMNS_MAX: usize = 1_000;

const NOT_CLOSED: &str = "a quotation mark is not closed, or text stands behind it";

/// A table that is being read.
pub struct Table<R> {
    lines: Lines<R>,
    delimiter: u8,
    fields: Fields,
    titles: Vec<String>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// One value for each title.
    pub values: Vec<String>,
}

/// What is wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RowFault {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// What is wrong.
    pub problem: String,
}

/// Why a table is not read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// Nothing is in it.
    #[error("the file is empty: its first line names the columns")]
    Empty,
    /// It is in another encoding.
    #[error("the file is in UTF-16: save it as UTF-8")]
    Utf16,
    /// The line of titles is none.
    #[error("line 1, which names the columns: {0}")]
    Titles(String),
}

impl<R: BufRead> Table<R> {
    /// Reads the line of titles. A byte order mark before it means nothing.
    ///
    /// # Errors
    /// A file that cannot be read or does not begin with titles: each has a name, no two the same, at most [`COLUMNS_MAX`].
    pub fn open(from: R, delimiter: u8) -> Result<Self, TableError> {
        let mut lines = Lines { from, number: 0, pushed: Vec::new(), place: 0 };
        let Some((_, text)) = lines.row(delimiter)? else { return Err(TableError::Empty) };
        let Cut { text, .. } = text.map_err(TableError::Titles)?;
        if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) {
            return Err(TableError::Utf16);
        }
        let mut fields = Fields::new(delimiter);
        let titles = fields.of(&text).map_err(TableError::Titles)?;
        let titles: Vec<String> = titles.iter().map(|title| title.trim().to_owned()).collect();
        if titles.is_empty() {
            return Err(TableError::Titles("it names no column".to_owned()));
        }
        if titles.len() > COLUMNS_MAX {
            return Err(TableError::Titles(format!("{} columns, {COLUMNS_MAX} at most", titles.len())));
        }
        for (place, title) in titles.iter().enumerate() {
            if title.is_empty() {
                return Err(TableError::Titles(format!("column {} has no title", place + 1)));
            }
            if titles[..place].iter().any(|other| other.eq_ignore_ascii_case(title)) {
                return Err(TableError::Titles(format!("two columns are called `{}`", shortened(title))));
            }
        }
        Ok(Self { lines, delimiter, fields, titles })
    }

    /// The names of the columns, in their order.
    pub fn titles(&self) -> &[String] {
        &self.titles
    }

    /// The next row, or what is wrong with it; `None` at the end. Empty lines are no rows.
    ///
    /// # Errors
    /// When the file cannot be read on: what was read is not the whole table.
    pub fn next_row(&mut self) -> Result<Option<Result<Row, RowFault>>, TableError> {
        let Some((line, text)) = self.lines.row(self.delimiter)? else { return Ok(None) };
        let fault = |problem: String| RowFault { line, problem };
        let read = text.and_then(|cut| Ok((self.fields.of(&cut.text)?, cut)));
        let (values, cut) = match read {
            Ok(read) => read,
            Err(problem) => return Ok(Some(Err(fault(problem)))),
        };
        if values.len() != self.titles.len() {
            // Two quotation marks in different lines that are none: the lines between them are rows of their own.
            self.lines.again(cut, line);
            let problem = format!("{} columns, and the titles are {}", values.len(), self.titles.len());
            return Ok(Some(Err(fault(problem))));
        }
        if let Some(place) = values.iter().position(|value| value.contains('\0')) {
            let problem = format!("column `{}` holds a NUL", shortened(&self.titles[place]));
            return Ok(Some(Err(fault(problem))));
        }
        Ok(Some(Ok(Row { line, values })))
    }
}

/// Cuts rows into fields. What tells it where a field ends is made once for a table.
struct Fields {
    reader: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    fn new(delimiter: u8) -> Self {
        let mut reader = csv_core::ReaderBuilder::new();
        // The row is cut out already: no other byte than a line feed ends it.
        reader.delimiter(delimiter).terminator(csv_core::Terminator::Any(b'\n'));
        Self { reader: reader.build(), text: vec![0; 1_024], ends: vec![0; 32] }
    }

    /// The fields of one row.
    fn of(&mut self, row: &[u8]) -> Result<Vec<String>, String> {
        let row = row.strip_suffix(b"\n").unwrap_or(row);
        let mut rest = row.strip_suffix(b"\r").unwrap_or(row);
        let (mut written, mut count) = (0, 0);
        self.reader.reset();
        loop {
            let (result, read, more, ended) =
                self.reader.read_record(rest, &mut self.text[written..], &mut self.ends[count..]);
            (rest, written, count) = (&rest[read..], written + more, count + ended);
            match result {
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                // Asked with nothing it says that the row is over.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        let begins = std::iter::once(&0).chain(&self.ends);
        let fields = begins.zip(&self.ends[..count]).map(|(begin, end)| &self.text[*begin..*end]);
        let text = |(place, field)| {
            let text = std::str::from_utf8(field).map_err(|_| format!("column {} is not UTF-8", place + 1))?;
            Ok(text.to_owned())
        };
        fields.enumerate().map(text).collect()
    }
}

/// A title as it is quoted.
fn shortened(title: &str) -> String {
    title.chars().take(64).collect()
}

/// The lines of a file, put together to rows.
struct Lines<R> {
    from: R,
    /// Lines taken so far.
    number: u64,
    /// Lines that were read ahead and are to be read again.
    pushed: Vec<u8>,
    place: usize,
}

/// A row with the line that it begins in, or what is wrong with it.
type Taken = (u64, Result<Cut, String>);

/// A row as it stands in the file.
struct Cut {
    text: Vec<u8>,
    /// How much of it is its first line.
    first: usize,
}

impl<R: BufRead> Lines<R> {
    /// The next row that is not empty.
    fn row(&mut self, delimiter: u8) -> io::Result<Option<Taken>> {
        loop {
            let Some(first) = self.line()? else { return Ok(None) };
            let line = self.number;
            if first.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
                continue;
            }
            if first.len() > ROW_BYTES_MAX {
                return Ok(Some((line, Err(format!("longer than {ROW_BYTES_MAX} bytes")))));
            }
            return Ok(Some((line, self.closed(first, delimiter)?)));
        }
    }

    /// The row that begins with a line: a quotation mark that is open at its end takes further lines. One that is not closed is a fault of
    /// the first line alone, and what was read behind that is read again.
    fn closed(&mut self, first: Vec<u8>, delimiter: u8) -> io::Result<Result<Cut, String>> {
        let (begins, line) = (first.len(), self.number);
        let mut quoting = Quoting::default().behind(&first, delimiter);
        let mut row = first;
        while quoting == Quoting::Open {
            let more = if row.len() > ROW_BYTES_MAX { None } else { self.line()? };
            let Some(more) = more else {
                self.again(Cut { text: row, first: begins }, line);
                return Ok(Err(NOT_CLOSED.to_owned()));
            };
            quoting = quoting.behind(&more, delimiter);
            row.extend_from_slice(&more);
        }
        if quoting == Quoting::Broken {
            self.again(Cut { text: row, first: begins }, line);
            return Ok(Err(NOT_CLOSED.to_owned()));
        }
        Ok(Ok(Cut { text: row, first: begins }))
    }

    /// Lets the lines behind the first of a row be read again.
    fn again(&mut self, cut: Cut, line: u64) {
        let Cut { mut text, first } = cut;
        let mut again = text.split_off(first);
        again.extend_from_slice(&self.pushed[self.place..]);
        (self.pushed, self.place, self.number) = (again, 0, line);
    }

    /// The next line with its end; of one that is too long the beginning, which is too long itself.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let (taken, ended) = if self.place < self.pushed.len() {
                let rest = &self.pushed[self.place..];
                let (taken, ended) = upto_end(rest);
                keep(&mut line, &rest[..taken]);
                self.place += taken;
                (taken, ended)
            } else {
                let chunk = self.from.fill_buf()?;
                let (taken, ended) = upto_end(chunk);
                keep(&mut line, &chunk[..taken]);
                self.from.consume(taken);
                (taken, ended)
            };
            if taken == 0 && line.is_empty() {
                return Ok(None);
            }
            if ended || taken == 0 {
                self.number += 1;
                if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
                    line.drain(..3);
                }
                // The beginning of a line that is too long ends like a line, so that the next is not taken for its rest.
                if ended && !line.ends_with(b"\n") {
                    line.push(b'\n');
                }
                return Ok(Some(line));
            }
        }
    }
}

/// How much of a chunk belongs to the line, and whether that ends in it.
fn upto_end(chunk: &[u8]) -> (usize, bool) {
    match chunk.iter().position(|byte| *byte == b'\n') {
        Some(place) => (place + 1, true),
        None => (chunk.len(), false),
    }
}

/// Keeps what a row may hold, and one byte more as the sign that it was too long.
fn keep(line: &mut Vec<u8>, more: &[u8]) {
    let room = (ROW_BYTES_MAX + 1).saturating_sub(line.len());
    line.extend_from_slice(&more[..more.len().min(room)]);
}

/// Where in a field a text ends.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Quoting {
    /// Before its first byte, where a quotation mark opens.
    #[default]
    Start,
    /// In a field where quotation marks mean nothing.
    Plain,
    /// Between quotation marks.
    Open,
    /// Behind a quotation mark that closes, or is the first of two that stand for one.
    Closing,
    /// Text stands behind a quotation mark that closes: it was none, as one that opened a line was none.
    Broken,
}

impl Quoting {
    fn behind(self, text: &[u8], delimiter: u8) -> Self {
        text.iter().fold(self, |at, byte| match (at, *byte) {
            (Self::Broken, _) => Self::Broken,
            (Self::Start | Self::Closing, b'"') => Self::Open,
            (Self::Open, b'"') => Self::Closing,
            (Self::Open, _) => Self::Open,
            (Self::Start | Self::Plain | Self::Closing, b'\n') => Self::Start,
            (Self::Start | Self::Plain | Self::Closing, other) if other == delimiter => Self::Start,
            (Self::Closing, b'\r') => Self::Closing,
            (Self::Closing, _) => Self::Broken,
            (Self::Start | Self::Plain, _) => Self::Plain,
        })
    }
}

#[cfg(test)]
mod tests;
