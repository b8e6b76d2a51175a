//! `cargo xtask conformance`: whether every line of the SCIM checklist in `docs/conformance.md` has a test or a reason.

mod document;

use anyhow::{Context, Result, bail};

use crate::command::{cargo, root, run as run_command};
use crate::requirements::scan::{Piece, test_code};
use crate::tidy::repository_files;
use document::{Document, Line, is_chapter};

const DOCUMENT: &str = "docs/conformance.md";

/// How many lines the checklist has, so that none is lost.
const LINES: usize = 593;

/// For each line, by its place in the document, where tests name it.
type Coverage = Vec<Vec<String>>;

/// Prints how many lines of each chapter tests name and how many have a reason instead.
///
/// # Errors
/// When the document is malformed or incomplete, a line has neither test nor reason or has both, or a test names a line that does
/// not exist.
pub fn run(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("`{word}` is no option of `conformance`");
    }
    let text = std::fs::read_to_string(root().join(DOCUMENT)).context(DOCUMENT)?;
    let document = Document::parse(&text).context(DOCUMENT)?;
    if document.lines.len() != LINES {
        bail!("{DOCUMENT} has {} lines of {LINES}", document.lines.len());
    }
    let mut coverage = vec![Vec::new(); LINES];
    let mut findings = Vec::new();
    for file in repository_files()? {
        for (line, id) in test_code(&file.path, &file.text).iter().flat_map(named) {
            let at = format!("{}:{line}", file.path);
            findings.extend(note(&document, &mut coverage, &id, at));
        }
    }
    findings.extend(judge(&document, &coverage));
    print!("{}", summary(&document, &coverage));
    for one in &findings {
        println!("{one}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    Ok(())
}

/// Writes `docs/conformance/`: what `provost check` tries, and what it says of our own server.
///
/// # Errors
/// When a page cannot be made.
pub fn report(_arguments: &[String]) -> Result<()> {
    let cases = ["test", "--locked", "--package", "provost-check", "every_case_is_described"];
    let own = ["test", "--locked", "--package", "provost", "--test", "it", "the_report_of_this_version_is_true"];
    for words in [&cases[..], &own[..]] {
        run_command(cargo(words).env("UPDATE_EXPECT", "1"))?;
    }
    Ok(())
}

/// Notes where a test names a line; answers with what is wrong about it.
fn note(document: &Document, coverage: &mut Coverage, id: &str, at: String) -> Option<String> {
    let place = document.place(id);
    match place {
        Some(place) if coverage[place].contains(&at) => {}
        Some(place) => coverage[place].push(at),
        // What has the form of a line but no chapter of ours is something else.
        None if document.chapters().contains(&&id[..3]) => return Some(format!("{at}: there is no {id}")),
        None => {}
    }
    None
}

/// What is wrong with lines: every one has a test or a reason, and not both, so that a reason ends when its test comes.
fn judge(document: &Document, coverage: &Coverage) -> Vec<String> {
    let lines = document.lines.iter().zip(coverage);
    let wrong = lines.filter_map(|(line, places)| match (places.first(), line.reason.is_empty()) {
        (None, true) => Some(format!("{}: neither a test nor a reason", line.id)),
        (Some(place), false) => Some(format!("{}: has a reason, and yet {place} names it", line.id)),
        (None, false) | (Some(_), true) => None,
    });
    wrong.collect()
}

fn summary(document: &Document, coverage: &Coverage) -> String {
    let mut text = format!("{:<8}{:>7}{:>7}{:>8}\n", "chapter", "lines", "tests", "reasons");
    let mut row = |name: &str, wanted: &dyn Fn(&Line) -> bool| {
        let lines = document.lines.iter().zip(coverage).filter(|(line, _)| wanted(line));
        let (mut all, mut tests, mut reasons) = (0, 0, 0);
        for (line, places) in lines {
            all += 1;
            tests += usize::from(!places.is_empty());
            reasons += usize::from(!line.reason.is_empty());
        }
        text.push_str(&format!("{name:<8}{all:>7}{tests:>7}{reasons:>8}\n"));
    };
    for chapter in document.chapters() {
        row(chapter, &|line| line.chapter() == chapter);
    }
    row("all", &|_| true);
    text
}

/// The ids that a piece of test code names, each with its line: `PAT-42`, `ETG-05..07`, `fn pat_42_and_pat_49_…`.
fn named(piece: &Piece<'_>) -> Vec<(usize, String)> {
    if piece.is_name {
        in_name(piece.text).into_iter().map(|id| (piece.line, id)).collect()
    } else {
        in_text(piece.text).into_iter().map(|(byte, id)| (piece.line_of(byte), id)).collect()
    }
}

/// The ids at the start of a function's name: `pgc_02_pgc_09_…`, `s_49_and_grp_08_…`.
fn in_name(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('_').filter(|word| *word != "and").collect();
    let numbered = words.chunks_exact(2).take_while(|pair| pair[1].bytes().all(|byte| byte.is_ascii_digit()));
    let lines = numbered.filter(|pair| is_chapter(&pair[0].to_uppercase()) && pair[1].len() == 2);
    lines.map(|pair| format!("{}-{}", pair[0].to_uppercase(), pair[1])).collect()
}

/// The ids written out in a text, each with its first byte.
fn in_text(text: &str) -> Vec<(usize, String)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let mut ids = Vec::new();
    for (hyphen, _) in text.match_indices('-') {
        let Some(start) = hyphen.checked_sub(3) else { continue };
        let Some((chapter, after)) = text.get(start..hyphen).zip(text.get(hyphen + 1..)) else { continue };
        let stands_alone = start == 0 || !is_part(&text.as_bytes()[start - 1]);
        if !stands_alone || !is_chapter(chapter) {
            continue;
        }
        let Some((first, after)) = two_digits(after) else { continue };
        if after.as_bytes().first().is_some_and(is_part) {
            continue;
        }
        let last = after.strip_prefix("..").and_then(two_digits).map_or(first, |(last, _)| last);
        ids.extend((first..=last).map(|number| (start, format!("{chapter}-{number:02}"))));
    }
    ids
}

