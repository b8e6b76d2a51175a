//! The lines of the conformance document: table rows `| MOD-01 | M | source | statement | reason |` under `## MOD: title`.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

/// What a line may be: MUST, SHOULD, MAY, a choice that the standard leaves open, or a contradiction in it.
const LEVELS: &[&str] = &["M", "S", "O", "C", "X"];

/// One line of the checklist.
#[derive(Debug)]
pub struct Line {
    /// `MOD-01`: chapter and number.
    pub id: String,
    /// Why it is not met, or not checked; empty when a test names it.
    pub reason: String,
}

/// All lines, in the document's order.
#[derive(Debug)]
pub struct Document {
    /// In the order of the document; lines of one chapter stand together.
    pub lines: Vec<Line>,
    places: HashMap<String, usize>,
}

impl Document {
    /// Reads the rows; other lines are passed over.
    ///
    /// # Errors
    /// With the line's number: when a row under a chapter is malformed, or its number is not the next one of the chapter.
    pub fn parse(text: &str) -> Result<Self> {
        let mut document = Self { lines: Vec::new(), places: HashMap::new() };
        let mut chapter = String::new();
        for (number, row) in text.lines().enumerate() {
            if let Some(heading) = row.strip_prefix("## ") {
                chapter = heading.split(':').next().filter(|word| is_chapter(word)).unwrap_or_default().to_string();
            } else if !chapter.is_empty() && row.starts_with(&format!("| {chapter}-")) {
                let line = line(row).with_context(|| format!("line {}", number + 1))?;
                let of_chapter = document.lines.iter().filter(|one| one.id.starts_with(&chapter)).count();
                let next = format!("{chapter}-{:02}", of_chapter + 1);
                ensure!(line.id == next, "line {}: {} stands where {next} belongs", number + 1, line.id);
                document.places.insert(line.id.clone(), document.lines.len());
                document.lines.push(line);
            } else if !chapter.is_empty() && is_row(row) {
                bail!("line {}: a row of chapter {chapter} begins with its id", number + 1);
            }
        }
        Ok(document)
    }

    /// The place of the line with this id in `lines`.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The chapters, in order.
    pub fn chapters(&self) -> Vec<&str> {
        let mut chapters: Vec<&str> = self.lines.iter().map(Line::chapter).collect();
        chapters.dedup();
        chapters
    }
}

impl Line {
    /// `MOD` of `MOD-01`.
    pub fn chapter(&self) -> &str {
        &self.id[..3]
    }
}

/// A row of a table, save its head and the dashes below it.
fn is_row(row: &str) -> bool {
    row.starts_with("| ") && !row.starts_with("| ---") && !row.starts_with("| line |")
}

/// Three capitals or digits, the first a capital: `MOD`, `I18`.
pub fn is_chapter(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    word.len() == 3 && word.starts_with(|first: char| first.is_ascii_uppercase()) && word.bytes().all(allowed)
}

fn line(row: &str) -> Result<Line> {
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let [id, level, source, statement, reason] = cells[..] else {
        bail!("a row has five cells: line, level, source, what it asks, reason");
    };
    ensure!(LEVELS.contains(&level), "`{level}` is no level");
    ensure!(!source.is_empty() && !statement.is_empty(), "{id} has no source or does not say what it asks");
    ensure!(reason.is_empty() || reason.ends_with('.'), "the reason of {id} is no sentence");
    Ok(Line { id: id.to_string(), reason: reason.to_string() })
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn lines_stand_under_their_chapter() {
        let text = "# Title\n| a | b |\n## MOD: names\n| line | level |\n| --- | --- |\n| MOD-01 | M | 43 | Case |  |\n\
            ## I18: texts\n| I18-01 | C | 44 | PRECIS | Not built. |\n## Afterwards\n| x | y |\n";
        let document = Document::parse(text).unwrap();
        let shown: Vec<[&str; 2]> = document.lines.iter().map(|line| [&*line.id, &*line.reason]).collect();
        assert_eq!(shown, [["MOD-01", ""], ["I18-01", "Not built."]]);
        assert_eq!((document.chapters(), document.place("I18-01")), (vec!["MOD", "I18"], Some(1)));
    }

    #[test]
    fn a_row_that_is_no_line_is_an_error() {
        for (row, said) in [
            ("| MOD-02 | M | 43 | Case |  |", "line 2: MOD-02 stands where MOD-01 belongs"),
            ("| MOD-01 | M | 43 | Case |", "a row has five cells: line, level, source, what it asks, reason"),
            ("| MOD-01 | Q | 43 | Case |  |", "`Q` is no level"),
            ("| MOD-01 | M | 43 |  |  |", "MOD-01 has no source or does not say what it asks"),
            ("| MOD-01 | M | 43 | Case | not built |", "the reason of MOD-01 is no sentence"),
            ("| COM-01 | M | 43 | Case |  |", "line 2: a row of chapter MOD begins with its id"),
        ] {
            let error = Document::parse(&format!("## MOD: names\n{row}")).unwrap_err();
            assert_eq!(error.root_cause().to_string(), said);
        }
    }
}
