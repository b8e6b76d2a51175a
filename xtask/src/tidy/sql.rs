//! Rules for SQL.

use super::{Finding, SourceFile};
use crate::rust_source::{Kind, RustSource};

/// Only this crate speaks SQL.
const STORE: &str = "crates/store/";

/// Tests of the binary read and alter the database behind its back, which no store would do for them; what they start is set up there.
const OF_TESTS: [&str; 2] = ["crates/provost/tests/", "crates/testkit/"];

/// SQL stands only in the store.
pub fn only_in_store(file: &SourceFile) -> Vec<Finding> {
    let may = file.path.starts_with(STORE) || OF_TESTS.iter().any(|of_tests| file.path.starts_with(of_tests));
    if !file.path.starts_with("crates/") || may {
        return Vec::new();
    }
    if file.path.ends_with(".sql") {
        return vec![(1, format!("SQL outside {STORE}"))];
    }
    let statements = texts(file).into_iter().filter(|(_, text)| is_statement(text));
    statements.map(|(line, _)| (line, format!("SQL outside {STORE}"))).collect()
}

/// `$1` comes first, a new number is one more than the highest before it: SQLite counts by first appearance, PostgreSQL by number,
/// and one text serves both. A piece of a statement, put together elsewhere, may begin with any number.
pub fn placeholder_order(file: &SourceFile) -> Vec<Finding> {
    if !file.path.starts_with(STORE) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (line, text) in texts(file) {
        let mut highest = None;
        for number in placeholders(text) {
            let expected = match highest {
                Some(highest) => highest + 1,
                None if is_statement(text) => 1,
                None => number,
            };
            if number > expected || highest.is_none() && number != expected {
                findings.push((line, format!("${number} appears before ${expected}")));
                break;
            }
            highest = highest.max(Some(number));
        }
    }
    findings
}

/// The file's string literals with the line on which each starts.
fn texts(file: &SourceFile) -> Vec<(usize, &str)> {
    if !file.path.ends_with(".rs") {
        return Vec::new();
    }
    let source = RustSource::new(&file.text);
    let texts = source.pieces.iter().filter(|piece| piece.kind == Kind::Text);
    texts.map(|piece| (source.line_of(piece.range.start), &file.text[piece.range.clone()])).collect()
}

/// Whether the text holds the beginning of a statement, in capitals as we write them.
fn is_statement(text: &str) -> bool {
    let words: Vec<&str> =
        text.split(|one: char| one.is_whitespace() || one == '(').filter(|one| !one.is_empty()).collect();
    words.windows(2).any(|pair| {
        let name_follows =
            pair[1].starts_with(|one: char| one.is_ascii_lowercase() || "$*\"'{?0123456789".contains(one));
        match pair[0] {
            "SELECT" => {
                name_follows || ["DISTINCT", "COUNT", "MAX", "MIN", "EXISTS", "NULL", "CASE"].contains(&pair[1])
            }
            "INSERT" => pair[1] == "INTO" || pair[1] == "OR",
            "DELETE" => pair[1] == "FROM",
            "UPDATE" => name_follows,
            "CREATE" | "DROP" | "ALTER" => ["TABLE", "INDEX", "UNIQUE", "VIEW", "TRIGGER"].contains(&pair[1]),
            "PRAGMA" => name_follows,
            _ => false,
        }
    })
}

/// The numbers of `$1`, `$2` … in order.
fn placeholders(text: &str) -> Vec<u32> {
    let after_dollar = text.split('$').skip(1);
    let digits = after_dollar.map(|rest| &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()]);
    digits.filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::shown;
    use super::{only_in_store, placeholder_order};

    const NONE: [&str; 0] = [];

    #[test]
    fn sql_stands_only_in_the_store() {
        for statement in [
            "SELECT id FROM users",
            "\\n  SELECT COUNT(*) FROM users",
            "INSERT INTO users VALUES ($1)",
            "UPDATE users SET id = $1",
            "DELETE FROM users",
            "CREATE TABLE users (id)",
        ] {
            let code = format!("fn a() {{\n    run(\"{statement}\");\n}}");
            assert_eq!(
                shown(only_in_store, "crates/server/src/a.rs", &code),
                ["2: SQL outside crates/store/"],
                "{statement}"
            );
            assert_eq!(shown(only_in_store, "crates/store/src/a.rs", &code), NONE);
        }
        assert_eq!(shown(only_in_store, "crates/server/a.sql", ""), ["1: SQL outside crates/store/"]);
        for other in ["// SELECT id FROM users", "\"DELETE /Users\"", "\"UPDATE\"", "\"CREATE or replace\""] {
            assert_eq!(shown(only_in_store, "crates/server/src/a.rs", other), NONE, "{other}");
        }
    }

    #[test]
    fn placeholders_are_numbered_by_first_appearance() {
        for (text, expected) in [
            ("SELECT a FROM b WHERE c = $2 AND d = $1", &["1: $2 appears before $1"][..]),
            ("SELECT a FROM b WHERE c = $1 AND d = $3", &["1: $3 appears before $2"]),
            ("SELECT a FROM b WHERE c = $1 AND d = $2 AND e = $1", &[]),
            (" AND e = $4 AND f = $5", &[]),
            (" AND e = $4 AND f = $6", &["1: $6 appears before $5"]),
        ] {
            let code = format!("const A: &str = \"{text}\";");
            assert_eq!(shown(placeholder_order, "crates/store/src/a.rs", &code), expected, "{text}");
        }
    }
}