/// The number of two digits at the start of a text, and the rest.
fn two_digits(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((digits.parse().ok()?, &text[2..]))
}

#[cfg(test)]
mod tests {
    use super::document::Document;
    use super::{in_name, in_text, judge, named, note, summary};
    use crate::requirements::scan::test_code;

    const DOCUMENT: &str = "\
## MOD: names
| MOD-01 | M | 43 §2.1 | Case |  |
| MOD-02 | M | 43 §2.1 | Letters |  |
| MOD-03 | M | 43 §2.1 | Order | Not built. |
## I18: texts
| I18-01 | C | 44 §5 | PRECIS | Not built. |
";

    #[test]
    fn ids_stand_alone_in_a_text() {
        for (text, expected) in [
            ("MOD-01", &["MOD-01"][..]),
            ("é (I18-03), ETG-05..07: é", &["I18-03", "ETG-05", "ETG-06", "ETG-07"]),
            ("UTF-8 AES-256 MOD-1 mod-01 XMOD-01 X-MOD-01 MOD-01a MOD-01-2 MOD- -01", &[]),
        ] {
            let found: Vec<String> = in_text(text).into_iter().map(|(_, id)| id).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn ids_begin_a_functions_name() {
        for (name, expected) in [
            ("mod_01_case", &["MOD-01"][..]),
            ("i18_02", &["I18-02"]),
            ("s_49_and_pgc_02_pgc_09_x", &["PGC-02", "PGC-09"]),
            ("s_12_x", &[]),
            ("get_1_user", &[]),
            ("users_mod_01", &[]),
        ] {
            assert_eq!(in_name(name), expected, "{name}");
        }
    }

    #[test]
    fn every_line_has_a_test_or_a_reason_and_not_both() {
        let document = Document::parse(DOCUMENT).unwrap();
        let mut coverage = vec![Vec::new(); document.lines.len()];
        let source = "fn mod_01_and_i18_01_x() {}\nfn y() { case(\"\nMOD-04 z\", \"RFC-20\") }";
        let claims = test_code("crates/a/tests/it/main.rs", source);
        let mut findings = Vec::new();
        for (line, id) in claims.iter().flat_map(named) {
            findings.extend(note(&document, &mut coverage, &id, format!("main.rs:{line}")));
        }
        findings.extend(judge(&document, &coverage));
        let expected = [
            "main.rs:3: there is no MOD-04",
            "MOD-02: neither a test nor a reason",
            "I18-01: has a reason, and yet main.rs:1 names it",
        ];
        assert_eq!(findings, expected);
        let expected = "\
chapter   lines  tests reasons
MOD           3      1       1
I18           1      1       1
all           4      2       2
";
        assert_eq!(summary(&document, &coverage), expected);
    }
}
