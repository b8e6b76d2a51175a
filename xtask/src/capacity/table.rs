//! Tables for people: Markdown whose columns line up.

use super::model::{Time, in_seconds};

/// A table with its title and what to know when reading it.
#[derive(Clone, Debug)]
pub struct Table {
    pub title: String,
    pub note: String,
    /// The first row has the names of the columns.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(title: &str, note: &str, columns: &[&str]) -> Self {
        let rows = vec![columns.iter().map(|name| (*name).to_string()).collect()];
        Self { title: title.to_string(), note: note.to_string(), rows }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The first column stands left, the others right, unless they hold sentences.
    pub fn markdown(&self) -> String {
        let columns = self.rows[0].len();
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let is_text = |column: usize| self.rows[1..].iter().any(|row| row[column].chars().count() > 24);
        let is_left: Vec<bool> = (0..columns).map(|column| column == 0 || is_text(column)).collect();
        let mut text = format!("## {}\n\n{}\n", self.title, wrapped(&self.note));
        for (number, row) in self.rows.iter().enumerate() {
            let cells = row.iter().zip(&widths).zip(&is_left).map(|((cell, width), left)| match left {
                true => format!("{cell:<width$}"),
                false => format!("{cell:>width$}"),
            });
            text.push_str(&format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
            if number == 0 {
                let lines = widths.iter().zip(&is_left).map(|(width, left)| match left {
                    true => "-".repeat(*width),
                    false => format!("{}:", "-".repeat(width - 1)),
                });
                text.push_str(&format!("| {} |\n", lines.collect::<Vec<_>>().join(" | ")));
            }
        }
        text
    }
}

/// In characters.
const LINE_LENGTH_MAX: usize = 120;

/// Lines of words, each with its end.
fn wrapped(words: &str) -> String {
    let (mut text, mut length) = (String::new(), 0);
    for word in words.split(' ') {
        let more = word.chars().count() + 1;
        let is_full = length + more > LINE_LENGTH_MAX;
        if !text.is_empty() {
            text.push(if is_full { '\n' } else { ' ' });
        }
        length = if is_full { more } else { length + more };
        text.push_str(word);
    }
    text + "\n"
}

/// `0.4 ms`, `12 ms`, `3.2 s`.
pub fn duration(time: Time) -> String {
    match in_seconds(time) {
        short if short < 0.01 => format!("{:.1} ms", short * 1e3),
        short if short < 1.0 => format!("{:.0} ms", short * 1e3),
        long if long < 10.0 => format!("{long:.1} s"),
        long => format!("{long:.0} s"),
    }
}

/// `43 %`.
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.01 { format!("{:.1} %", share * 100.0) } else { format!("{:.0} %", share * 100.0) }
}

/// `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A rate of events to three digits: `12,300`.
pub fn rate(per_second: f64) -> String {
    let step = 10_f64.powf((per_second.max(1.0).log10().floor() - 2.0).max(0.0));
    count(((per_second / step).round() * step) as u64)
}

#[cfg(test)]
mod tests {
    use super::{Table, count, duration, percent, rate};

    #[test]
    fn columns_line_up() {
        let mut table = Table::new("Sizes", "Of things.", &["thing", "size"]);
        table.row(vec!["ant".into(), "3 mm".into()]);
        table.row(vec!["elephant".into(), "3,000 mm".into()]);
        let expected = [
            "## Sizes",
            "",
            "Of things.",
            "",
            "| thing    |     size |",
            "| -------- | -------: |",
            "| ant      |     3 mm |",
            "| elephant | 3,000 mm |",
        ];
        assert_eq!(table.markdown().lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_long_note_is_wrapped() {
        let note = vec!["four"; 30].join(" ");
        let lines: Vec<usize> = super::wrapped(&note).lines().map(str::len).collect();
        assert_eq!(lines, [24 * 5 - 1, 6 * 5 - 1]);
    }

    #[test]
    fn figures_are_rounded_for_people() {
        assert_eq!(
            [412_000, 12_300_000, 1_250_000_000, 250_000_000_000].map(duration),
            ["0.4 ms", "12 ms", "1.2 s", "250 s"]
        );
        assert_eq!([0.004, 0.434, 1.0].map(percent), ["0.4 %", "43 %", "100 %"]);
        assert_eq!([7, 1_000, 1_234_567].map(count), ["7", "1,000", "1,234,567"]);
        assert_eq!([12.4, 12_345.0, 987_654.0].map(rate), ["12", "12,300", "988,000"]);
    }
}
